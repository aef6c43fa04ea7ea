// Package recording gives the examples something to hear: a WAV file, or sounds like a voice that the program makes.
package recording

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"os"
	"time"

	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/cozekit/cozekit/pkg/coze/voice"
)

// Voicelike is a WAV file of sounds like those of a person who speaks for d: mono, 16 bits. It says nothing. The sample rate
// and the pitch of the voice are in Hz; 120 is usual for a man, 200 for a woman.
func Voicelike(sampleRate int, pitch float64, d time.Duration) []byte {
	const syllables = 4.0 // in a second
	var file bytes.Buffer
	w := voice.NewWAVWriter(&file, voice.WAVFormat{SampleRate: sampleRate})
	n := int(d.Seconds() * float64(sampleRate))
	pcm := make([]byte, 0, 2*n)
	for i := range n {
		t := float64(i) / float64(sampleRate)
		open := math.Abs(math.Sin(math.Pi * syllables * t))    // the mouth
		tone := pitch * (1 + 0.1*math.Sin(2*math.Pi*t))        // the melody
		formant := 500 + 400*math.Sin(2*math.Pi*syllables/3*t) // the vowel
		var v float64
		for h := 1.0; h <= 20; h++ {
			v += math.Exp(-math.Abs(h*tone-formant)/300) * math.Sin(2*math.Pi*h*pitch*t)
		}
		sample := int16(4000 * open * v)
		pcm = append(pcm, byte(sample), byte(sample>>8))
	}
	_, _ = w.Write(pcm) // a buffer takes everything
	_ = w.Close()
	return file.Bytes()
}

// Open opens a WAV file, or three seconds of [Voicelike] if path is empty.
func Open(path string) (io.ReadCloser, error) {
	if path == "" {
		fmt.Fprintln(os.Stderr, "no WAV file was named: the program makes sounds like a voice")
		return io.NopCloser(bytes.NewReader(Voicelike(24000, 120, 3*time.Second))), nil
	}
	return os.Open(path)
}

// OpenPCM is [Open] for the samples alone, which have to be PCM of 16 bits; input says to the platform what they are.
func OpenPCM(path string) (samples *voice.WAVReader, input *coze.InputAudio, closeFile func(), err error) {
	f, err := Open(path)
	if err != nil {
		return nil, nil, nil, err
	}
	samples, err = voice.NewWAVReader(f)
	if err == nil && (samples.Encoding != voice.WAVPCM || samples.BitsPerSample != 16) {
		err = fmt.Errorf("the recording is not PCM of 16 bits: %+v", samples.WAVFormat)
	}
	if err != nil {
		_ = f.Close()
		return nil, nil, nil, err
	}
	return samples, &coze.InputAudio{
		Format: coze.InputAudioFormatPCM, Codec: coze.InputAudioCodecPCM,
		SampleRate: coze.Ptr(coze.AudioSampleRate(samples.SampleRate)), Channel: coze.Ptr(coze.AudioChannels(samples.Channels)),
		BitDepth: coze.Ptr(coze.AudioBitDepthBits16),
	}, func() { _ = f.Close() }, nil
}

// Create makes the file at path, or one for the time of the program if path is empty.
func Create(path, pattern string) (f *os.File, closeFile func() error, err error) {
	if path != "" {
		f, err = os.Create(path)
	} else {
		f, err = os.CreateTemp("", pattern)
	}
	if err != nil {
		return nil, nil, err
	}
	return f, func() error {
		err := f.Close()
		if path == "" {
			_ = os.Remove(f.Name())
		}
		return err
	}, nil
}
