package cozetest

import "math/bits"

// g711Rate is the rate of G.711, in Hz.
const g711Rate = 8000

func encodeG711(samples []int16, encode func(int16) byte) []byte {
	packed := make([]byte, len(samples))
	for i, s := range samples {
		packed[i] = encode(s)
	}
	return packed
}

// magnitude splits a sample into its sign and the rest.
func magnitude(sample int16) (negative bool, size int) {
	if sample < 0 {
		return true, min(-int(sample), 0x7fff)
	}
	return false, int(sample)
}

// alawByte is a sample in A-law: a sign that is set for positive ones, three bits of exponent, four of mantissa, each second inverted.
func alawByte(sample int16) byte {
	negative, size := magnitude(sample)
	exponent := max(bits.Len(uint(size))-8, 0)
	packed := byte(exponent<<4) | byte(size>>max(exponent+3, 4))&0x0f
	if !negative {
		packed |= 0x80
	}
	return packed ^ 0x55
}

func alawSample(packed byte) int16 {
	packed ^= 0x55
	exponent := int(packed >> 4 & 7)
	size := int(packed&0x0f)<<4 + 8
	if exponent > 0 {
		size = (size + 0x100) << (exponent - 1)
	}
	if packed&0x80 == 0 {
		size = -size
	}
	return int16(size)
}

// mulawBias is added to the size of samples in mu-law, so that each exponent covers a power of two.
const mulawBias = 0x84

// mulawByte is a sample in mu-law: a sign that is set for negative ones, three bits of exponent, four of mantissa, all inverted.
func mulawByte(sample int16) byte {
	negative, size := magnitude(sample)
	size = min(size+mulawBias, 0x7fff)
	exponent := bits.Len(uint(size)) - 8
	packed := byte(exponent<<4) | byte(size>>(exponent+3))&0x0f
	if negative {
		packed |= 0x80
	}
	return ^packed
}

func mulawSample(packed byte) int16 {
	packed = ^packed
	size := (int(packed&0x0f)<<3+mulawBias)<<(packed>>4&7) - mulawBias
	if packed&0x80 != 0 {
		size = -size
	}
	return int16(size)
}
