package voice_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/cozekit/cozekit/pkg/coze/voice"
)

// TestFiveHundredSessions counts what 500 idle sessions cost. Memory of net/http and of the server's end is in it too, so the
// bound is generous; see -v for the number.
func TestFiveHundredSessions(t *testing.T) {
	s := newServer(t, func(p *peer) { p.greet("chat"); p.drain() })
	client := s.client()
	heap := func() uint64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc + m.StackInuse
	}
	const n = 500
	before := heap()
	sessions := make([]*voice.ChatSession, n)
	for i := range sessions {
		c, err := voice.Chat(t.Context(), client, voice.ChatRequest{BotID: "b"})
		if err != nil {
			t.Fatal(err)
		}
		sessions[i] = c
	}
	each := (heap() - before) / n
	goroutines := float64(ours()) / n
	t.Logf("%d bytes and %.2f goroutines a session, the server's end included in the bytes", each, goroutines)
	if goroutines > 3 || each > 128<<10 {
		t.Errorf("too much")
	}
	var wg sync.WaitGroup
	for _, c := range sessions {
		wg.Go(func() {
			if err := c.Close(context.Background()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for deadline := time.Now().Add(5 * time.Second); ours() != 0; runtime.Gosched() { // the last ones are returning
		if time.Now().After(deadline) {
			t.Fatalf("%d goroutines are left", ours())
		}
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
