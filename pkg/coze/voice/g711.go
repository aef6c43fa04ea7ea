package voice

import (
	"encoding/binary"
	"math/bits"
)

// G.711 packs samples of 16 bits into one byte each, at 8,000 Hz. The platform accepts it (codecs g711a and g711u, with
// format pcm and sample_rate 8000) and can answer in it. PCM here is signed, 16 bits, little-endian; an odd last byte is left
// out.

// EncodeALaw appends the A-law of pcm to dst: one byte for each sample.
func EncodeALaw(dst, pcm []byte) []byte { return encodeG711(dst, pcm, toALaw) }

// DecodeALaw appends the PCM of A-law bytes to dst: two bytes for each.
func DecodeALaw(dst, alaw []byte) []byte { return decodeG711(dst, alaw, &fromALaw) }

// EncodeMuLaw appends the mu-law of pcm to dst: one byte for each sample.
func EncodeMuLaw(dst, pcm []byte) []byte { return encodeG711(dst, pcm, toMuLaw) }

// DecodeMuLaw appends the PCM of mu-law bytes to dst: two bytes for each.
func DecodeMuLaw(dst, mulaw []byte) []byte { return decodeG711(dst, mulaw, &fromMuLaw) }

func encodeG711(dst, pcm []byte, encode func(int16) byte) []byte {
	for ; len(pcm) >= 2; pcm = pcm[2:] {
		dst = append(dst, encode(int16(binary.LittleEndian.Uint16(pcm))))
	}
	return dst
}

func decodeG711(dst, packed []byte, table *[256]int16) []byte {
	for _, b := range packed {
		dst = binary.LittleEndian.AppendUint16(dst, uint16(table[b]))
	}
	return dst
}

// toALaw follows G.711: sign, three bits for the segment, four bits of the sample; every other bit is inverted.
func toALaw(sample int16) byte {
	sign, v := byte(0x80), int(sample)>>3
	if v < 0 {
		sign, v = 0, -v-1
	}
	if v < 32 {
		return (sign | byte(v>>1)) ^ 0x55
	}
	segment := bits.Len(uint(v)) - 5
	return (sign | byte(segment<<4) | byte(v>>segment)&0x0f) ^ 0x55
}

const muLawBias = 33 // in units of 14 bits

// toMuLaw follows G.711: sign, three bits for the segment, four bits of the sample; all bits are inverted.
func toMuLaw(sample int16) byte {
	sign, v := byte(0), int(sample)>>2
	if v < 0 {
		sign, v = 0x80, -v-1
	}
	v = min(v+muLawBias, 0x1fff)
	segment := bits.Len(uint(v)) - 6
	return ^(sign | byte(segment<<4) | byte(v>>(segment+1))&0x0f)
}

// The tables of the decoders.
var (
	fromALaw = table(func(b byte) int {
		b ^= 0x55
		segment, v := int(b>>4&7), int(b&0x0f)<<4+8
		if segment > 0 {
			v = (v + 0x100) << (segment - 1)
		}
		if b&0x80 == 0 {
			return -v
		}
		return v
	})
	fromMuLaw = table(func(b byte) int {
		b = ^b
		v := (int(b&0x0f)<<3+4*muLawBias)<<(b>>4&7) - 4*muLawBias
		if b&0x80 != 0 {
			return -v
		}
		return v
	})
)

func table(decode func(byte) int) (t [256]int16) {
	for i := range t {
		t[i] = int16(decode(byte(i)))
	}
	return t
}
