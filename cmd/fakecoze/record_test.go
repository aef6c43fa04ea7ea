package main

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cozekit/cozekit/pkg/cozetest/recording"
)

// TestRecords: what a client asks is in the directory without the token and can be replayed; what is asked of the program is not.
func TestRecords(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "session")
	p := startProgram(t, "-record", dir, "-token", "pat_secret_of_fake")
	ask := func(rt http.RoundTripper, path, body string) string {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.url+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer pat_secret_of_fake")
		req.Header.Set("Content-Type", "application/json")
		rsp, err := rt.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		defer rsp.Body.Close()
		text, err := io.ReadAll(rsp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	const chat = `{"bot_id":"7400000000000000001","user_id":"u","stream":true,"additional_messages":[{"role":"user","content":"Hi","content_type":"text"}]}`
	want := ask(p.client.Transport, "/v3/chat", chat)
	ask(p.client.Transport, "/_fake/reset", "{}")
	if err := p.stop(); err != nil {
		t.Error(err)
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*"))
	if len(files) != 1 || !strings.Contains(want, "conversation.chat.completed") {
		t.Fatalf("got %q; the answer was %s", files, want)
	}
	if text, _ := os.ReadFile(files[0]); strings.Contains(string(text), "secret_of_fake") {
		t.Errorf("the token is in the file: %s", text)
	}
	r, err := recording.NewReplayer(dir, recording.ReplayOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if got := ask(r, "/v3/chat", chat); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if err := run(t.Context(), []string{"-addr", "127.0.0.1:0", "-record", dir}, io.Discard, io.Discard); err == nil {
		t.Error("a second recording in the same directory: got no error")
	}
}
