package voice

import (
	"errors"
	"io"

	"github.com/coder/websocket"
)

// lost is called by the reading goroutine of a link that has ended.
func (s *Session) lost(l *link, err error) {
	if s.saidWell(l, err) {
		s.end(nil)
		return
	}
	var closed *CloseError
	if errors.As(err, &closed) {
		s.mu.Lock()
		closed.LogID = s.logID
		if s.refused != nil && closed.Err == nil {
			closed.Err = s.refused
		}
		s.mu.Unlock()
	}
	if s.mayReconnect(err) {
		if err = s.reconnect(err); err == nil {
			return
		}
	}
	s.end(err)
}

// saidWell reports whether the link ended by our goodbye. Servers answer it by theirs or merely hang up.
func (s *Session) saidWell(l *link, err error) bool {
	if !l.goodbye.Load() {
		return false
	}
	farewell := <-l.farewell // it is about to come: the connection is closed
	if s.life.Err() != nil {
		return false
	}
	var closed *CloseError
	if !errors.As(err, &closed) {
		return false
	}
	switch closed.Code {
	case int(websocket.StatusNormalClosure), int(websocket.StatusGoingAway), int(websocket.StatusNoStatusRcvd):
		return true
	}
	return closed.Code == int(websocket.StatusAbnormalClosure) && (farewell == nil || errors.Is(closed, io.ErrUnexpectedEOF))
}

// end is how the session ends.
func (s *Session) end(err error) {
	s.mu.Lock()
	s.err = err
	s.mu.Unlock()
	s.out.close()
	s.in.finish(err)
	close(s.ended)
	s.kill(err)
}
