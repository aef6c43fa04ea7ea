package cozetest_test

import (
	"bytes"
	"encoding/binary"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cozekit/cozekit/gen/cozeapi"
	"github.com/cozekit/cozekit/pkg/coze"
	cozevoice "github.com/cozekit/cozekit/pkg/coze/voice"
	"github.com/cozekit/cozekit/pkg/cozetest"
)

// voiceClient is the client of this repository, through memory.
func voiceClient(t testing.TB, srv *cozetest.Server) *coze.Client {
	t.Helper()
	c, err := coze.NewClient(coze.WithBaseURL(srv.URL()), coze.WithToken(srv.Token()), coze.WithHTTPClient(srv.HTTPClient()))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestTranscriptionSocket(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t, cozetest.WithTranscript("one two three"))
	s := connect(t, srv, transcriptionPath)
	s.send("transcriptions.update", obj{"input_audio": obj{"format": "pcm", "sample_rate": 16000}})
	s.play(sound(time.Second, 5000), 7000)
	s.send("input_audio_buffer.clear", nil)
	s.play(sound(time.Second, 5000), 7001)
	s.send("input_audio_buffer.complete", nil)
	events := s.until("transcriptions.message.completed")
	const want = "transcriptions.updated input_audio_buffer.cleared input_audio_buffer.completed transcriptions.message.update transcriptions.message.completed"
	if got := order(events); got != want {
		t.Errorf("got order %s", got)
	}
	updates := ofType(events, "transcriptions.message.update")
	if got := updates[len(updates)-1].text("content"); len(updates) != 3 || updates[0].text("content") != "one " || got != "one two three" {
		t.Errorf("got %d updates up to %q", len(updates), got)
	}
	if got := string(events[0].Data); !strings.Contains(got, `"sample_rate":16000`) || !strings.Contains(got, `"bit_depth":16`) {
		t.Errorf("got options %s", got)
	}
}

func TestTranscriptionRefusals(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t)
	s := connect(t, srv, transcriptionPath)
	refused := func(name string, data any) {
		t.Helper()
		s.send(name, data)
		if e := s.next(); e.Type != "error" || e.code() != 4000 {
			t.Errorf("%s: got %+v %s", name, e, e.Data)
		}
	}
	refused("input_audio_buffer.complete", nil)
	refused("transcriptions.update", obj{"input_audio": obj{"codec": "g711a", "format": "pcm"}})
	s.play(sound(time.Millisecond, 0), 100)
	refused("transcriptions.update", obj{"input_audio": obj{"format": "pcm"}})
	s.send("input_audio_buffer.complete", nil)
	s.until("transcriptions.message.completed")
	refused("input_audio_buffer.append", obj{"delta": "AAAA"})
	refused("input_audio_buffer.complete", nil)
}

// TestHear shows what a test gets to hear of each format of input: the same tone.
func TestHear(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t)
	tone := sound(100*time.Millisecond, 8000)
	var stereo, deep, shallow []byte
	for i := 0; i < len(tone); i += 2 {
		s := tone[i : i+2]
		stereo = append(append(stereo, s...), s...)
		deep = append(append(deep, 0), s...)
		shallow = append(shallow, byte(int(int8(s[1]))+128))
	}
	var wav bytes.Buffer
	if _, err := cozevoice.NewWAVWriter(&wav, cozevoice.WAVFormat{}).Write(tone); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name   string
		format obj
		audio  []byte
		slack  float64
	}{
		{"pcm", obj{"format": "pcm"}, tone, 0},
		{"wav", obj{"format": "wav"}, wav.Bytes(), 0},
		{"nothing said", nil, tone, 0},
		{"stereo", obj{"format": "pcm", "channel": 2}, stereo, 0},
		{"24 bits", obj{"format": "pcm", "bit_depth": 24}, deep, 0},
		{"8 bits", obj{"format": "pcm", "bit_depth": 8}, shallow, 256},
		{"a-law", obj{"format": "pcm", "codec": "g711a", "sample_rate": 8000}, cozevoice.EncodeALaw(nil, tone), 520},
		{"mu-law", obj{"format": "pcm", "codec": "g711u", "sample_rate": 8000}, cozevoice.EncodeMuLaw(nil, tone), 520},
	} {
		var heard []byte
		srv.Hear(func(pcm []byte) string { heard = pcm; return "yes" })
		s := connect(t, srv, transcriptionPath)
		if tc.format != nil {
			s.send("transcriptions.update", obj{"input_audio": tc.format})
		}
		s.play(tc.audio, 777)
		s.send("input_audio_buffer.complete", nil)
		events := s.until("transcriptions.message.completed")
		if got := ofType(events, "transcriptions.message.update"); len(got) != 1 || got[0].text("content") != "yes" {
			t.Errorf("%s: got %v", tc.name, got)
		}
		if len(heard) != len(tone) {
			t.Errorf("%s: heard %d bytes, want %d", tc.name, len(heard), len(tone))
			continue
		}
		for i := 0; i < len(tone); i += 2 {
			a, b := int16(binary.LittleEndian.Uint16(tone[i:])), int16(binary.LittleEndian.Uint16(heard[i:]))
			if math.Abs(float64(a)-float64(b)) > tc.slack {
				t.Fatalf("%s: sample %d is %d, want %d", tc.name, i/2, b, a)
			}
		}
	}
}

func TestPanicInHear(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t, cozetest.ExpectViolations())
	srv.Hear(func([]byte) string { panic("oops") })
	s := connect(t, srv, transcriptionPath)
	s.play(utterance(), 9000)
	s.send("input_audio_buffer.complete", nil)
	s.until("transcriptions.message.completed")
	if v := srv.Violations(); len(v) != 1 || v[0].Rule != "panic" || !strings.HasPrefix(v[0].Message, "oops") {
		t.Errorf("got %v", v)
	}
}

func TestSimultSocket(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t, cozetest.WithTranscript("Coze speaks"))
	s := connect(t, srv, simultPath)
	s.send("simult_interpretation.update", obj{"translate_config": obj{
		"from": "en", "to": "zh", "glossary": []obj{{"original": "Coze", "translation": "扣子"}},
	}})
	s.play(sound(time.Second, 5000), 30000)
	s.send("input_audio_buffer.complete", nil)
	events := s.until("simult_interpretation.message.completed")
	const want = "simult_interpretation.updated input_audio_buffer.completed simult_interpretation.transcription.delta " +
		"simult_interpretation.translation.delta simult_interpretation.audio.delta simult_interpretation.message.completed"
	if got := order(events); got != want {
		t.Errorf("got order %s", got)
	}
	for name, want := range map[string]string{"transcription": "Coze speaks", "translation": "[zh] 扣子 speaks"} {
		got := ""
		for _, e := range ofType(events, "simult_interpretation."+name+".delta") {
			got += e.text("delta")
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	if audio, _ := joined(t, events, "simult_interpretation.audio.delta"); len(audio) != 14*4800+300*48 {
		t.Errorf("got %d bytes", len(audio))
	}
}

func TestVoiceTranscriptionAndInterpretation(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t)
	client := voiceClient(t, srv)
	srv.Hear(func(pcm []byte) string {
		if len(pcm) != 48000 {
			t.Errorf("heard %d bytes", len(pcm))
		}
		return "Good day."
	})
	var wav bytes.Buffer
	if _, err := cozevoice.NewWAVWriter(&wav, cozevoice.WAVFormat{}).Write(sound(time.Second, 8000)); err != nil {
		t.Fatal(err)
	}
	if text, err := cozevoice.Transcribe(t.Context(), client, &wav); err != nil || text != "Good day." {
		t.Errorf("got %q, %v", text, err)
	}
	srv.Translate(func(text, from, to string) string { return strings.Join([]string{text, from, to}, "|") })
	s, err := cozevoice.Simultaneous(t.Context(), client, cozevoice.SimultaneousRequest{Update: &coze.SimultUpdate{
		InputAudio: &coze.InputAudio{Format: cozeapi.InputAudioFormatPCM},
	}})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.AppendAudio(t.Context(), sound(time.Second, 8000)); err != nil {
		t.Fatal(err)
	}
	if err := s.CompleteAudio(t.Context()); err != nil {
		t.Fatal(err)
	}
	turn, err := s.Turn(t.Context())
	if err != nil || turn.Heard != "Good day." || turn.Text != "Good day.|zh|en" || len(turn.Audio) != 15*4800+300*48 {
		t.Errorf("got %q, %q, %d bytes, %v", turn.Heard, turn.Text, len(turn.Audio), err)
	}
	if err := s.Close(t.Context()); err != nil {
		t.Error(err)
	}
	var types []string
	for _, e := range srv.SocketEvents() {
		if e.Session == 2 {
			types = append(types, e.Type)
		}
	}
	if want := []string{"simult_interpretation.update", "input_audio_buffer.append", "input_audio_buffer.complete"}; !slices.Equal(types, want) {
		t.Errorf("got events %v", types)
	}
}
