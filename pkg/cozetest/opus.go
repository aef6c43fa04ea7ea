package cozetest

import (
	"bytes"
	"encoding/binary"
)

const (
	opusRate    = 48000                                  // samples a second by which Ogg counts Opus
	opusPacket  = opusRate / 50                          // samples of a packet of 20 ms
	silentFrame = "\xf8\xff\xfe"                         // a packet of silence of 20 ms on one channel
	oggFirst    = 2                                      // flag of the first page
	oggLast     = 4                                      // flag of the last page
	oggVendor   = "\x04\x00\x00\x00fake\x00\x00\x00\x00" // name of the maker and no comments
)

// silentOpus is an Ogg file of Opus packets of silence, at most 50 on a page.
func silentOpus(samples int) []byte {
	var file bytes.Buffer
	head := append([]byte("OpusHead\x01\x01\x00\x00"), binary.LittleEndian.AppendUint32(nil, opusRate)...)
	writeOggPage(&file, oggFirst, 0, 0, string(head)+"\x00\x00\x00")
	writeOggPage(&file, 0, 1, 0, "OpusTags"+oggVendor)
	packets := max(1, (samples+opusPacket-1)/opusPacket)
	for number, sent := uint32(2), 0; sent < packets; number++ {
		n := min(50, packets-sent)
		sent += n
		flags := byte(0)
		if sent == packets {
			flags = oggLast
		}
		content := make([]string, n)
		for i := range content {
			content[i] = silentFrame
		}
		writeOggPage(&file, flags, number, uint64(sent*opusPacket), content...)
	}
	return file.Bytes()
}

// writeOggPage writes a page of packets that are shorter than 255 bytes.
func writeOggPage(file *bytes.Buffer, flags byte, number uint32, position uint64, packets ...string) {
	page := append([]byte("OggS\x00"), flags)
	page = binary.LittleEndian.AppendUint64(page, position)
	page = binary.LittleEndian.AppendUint32(page, 1) // stream
	page = binary.LittleEndian.AppendUint32(page, number)
	page = binary.LittleEndian.AppendUint32(page, 0) // checksum
	page = append(page, byte(len(packets)))
	for _, p := range packets {
		page = append(page, byte(len(p)))
	}
	for _, p := range packets {
		page = append(page, p...)
	}
	binary.LittleEndian.PutUint32(page[22:], oggChecksum(page))
	file.Write(page)
}

// oggChecksum is the CRC of a page: not the one of hash/crc32, which goes through the bits of a byte the other way.
func oggChecksum(page []byte) uint32 {
	var sum uint32
	for _, b := range page {
		sum ^= uint32(b) << 24
		for range 8 {
			carry := sum>>31 == 1
			sum <<= 1
			if carry {
				sum ^= 0x04c11db7
			}
		}
	}
	return sum
}
