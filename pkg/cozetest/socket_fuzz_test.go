package cozetest_test

import (
	"slices"
	"testing"

	"github.com/cozekit/cozekit/gen/cozeapi"
	"github.com/cozekit/cozekit/pkg/cozetest"
)

// FuzzInputAudio hears bytes of all formats whole and cut in two, which must sound the same.
func FuzzInputAudio(f *testing.F) {
	header := "RIFF\x00\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x02\x00\x40\x1f\x00\x00\x00\x7d\x00\x00\x04\x00\x10\x00data\xff\xff\xff\xff"
	f.Add([]byte(header+"12345678"), 5, 0, int32(1), int32(16))
	f.Add([]byte("RIFF\x00\x00\x00\x00WAVELIST\x03\x00\x00\x00abc\x00data\x00\x00\x00\x00ab"), 30, 0, int32(1), int32(8))
	f.Add([]byte("no header"), 1, 1, int32(2), int32(24))
	f.Fuzz(func(t *testing.T, audio []byte, cut, codec int, channels, depth int32) {
		codecs := []cozeapi.InputAudioCodec{cozeapi.InputAudioCodecPCM, cozeapi.InputAudioCodecG711A, cozeapi.InputAudioCodecG711U}
		rate, c, d := cozeapi.AudioSampleRate(8000), cozeapi.AudioChannels(1+channels&1), cozeapi.AudioBitDepth(8+8*(uint32(depth)%3))
		in := &cozeapi.InputAudio{
			Format: cozeapi.InputAudioFormatPCM, Codec: codecs[uint(codec)%3], SampleRate: &rate, Channel: &c, BitDepth: &d,
		}
		cut = int(uint(cut) % uint(len(audio)+1))
		whole, parts := cozetest.HearAll(in, audio), cozetest.HearAll(in, audio[:cut], audio[cut:])
		if !slices.Equal(whole, parts) {
			t.Errorf("got %d samples of the whole and %d of two pieces", len(whole), len(parts))
		}
	})
}
