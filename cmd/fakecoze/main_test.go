package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
)

func TestServesUntilInterrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	out, stdout := io.Pipe()
	ended := make(chan error, 1)
	began := time.Now()
	go func() {
		err := run(ctx, []string{"-addr", "127.0.0.1:0", "-token", "pat_test", "-delta-pause", "0"}, stdout, io.Discard)
		_ = stdout.Close()
		ended <- err
	}()
	lines := bufio.NewScanner(out)
	var text []string
	for len(text) < 4 && lines.Scan() {
		text = append(text, lines.Text())
	}
	t.Logf("started in %v", time.Since(began))
	if len(text) < 4 || !strings.HasPrefix(text[3], "curl -N http://127.0.0.1:") || text[1] != "token: pat_test" {
		t.Fatalf("got greeting %q", text)
	}
	base := strings.TrimSpace(strings.TrimPrefix(text[0], "url:"))
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base+"/v1/users/me", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer pat_test")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("got status %d", resp.StatusCode)
	}
	conn, _, err := websocket.Dial(t.Context(), base+"/v1/audio/speech", &websocket.DialOptions{HTTPHeader: req.Header})
	if err != nil {
		t.Fatal(err)
	}
	if _, greeting, err := conn.Read(t.Context()); err != nil || !strings.Contains(string(greeting), `"event_type":"speech.created"`) {
		t.Errorf("got greeting %s, %v", greeting, err)
	}
	_ = conn.Close(websocket.StatusNormalClosure, "")
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("got %v at the end", err)
	}
}

func TestRefusesBadArguments(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"-port", "1"}, {"serve"}, {"-addr", "no address"}} {
		if err := run(t.Context(), args, io.Discard, io.Discard); err == nil {
			t.Errorf("%q: got no error", args)
		}
	}
}
