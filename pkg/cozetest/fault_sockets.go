package cozetest

import (
	"bufio"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"
)

func isHandshake(r *http.Request) bool {
	return r.Method == http.MethodGet && strings.EqualFold(r.Header.Get("Upgrade"), "websocket")
}

// sessionFaults is what is to go wrong with a session.
type sessionFaults struct {
	slow time.Duration // before each event
	end  Fault         // after some events; without a kind for none
}

// add takes a fault of the handshake that shows only in the session. It tells false for other faults.
func (s *sessionFaults) add(f Fault) bool {
	switch f.Kind {
	case FaultSlowSocket:
		s.slow += f.Duration
	case FaultSilentSocket, FaultDropSocket, FaultCloseSocket, FaultErrorEvent:
		s.end = f
	default:
		return false
	}
	return true
}

// misbehave does what the faults say when their time has come. It tells whether the session goes on. It is the writer's.
func (s *session) misbehave() bool {
	if s.faults.slow > 0 && !s.pause(s.faults.slow) {
		return false
	}
	f := s.faults.end
	if s.sent < f.Events {
		return true
	}
	switch f.Kind {
	case FaultDropSocket:
		return false
	case FaultCloseSocket:
		_ = s.conn.Close(websocket.StatusCode(f.Code), f.Text)
		return false
	case FaultSilentSocket:
		s.muted.Store(true)
		<-s.ctx.Done()
		return false
	case FaultErrorEvent:
		s.faults.end = Fault{}
		return s.send(outgoing{name: "error", data: s.encode("error", wireError{f.Code, f.text()})}) == nil
	default:
		return true
	}
}

// hush lets the session hear nothing from now on if it is to be silent, before the client knows.
func (s *session) hush() {
	if s.faults.end.Kind == FaultSilentSocket && s.sent >= s.faults.end.Events {
		s.deaf.Store(true)
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

// muteWriter is the writer of a handshake whose connection can fall silent, so that not even a close is answered.
type muteWriter struct {
	http.ResponseWriter
	muted *atomic.Bool
}

// Hijack implements [http.Hijacker].
func (w muteWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, buffered, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	muted := mutedConn{conn, w.muted}
	buffered.Writer.Reset(muted)
	return muted, buffered, nil
}

type mutedConn struct {
	net.Conn
	muted *atomic.Bool
}

func (c mutedConn) Write(p []byte) (int, error) {
	if c.muted.Load() {
		return len(p), nil
	}
	return c.Conn.Write(p)
}
