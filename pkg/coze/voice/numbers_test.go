package voice_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/cozekit/cozekit/pkg/coze/voice"
)

// TestFiveHundredSessions measures what 500 sessions cost that are open at once over TCP, beside as many bare connections of
// the library below, in the same run: what the network, net/http and the server need is in both. See -v for the numbers.
func TestFiveHundredSessions(t *testing.T) {
	const n = 500
	s := &server{t: t}
	target := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.upgrade(w, r, 0, func(p *peer) { p.greet("chat"); p.drain() })
	}))
	defer target.Close()
	openSession := sessionsTo(t, target.URL)
	openBare(t, target.URL)() // the first ones warm everything up
	closeIdle(t, openSession(t))

	start := measure()
	closeBare := make([]func(), n)
	for i := range closeBare {
		closeBare[i] = openBare(t, target.URL)
	}
	bare := measure().minus(start)
	for _, c := range closeBare {
		c()
	}
	settle(t, start.goroutines)

	start = measure()
	sessions := make([]*voice.ChatSession, n)
	for i := range sessions {
		sessions[i] = openSession(t)
	}
	full, counted := measure().minus(start), ours()
	bytes, goroutines := (full.bytes-bare.bytes)/n, float64(full.goroutines-bare.goroutines)/n
	t.Logf("a bare connection, both ends: %d bytes, %.2f goroutines; a session more: %d bytes, %.2f goroutines",
		bare.bytes/n, float64(bare.goroutines)/n, bytes, goroutines)
	if goroutines > 3 || counted > 3*n || counted < 2*n || bytes > 64<<10 {
		t.Errorf("too much: %d goroutines are ours", counted)
	}
	var wg sync.WaitGroup
	for _, c := range sessions {
		wg.Go(func() { closeIdle(t, c) })
	}
	wg.Wait()
	for deadline := time.Now().Add(30 * time.Second); ours() != 0; runtime.Gosched() { // the last ones are returning
		if time.Now().After(deadline) {
			t.Fatalf("%d goroutines are left", ours())
		}
	}
}

// cost is what a program holds.
type cost struct{ bytes, goroutines int64 }

func (c cost) minus(d cost) cost { return cost{c.bytes - d.bytes, c.goroutines - d.goroutines} }

func measure() cost {
	runtime.GC()
	runtime.GC() // pools are emptied by the second one
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return cost{int64(m.HeapAlloc + m.StackInuse), int64(runtime.NumGoroutine())}
}

// settle waits until the goroutines of closed connections are gone, but for a few of other tests.
func settle(t *testing.T, goroutines int64) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); int64(runtime.NumGoroutine()) > goroutines+20; runtime.Gosched() {
		if time.Now().After(deadline) {
			t.Fatalf("%d goroutines are left of %d", runtime.NumGoroutine(), goroutines)
		}
	}
}

// openBare makes a connection without a session, and reads the greeting.
func openBare(t *testing.T, target string) (closeIt func()) {
	t.Helper()
	c, _, err := websocket.Dial(t.Context(), "ws"+strings.TrimPrefix(target, "http"), nil)
	if err == nil {
		_, _, err = c.Read(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	return func() { _ = c.CloseNow() }
}

// sessionsTo returns a function that opens a session.
func sessionsTo(t *testing.T, target string) func(*testing.T) *voice.ChatSession {
	t.Helper()
	client, err := coze.NewClient(coze.WithBaseURL(target), coze.WithToken("t"))
	if err != nil {
		t.Fatal(err)
	}
	return func(t *testing.T) *voice.ChatSession {
		t.Helper()
		c, err := voice.Chat(t.Context(), client, voice.ChatRequest{BotID: "b"})
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
}

func closeIdle(t *testing.T, c *voice.ChatSession) {
	t.Helper()
	if err := c.Close(context.Background()); err != nil {
		t.Error(err)
	}
}

// BenchmarkFrameLatency is the time from AppendAudio to the frame at a server on loopback. It reports the median.
func BenchmarkFrameLatency(b *testing.B) {
	arrived := make(chan time.Time, 1)
	s := &server{}
	target := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.upgrade(w, r, 0, func(p *peer) {
			p.greet("chat")
			for {
				if _, _, err := p.conn.Read(context.Background()); err != nil {
					return
				}
				arrived <- time.Now()
			}
		})
	}))
	defer target.Close()
	client, err := coze.NewClient(coze.WithBaseURL(target.URL), coze.WithToken("t"))
	if err != nil {
		b.Fatal(err)
	}
	c, err := voice.Chat(b.Context(), client, voice.ChatRequest{BotID: "b"})
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close(context.Background())
	pcm := make([]byte, 960)
	var took []time.Duration
	b.ReportAllocs()
	for b.Loop() {
		start := time.Now()
		if err := c.AppendAudio(b.Context(), pcm); err != nil {
			b.Fatal(err)
		}
		took = append(took, (<-arrived).Sub(start))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "median-us")
}
