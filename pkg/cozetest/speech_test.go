package cozetest_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/cozekit/cozekit/pkg/cozetest"
)

const voice = cozetest.DefaultVoiceID

// clone is a body of CloneVoice with parts of the form name, text.
func clone(more ...[2]string) *upload {
	parts := [][3]string{{"voice_name", "", "mine"}, {"audio_format", "", "wav"}, {"file", "a.wav", "RIFF"}}
	for _, p := range more {
		parts = append(parts, [3]string{p[0], "", p[1]})
	}
	return newUpload(parts...)
}

func TestVoices(t *testing.T) {
	t.Parallel()
	c := newClient(t, cozetest.NewServer(t))
	check := func(query, want string) {
		t.Helper()
		r := c.ok("GET", "/v1/audio/voices"+query, nil)
		if got := fmt.Sprint(field(t, r.Data["voice_list"], "name"), " ", r.Data["has_more"]); got != want {
			t.Errorf("%q: got %s, want %s", query, got, want)
		}
	}
	check("", "[Default 默认] false")
	check("?page_size=1", "[Default] true")
	check("?model_type=small", "[默认] false")
	check("?voice_state=init", "[Clone] false")
	check("?voice_state=all&filter_system_voice=true", "[Clone] false")
	id := c.ok("POST", "/v1/audio/voices/clone", clone([2]string{"language", "ja"}, [2]string{"space_id", workspace})).str("voice_id")
	check("?filter_system_voice=true", "[mine] false")
	for range 9 {
		if got := c.ok("POST", "/v1/audio/voices/clone", clone([2]string{"voice_id", id})).str("voice_id"); got != id {
			t.Errorf("got voice %s, want %s", got, id)
		}
	}
	c.ok("POST", "/v1/audio/voices/clone", clone([2]string{"voice_id", "7400000000000000203"}))
	check("?filter_system_voice=true", "[mine mine] false")
	if r := c.do("POST", "/v1/audio/voices/clone", clone([2]string{"voice_id", id})); r.Code != 4000 {
		t.Errorf("got %s for training number 11", r.text)
	}
}

func TestSpeech(t *testing.T) {
	t.Parallel()
	c := newClient(t, cozetest.NewServer(t))
	speak := func(change obj) (string, []byte) {
		body := obj{"input": "Hello, you", "voice_id": voice}
		for k, v := range change {
			body[k] = v
		}
		resp := c.send("POST", "/v1/audio/speech", body)
		defer func() { _ = resp.Body.Close() }()
		audio, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.Header.Get("Content-Type") + " " + resp.Header.Get("Content-Disposition"), audio
	}
	for _, tc := range []struct {
		change obj
		want   string
		bytes  int // 10 characters are a second
	}{
		{obj{"response_format": "wav"}, `audio/wav attachment; filename="speech.wav"`, 44 + 2*24000},
		{obj{"response_format": "wav", "input": "你好"}, `audio/wav attachment; filename="speech.wav"`, 44 + 2*4800},
		{obj{"response_format": "wav", "speed": 2, "sample_rate": 8000}, `audio/wav attachment; filename="speech.wav"`, 44 + 8000},
		{obj{"response_format": "pcm", "sample_rate": 16000}, `application/octet-stream attachment; filename="speech.pcm"`, 2 * 16000},
		{obj{}, `audio/mpeg attachment; filename="speech.mp3"`, 42 * 96},
		{obj{"response_format": "mp3", "sample_rate": 44100}, `audio/mpeg attachment; filename="speech.mp3"`, 39 * 104},
		{obj{"response_format": "ogg_opus"}, `audio/ogg attachment; filename="speech.ogg"`, 27 + 1 + 19 + 27 + 1 + 20 + 27 + 50*4},
	} {
		if got, audio := speak(tc.change); got != tc.want || len(audio) != tc.bytes {
			t.Errorf("%v: got %s with %d bytes, want %d", tc.change, got, len(audio), tc.bytes)
		}
	}
	_, audio := speak(obj{"response_format": "wav"})
	var head struct {
		RIFF, Size, WAVE, Fmt, FmtSize [4]byte
		Format, Channels               uint16
		Rate, ByteRate                 uint32
		Align, Bits                    uint16
		Data                           [4]byte
		DataSize                       uint32
	}
	if err := binary.Read(bytes.NewReader(audio), binary.LittleEndian, &head); err != nil {
		t.Fatal(err)
	}
	if head.Format != 1 || head.Channels != 1 || head.Rate != 24000 || head.ByteRate != 48000 || head.Bits != 16 || head.DataSize != 48000 {
		t.Errorf("got %+v", head)
	}
	if got := binary.LittleEndian.Uint32(head.Size[:]); int(got) != len(audio)-8 || string(head.Data[:]) != "data" {
		t.Errorf("got size %d of %d bytes", got, len(audio))
	}
	_, audio = speak(obj{"response_format": "ogg_opus"})
	if n := bytes.Count(audio, []byte("OggS")); n != 3 || !bytes.HasPrefix(audio[28:], []byte("OpusHead")) {
		t.Errorf("got %d pages: %q", n, audio[:64])
	}
}

func TestTranscriptions(t *testing.T) {
	t.Parallel()
	recording := func(name string) *upload { return newUpload([3]string{"file", name, "x"}) }
	c := newClient(t, cozetest.NewServer(t))
	if got := c.ok("POST", "/v1/audio/transcriptions", recording("a.wav")).str("text"); got != cozetest.DefaultTranscript {
		t.Errorf("got %q", got)
	}
	c = newClient(t, cozetest.NewServer(t, cozetest.WithTranscript("Hello")))
	if got := c.ok("POST", "/v1/audio/transcriptions", recording("a.mp3")).str("text"); got != "Hello" {
		t.Errorf("got %q", got)
	}
	c.ok("POST", "/v1/audio/voices/clone", clone([2]string{"text", "Hello"}))
	if r := c.do("POST", "/v1/audio/voices/clone", clone([2]string{"text", "Goodbye"})); r.Code != 1109 {
		t.Errorf("got %s for another text", r.text)
	}
}

func TestAudioRooms(t *testing.T) {
	t.Parallel()
	c := newClient(t, cozetest.NewServer(t))
	r := c.ok("POST", "/v1/audio/rooms", obj{"bot_id": bot, "voice_id": voice, "uid": "me"})
	if r.str("uid") != "me" || r.str("room_id") == "" || r.str("token") == "" {
		t.Errorf("got %s", r.text)
	}
	list := c.ok("GET", "/v1/conversations?bot_id="+bot, nil).Data["conversations"].([]any)
	if len(list) != 1 {
		t.Fatalf("got %v, want the conversation of the call", list)
	}
	conv := list[0].(obj)["id"].(string)
	if r := c.ok("POST", "/v1/audio/rooms", obj{"bot_id": bot, "conversation_id": conv}); r.str("uid") == "" {
		t.Errorf("got %s", r.text)
	}
}

func TestAudioRefusals(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t)
	srv.DraftBot("8", cozetest.Echo)
	c := newClient(t, srv)
	const speech, rooms, cloning, transcriptions = "/v1/audio/speech", "/v1/audio/rooms", "/v1/audio/voices/clone", "/v1/audio/transcriptions"
	big := strings.Repeat("x", 10<<20+1)
	for _, tc := range []struct {
		name, path string
		body       any
		want       int
	}{
		{"1024 bytes", speech, obj{"input": strings.Repeat("é", 512), "voice_id": voice, "response_format": "pcm", "speed": 3}, -1},
		{"1025 bytes", speech, obj{"input": strings.Repeat("é", 512) + "x", "voice_id": voice}, 3010},
		{"nothing to say", speech, obj{"input": "", "voice_id": voice}, 4000},
		{"unknown voice", speech, obj{"input": "x", "voice_id": "99"}, 4200},
		{"room of an unknown bot", rooms, obj{"bot_id": "99"}, 4200},
		{"room of a draft", rooms, obj{"bot_id": "8"}, 4015},
		{"room with an unknown voice", rooms, obj{"bot_id": bot, "voice_id": "99"}, 4200},
		{"room in an unknown conversation", rooms, obj{"bot_id": bot, "conversation_id": "99"}, 4200},
		{"no recording", transcriptions, newUpload(), 4300},
		{"two recordings", transcriptions, newUpload([3]string{"file", "a.wav", "x"}, [3]string{"file", "b.wav", "x"}), 4301},
		{"empty recording", transcriptions, newUpload([3]string{"file", "a.wav", ""}), 4304},
		{"recording without extension", transcriptions, newUpload([3]string{"file", "a", "x"}), 4303},
		{"big recording", transcriptions, newUpload([3]string{"file", "a.wav", big}), 4302},
		{"long name", cloning, clone([2]string{"voice_id", "99"}), 4200},
		{"built-in voice", cloning, clone([2]string{"voice_id", voice}), 4101},
		{"foreign workspace", cloning, clone([2]string{"space_id", "99"}), 4101},
		{"long transcript", cloning, clone([2]string{"text", strings.Repeat("x", 1025)}), 4000},
		{"nothing to clone", cloning, newUpload([3]string{"voice_name", "", "x"}, [3]string{"audio_format", "", "wav"}), 4300},
		{"long voice name", cloning, newUpload([3]string{"voice_name", "", strings.Repeat("é", 65)}, [3]string{"audio_format", "", "wav"},
			[3]string{"file", "a.wav", "x"}), 4000},
	} {
		if tc.want < 0 {
			if resp := c.send("POST", tc.path, tc.body); resp.StatusCode != http.StatusOK || resp.Header.Get("Content-Type") == "application/json" {
				t.Errorf("%s: got %v", tc.name, resp.Header)
			}
			continue
		}
		if r := c.do("POST", tc.path, tc.body); r.Code != tc.want {
			t.Errorf("%s: got %s, want code %d", tc.name, r.text, tc.want)
		}
	}
}
