package cozetest

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"runtime/debug"

	"github.com/cozekit/cozekit/gen/cozeapi"
)

// Hear sets what is understood of the audio that clients send on websockets: hear is called with each utterance, or recording, as
// PCM of 16 bits, little-endian, mono, at the rate that the client sends, and returns its text; empty for nothing understood. In
// place of Opus and Ogg, which the fake does not decode, it gets 20 ms of sound for each event that brought more than 8 bytes, and
// 20 ms of silence for each other one. By default, and after Hear(nil), each utterance says what [WithTranscript] says.
func (s *Server) Hear(hear func(pcm []byte) string) {
	s.sockets.mu.Lock()
	defer s.sockets.mu.Unlock()
	s.sockets.hear = hear
}

// recognize is the text of an utterance.
func (s *session) recognize(samples []int16) (text string) {
	s.srv.sockets.mu.Lock()
	hear := s.srv.sockets.hear
	s.srv.sockets.mu.Unlock()
	if hear == nil {
		if s.srv.cfg.transcript != "" {
			return s.srv.cfg.transcript
		}
		return DefaultTranscript
	}
	defer s.contain()
	pcm := make([]byte, 0, 2*len(samples))
	for _, v := range samples {
		pcm = binary.LittleEndian.AppendUint16(pcm, uint16(v))
	}
	return hear(pcm)
}

// contain makes a violation of a panic in a function of the test.
func (s *session) contain() {
	if p := recover(); p != nil {
		s.x.violate("/script", "panic", fmt.Sprintf("%v\n%s", p, debug.Stack()))
	}
}

// defaultInput is the format of what clients send if they say nothing.
func defaultInput() *cozeapi.InputAudio {
	rate, channels, depth := cozeapi.AudioSampleRate(defaultRate), cozeapi.AudioChannels(1), cozeapi.AudioBitDepth(16)
	return &cozeapi.InputAudio{Format: "wav", Codec: "pcm", SampleRate: &rate, Channel: &channels, BitDepth: &depth}
}

// checkInput refuses a format whose parts do not fit each other.
func checkInput(in *cozeapi.InputAudio) error {
	if (in.Codec == "g711a" || in.Codec == "g711u") && (in.Format != "pcm" || or(in.SampleRate, 0) != g711Rate) {
		return refuse(codeInvalidParameter, "input_audio: codec %s needs format pcm and sample_rate %d", in.Codec, g711Rate)
	}
	return nil
}

// ear makes samples of the audio that a client sends.
type ear struct {
	codec    cozeapi.InputAudioCodec
	rate     int // Hz
	channels int
	depth    int // bits
	packed   bool
	begun    bool   // the header of a WAV file, if there is one, has been read
	rest     []byte // not whole samples yet, or a header that is not whole
}

const (
	maxHeader  = 4 << 10  // bytes of a WAV file in which its samples must begin
	maxHeard   = 32 << 20 // samples that are kept
	opusHeard  = 20       // ms that an event with Opus is taken for
	opusQuiet  = 8        // bytes of a packet that has no more than silence
	loudSample = 8000
)

func newEar(in *cozeapi.InputAudio) *ear {
	return &ear{
		codec: in.Codec, rate: int(or(in.SampleRate, defaultRate)), channels: int(or(in.Channel, 1)), depth: int(or(in.BitDepth, 16)),
		packed: in.Codec == "opus" || in.Format == "ogg",
	}
}

// hear makes samples of the next bytes.
func (e *ear) hear(b []byte) []int16 {
	if e.packed {
		samples := make([]int16, e.rate*opusHeard/1000)
		for i := range samples {
			if len(b) > opusQuiet {
				samples[i] = loudSample
			}
		}
		return samples
	}
	e.rest = append(e.rest, b...)
	if !e.begun && !e.readHeader() {
		return nil
	}
	size := e.channels * e.depth / 8
	if e.codec == "g711a" || e.codec == "g711u" {
		size = e.channels
	}
	samples := make([]int16, 0, len(e.rest)/size)
	for ; len(e.rest) >= size; e.rest = e.rest[size:] {
		sum := 0
		for c := range e.channels {
			sum += int(e.sample(e.rest[c*size/e.channels:]))
		}
		samples = append(samples, int16(sum/e.channels))
	}
	e.rest = bytes.Clone(e.rest)
	return samples
}

// sample is the first sample in b.
func (e *ear) sample(b []byte) int16 {
	switch {
	case e.codec == "g711a":
		return alawSample(b[0])
	case e.codec == "g711u":
		return mulawSample(b[0])
	case e.depth == 8:
		return (int16(b[0]) - 128) << 8
	case e.depth == 24:
		return int16(binary.LittleEndian.Uint16(b[1:]))
	}
	return int16(binary.LittleEndian.Uint16(b))
}

// readHeader takes the header of a WAV file off, whose format counts more than what the client said. It tells whether that is done.
func (e *ear) readHeader() bool {
	if len(e.rest) < 4 {
		return false
	}
	if string(e.rest[:4]) != "RIFF" {
		e.begun = true
		return true
	}
	for at := 12; at+8 <= len(e.rest) && at < maxHeader; {
		name, size, body := string(e.rest[at:at+4]), int(binary.LittleEndian.Uint32(e.rest[at+4:])), e.rest[at+8:]
		if name == "data" {
			e.rest, e.begun = body, true
			return true
		}
		if name == "fmt " && len(body) >= 16 {
			e.readFormat(body)
		}
		if size < 0 || size > maxHeader {
			break
		}
		at += 8 + size + size%2
	}
	if len(e.rest) > maxHeader {
		e.begun = true // it is no header that we know: all is sound
	}
	return e.begun
}

func (e *ear) readFormat(b []byte) {
	channels, rate, depth := int(b[2]), int(binary.LittleEndian.Uint32(b[4:])), int(b[14])
	if (channels == 1 || channels == 2) && rate >= g711Rate && rate <= 192000 && (depth == 8 || depth == 16 || depth == 24) {
		e.channels, e.rate, e.depth = channels, rate, depth
	}
}
