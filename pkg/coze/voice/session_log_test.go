package voice_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/cozekit/cozekit/pkg/coze/voice"
)

// logBuffer is what a logger wrote.
type logBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *logBuffer) option() coze.ClientOption {
	return coze.WithLogger(slog.New(slog.NewJSONHandler(b, &slog.HandlerOptions{Level: slog.LevelDebug})))
}

// lines returns the lines as objects, after a look for what must not be in them.
func (b *logBuffer) lines(t *testing.T) (out []map[string]any) {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, secret := range []string{"secret-token", "private", "aXNu"} {
		if strings.Contains(b.text.String(), secret) {
			t.Errorf("%q is in the log: %s", secret, b.text.String())
		}
	}
	for line := range strings.Lines(b.text.String()) {
		m := map[string]any{}
		mustUnmarshal(t, []byte(line), &m)
		out = append(out, m)
	}
	return out
}

// summary is what a line says, without what changes from run to run.
func summary(line map[string]any) string {
	var b strings.Builder
	for _, name := range []string{
		"level", "msg", "op", "host", "path", "status", "logid", "duration_ms", "connections", "events_in", "events_out", "bytes_out", "error",
	} {
		if v, ok := line[name]; ok {
			fmt.Fprintf(&b, "%v|", v)
		}
	}
	return b.String()
}

func TestLogOfASession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log logBuffer
		s := newServer(t, bot)
		c, err := voice.Chat(t.Context(), s.client(log.option()), voice.ChatRequest{BotID: "private", DeviceID: "private"})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(3 * time.Second)
		c.SendText(t.Context(), "private")
		if _, err := c.Turn(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := c.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		lines := log.lines(t)
		if len(lines) != 2 {
			t.Fatalf("%d lines", len(lines))
		}
		const open = "DEBUG|coze session open|ConnectChatSocket|fake.localhost|/v1/chat|101|log-1|0|"
		if got := summary(lines[0]); got != open {
			t.Errorf("%s\nwant %s", got, open)
		}
		const end = "DEBUG|coze session closed|ConnectChatSocket|fake.localhost|/v1/chat|101|log-1|3000|1|11|1|"
		if got := summary(lines[1]); !strings.HasPrefix(got, end) || lines[1]["bytes_in"].(float64) < 1000 || lines[1]["bytes_out"].(float64) < 100 {
			t.Errorf("%s\nwant %s", got, end)
		}
	})
}

func TestLogOfFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log logBuffer
		s := newServer(t, func(p *peer) {
			p.greet("chat")
			p.recv()
			p.conn.Close(websocket.StatusInternalError, "away with secret-token")
		})
		c, err := voice.Chat(t.Context(), s.client(log.option()), voice.ChatRequest{BotID: "b"})
		if err != nil {
			t.Fatal(err)
		}
		c.SendText(t.Context(), "x")
		if _, err := c.Turn(t.Context()); err == nil || strings.Contains(err.Error(), "secret-token") {
			t.Errorf("%v", err)
		}
		<-c.Done()
		if got := summary(log.lines(t)[1]); !strings.HasPrefix(got, "WARN|coze session closed|") || !strings.Contains(got, "close code 1011") {
			t.Error(got)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		var log logBuffer
		s := newServerFunc(t, func(_ *server, w http.ResponseWriter, _ *http.Request, _ int) {
			w.Header().Set("X-Tt-Logid", "log-7")
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, `{"code":4101,"msg":"no permission for secret-token"}`)
		})
		if _, err := voice.Speech(t.Context(), s.client(log.option()), voice.SpeechRequest{}); err == nil {
			t.Error("no error")
		}
		lines := log.lines(t)
		const want = "WARN|coze session failed|ConnectSpeechSocket|fake.localhost|/v1/audio/speech|403|log-7|0|"
		if got := summary(lines[0]); len(lines) != 1 || !strings.HasPrefix(got, want) || !strings.Contains(got, "4101") {
			t.Error(got)
		}
	})
	synctest.Test(t, func(t *testing.T) { // an error event that repeats the token
		s := newServer(t, func(p *peer) {
			p.greet("chat")
			p.send(event("error", `{"code":4000,"msg":"what is secret-token"}`))
			p.drain()
		})
		c := openChat(t, s)
		if _, err := c.Turn(t.Context()); err == nil || strings.Contains(err.Error(), "secret-token") {
			t.Errorf("%v", err)
		}
	})
}

func TestHandshakesCountForTheRateLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t, bot)
		client := s.client(coze.WithRateLimit(coze.RateLimit{PerSecond: 1, Burst: 1}))
		start := time.Now()
		var open []*voice.ChatSession
		for range 3 {
			c, err := voice.Chat(t.Context(), client, voice.ChatRequest{BotID: "b"})
			if err != nil {
				t.Fatal(err)
			}
			open = append(open, c)
		}
		if took := time.Since(start); took != 2*time.Second {
			t.Errorf("three handshakes took %v", took)
		}
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(100*time.Millisecond, cancel)
		if _, err := voice.Chat(ctx, client, voice.ChatRequest{BotID: "b"}); !errors.Is(err, context.Canceled) || s.n != 3 {
			t.Errorf("%v after %d handshakes", err, s.n)
		}
		for _, c := range open {
			for range 10 { // what is sent in a session is not counted
				if err := c.SendText(t.Context(), "x"); err != nil {
					t.Error(err)
				}
				if _, err := c.Turn(t.Context()); err != nil {
					t.Error(err)
				}
			}
			c.Close(t.Context())
		}
		if took := time.Since(start); took > 3*time.Second {
			t.Errorf("sessions took %v", took)
		}
	})
	synctest.Test(t, func(t *testing.T) { // a handshake holds a slot no longer than it takes
		s := newServer(t, bot)
		client := s.client(coze.WithRateLimit(coze.RateLimit{Concurrent: 1}))
		for range 3 {
			c, err := voice.Chat(t.Context(), client, voice.ChatRequest{BotID: "b"})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { c.Close(context.Background()) })
		}
	})
}
