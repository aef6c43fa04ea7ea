package recording

import (
	"context"
	"sync"
	"time"
)

// replayedStream is the body of an answer of events, each at its time.
type replayedStream struct {
	ctx    context.Context // of the request, which governs the body too
	events []event
	scale  func(ms int64) time.Duration
	end    error
	began  time.Time
	text   []byte // of the event that is being read

	once   sync.Once
	closed chan struct{}
}

// Read implements [io.Reader].
func (s *replayedStream) Read(p []byte) (int, error) {
	for len(s.text) == 0 {
		select {
		case <-s.closed:
			return 0, errClosed
		default:
		}
		if len(s.events) == 0 {
			return 0, s.end
		}
		if err := sleepUntil(s.ctx, s.closed, s.began.Add(s.scale(s.events[0].AtMS))); err != nil {
			return 0, err
		}
		s.text, s.events = s.events[0].bytes(), s.events[1:]
	}
	n := copy(p, s.text)
	s.text = s.text[n:]
	return n, nil
}

// Close implements [io.Closer]. A Read that waits ends.
func (s *replayedStream) Close() error {
	s.once.Do(func() { close(s.closed) })
	return nil
}
