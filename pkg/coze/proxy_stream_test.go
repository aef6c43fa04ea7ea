package coze_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/cozekit/cozekit/internal/leaks"
	"github.com/cozekit/cozekit/pkg/coze"
)

// within fails the test if something does not come in a time that is long even on a busy machine.
func within[T any](t *testing.T, what string, c <-chan T) (v T) {
	t.Helper()
	select {
	case v = <-c:
	case <-time.After(time.Minute):
		t.Fatalf("%s did not come", what)
	}
	return v
}

// TestProxyFlushesEvents: an event reaches the caller while the server has not sent the next one.
func TestProxyFlushesEvents(t *testing.T) {
	leaks.Check(t)
	next := make(chan bool)
	client := serverClient(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		for range 3 {
			_, _ = io.WriteString(w, delta)
			_ = http.NewResponseController(w).Flush()
			<-next
		}
	})
	url := proxyFor(t, client, coze.ProxyConfig{})
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/v3/chat", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	rsp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer rsp.Body.Close()
	events := make(chan string)
	go func() {
		defer close(events)
		for s := bufio.NewScanner(rsp.Body); s.Scan(); {
			if strings.HasPrefix(s.Text(), "data:") {
				events <- s.Text()
			}
		}
	}()
	for range 3 {
		within(t, "an event", events)
		next <- true
	}
	if ev, open := <-events; open {
		t.Errorf("after the end came %q", ev)
	}
}

// TestProxyEndsWithItsCaller: when a caller leaves, the request to the server ends.
func TestProxyEndsWithItsCaller(t *testing.T) {
	leaks.Check(t)
	ended := make(chan struct{})
	client := serverClient(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = io.WriteString(w, created)
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
		close(ended)
	})
	url := proxyFor(t, client, coze.ProxyConfig{})
	ctx, cancel := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/v3/chat", nil)
	if err != nil {
		t.Fatal(err)
	}
	rsp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer rsp.Body.Close()
	cancel()
	within(t, "the end", ended)
}

// lateEnd is a body whose end is looked for when the answer to it has begun, as on a loaded machine.
type lateEnd struct {
	io.Reader
	left   int64
	begun  <-chan struct{}
	looked chan<- struct{}
}

func (b *lateEnd) Read(p []byte) (int, error) {
	if b.left > 0 {
		n, err := b.Reader.Read(p)
		if b.left -= int64(n); err == io.EOF {
			err = nil
		}
		return n, err
	}
	<-b.begun
	n, err := b.Reader.Read(p)
	close(b.looked)
	return n, err
}

// TestProxyUploadLooksForItsEndLate: the transport looks for more behind the announced length of a body. When the answer has begun by
// then, the body of the caller is closed, which must not break the answer off.
func TestProxyUploadLooksForItsEndLate(t *testing.T) {
	leaks.Check(t)
	begun, looked := make(chan struct{}), make(chan struct{})
	client := serverClient(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = io.WriteString(w, "begun")
		_ = http.NewResponseController(w).Flush()
		<-looked
		_, _ = io.WriteString(w, strings.Repeat("x", 1_000_000))
	})
	url := proxyFor(t, client, coze.ProxyConfig{Prepare: func(c *coze.ProxyCall) error {
		c.Upload.Body = &lateEnd{c.Upload.Body, c.Upload.Size, begun, looked}
		return nil
	}})
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/v1/files/upload", strings.NewReader("--x--"))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "multipart/form-data; boundary=x")
	rsp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer rsp.Body.Close()
	if _, err := io.ReadFull(rsp.Body, make([]byte, 5)); err != nil {
		t.Fatal(err)
	}
	close(begun)
	if rest, err := io.ReadAll(rsp.Body); err != nil || len(rest) != 1_000_000 {
		t.Errorf("of the rest of the answer %d bytes came, %v", len(rest), err)
	}
}

// socketServer is a server of websockets that sends back what it gets, and closes with code 4321 when it gets "bye".
func socketServer(t *testing.T, opts ...coze.ClientOption) (client *coze.Client, requests chan *http.Request) {
	requests = make(chan *http.Request, 10)
	client = serverClient(t, func(w http.ResponseWriter, r *http.Request) {
		requests <- r.Clone(context.Background())
		if r.Header.Get("Authorization") != "Bearer "+testToken {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		c, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		defer c.CloseNow()
		for {
			kind, b, err := c.Read(r.Context())
			if err != nil {
				return
			}
			if string(b) == "bye" {
				_ = c.Close(4321, "reason")
				return
			}
			if c.Write(r.Context(), kind, b) != nil {
				return
			}
		}
	}, opts...)
	return client, requests
}

// TestProxyWebsockets: a websocket passes in both directions with its close code, under the token of the client.
func TestProxyWebsockets(t *testing.T) {
	leaks.Check(t)
	client, requests := socketServer(t)
	url := proxyFor(t, client, coze.ProxyConfig{MaxSockets: 1})
	c, _, err := websocket.Dial(t.Context(), url+"/v1/chat?bot_id=7&authorization=Bearer%20x", &websocket.DialOptions{
		HTTPHeader: http.Header{"Cookie": {"a=b"}, "Authorization": {"Bearer of the caller"}, "X-Forwarded-For": {"1"}, "Origin": {strings.TrimSuffix(url, "/api")}},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer c.CloseNow()
	got := <-requests
	if got.URL.RequestURI() != "/v1/chat?bot_id=7" || got.Header.Get("Cookie")+got.Header.Get("X-Forwarded-For")+got.Header.Get("Origin") != "" {
		t.Errorf("the server got %s with %v", got.URL, got.Header)
	}
	for _, text := range []string{"hello", strings.Repeat("long ", 5000)} {
		if err := c.Write(t.Context(), websocket.MessageText, []byte(text)); err != nil {
			t.Fatal(err)
		}
		c.SetReadLimit(1 << 20)
		if _, b, err := c.Read(t.Context()); err != nil || string(b) != text {
			t.Fatalf("%.20s, %v", b, err)
		}
	}
	if rsp, body := fetch(t, "GET", url+"/v1/chat", "", "Connection", "Upgrade", "Upgrade", "websocket"); rsp.StatusCode != http.StatusTooManyRequests {
		t.Errorf("one websocket too many: %s %s", rsp.Status, body)
	}
	_ = c.Write(t.Context(), websocket.MessageText, []byte("bye"))
	_, _, err = c.Read(t.Context())
	var closed websocket.CloseError
	if !errors.As(err, &closed) || closed.Code != 4321 || closed.Reason != "reason" {
		t.Errorf("the close code came as %v", err)
	}
}

// TestProxyWebsocketRefusals: an upgrade is neither for other operations nor for other pages, and ends after its time.
func TestProxyWebsocketRefusals(t *testing.T) {
	leaks.Check(t)
	client, requests := socketServer(t)
	url := proxyFor(t, client, coze.ProxyConfig{Allow: []coze.ProxyRoute{"ConnectSpeechSocket", "RetrieveBot"}, SocketLife: 100 * time.Millisecond})
	upgrade := []string{"Connection", "keep-alive, Upgrade", "Upgrade", "WebSocket", "Sec-WebSocket-Version", "13", "Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="}
	for _, tt := range []struct {
		path   string
		header []string
	}{
		{"/v1/chat", upgrade},
		{"/v1/bots/1", upgrade},
		{"/v1/audio/speech", nil},
		{"/v1/audio/speech", append([]string{"Origin", "https://evil.example"}, upgrade...)},
	} {
		if rsp, body := fetch(t, "GET", url+tt.path, "", tt.header...); rsp.StatusCode != http.StatusForbidden || len(requests) > 0 {
			t.Errorf("%s: %s %s", tt.path, rsp.Status, body)
		}
	}
	c, _, err := websocket.Dial(t.Context(), url+"/v1/audio/speech", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.CloseNow()
	end := make(chan error)
	go func() {
		_, _, err := c.Read(context.Background())
		end <- err
	}()
	if err := within(t, "the end", end); err == nil {
		t.Error("a message came from nowhere")
	}
}

// TestProxyWebsocketIdle: a websocket without traffic ends after the idle timeout of the client.
func TestProxyWebsocketIdle(t *testing.T) {
	leaks.Check(t)
	client, _ := socketServer(t, coze.WithTimeouts(coze.Timeouts{Idle: 50 * time.Millisecond}))
	c, _, err := websocket.Dial(t.Context(), proxyFor(t, client, coze.ProxyConfig{})+"/v1/chat", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.CloseNow()
	end := make(chan error)
	go func() {
		_, _, err := c.Read(context.Background())
		end <- err
	}()
	within(t, "the end", end)
}

// TestProxyTruncation: an answer that breaks off breaks off for the caller too, and does not look whole.
func TestProxyTruncation(t *testing.T) {
	leaks.Check(t)
	var broken atomic.Bool
	client := serverClient(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = io.WriteString(w, created+delta)
		_ = http.NewResponseController(w).Flush()
		broken.Store(true)
		panic(http.ErrAbortHandler)
	})
	caller, err := coze.NewClient(coze.WithBaseURL(proxyFor(t, client, coze.ProxyConfig{})), coze.WithToken("t"))
	if err != nil {
		t.Fatal(err)
	}
	s, err := caller.Chat.Stream(t.Context(), question)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := collect(s); !errors.Is(err, io.ErrUnexpectedEOF) || !broken.Load() {
		t.Errorf("the stream ended with %v", err)
	}
}
