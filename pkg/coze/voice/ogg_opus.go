package voice

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"time"
)

// OggOpusFormat describes the packets that an [OggOpusWriter] is given. The zero value is what the platform sends.
type OggOpusFormat struct {
	SampleRate int    // Hz, of the audio before it was encoded; default 24,000. Players show it, and decode at 48,000 Hz
	Channels   int    // 1 or 2; default 1
	PreSkip    int    // samples at 48,000 Hz that players drop at the beginning; default 312, the delay of the usual encoder
	Serial     uint32 // of the stream; drawn if 0
}

const (
	defaultPreSkip  = 312
	opusRate        = 48000             // Hz, of all granule positions
	maxOpusPacket   = 61440             // bytes, of one stream
	maxOpusDuration = opusRate * 3 / 25 // samples in a packet: 120 ms
	maxPageSegments = 255
	maxPageSamples  = opusRate // 1 s
	oggHeaderBytes  = 27
)

// OggOpusWriter writes packets of Opus, as the platform sends them with codec opus, into an Ogg file that players accept (RFC
// 3533, RFC 7845). It is an [io.Writer] of which each Write is one packet, so it can be given to [Speak]. A page, of at most one
// second, is written when the next one begins; the last by Close. It is for one goroutine at a time.
type OggOpusWriter struct {
	w      io.Writer
	serial uint32
	number uint32 // of the next page
	format OggOpusFormat

	table   []byte // lengths of the segments of the page
	body    []byte // its packets
	samples int    // in the page
	granule uint64 // samples up to its end
	begun   bool
	closed  bool
	err     error
}

// NewOggOpusWriter returns a writer of an Ogg file. Nothing is written before the first packet or Close.
func NewOggOpusWriter(w io.Writer, f OggOpusFormat) *OggOpusWriter {
	if f.SampleRate == 0 {
		f.SampleRate = 24000
	}
	if f.Channels == 0 {
		f.Channels = 1
	}
	if f.PreSkip == 0 {
		f.PreSkip = defaultPreSkip
	}
	for f.Serial == 0 {
		f.Serial = rand.Uint32()
	}
	return &OggOpusWriter{w: w, format: f, serial: f.Serial}
}

// Write adds one packet of Opus, of at most 61,440 bytes and 120 ms. A packet that is none is refused, and nothing is lost by
// that; an error of the writer below is final.
func (o *OggOpusWriter) Write(packet []byte) (int, error) {
	if o.closed {
		return 0, errOggClosed
	}
	samples, err := opusSamples(packet)
	if err != nil {
		return 0, err
	}
	o.begin()
	segments := len(packet)/255 + 1
	if len(o.table)+segments > maxPageSegments || o.samples > 0 && o.samples+samples > maxPageSamples {
		o.flush(0)
	}
	if o.err != nil {
		return 0, o.err
	}
	for range segments - 1 {
		o.table = append(o.table, 255)
	}
	o.table = append(o.table, byte(len(packet)%255))
	o.body = append(o.body, packet...)
	o.samples += samples
	o.granule += uint64(samples)
	return len(packet), nil
}

// Duration is how long the packets are that were written.
func (o *OggOpusWriter) Duration() time.Duration {
	return time.Duration(o.granule) * time.Second / opusRate
}

// Close writes the last page, which says that the stream ends. It does not close the writer below.
func (o *OggOpusWriter) Close() error {
	if !o.closed {
		o.begin()
		o.flush(pageLast)
		o.closed = true
	}
	return o.err
}

var errOggClosed = errors.New("voice: the Ogg file is complete")

// begin writes the two header pages.
func (o *OggOpusWriter) begin() {
	if o.begun {
		return
	}
	o.begun = true
	if f := o.format; f.Channels < 1 || f.Channels > 2 || f.PreSkip < 0 || f.PreSkip > 0xffff || f.SampleRate < 0 {
		o.err = fmt.Errorf("voice: Opus cannot be of this format: %+v", f)
		return
	}
	le := binary.LittleEndian
	head := append([]byte("OpusHead"), 1, byte(o.format.Channels))
	head = le.AppendUint16(head, uint16(o.format.PreSkip))
	head = le.AppendUint32(head, uint32(o.format.SampleRate))
	head = append(head, 0, 0, 0) // gain, mapping family
	const vendor = "cozekit"
	tags := le.AppendUint32([]byte("OpusTags"), uint32(len(vendor)))
	tags = le.AppendUint32(append(tags, vendor...), 0) // no comments
	for i, packet := range [][]byte{head, tags} {
		o.table, o.body = append(o.table[:0], byte(len(packet))), append(o.body[:0], packet...)
		o.flush(pageFirst * byte(1-i))
	}
}

// The flags of a page.
const (
	pageFirst byte = 2
	pageLast  byte = 4
)

// flush writes the page and begins the next one.
func (o *OggOpusWriter) flush(flags byte) {
	if o.err != nil {
		return
	}
	le := binary.LittleEndian
	page := make([]byte, 0, oggHeaderBytes+len(o.table)+len(o.body))
	page = append(page, 'O', 'g', 'g', 'S', 0, flags)
	page = le.AppendUint64(page, o.granule)
	page = le.AppendUint32(page, o.serial)
	page = le.AppendUint32(page, o.number)
	page = append(page, 0, 0, 0, 0, byte(len(o.table)))
	page = append(append(page, o.table...), o.body...)
	le.PutUint32(page[22:], oggCRC(page))
	_, o.err = o.w.Write(page)
	o.number++
	o.table, o.body, o.samples = o.table[:0], o.body[:0], 0
}

// oggCRC is the checksum of RFC 3533: polynomial 0x04c11db7, highest bit first, beginning with 0.
func oggCRC(page []byte) (crc uint32) {
	for _, b := range page {
		crc = crc<<8 ^ oggTable[byte(crc>>24)^b]
	}
	return crc
}

var oggTable = func() (t [256]uint32) {
	for i := range t {
		crc := uint32(i) << 24
		for range 8 {
			if top := crc >> 31; top == 1 {
				crc = crc<<1 ^ 0x04c11db7
			} else {
				crc <<= 1
			}
		}
		t[i] = crc
	}
	return t
}()

// opusSamples is how long a packet is, in samples at 48,000 Hz. Its first byte tells (RFC 6716, section 3.1).
func opusSamples(packet []byte) (int, error) {
	if len(packet) == 0 || len(packet) > maxOpusPacket {
		return 0, fmt.Errorf("voice: a packet of Opus cannot have %d bytes", len(packet))
	}
	config, frames := packet[0]>>3, 1
	switch packet[0] & 3 {
	case 1, 2:
		frames = 2
	case 3:
		if len(packet) < 2 {
			return 0, errNotOpus
		}
		frames = int(packet[1] & 0x3f)
	}
	n := frames * opusFrameSamples(config)
	if n == 0 || n > maxOpusDuration {
		return 0, errNotOpus
	}
	return n, nil
}

var errNotOpus = errors.New("voice: this is not a packet of Opus")

// opusFrameSamples is how long a frame of a configuration is, in samples at 48,000 Hz.
func opusFrameSamples(config byte) int {
	const ms = opusRate / 1000
	switch {
	case config < 12: // SILK
		return []int{10 * ms, 20 * ms, 40 * ms, 60 * ms}[config%4]
	case config < 16: // both
		return []int{10 * ms, 20 * ms}[config%2]
	}
	return []int{5 * ms / 2, 5 * ms, 10 * ms, 20 * ms}[config%4] // CELT
}
