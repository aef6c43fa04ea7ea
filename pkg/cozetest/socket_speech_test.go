package cozetest_test

import (
	"bytes"
	"math"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cozekit/cozekit/gen/cozeapi"
	"github.com/cozekit/cozekit/pkg/coze"
	cozevoice "github.com/cozekit/cozekit/pkg/coze/voice"
	"github.com/cozekit/cozekit/pkg/cozetest"
)

const spokenText = "Good morning. How are you? Fine!"

// speak has a text spoken, and returns all events.
func speak(t *testing.T, srv *cozetest.Server, update any, pieces ...string) []wireEvent {
	t.Helper()
	s := connect(t, srv, speechPath)
	if update != nil {
		s.send("speech.update", update)
	}
	for _, p := range pieces {
		s.send("input_text_buffer.append", obj{"delta": p})
	}
	s.send("input_text_buffer.complete", nil)
	return s.until("speech.audio.completed")
}

func joined(t *testing.T, events []wireEvent, name string) (all []byte, sizes []int) {
	t.Helper()
	for _, e := range ofType(events, name) {
		b := e.audio(t)
		all, sizes = append(all, b...), append(sizes, len(b))
	}
	return all, sizes
}

func TestSpeechSocket(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t)
	events := speak(t, srv, obj{"output_audio": obj{"codec": "pcm"}}, "Good morning. How", " are you? Fine!")
	const want = "speech.updated input_text_buffer.completed audio.sentence_start speech.audio.update audio.sentence_start " +
		"speech.audio.update audio.sentence_start speech.audio.update speech.audio.completed"
	if got := order(events); got != want {
		t.Errorf("got order %s\nwant %s", got, want)
	}
	var sentences []string
	for _, e := range ofType(events, "conversation.audio.sentence_start") {
		sentences = append(sentences, e.text("text"))
	}
	if !slices.Equal(sentences, []string{"Good morning. ", "How are you? ", "Fine!"}) {
		t.Errorf("got sentences %q", sentences)
	}
	audio, sizes := joined(t, events, "speech.audio.update")
	const silence = 300 * 48
	if want := len(spokenText)*4800 + silence; len(audio) != want {
		t.Errorf("got %d bytes, want %d", len(audio), want)
	}
	if end := audio[len(audio)-silence:]; !bytes.Equal(end, make([]byte, silence)) {
		t.Error("the end is not silent")
	}
	if slices.Min(sizes) > 10 || slices.Max(sizes) < 14000 || slices.ContainsFunc(sizes, func(n int) bool { return n%2 == 1 }) {
		t.Errorf("got pieces of %v bytes", sizes)
	}
	again, _ := joined(t, speak(t, srv, nil, spokenText), "speech.audio.update")
	if !bytes.Equal(again, audio) {
		t.Error("the same text has another sound")
	}
}

func TestSpeechFormats(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t)
	const text = "Hello there" // 1.1 s, and 0.3 s of silence
	for _, tc := range []struct {
		name   string
		output obj
		bytes  int // of all; 0 for any number
		pieces int // 0 for any number
	}{
		{"pcm 8000", obj{"codec": "pcm", "pcm_config": obj{"sample_rate": 8000}}, 1400 * 16, 0},
		{"fast", obj{"speech_rate": 100}, 550*48 + 300*48, 0},
		{"frames of 20 ms", obj{"pcm_config": obj{"frame_size_ms": 20}}, 1400 * 48, 70},
		{"frames of 33 ms", obj{"pcm_config": obj{"frame_size_ms": 33}}, 43 * 33 * 48, 43},
		{"a-law", obj{"codec": "g711a"}, 1400 * 8, 0},
		{"mu-law in frames", obj{"codec": "g711u", "pcm_config": obj{"frame_size_ms": 20}}, 1400 * 8, 70},
		{"opus", obj{"codec": "opus"}, 3 * 140, 140},
		{"opus of 60 ms", obj{"codec": "opus", "opus_config": obj{"frame_size_ms": 60}}, 8 * 24, 24},
		{"mp3", obj{"codec": "mp3", "mp3_config": obj{"sample_rate": 32000}}, 144 * 39, 0},
	} {
		audio, sizes := joined(t, speak(t, srv, obj{"output_audio": tc.output}, text), "speech.audio.update")
		if tc.bytes > 0 && len(audio) != tc.bytes || tc.pieces > 0 && len(sizes) != tc.pieces {
			t.Errorf("%s: got %d bytes in %d pieces, want %d in %d", tc.name, len(audio), len(sizes), tc.bytes, tc.pieces)
		}
	}
}

// TestG711 compares the sound in G.711 with that in PCM, by a decoder of ours that was written apart.
func TestG711(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t)
	pcm, _ := joined(t, speak(t, srv, obj{"output_audio": obj{"pcm_config": obj{"sample_rate": 8000}}}, "Tone"), "speech.audio.update")
	for codec, decoder := range map[string]func(dst, packed []byte) []byte{"g711a": cozevoice.DecodeALaw, "g711u": cozevoice.DecodeMuLaw} {
		packed, _ := joined(t, speak(t, srv, obj{"output_audio": obj{"codec": codec}}, "Tone"), "speech.audio.update")
		got := decoder(nil, packed)
		if len(got) != len(pcm) {
			t.Fatalf("%s: got %d bytes, want %d", codec, len(got), len(pcm))
		}
		for i := 0; i < len(pcm); i += 2 {
			a, b := int16(uint16(pcm[i])|uint16(pcm[i+1])<<8), int16(uint16(got[i])|uint16(got[i+1])<<8)
			if math.Abs(float64(a)-float64(b)) > 16+math.Abs(float64(a))/16 {
				t.Fatalf("%s: sample %d is %d, want %d", codec, i/2, b, a)
			}
		}
	}
}

// TestSpeechLimit asks for at most 10 frames a second: 70 take 6 s.
func TestSpeechLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := cozetest.NewServer(t, cozetest.InMemory())
		began := time.Now()
		speak(t, srv, obj{"output_audio": obj{"pcm_config": obj{
			"frame_size_ms": 20, "limit_config": obj{"period": 1, "max_frame_num": 10},
		}}}, "Hello there")
		if got := time.Since(began); got != 6*time.Second {
			t.Errorf("took %v", got)
		}
	})
}

func TestSpeechRefusals(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t)
	s := connect(t, srv, speechPath)
	refused := func(code int, name string, data any) {
		t.Helper()
		s.send(name, data)
		if e := s.next(); e.Type != "error" || e.code() != code || !strings.Contains(e.Detail.OriginMessage, name) && len(e.Detail.OriginMessage) > 0 {
			t.Errorf("%s: got %+v %s, want code %d", name, e, e.Data, code)
		}
	}
	refused(4000, "input_text_buffer.complete", nil)
	refused(4200, "speech.update", obj{"output_audio": obj{"voice_id": "99"}})
	refused(3010, "input_text_buffer.append", obj{"delta": strings.Repeat("x", 1025)})
	s.send("input_text_buffer.append", obj{"delta": strings.Repeat("x", 1000)})
	refused(3010, "input_text_buffer.append", obj{"delta": strings.Repeat("x", 25)})
	refused(4000, "speech.update", obj{"output_audio": obj{"voice_id": cozetest.DefaultVoiceID}})
	s.send("input_text_buffer.complete", nil)
	s.until("speech.audio.completed")
	refused(4000, "input_text_buffer.append", obj{"delta": "x"})
	refused(4000, "input_text_buffer.complete", nil)
}

// TestVoiceSpeech speaks through the client.
func TestVoiceSpeech(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t)
	var out bytes.Buffer
	text := strings.Repeat("This is a sentence of some length. ", 40) // two sockets
	err := cozevoice.Speak(t.Context(), voiceClient(t, srv), text, &out, cozevoice.WithOutputAudio(coze.OutputAudio{Codec: cozeapi.OutputAudioCodecG711A}))
	if err != nil {
		t.Fatal(err)
	}
	if n := out.Len(); n < 39*35*800 {
		t.Errorf("got %d bytes", n)
	}
	if n := len(srv.Calls()); n != 2 {
		t.Errorf("got %d sockets", n)
	}
}
