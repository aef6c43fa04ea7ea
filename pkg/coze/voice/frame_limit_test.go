package voice_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/cozekit/cozekit/pkg/coze/voice"
)

// clockWriter keeps when it was written to, in milliseconds.
type clockWriter struct {
	bytes.Buffer
	start time.Time
	at    []int64
	sizes []int
}

func (w *clockWriter) Write(p []byte) (int, error) {
	w.at = append(w.at, time.Since(w.start).Milliseconds())
	w.sizes = append(w.sizes, len(p))
	return w.Buffer.Write(p)
}

// TestSpeakKeepsLimitConfig has a server that sends all at once.
func TestSpeakKeepsLimitConfig(t *testing.T) {
	limit := func(frames, seconds int32) *coze.AudioLimitConfig {
		return &coze.AudioLimitConfig{MaxFrameNum: &frames, Period: &seconds}
	}
	for name, test := range map[string]struct {
		audio  coze.OutputAudio
		pieces []int // bytes of the events
		at     string
		sizes  string
	}{
		"no limit": {coze.OutputAudio{PCMConfig: &coze.PCMConfig{}}, []int{4, 2, 8}, "[0 0 0]", "[4 2 8]"},
		"pieces as they come": {
			coze.OutputAudio{PCMConfig: &coze.PCMConfig{LimitConfig: limit(2, 1)}}, []int{4, 2, 8, 2, 2}, "[0 0 1000 1000 2000]", "[4 2 8 2 2]",
		},
		"frames of PCM": {
			coze.OutputAudio{PCMConfig: &coze.PCMConfig{LimitConfig: limit(3, 2), FrameSizeMs: coze.Ptr(20.0)}},
			[]int{960 * 2, 960*2 + 10}, "[0 0 0 2000 2000]", "[960 960 960 960 10]",
		},
		"frames of G.711": {
			coze.OutputAudio{Codec: coze.OutputAudioCodecG711A, PCMConfig: &coze.PCMConfig{LimitConfig: limit(1, 1), FrameSizeMs: coze.Ptr(10.0)}},
			[]int{160}, "[0 1000]", "[80 80]",
		},
		"packets of Opus": {
			coze.OutputAudio{Codec: coze.OutputAudioCodecOpus, OpusConfig: &coze.OpusConfig{LimitConfig: limit(1, 1)}},
			[]int{50, 60}, "[0 1000]", "[50 60]",
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newServer(t, func(p *peer) {
					p.greet("speech")
					p.until("input_text_buffer.complete")
					for _, n := range test.pieces {
						p.send(event("speech.audio.update", fmt.Sprintf(`{"delta":%q}`, b64(string(make([]byte, n))))))
					}
					p.send(event("speech.audio.completed", ""))
					p.drain()
				})
				out := clockWriter{start: time.Now()}
				if err := voice.Speak(t.Context(), s.client(), "hi", &out, voice.WithOutputAudio(test.audio)); err != nil {
					t.Fatal(err)
				}
				if at, sizes := fmt.Sprint(out.at), fmt.Sprint(out.sizes); at != test.at || sizes != test.sizes {
					t.Errorf("%s ms, %s bytes, want %s and %s", at, sizes, test.at, test.sizes)
				}
				if test.audio.PCMConfig == nil || test.audio.PCMConfig.LimitConfig == nil {
					return
				}
				ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
				defer cancel()
				if err := voice.Speak(ctx, s.client(), "hi", &out, voice.WithOutputAudio(test.audio)); !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("%v while it waits", err)
				}
			})
		})
	}
}

// TestSpeakIntoOggOpus: each packet of the server becomes one of the file.
func TestSpeakIntoOggOpus(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t, func(p *peer) {
			p.greet("speech")
			p.until("input_text_buffer.complete")
			for _, packet := range []string{"\xf8abc", "\xf8de"} {
				p.send(event("speech.audio.update", fmt.Sprintf(`{"delta":%q}`, b64(packet))))
			}
			p.send(event("speech.audio.completed", ""))
			p.drain()
		})
		var file bytes.Buffer
		w := voice.NewOggOpusWriter(&file, voice.OggOpusFormat{})
		err := voice.Speak(t.Context(), s.client(), "hi", w, voice.WithOutputAudio(coze.OutputAudio{Codec: coze.OutputAudioCodecOpus}))
		if err = errors.Join(err, w.Close()); err != nil {
			t.Fatal(err)
		}
		pages, err := readOgg(file.Bytes())
		if err != nil || len(pages) != 3 || fmt.Sprintf("%q", pages[2].packets) != `["\xf8abc" "\xf8de"]` {
			t.Errorf("%+v %v", pages, err)
		}
	})
}
