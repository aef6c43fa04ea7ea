package voice

import "github.com/coder/websocket"

// write runs for the life of the session and sends what is in the queue.
func (s *Session) write(l *link) {
	defer s.leave()
	for {
		f := s.out.pop(s.ended)
		if f == nil {
			break
		}
		if l = s.writeFrame(l, f); l == nil {
			return
		}
		f.free()
	}
	select {
	case <-s.ended:
	default:
		s.sayGoodbye(l)
	}
}

// writeFrame sends f, if need be on the next connection, and returns the one that it used; nil if there is none any more.
func (s *Session) writeFrame(l *link, f *frame) *link {
	for l != nil {
		s.writing(f)
		if err := l.conn.Write(l.life, websocket.MessageText, f.json); err == nil {
			s.wrote(f)
			return l
		}
		l.writeFailed()
		l = s.nextLink(l)
	}
	return nil
}

// nextLink waits for another connection than l; it returns nil when there will be none.
func (s *Session) nextLink(l *link) *link {
	for {
		s.mu.Lock()
		current := s.link
		s.mu.Unlock()
		if current != l {
			return current
		}
		select {
		case <-s.relinked:
		case <-s.ended:
			return nil
		}
	}
}

// sayGoodbye sends the close frame, when the server has read what was sent before: the library waits only 5 s for its answer, and
// what the server has not read by then is lost. The reader sees the answer, and with it the session ends.
func (s *Session) sayGoodbye(l *link) {
	for l != nil {
		if l.flush() {
			l.goodbye.Store(true)
			l.farewell <- l.conn.Close(websocket.StatusNormalClosure, "")
		}
		l = s.nextLink(l) // it may have been lost before
	}
}

func (s *Session) wrote(f *frame) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.memory.sent += int64(f.audio)
	s.traffic.out(len(f.json))
	s.sending = false
}

// writing is called before each try to send f, so that an answer to it cannot come first.
func (s *Session) writing(f *frame) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sending = true
	if f.ends {
		s.memory.end()
	}
}

// unsent counts the events that were accepted and are not sent, as far as is known.
func (s *Session) unsent() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.out.length()
	if s.sending {
		n++
	}
	return n
}
