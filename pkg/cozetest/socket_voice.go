package cozetest

import (
	"encoding/binary"
	"math"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/cozekit/cozekit/gen/cozeapi"
)

// outputVoice makes audio of texts: for each letter a tone of its own, 0.1 s long at normal speed. What follows from the text and
// the options alone is the same each time.
type outputVoice struct {
	codec     cozeapi.OutputAudioCodec
	rate      int     // Hz
	frameMS   float64 // length of each piece; 0 for pieces of all sizes
	speed     float64
	loudness  float64
	period    time.Duration // in which at most maxFrames pieces come; 0 for no limit
	maxFrames int
	pieces    int // that were cut so far
}

// defaultRate is the rate of audio if nothing else is said, in Hz.
const defaultRate = 24000

// irregular are the sizes of pieces, in samples at 24,000 Hz; they come again and again. The platform sends from 6 to 14,400 bytes.
var irregular = []int{5400, 3, 2401, 7200, 1, 481, 3599}

const (
	endingSilence = 300 * time.Millisecond
	toneAmplitude = 6000
)

func newOutputVoice(o *cozeapi.OutputAudio) *outputVoice {
	v := &outputVoice{codec: "pcm", rate: defaultRate, speed: 1, loudness: 1}
	if o == nil {
		return v
	}
	if o.Codec != "" {
		v.codec = o.Codec
	}
	v.speed, v.loudness = percent(o.SpeechRate), percent(o.LoudnessRate)
	var limit *cozeapi.AudioLimitConfig
	switch v.codec {
	case "opus":
		v.rate, v.frameMS = opusRate, 10
		if c := o.OpusConfig; c != nil {
			v.frameMS, limit = or(c.FrameSizeMs, v.frameMS), c.LimitConfig
		}
	case "mp3":
		v.rate = 44100
		if c := o.Mp3Config; c != nil {
			v.rate = int(or(c.SampleRate, 44100))
		}
	default:
		if c := o.PCMConfig; c != nil {
			v.rate, v.frameMS, limit = int(or(c.SampleRate, defaultRate)), or(c.FrameSizeMs, 0), c.LimitConfig
		}
		if v.codec != "pcm" {
			v.rate = g711Rate
		}
	}
	if limit != nil {
		v.period, v.maxFrames = time.Duration(or(limit.Period, 0))*time.Second, int(or(limit.MaxFrameNum, 0))
	}
	return v
}

// or is what p points to, otherwise if it is nil.
func or[T any](p *T, otherwise T) T {
	if p == nil {
		return otherwise
	}
	return *p
}

// percent is the factor that a change in percent means.
func percent(change *int32) float64 { return 1 + float64(or(change, 0))/100 }

// pauseBefore is how long the piece of this number, from 0, has to wait for the one before, so that the limit is kept.
func (v *outputVoice) pauseBefore(n int) time.Duration {
	if v.maxFrames <= 0 || n == 0 || n%v.maxFrames != 0 {
		return 0
	}
	return v.period
}

// speak makes the audio of a sentence, in pieces. The last one of an answer ends in silence.
func (v *outputVoice) speak(sentence string, last bool) [][]byte {
	samples := v.tones(sentence)
	if last {
		samples = append(samples, make([]int16, v.samples(endingSilence))...)
	}
	switch v.codec {
	case "opus":
		return v.packets(len(samples))
	case "mp3":
		return v.cut(silentMP3(v.rate, len(samples)), 1)
	case "g711a":
		return v.cut(encodeG711(samples, alawByte), 1)
	case "g711u":
		return v.cut(encodeG711(samples, mulawByte), 1)
	}
	pcm := make([]byte, 0, 2*len(samples))
	for _, s := range samples {
		pcm = binary.LittleEndian.AppendUint16(pcm, uint16(s))
	}
	return v.cut(pcm, 2)
}

func (v *outputVoice) samples(d time.Duration) int { return int(d.Seconds() * float64(v.rate)) }

// tones are the samples of a text. Spaces are silent.
func (v *outputVoice) tones(text string) []int16 {
	n := int(secondsPerRune / v.speed * float64(v.rate))
	all := make([]int16, 0, n*utf8.RuneCountInString(text))
	for _, r := range text {
		if unicode.IsSpace(r) || unicode.IsPunct(r) {
			all = append(all, make([]int16, n)...)
			continue
		}
		step := 2 * math.Pi * float64(200+10*(r%64)) / float64(v.rate)
		for i := range n {
			all = append(all, int16(toneAmplitude*v.loudness*math.Sin(step*float64(i))))
		}
	}
	return all
}

// cut cuts audio of whole samples: into pieces of one length, the last of which is filled up with silence, or of irregular ones.
func (v *outputVoice) cut(audio []byte, sampleSize int) [][]byte {
	var pieces [][]byte
	for len(audio) > 0 {
		size := sampleSize * max(1, irregular[v.pieces%len(irregular)]*v.rate/defaultRate)
		if v.frameMS > 0 {
			size = sampleSize * max(1, int(v.frameMS*float64(v.rate)/1000))
			if missing := size - len(audio); missing > 0 {
				audio = append(audio, v.silence(missing)...)
			}
		}
		size = min(size, len(audio))
		pieces, audio = append(pieces, audio[:size:size]), audio[size:]
		v.pieces++
	}
	return pieces
}

// silence is n bytes of it.
func (v *outputVoice) silence(n int) []byte {
	quiet := make([]byte, n)
	for i := range quiet {
		switch v.codec {
		case "g711a":
			quiet[i] = alawByte(0)
		case "g711u":
			quiet[i] = mulawByte(0)
		}
	}
	return quiet
}

// packets are bare Opus packets of silence, each of one frame size. Their count tells how long the text is.
func (v *outputVoice) packets(samples int) [][]byte {
	packet, ok := opusPackets[v.frameMS]
	size := int(v.frameMS * opusRate / 1000)
	if !ok {
		packet, size = opusPackets[10], opusRate/100
	}
	var all [][]byte
	for ; samples > 0; samples -= size {
		all = append(all, []byte(packet))
	}
	return all
}

// opusPackets are packets of silence on one channel, by their length in milliseconds: full-band CELT, one frame, or two or three of
// 20 ms.
var opusPackets = map[float64]string{
	2.5: "\xe0\xff\xfe", 5: "\xe8\xff\xfe", 10: "\xf0\xff\xfe", 20: silentFrame,
	40: "\xf9\xff\xfe\xff\xfe", 60: "\xfb\x03\xff\xfe\xff\xfe\xff\xfe",
}

// cutSentence cuts the first whole sentence off a text; it is empty if there is none yet.
func cutSentence(text string) (sentence, rest string) {
	runes := []rune(text)
	for i, r := range runes {
		ends := strings.ContainsRune("。！？\n", r)
		if strings.ContainsRune(".!?", r) {
			ends = i+1 < len(runes) && unicode.IsSpace(runes[i+1])
		}
		if ends {
			for i+1 < len(runes) && unicode.IsSpace(runes[i+1]) {
				i++
			}
			return string(runes[:i+1]), string(runes[i+1:])
		}
	}
	return "", text
}
