package voice_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/cozekit/cozekit/pkg/coze/voice"
)

// network is a listener whose connections are pipes, which testing/synctest understands.
type network struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func newNetwork() *network {
	return &network{conns: make(chan net.Conn), closed: make(chan struct{})}
}

func (n *network) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case n.conns <- server:
		return client, nil
	case <-n.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (n *network) Accept() (net.Conn, error) {
	select {
	case c := <-n.conns:
		return c, nil
	case <-n.closed:
		return nil, net.ErrClosed
	}
}

func (n *network) Close() error   { n.once.Do(func() { close(n.closed) }); return nil }
func (n *network) Addr() net.Addr { return &net.UnixAddr{Name: "memory"} }

// server is a scripted server in memory. Each connection runs the script; the n-th (from 0) is told its number.
type server struct {
	t    *testing.T
	net  *network
	http *http.Server

	mu      sync.Mutex
	conns   []net.Conn
	n       int
	headers []http.Header
	urls    []string
	running sync.WaitGroup
}

func newServer(t *testing.T, script func(*peer)) *server {
	t.Helper()
	return newServerFunc(t, func(s *server, w http.ResponseWriter, r *http.Request, n int) { s.upgrade(w, r, n, script) })
}

func newServerFunc(t *testing.T, handle func(s *server, w http.ResponseWriter, r *http.Request, n int)) *server {
	s := &server{t: t, net: newNetwork()}
	s.http = &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			s.running.Add(1)
			defer s.running.Done()
			s.mu.Lock()
			n := s.n
			s.n++
			s.headers, s.urls = append(s.headers, r.Header), append(s.urls, r.URL.String())
			s.mu.Unlock()
			handle(s, w, r, n)
		}),
		ConnState: func(c net.Conn, st http.ConnState) {
			s.mu.Lock()
			defer s.mu.Unlock()
			if st == http.StateNew {
				s.conns = append(s.conns, c)
			}
		},
	}
	go s.http.Serve(s.net)
	t.Cleanup(s.stop)
	return s
}

func (s *server) stop() {
	s.http.Close()
	s.mu.Lock()
	for _, c := range s.conns {
		c.Close()
	}
	s.mu.Unlock()
	s.running.Wait()
}

func (s *server) upgrade(w http.ResponseWriter, r *http.Request, n int, script func(*peer)) {
	c, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	c.SetReadLimit(-1)
	p := &peer{s: s, conn: c, n: n}
	defer c.CloseNow()
	script(p)
}

// httpClient reaches the server whatever host a URL names.
func (s *server) httpClient() *http.Client {
	tr := &http.Transport{DialContext: s.net.dial, DialTLSContext: s.net.dial}
	s.t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr}
}

func (s *server) client(opts ...coze.ClientOption) *coze.Client {
	s.t.Helper()
	all := append([]coze.ClientOption{
		coze.WithBaseURL("http://fake.localhost"), coze.WithToken("secret-token"), coze.WithHTTPClient(s.httpClient()),
	}, opts...)
	c, err := coze.NewClient(all...)
	if err != nil {
		s.t.Fatal(err)
	}
	return c
}

// peer is the server's end of a connection.
type peer struct {
	s    *server
	conn *websocket.Conn
	n    int
	got  []clientEvent
}

type clientEvent struct {
	ID   string          `json:"id"`
	Type string          `json:"event_type"`
	Data json.RawMessage `json:"data"`
}

func (p *peer) send(frames ...string) bool {
	for _, f := range frames {
		if p.conn.Write(context.Background(), websocket.MessageText, []byte(f)) != nil {
			return false
		}
	}
	return true
}

func (p *peer) greet(socket string) bool { return p.send(event(socket+".created", "")) }

// recv returns the next event; false when the client has gone.
func (p *peer) recv() (clientEvent, bool) {
	_, b, err := p.conn.Read(context.Background())
	if err != nil {
		return clientEvent{}, false
	}
	var e clientEvent
	if err := json.Unmarshal(b, &e); err != nil || e.Type == "" || e.ID == "" {
		p.s.t.Errorf("the client sent %.200s", b)
	}
	p.got = append(p.got, e)
	return e, true
}

// until receives up to an event of the type.
func (p *peer) until(kind string) bool {
	for {
		e, ok := p.recv()
		if !ok || e.Type == kind {
			return ok
		}
	}
}

// drain receives until the client has gone, and tells how.
func (p *peer) drain() error {
	for {
		if _, _, err := p.conn.Read(context.Background()); err != nil {
			return err
		}
	}
}

func event(kind, data string) string {
	if data != "" {
		data = `"data":` + data + ","
	}
	return fmt.Sprintf(`{"id":"ev","event_type":%q,%s"detail":{"logid":"log-1","respond_at":"1744795000000"}}`, kind, data)
}

func chatEvent(kind, id, status string) string {
	return event("conversation.chat."+kind, fmt.Sprintf(`{"id":%q,"conversation_id":"c1","status":%q}`, id, status))
}

func messageEvent(kind, chat, role, content string) string {
	return event("conversation.message."+kind,
		fmt.Sprintf(`{"id":"m1","conversation_id":"c1","chat_id":%q,"role":"assistant","type":%q,"content":%q,"content_type":"text"}`, chat, role, content))
}

// answer is a whole turn.
func answer(chat, text string) []string {
	return []string{
		messageEvent("completed", "", "question", "ask "+chat),
		chatEvent("created", chat, "created"), chatEvent("in_progress", chat, "in_progress"),
		messageEvent("delta", chat, "answer", text[:1]), messageEvent("delta", chat, "answer", text[1:]),
		event("conversation.audio.sentence_start", fmt.Sprintf(`{"text":%q}`, text)),
		event("conversation.audio.delta", fmt.Sprintf(`{"id":"m1","chat_id":%q,"role":"assistant","type":"answer","content":"AQIDBA==","content_type":"audio"}`, chat)),
		messageEvent("completed", chat, "answer", text),
		event("conversation.audio.completed", fmt.Sprintf(`{"id":"m1","chat_id":%q,"content":"","content_type":"audio","role":"assistant","type":"answer"}`, chat)),
		chatEvent("completed", chat, "completed"),
	}
}

// bot greets and answers every posted text.
func bot(p *peer) {
	p.greet("chat")
	for i := 1; ; i++ {
		if !p.until("conversation.message.create") {
			return
		}
		if !p.send(answer(fmt.Sprint(i), "hello")...) {
			return
		}
	}
}

func openChat(t *testing.T, s *server, opts ...voice.Option) *voice.ChatSession {
	t.Helper()
	c, err := voice.Chat(t.Context(), s.client(), voice.ChatRequest{BotID: "b1"}, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		c.Close(ctx)
	})
	return c
}

func wantClose(t *testing.T, err error, code int) *voice.CloseError {
	t.Helper()
	var closed *voice.CloseError
	if !errors.As(err, &closed) || closed.Code != code {
		t.Fatalf("error %v, want a CloseError with code %d", err, code)
	}
	return closed
}

// ours counts the goroutines that run code of package voice.
func ours() int {
	buf := make([]byte, 4<<20)
	n := 0
	for _, g := range strings.Split(string(buf[:runtime.Stack(buf, true)]), "\n\n") {
		if strings.Contains(g, "voice.(*link)") || strings.Contains(g, "voice.(*Session).write") {
			n++
		}
	}
	return n
}
