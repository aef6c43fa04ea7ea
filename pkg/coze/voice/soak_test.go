package voice_test

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cozekit/cozekit/internal/leaks"
	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/cozekit/cozekit/pkg/coze/voice"
)

// TestSoak talks in full duplex for a minute of virtual time.
func TestSoak(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		soak(t, newServer(t, duplex).client(), time.Minute, time.Second)
	})
}

// duplex sends audio all the time, a turn each second, and counts what comes.
func duplex(p *peer) {
	p.greet("chat")
	stop := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		for i := 1; ; i++ {
			if !p.send(answer(fmt.Sprint(i), "hello")...) {
				return
			}
			select {
			case <-time.After(time.Second):
			case <-stop:
				return
			}
		}
	})
	p.drain()
	close(stop)
	wg.Wait()
}

// soak talks for d. A pong may take as long as patience.
func soak(t *testing.T, client *coze.Client, d, patience time.Duration) {
	c, err := voice.Chat(t.Context(), client, voice.ChatRequest{BotID: "b"}, voice.WithPing(time.Second, patience))
	if err != nil {
		t.Fatal(err)
	}
	var frames atomic.Int64
	var wg sync.WaitGroup
	wg.Go(func() {
		pcm := bytes.NewReader(make([]byte, 48*int(d.Milliseconds())))
		for frame, err := range voice.Pace(t.Context(), voice.PCMFrames(pcm, 24000, 1, 20*time.Millisecond), 20*time.Millisecond) {
			if err == nil {
				err = c.AppendAudio(t.Context(), frame)
			}
			if err != nil {
				t.Error(err)
				return
			}
			frames.Add(1)
		}
	})
	for i := range int(d / time.Second) {
		if turn, err := c.Turn(t.Context()); err != nil || turn.Text != "hello" {
			t.Fatalf("turn %d: %+v %v", i, turn, err)
		}
	}
	wg.Wait()
	if err := c.Close(t.Context()); err != nil || frames.Load() != int64(d/(20*time.Millisecond)) {
		t.Errorf("%v after %d frames", err, frames.Load())
	}
}

// TestSoakOverTCP does the same over a real connection, with TLS and a proxy, for 10 s (1 s with -short). Nothing is left then.
func TestSoakOverTCP(t *testing.T) {
	leaks.Check(t) // so it is not parallel
	s := &server{t: t}
	target := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.upgrade(w, r, 0, duplex) }))
	defer target.Close()
	var proxied atomic.Int64
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		proxied.Add(1)
		tunnel(w, r)
	}))
	defer proxy.Close()
	httpClient := target.Client()
	tr := httpClient.Transport.(*http.Transport)
	tr.Proxy = func(*http.Request) (*url.URL, error) { return url.Parse(proxy.URL) }
	client, err := coze.NewClient(coze.WithBaseURL(target.URL), coze.WithToken("t"), coze.WithHTTPClient(httpClient))
	if err != nil {
		t.Fatal(err)
	}
	d := 10 * time.Second
	if testing.Short() {
		d = time.Second
	}
	soak(t, client, d, time.Minute)
	if proxied.Load() != 1 {
		t.Errorf("%d connections came by the proxy", proxied.Load())
	}
}

// tunnel serves CONNECT.
func tunnel(w http.ResponseWriter, r *http.Request) {
	to, err := net.Dial("tcp", r.Host)
	if err != nil || r.Method != http.MethodConnect {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	defer to.Close()
	w.WriteHeader(http.StatusOK)
	from, buf, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer from.Close()
	done := make(chan struct{})
	go func() { defer close(done); buf.WriteTo(to); to.Close() }()
	b := make([]byte, 32<<10)
	for {
		n, err := to.Read(b)
		if _, werr := from.Write(b[:n]); err != nil || werr != nil {
			break
		}
	}
	from.Close()
	<-done
}
