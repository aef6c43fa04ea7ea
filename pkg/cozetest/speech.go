package cozetest

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"net/http"
	"unicode/utf8"

	"github.com/cozekit/cozekit/gen/cozeapi"
)

var speechHandlers = map[string]handler{
	"CreateSpeech":        (*exchange).createSpeech,
	"CreateTranscription": (*exchange).createTranscription,
}

// DefaultTranscript is what every recording says, unless [WithTranscript] sets something else.
const DefaultTranscript = "This is what the recording says."

// WithTranscript sets what every recording says, [DefaultTranscript] by default. A voice is then cloned only with this text, or
// without any.
func WithTranscript(text string) Option { return optionFunc(func(c *config) { c.transcript = text }) }

// secondsPerRune is how long the silence for one character is.
const secondsPerRune = 0.1

// createSpeech answers with silence, 0.1 s for each character at normal speed.
func (x *exchange) createSpeech() (any, error) {
	var req cozeapi.CreateSpeechRequest
	if err := x.decode(&req); err != nil {
		return nil, err
	}
	switch {
	case req.Input == "":
		return nil, refuse(codeInvalidParameter, "input is empty")
	case len(req.Input) > maxSpokenText:
		return nil, refuse(codeSpeechTextTooLong, "input has %d bytes, at most %d are allowed", len(req.Input), maxSpokenText)
	}
	x.srv.state.mu.Lock()
	_, err := x.srv.state.voice(req.VoiceID)
	x.srv.state.mu.Unlock()
	if err != nil {
		return nil, err
	}
	rate, speed := 24000, 1.0
	if req.SampleRate != nil {
		rate = int(*req.SampleRate)
	}
	if req.Speed != nil {
		speed = *req.Speed
	}
	samples := int(float64(utf8.RuneCountInString(req.Input)) * secondsPerRune / speed * float64(rate))
	media, extension, audio := "audio/mpeg", "mp3", []byte(nil)
	switch req.ResponseFormat {
	case "wav":
		media, extension, audio = "audio/wav", "wav", silentWAV(rate, samples)
	case "pcm":
		media, extension, audio = "application/octet-stream", "pcm", make([]byte, 2*samples)
	case "ogg_opus":
		media, extension, audio = "audio/ogg", "ogg", silentOpus(samples*opusRate/rate)
	default:
		audio = silentMP3(rate, samples)
	}
	x.w.Header().Set("Content-Type", media)
	x.w.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="speech.%s"`, extension))
	x.finish(http.StatusOK)
	_, _ = x.w.Write(audio)
	return answered{}, nil
}

// createTranscription answers with the same text whatever the recording.
func (x *exchange) createTranscription() (any, error) {
	if _, err := x.readSoundUpload(maxVoiceFile, []string{"ogg", "mp3", "wav"}); err != nil {
		return nil, err
	}
	text := x.srv.cfg.transcript
	if text == "" {
		text = DefaultTranscript
	}
	return map[string]any{"text": text}, nil
}

// silentWAV is a WAV file of 16-bit samples on one channel.
func silentWAV(rate, samples int) []byte {
	size := uint32(2 * samples)
	var b bytes.Buffer
	b.WriteString("RIFF")
	_ = binary.Write(&b, binary.LittleEndian, 36+size)
	b.WriteString("WAVEfmt ")
	_ = binary.Write(&b, binary.LittleEndian, struct {
		Size            uint32
		Format, Channel uint16
		Rate, ByteRate  uint32
		Align, Bits     uint16
	}{16, 1, 1, uint32(rate), uint32(2 * rate), 2, 16})
	b.WriteString("data")
	_ = binary.Write(&b, binary.LittleEndian, size)
	return append(b.Bytes(), make([]byte, size)...)
}

// mp3Frames are the headers of frames of 32 kbit/s on one channel, and the sizes of such frames in bytes and samples, by rate.
var mp3Frames = map[int]struct {
	header        [4]byte
	size, samples int
}{
	8000:  {[4]byte{0xff, 0xe3, 0x48, 0xc4}, 288, 576},
	16000: {[4]byte{0xff, 0xf3, 0x48, 0xc4}, 144, 576},
	22050: {[4]byte{0xff, 0xf3, 0x40, 0xc4}, 104, 576},
	24000: {[4]byte{0xff, 0xf3, 0x44, 0xc4}, 96, 576},
	32000: {[4]byte{0xff, 0xfb, 0x18, 0xc4}, 144, 1152},
	44100: {[4]byte{0xff, 0xfb, 0x10, 0xc4}, 104, 1152},
	48000: {[4]byte{0xff, 0xfb, 0x14, 0xc4}, 96, 1152},
}

// silentMP3 is an MP3 file of frames without content.
func silentMP3(rate, samples int) []byte {
	f := mp3Frames[rate]
	frame := make([]byte, f.size)
	copy(frame, f.header[:])
	return bytes.Repeat(frame, (samples+f.samples-1)/f.samples)
}
