package voice_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/cozekit/cozekit/pkg/coze/voice"
)

// speaker speaks every text as itself.
func speaker(p *peer) {
	p.greet("speech")
	var text string
	for {
		e, ok := p.recv()
		if !ok {
			return
		}
		switch e.Type {
		case "input_text_buffer.append":
			var d coze.InputTextBufferAppend
			mustUnmarshal(p.s.t, e.Data, &d)
			if text += d.Delta; len(text) > 1024 {
				p.send(event("error", `{"code":3010,"msg":"too long"}`))
			}
		case "input_text_buffer.complete":
			p.send(event("input_text_buffer.completed", ""), event("conversation.audio.sentence_start", fmt.Sprintf(`{"text":%q}`, text)))
			for _, r := range text {
				p.send(event("speech.audio.update", fmt.Sprintf(`{"delta":%q}`, b64(string(r)))))
			}
			p.send(event("speech.audio.completed", ""))
			p.drain()
			return
		}
	}
}

func TestSpeakPitfall26(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t, speaker)
		sentence := "这是一个很长的故事，它有许多句子。"
		text := strings.Repeat(sentence, 60)
		var out bytes.Buffer
		if err := voice.Speak(t.Context(), s.client(), text, &out); err != nil {
			t.Fatal(err)
		}
		if out.String() != text || s.n != 3+len(text)/1024-2 {
			t.Errorf("%d of %d bytes in %d sessions", out.Len(), len(text), s.n)
		}
		if err := voice.Speak(t.Context(), s.client(), " \n", &out); err == nil {
			t.Error("no text was spoken")
		}
		broken := errors.New("disk full")
		if err := voice.Speak(t.Context(), s.client(), "x", failingWriter{broken}); !errors.Is(err, broken) {
			t.Errorf("%v", err)
		}
	})
}

type failingWriter struct{ err error }

func (w failingWriter) Write([]byte) (int, error) { return 0, w.err }

func TestSpeechTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t, speaker)
		c, err := voice.Speech(t.Context(), s.client(), voice.SpeechRequest{})
		if err != nil {
			t.Fatal(err)
		}
		c.AppendText(t.Context(), strings.Repeat("x", 1025))
		if _, err := c.Turn(t.Context()); err == nil || !strings.Contains(err.Error(), "3010") {
			t.Errorf("%v", err)
		}
		if err := c.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// listener recognizes how many bytes it heard.
func listener(p *peer) {
	p.greet("transcriptions")
	n := 0
	for {
		e, ok := p.recv()
		if !ok {
			return
		}
		switch e.Type {
		case "transcriptions.update":
			p.send(event("transcriptions.updated", string(e.Data)))
		case "input_audio_buffer.append":
			var d coze.InputAudioBufferAppend
			mustUnmarshal(p.s.t, e.Data, &d)
			n += len(d.Delta)
			p.send(event("transcriptions.message.update", fmt.Sprintf(`{"content":"%d bytes"}`, n)))
		case "input_audio_buffer.complete":
			p.send(event("input_audio_buffer.completed", ""), event("transcriptions.message.completed", ""))
			p.drain()
			return
		}
	}
}

func TestTranscribe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t, listener)
		var wav bytes.Buffer
		w := voice.NewWAVWriter(&wav, voice.WAVFormat{})
		w.Write(make([]byte, 100_000))
		w.Close()
		for _, r := range []io.Reader{bytes.NewReader(wav.Bytes()), iotest.OneByteReader(bytes.NewReader(wav.Bytes()))} {
			if text, err := voice.Transcribe(t.Context(), s.client(), r); err != nil || text != "100044 bytes" {
				t.Errorf("%q %v", text, err)
			}
		}
		if _, err := voice.Transcribe(t.Context(), s.client(), strings.NewReader("what is this")); err == nil {
			t.Error("audio of an unknown kind")
		}
		text, err := voice.Transcribe(t.Context(), s.client(), strings.NewReader("pcm!"), voice.WithInputAudio(coze.InputAudio{Format: coze.InputAudioFormatPCM}))
		if err != nil || text != "4 bytes" {
			t.Errorf("%q %v", text, err)
		}
	})
}

func TestSimultaneous(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t, func(p *peer) {
			p.greet("simult_interpretation")
			p.until("input_audio_buffer.complete")
			p.send(event("simult_interpretation.transcription.delta", `{"delta":"你"}`), event("simult_interpretation.transcription.delta", `{"delta":"好"}`),
				event("simult_interpretation.translation.delta", `{"delta":"hello"}`), event("simult_interpretation.audio.delta", `{"delta":"AQI="}`),
				event("simult_interpretation.message.completed", ""))
			p.drain()
		})
		c, err := voice.Simultaneous(t.Context(), s.client(), voice.SimultaneousRequest{Update: &coze.SimultUpdate{
			TranslateConfig: &coze.SimultTranslateConfig{From: coze.SimultLanguageZh, To: coze.SimultLanguageEn},
		}})
		if err != nil {
			t.Fatal(err)
		}
		c.AppendAudio(t.Context(), make([]byte, 960))
		c.CompleteAudio(t.Context())
		if turn, err := c.Turn(t.Context()); err != nil || turn.Heard != "你好" || turn.Text != "hello" || len(turn.Audio) != 2 {
			t.Errorf("%+v %v", turn, err)
		}
		if err := c.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestWAV(t *testing.T) {
	name := t.TempDir() + "/x.wav"
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w := voice.NewWAVWriter(f, voice.WAVFormat{SampleRate: 8000, Encoding: voice.WAVALaw})
	fmt.Fprint(w, "12345")
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	file, _ := os.ReadFile(name)
	if len(file) != 50 || binary.LittleEndian.Uint32(file[4:]) != 42 || binary.LittleEndian.Uint32(file[40:]) != 5 {
		t.Errorf("%q", file)
	}
	var stream bytes.Buffer
	w = voice.NewWAVWriter(&stream, voice.WAVFormat{})
	fmt.Fprint(w, "123456")
	w.Close()
	list := append([]byte{}, file[:12]...)
	list = append(append(append(list, "LIST\x03\x00\x00\x00abc\x00"...), file[12:]...), "trailer"...)
	for name, b := range map[string][]byte{"file": file, "stream": stream.Bytes(), "with more chunks": list} {
		r, err := voice.NewWAVReader(iotest.HalfReader(bytes.NewReader(b)))
		if err != nil {
			t.Fatal(name, err)
		}
		got, err := io.ReadAll(r)
		if err != nil || !strings.HasPrefix("123456", string(got)) || len(got) < 5 {
			t.Errorf("%s: %q %v %+v", name, got, err, r.WAVFormat)
		}
	}
	r, err := voice.NewWAVReader(bytes.NewReader(file[:47]))
	if err == nil {
		_, err = io.ReadAll(r)
	}
	if err != io.ErrUnexpectedEOF {
		t.Errorf("cut short: %v", err)
	}
	if _, err := voice.NewWAVReader(strings.NewReader("ID3")); err == nil {
		t.Error("not WAV")
	}
}

func FuzzWAVReader(f *testing.F) {
	var stream bytes.Buffer
	w := voice.NewWAVWriter(&stream, voice.WAVFormat{})
	fmt.Fprint(w, "123456")
	w.Close()
	f.Add(stream.Bytes())
	f.Fuzz(func(_ *testing.T, b []byte) {
		if r, err := voice.NewWAVReader(bytes.NewReader(b)); err == nil {
			_, _ = io.Copy(io.Discard, r)
		}
	})
}

func TestG711(t *testing.T) {
	for name, codec := range map[string]struct {
		encode, decode func(dst, b []byte) []byte
		silence        byte
	}{
		"A-law":  {voice.EncodeALaw, voice.DecodeALaw, 0xd5},
		"mu-law": {voice.EncodeMuLaw, voice.DecodeMuLaw, 0xff},
	} {
		if b := codec.encode(nil, []byte{0, 0, 9}); len(b) != 1 || b[0] != codec.silence {
			t.Errorf("%s: silence is %x", name, b)
		}
		for i := range 256 { // what was decoded is encoded the same; mu-law has two zeros
			pcm := codec.decode(nil, []byte{byte(i)})
			if again := codec.encode(nil, pcm); again[0] != byte(i) && (name == "A-law" || i != 0x7f) {
				t.Errorf("%s: %x became %x", name, i, again)
			}
		}
		for v := math.MinInt16; v <= math.MaxInt16; v++ {
			pcm := binary.LittleEndian.AppendUint16(nil, uint16(int16(v)))
			got := int(int16(binary.LittleEndian.Uint16(codec.decode(nil, codec.encode(nil, pcm)))))
			if diff := got - v; diff < -1024 || diff > 1024 || math.Abs(float64(diff)) > math.Abs(float64(v))/15+16 {
				t.Fatalf("%s: %d became %d", name, v, got)
			}
		}
	}
	// Known values of G.711.
	if got := voice.EncodeMuLaw(nil, []byte{0xff, 0x7f, 0x00, 0x80}); string(got) != "\x80\x00" {
		t.Errorf("%x", got)
	}
	if got := voice.EncodeALaw(nil, []byte{0xff, 0x7f, 0x00, 0x80}); string(got) != "\xaa\x2a" {
		t.Errorf("%x", got)
	}
}

func TestPCMFramesAndPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		var sizes []int
		frames := voice.PCMFrames(bytes.NewReader(make([]byte, 960*3+10)), 24000, 1, 20*time.Millisecond)
		for f, err := range voice.Pace(t.Context(), frames, 20*time.Millisecond) {
			if err != nil {
				t.Fatal(err)
			}
			sizes = append(sizes, len(f))
			time.Sleep(5 * time.Millisecond)
		}
		if fmt.Sprint(sizes) != "[960 960 960 10]" || time.Since(start) != 65*time.Millisecond {
			t.Errorf("%v in %v", sizes, time.Since(start))
		}
		broken := errors.New("broken")
		for _, err := range voice.PCMFrames(iotest.ErrReader(broken), 8000, 2, 20*time.Millisecond) {
			if err != broken {
				t.Error(err)
			}
		}
		for _, err := range voice.PCMFrames(nil, 8000, 2, 0) {
			if err == nil {
				t.Error("frames of no length")
			}
		}
	})
}
