package coze_test

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/cozekit/cozekit/pkg/cozetest"
)

func audioClient(t *testing.T, url, token string) *coze.Client {
	t.Helper()
	c, err := coze.NewClient(coze.WithBaseURL(url), coze.WithToken(token))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestSpeechFormats speaks in each format over HTTP, and has what comes written down, where that can be.
func TestSpeechFormats(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t)
	c := audioClient(t, srv.URL(), srv.Token())
	for _, test := range []struct {
		format       coze.SpeechFormat
		media, magic string
		name         string // of a file for the transcription; empty = none
	}{
		{"", "audio/mpeg", "\xff", "x.mp3"},
		{coze.SpeechFormatMp3, "audio/mpeg", "\xff", "x.mp3"},
		{coze.SpeechFormatWav, "audio/wav", "RIFF", "x.wav"},
		{coze.SpeechFormatOggOpus, "audio/ogg", "OggS", "x.ogg"},
		{coze.SpeechFormatPCM, "application/octet-stream", "\x00\x00", ""},
	} {
		speech, err := c.Audio.Speech.Create(t.Context(), coze.CreateSpeechRequest{
			Input: "Hello.", VoiceID: cozetest.DefaultVoiceID, ResponseFormat: test.format,
		})
		if err != nil {
			t.Fatal(test.format, err)
		}
		audio, err := io.ReadAll(speech)
		_ = speech.Close()
		if err != nil || speech.ContentType != test.media || !strings.HasPrefix(string(audio), test.magic) {
			t.Errorf("%q: %s %.8q %v", test.format, speech.ContentType, audio, err)
		}
		if test.name == "" {
			continue
		}
		heard, err := c.Audio.Transcriptions.Create(t.Context(), coze.CreateTranscriptionRequest{
			File: coze.Upload{Name: test.name, Reader: bytes.NewReader(audio)},
		})
		if err != nil || heard.Text != cozetest.DefaultTranscript {
			t.Errorf("%q: %+v %v", test.format, heard, err)
		}
	}
	_, err := c.Audio.Speech.Create(t.Context(), coze.CreateSpeechRequest{Input: strings.Repeat("x", 1025), VoiceID: cozetest.DefaultVoiceID})
	var refused *coze.Error
	if !errors.As(err, &refused) || refused.Code != coze.CodeSpeechTextTooLong {
		t.Errorf("a refusal is JSON, not audio: %v", err)
	}
}

// TestSpeechAndTranscriptionAreStreams: audio is there before all of it is, and a recording is sent while it is being made.
func TestSpeechAndTranscriptionAreStreams(t *testing.T) {
	t.Parallel()
	goOn := make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/speech") {
			w.Header().Set("Content-Type", "audio/mpeg")
			_, _ = io.WriteString(w, "first")
			_ = http.NewResponseController(w).Flush()
			<-goOn
			panic(http.ErrAbortHandler) // the rest is lost
		}
		_, params, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
		if params["boundary"] == "" {
			t.Error("no multipart")
		}
		buf := make([]byte, 1<<10)
		for seen := ""; !strings.Contains(seen, "RIFF1"); {
			n, err := r.Body.Read(buf)
			if seen += string(buf[:n]); err != nil {
				t.Errorf("%q %v", seen, err)
				return
			}
		}
		goOn <- struct{}{}
		rest, _ := io.ReadAll(r.Body)
		if !strings.Contains(string(rest), "RIFF2") {
			t.Errorf("%q", rest)
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"code":0,"data":{"text":"heard"}}`)
	}))
	defer srv.Close()
	c := audioClient(t, srv.URL, testToken)

	speech, err := c.Audio.Speech.Create(t.Context(), coze.CreateSpeechRequest{Input: "Hello.", VoiceID: "7"})
	if err != nil {
		t.Fatal(err)
	}
	defer speech.Close()
	first := make([]byte, 5)
	if _, err := io.ReadFull(speech, first); err != nil || string(first) != "first" {
		t.Errorf("%q %v", first, err)
	}
	goOn <- struct{}{}
	if _, err := io.ReadAll(speech); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("audio that is cut short: %v", err)
	}

	r, w := io.Pipe()
	go func() {
		_, _ = io.WriteString(w, "RIFF1"+strings.Repeat(".", 256<<10)) // more than all buffers on the way
		<-goOn
		_, _ = io.WriteString(w, "RIFF2")
		_ = w.Close()
	}()
	heard, err := c.Audio.Transcriptions.Create(t.Context(), coze.CreateTranscriptionRequest{File: coze.Upload{Name: "x.wav", Reader: r}})
	if err != nil || heard.Text != "heard" {
		t.Errorf("%+v %v", heard, err)
	}
}
