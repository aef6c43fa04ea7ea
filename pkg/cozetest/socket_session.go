package cozetest

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/coder/websocket"
)

var socketHandlers = map[string]handler{
	"ConnectChatSocket":                 serveSocket("chat.created", newChatSocket),
	"ConnectS2SChatSocket":              serveSocket("", newUnknownSocket),
	"ConnectSimultInterpretationSocket": serveSocket("simult_interpretation.created", newSimultSocket),
	"ConnectSpeechSocket":               serveSocket("speech.created", newSpeechSocket),
	"ConnectTranscriptionsSocket":       serveSocket("transcriptions.created", newTranscriptionsSocket),
}

// socketEvents are the events of a client that a socket knows, and what it does about each. An error is answered with an error event.
type socketEvents map[string]func(data []byte) error

// session is one open websocket. Its reader, the goroutine of the request, does what the client says; its writer sends what there is
// to tell; what takes time, such as an answer of a bot, is an [act] with a goroutine of its own, from which the writer takes events.
type session struct {
	x      *exchange
	srv    *Server
	number int // of the session, from 1
	conn   *websocket.Conn
	ctx    context.Context // ends with the session
	cancel context.CancelFunc
	events socketEvents
	wake   chan struct{} // holds a token when the writer has something to look at

	ids       idSource // the writer's
	faults    sessionFaults
	sent      int         // events, by the writer
	respondAt int64       // of the last event, Unix ms
	deaf      atomic.Bool // what the client says is thrown away
	muted     atomic.Bool // nothing more is sent

	recorded int // bytes of events that were recorded, by the reader

	mu    sync.Mutex // guards what follows
	queue []outgoing
	wants []string // events that the client subscribed to; empty for all
	act   *act     // what is going on; nil for nothing
}

// outgoing is an event on its way to the client.
type outgoing struct {
	name   string // empty for raw bytes
	data   []byte // JSON; empty for no data
	origin string // event of the client that an error is about
	drop   bool   // break the connection
	rest   *act   // in place of an event: all that is left of an act that is about to end
}

// serveSocket makes the handler of a handshake. open refuses it, or says what the socket does.
func serveSocket(greeting string, open func(*session) (socketEvents, error)) handler {
	return func(x *exchange) (any, error) {
		if !headerHas(x.r.Header, "Connection", "upgrade") || !headerHas(x.r.Header, "Upgrade", "websocket") {
			x.violate("/header/Upgrade", "required", "this is a websocket, not an endpoint for plain requests")
			return nil, &refusal{code: codeInvalidParameter, msg: "this is a websocket", status: http.StatusUpgradeRequired}
		}
		if !x.srv.enter() {
			return nil, refuse(codeInternal, "the server is closing")
		}
		defer x.srv.running.Done()
		s := x.srv.newSession(x)
		defer s.cancel()
		var err error
		if s.events, err = open(s); err != nil {
			return nil, err
		}
		s.hush()
		x.srv.journal.change(x.call, func(c *Call) { c.Status = http.StatusSwitchingProtocols })
		s.conn, err = websocket.Accept(muteWriter{x.w, &s.muted}, x.r, &websocket.AcceptOptions{
			InsecureSkipVerify: true, // pages of any origin may connect
			OnPingReceived:     func(context.Context, []byte) bool { return !s.deaf.Load() },
		})
		if err != nil {
			x.violate("/header", "handshake", err.Error())
			return answered{}, nil // Accept has told the client
		}
		s.conn.SetReadLimit(maxBody)
		if greeting != "" {
			s.tell(greeting, nil)
		}
		s.run()
		return answered{}, nil
	}
}

// enter lets Close wait for the session that begins, unless the server is closed.
func (s *Server) enter() bool {
	s.lifeMu.Lock()
	defer s.lifeMu.Unlock()
	if !s.closed {
		s.running.Add(1)
	}
	return !s.closed
}

func (s *Server) newSession(x *exchange) *session {
	n := s.sockets.open()
	c := &session{x: x, srv: s, number: n, faults: x.session, wake: make(chan struct{}, 1)}
	c.ids.seed = mix(s.cfg.seed, uint64(n))
	c.ctx, c.cancel = context.WithCancel(s.ctx)
	return c
}

// headerHas tells whether a header has a word, in any case, in its list.
func headerHas(h http.Header, name, word string) bool {
	for _, line := range h.Values(name) {
		for w := range strings.SplitSeq(line, ",") {
			if strings.EqualFold(strings.TrimSpace(w), word) {
				return true
			}
		}
	}
	return false
}

// run serves the session until it ends. Nothing of it is left then, but what a script does that has dropped the connection.
func (s *session) run() {
	var writer sync.WaitGroup
	writer.Go(s.write)
	s.read()
	s.cancel()
	writer.Wait()
	_ = s.conn.CloseNow()
	s.mu.Lock()
	left := slices.Concat(s.queue, []outgoing{{rest: s.act}})
	s.mu.Unlock()
	for _, e := range left {
		if e.rest != nil {
			e.rest.leave()
		}
	}
}

// read takes events until the connection ends.
func (s *session) read() {
	for {
		kind, text, err := s.conn.Read(s.ctx)
		if err != nil {
			return
		}
		if !s.deaf.Load() {
			s.receive(kind, text)
		}
	}
}

// write sends events until the session ends.
func (s *session) write() {
	defer s.cancel()
	for s.misbehave() {
		e, ok := s.next()
		if !ok || e.drop || s.send(e) != nil {
			return
		}
	}
}

// next waits for an event: one that was told before those of the act.
func (s *session) next() (outgoing, bool) {
	for {
		s.mu.Lock()
		a := s.act
		if len(s.queue) > 0 {
			e := s.queue[0]
			if e.rest == nil {
				s.queue = s.queue[1:]
				s.mu.Unlock()
				return e, true
			}
			a = e.rest
		}
		s.mu.Unlock()
		var frames chan frame
		if a != nil {
			frames = a.segment.frames
		}
		select {
		case <-s.ctx.Done():
			return outgoing{}, false
		case <-s.wake:
		case f, more := <-frames:
			if s.takes(a, more) {
				a.dropped = f.drop
				return outgoing{name: f.name, data: f.bytes, drop: f.drop}, true
			}
		}
	}
}

// takes tells whether a frame that came from an act counts: it does not when the act has been broken off, or has ended.
func (s *session) takes(a *act, more bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !more {
		if s.act == a {
			s.act = nil
		}
		s.queue = slices.DeleteFunc(s.queue, func(e outgoing) bool { return e.rest == a })
	}
	return more && !a.stopped
}

// send writes an event, if the client wants it.
func (s *session) send(e outgoing) error {
	s.mu.Lock()
	wanted := len(s.wants) == 0 || e.name == "" || slices.Contains(s.wants, e.name)
	s.mu.Unlock()
	if !wanted {
		return nil
	}
	text := e.data
	if e.name != "" {
		text = s.envelope(e)
	}
	s.sent++
	s.hush()
	return s.conn.Write(s.ctx, websocket.MessageText, text)
}

// tell puts an event into the queue; data is nil for none.
func (s *session) tell(name string, data any) {
	s.push(outgoing{name: name, data: s.encode(name, data)})
}

func (s *session) push(events ...outgoing) {
	s.mu.Lock()
	s.queue = append(s.queue, events...)
	s.mu.Unlock()
	s.signal()
}

func (s *session) signal() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}
