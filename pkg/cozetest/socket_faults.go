package cozetest

import (
	"net/http"
	"time"

	"github.com/coder/websocket"
)

// SocketFaultKind is a way in which a websocket misbehaves.
type SocketFaultKind int

// The ways in which websockets misbehave.
const (
	SocketWell   SocketFaultKind = iota // it does not
	SocketRefuse                        // the handshake is refused with the code, with HTTP status 401 for code 4100, else 403, 500 or 400
	SocketDrop                          // the connection breaks without a close frame
	SocketClose                         // the server says goodbye with the code and the text as reason
	SocketSilent                        // nothing more is sent, no pong either, and what comes is thrown away
	SocketError                         // an error event of the code and the text comes; the session goes on
	SocketSlow                          // the pause comes before each event
)

// SocketFault is what goes wrong with a session; see [Server.BreakSockets].
type SocketFault struct {
	Kind SocketFaultKind

	// Events is how many events the server sends before the fault, the greeting among them; 0 for not even that. It does not matter
	// for SocketRefuse and SocketSlow.
	Events int

	Code  int           // of SocketClose, by default 1011, and of SocketRefuse and SocketError, by default 5000
	Text  string        // of SocketClose (at most 123 bytes), SocketRefuse and SocketError
	Pause time.Duration // of SocketSlow
}

// BreakSockets lets the next sessions go wrong: the next one has the first fault, and so on. A fault of kind [SocketWell] leaves its
// session well, as all later ones are.
func (s *Server) BreakSockets(faults ...SocketFault) {
	s.sockets.mu.Lock()
	defer s.sockets.mu.Unlock()
	s.sockets.faults = append(s.sockets.faults, faults...)
}

// WithSocketFault lets every session go wrong that has no fault of its own by [Server.BreakSockets].
func WithSocketFault(f SocketFault) Option { return optionFunc(func(c *config) { c.socketFault = f }) }

func (f *SocketFault) code(otherwise int) int {
	if f.Code == 0 {
		return otherwise
	}
	return f.Code
}

func (f *SocketFault) text() string {
	if f.Text == "" {
		return "a fault that the test asked for"
	}
	return f.Text
}

// refusal is how the handshake is refused.
func (f *SocketFault) refusal() *refusal {
	no := refuse(f.code(codeInternal), "%s", f.text())
	if no.code == codeInvalidToken {
		no.status = http.StatusUnauthorized
	}
	return no
}

// misbehave does what the fault says when its time has come. It tells whether the session goes on. It is the writer's.
func (s *session) misbehave() bool {
	f := &s.fault
	if f.Kind == SocketSlow {
		return s.pause(f.Pause)
	}
	if f.Kind == SocketWell || s.sent < f.Events {
		return true
	}
	switch f.Kind {
	case SocketDrop:
		return false
	case SocketClose:
		_ = s.conn.Close(websocket.StatusCode(f.code(int(websocket.StatusInternalError))), f.Text)
		return false
	case SocketSilent:
		<-s.ctx.Done()
		return false
	case SocketError:
		e := outgoing{name: "error", data: s.encode("error", wireError{f.code(codeInternal), f.text()})}
		s.fault = SocketFault{}
		return s.send(e) == nil
	default:
		return true
	}
}

// hush lets the session be silent from now on if its time has come, before the client knows.
func (s *session) hush() {
	if s.fault.Kind == SocketSilent && s.sent >= s.fault.Events {
		s.silent.Store(true)
	}
}

// pause waits, and tells whether the session goes on.
func (s *session) pause(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-s.ctx.Done():
		return false
	}
}
