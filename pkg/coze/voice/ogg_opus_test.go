package voice_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"testing"
	"time"

	"github.com/cozekit/cozekit/pkg/coze/voice"
)

// oggPage is a page as RFC 3533 has it.
type oggPage struct {
	flags          byte
	granule        uint64
	serial, number uint32
	packets        [][]byte
}

// readOgg reads the pages of a file in which no packet runs over the end of a page. It counts the checksum bit by bit.
func readOgg(b []byte) (pages []oggPage, err error) {
	le := binary.LittleEndian
	for len(b) > 0 {
		if len(b) < 27 || string(b[:5]) != "OggS\x00" {
			return nil, fmt.Errorf("no page at %.10q", b)
		}
		p := oggPage{flags: b[5], granule: le.Uint64(b[6:]), serial: le.Uint32(b[14:]), number: le.Uint32(b[18:])}
		table := b[27 : 27+int(b[26])]
		body, at, n := 27+len(table), 0, 0
		var packet []byte
		for i, l := range table {
			packet = append(packet, b[body+at:body+at+int(l)]...)
			at += int(l)
			if l < 255 {
				p.packets = append(p.packets, packet)
				packet = nil
			} else if i == len(table)-1 {
				return nil, errors.New("a packet runs over the end of its page")
			}
			n++
		}
		page := slices.Clone(b[:body+at])
		clear(page[22:26])
		if got, want := le.Uint32(b[22:]), bitwiseCRC(page); got != want {
			return nil, fmt.Errorf("checksum %x, want %x", got, want)
		}
		pages = append(pages, p)
		b = b[body+at:]
	}
	return pages, nil
}

func bitwiseCRC(b []byte) uint32 {
	var crc uint64
	for _, c := range append(slices.Clone(b), 0, 0, 0, 0) {
		for bit := 7; bit >= 0; bit-- {
			crc = crc<<1 | uint64(c>>bit&1)
			if crc>>32 != 0 {
				crc ^= 0x104c11db7
			}
		}
	}
	return uint32(crc)
}

func TestOggOpus(t *testing.T) {
	t.Parallel()
	var file bytes.Buffer
	w := voice.NewOggOpusWriter(&file, voice.OggOpusFormat{Serial: 7})
	var sent [][]byte
	for i := range 200 { // CELT, fullband, 20 ms: 4 s; sizes about the 255 bytes of a segment, one as long as can be
		packet := append([]byte{0xf8}, bytes.Repeat([]byte{byte(i)}, 200+i)...)
		if i == 100 {
			packet = append([]byte{0xf8}, make([]byte, 61439)...)
		}
		if n, err := w.Write(packet); n != len(packet) || err != nil {
			t.Fatal(n, err)
		}
		sent = append(sent, packet)
	}
	if err := errors.Join(w.Close(), w.Close()); err != nil || w.Duration() != 4*time.Second {
		t.Error(err, w.Duration())
	}
	if _, err := w.Write(sent[0]); err == nil {
		t.Error("written after Close")
	}
	pages, err := readOgg(file.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	var got [][]byte
	for i, p := range pages {
		want := map[int]byte{0: 2, len(pages) - 1: 4}[i]
		if p.flags != want || p.serial != 7 || int(p.number) != i {
			t.Errorf("page %d: flags %d, serial %d, number %d", i, p.flags, p.serial, p.number)
		}
		if i >= 2 {
			got = append(got, p.packets...)
			if len(p.packets) == 0 || len(p.packets) > 50 {
				t.Errorf("page %d has %d packets", i, len(p.packets))
			}
		}
		if want := uint64(960 * len(got)); p.granule != want {
			t.Errorf("page %d: granule %d, want %d", i, p.granule, want)
		}
	}
	head := "OpusHead\x01\x01\x38\x01\xc0\x5d\x00\x00\x00\x00\x00"
	if len(pages[0].packets) != 1 || string(pages[0].packets[0]) != head {
		t.Errorf("%q", pages[0].packets)
	}
	if len(pages[1].packets) != 1 || string(pages[1].packets[0]) != "OpusTags\x07\x00\x00\x00cozekit\x00\x00\x00\x00" {
		t.Errorf("%q", pages[1].packets)
	}
	if !slices.EqualFunc(got, sent, bytes.Equal) {
		t.Errorf("%d packets came back of %d", len(got), len(sent))
	}
}

func TestOggOpusEmptyFile(t *testing.T) {
	t.Parallel()
	var file bytes.Buffer
	if err := voice.NewOggOpusWriter(&file, voice.OggOpusFormat{}).Close(); err != nil {
		t.Fatal(err)
	}
	pages, err := readOgg(file.Bytes())
	if err != nil || len(pages) != 3 || pages[2].flags != 4 || pages[2].granule != 0 || pages[0].serial == 0 {
		t.Errorf("%+v %v", pages, err)
	}
}

func TestOggOpusDurations(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		packet []byte
		want   time.Duration // 0 = refused
	}{
		{[]byte{0x00}, 10 * time.Millisecond},                // SILK
		{[]byte{0x08}, 20 * time.Millisecond},                //
		{[]byte{0x18}, 60 * time.Millisecond},                //
		{[]byte{0x60}, 10 * time.Millisecond},                // hybrid
		{[]byte{0x78}, 20 * time.Millisecond},                //
		{[]byte{0x80}, 2500 * time.Microsecond},              // CELT
		{[]byte{0xf9}, 40 * time.Millisecond},                // two frames
		{[]byte{0xfb, 0x86}, 120 * time.Millisecond},         // six
		{[]byte{0xfb, 0x07}, 0},                              // seven are too many
		{[]byte{0xfb, 0x00}, 0}, {[]byte{0xfb}, 0}, {nil, 0}, // none, not told, no packet
		{make([]byte, 61441), 0},
	} {
		w := voice.NewOggOpusWriter(io.Discard, voice.OggOpusFormat{})
		if _, err := w.Write(test.packet); w.Duration() != test.want || (err == nil) != (test.want > 0) {
			t.Errorf("%.4x: %v %v, want %v", test.packet, w.Duration(), err, test.want)
		}
		if err := w.Close(); err != nil {
			t.Errorf("%.4x: %v: a refused packet is not the end", test.packet, err)
		}
	}
	broken := errors.New("disk full")
	w := voice.NewOggOpusWriter(failingWriter{broken}, voice.OggOpusFormat{})
	if _, err := w.Write([]byte{0xf8}); !errors.Is(err, broken) || !errors.Is(w.Close(), broken) {
		t.Error(err)
	}
	if err := voice.NewOggOpusWriter(io.Discard, voice.OggOpusFormat{Channels: 3}).Close(); err == nil {
		t.Error("three channels")
	}
}

func FuzzOggOpus(f *testing.F) {
	f.Add([]byte{0xf8, 1, 2}, []byte{0x80}, 300)
	f.Fuzz(func(t *testing.T, a, b []byte, n int) {
		var file bytes.Buffer
		w := voice.NewOggOpusWriter(&file, voice.OggOpusFormat{})
		var sent [][]byte
		for i := range max(0, n) % 400 {
			p := a
			if i%3 == 0 {
				p = b
			}
			if _, err := w.Write(p); err == nil {
				sent = append(sent, p)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		pages, err := readOgg(file.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		var got [][]byte
		for _, p := range pages[2:] {
			got = append(got, p.packets...)
		}
		if !slices.EqualFunc(got, sent, bytes.Equal) {
			t.Errorf("%d packets came back of %d", len(got), len(sent))
		}
	})
}
