package voice

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cozekit/cozekit/pkg/coze"
)

// Session is what the sessions of all kinds have in common. It is safe for concurrent use.
type Session struct {
	dialer *dialer
	life   context.Context // from the call that opened the session: its end is the session's
	kill   context.CancelCauseFunc

	out      *sendQueue
	in       *eventQueue
	relinked chan struct{} // holds a token when there may be a new connection
	ended    chan struct{} // closed when the session is over, though goroutines may linger
	done     chan struct{} // closed when they are gone

	traffic    traffic
	goroutines atomic.Int32
	idPrefix   string
	lastID     atomic.Uint64

	mu       sync.Mutex
	link     *link
	sending  bool  // an event is in the hands of the writer
	err      error // how it ended
	closing  bool  // by Close
	logID    string
	panicked *HandlerPanic
	refused  *coze.Error // the last event, if it was an error
	memory   memory
}

// open makes the connection and sends update, if there is one.
func open(ctx context.Context, client *coze.Client, sock *socket, query url.Values, update any, opts options) (*Session, error) {
	d, err := newDialer(client, sock, query, opts)
	if err != nil {
		return nil, err
	}
	s := &Session{
		dialer: d, out: newSendQueue(), in: newEventQueue(), relinked: make(chan struct{}, 1),
		ended: make(chan struct{}), done: make(chan struct{}), idPrefix: rand.Text()[:10] + "-",
	}
	s.traffic.since = time.Now()
	s.life, s.kill = context.WithCancelCause(ctx)
	s.goroutines.Store(1) // the writer
	l, err := d.connect(s.life, s)
	if err == nil {
		err = l.accept(func() { s.link = l })
	}
	if err != nil {
		s.kill(err)
		s.log(slog.LevelWarn, logFailed, err)
		return nil, err
	}
	s.log(slog.LevelDebug, logOpen, nil)
	go s.write(l)
	if update != nil {
		if err := s.Send(ctx, ClientEvent{Type: sock.update, Data: update}); err != nil {
			s.abort(err)
			return nil, err
		}
	}
	return s, nil
}

// abort ends a session that nobody has seen yet.
func (s *Session) abort(err error) {
	s.kill(err)
	<-s.done
}

// Send sends any event, for example one that has no method of its own; there is a constructor for each documented one, such as
// [NewConversationClear]. An id is made if e has none. It waits while the queue is full, as all methods do that send.
func (s *Session) Send(ctx context.Context, e ClientEvent) error {
	if e.ID == "" {
		e.ID = s.nextID().String()
	}
	f := newFrame()
	var err error
	if f.json, err = e.Append(f.json); err != nil {
		f.free()
		return s.dialer.socket.wrap(fmt.Errorf("encode %s: %w", e.Type, err))
	}
	audio, _ := e.audio()
	f.audio = len(audio)
	f.ends = e.Type == coze.SocketEventInputAudioBufferComplete || e.Type == coze.SocketEventInputAudioBufferClear
	if err := s.push(ctx, f); err != nil {
		return err
	}
	if e.Type == s.dialer.socket.update {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.memory.update = e.Data
	}
	return nil
}

// push accepts f, or tells why it cannot.
func (s *Session) push(ctx context.Context, f *frame) error {
	err := s.out.push(ctx, f)
	if err == nil {
		return nil
	}
	f.free()
	if !errors.Is(err, ErrClosed) {
		return s.dialer.socket.wrap(err)
	}
	if end := s.Err(); end != nil {
		return end
	}
	return ErrClosed
}

func (s *Session) nextID() eventID { return eventID{s.idPrefix, s.lastID.Add(1)} }

// Events yields the events of the server as they come. The session ends it: an error is the last pair, none comes when Close
// was called. Breaking out leaves the session open, and Events may be called again for the events that follow.
func (s *Session) Events() iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		for {
			ev, err := s.next(context.Background()) // the session's life is bounded by the context that opened it
			if errors.Is(err, ErrClosed) && s.closedHere() {
				return
			}
			if !yield(ev, err) || err != nil {
				return
			}
		}
	}
}

// next takes an event and calls the handlers for it.
func (s *Session) next(ctx context.Context) (Event, error) {
	ev, err := s.in.take(ctx)
	if err == nil {
		s.handle(ev)
	}
	return ev, err
}

// Wait takes events, for which the [Handlers] are called, until the session ends or ctx does. It returns nil when Close was
// called.
func (s *Session) Wait(ctx context.Context) error {
	for {
		if _, err := s.next(ctx); errors.Is(err, ErrClosed) && s.closedHere() {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// Close sends what was accepted, waits until the server has read it, says goodbye, waits until the server has said it too, and
// returns how the session ended: nil if all went well. Events that nobody has taken are dropped. When ctx ends before, the
// connection is cut, and the error says what was not sent. Close may be called more than once, from a handler and from within a
// loop over Events: it waits for none of them.
func (s *Session) Close(ctx context.Context) error {
	s.mu.Lock()
	s.closing = true
	s.mu.Unlock()
	s.out.close()
	s.in.discard()
	select {
	case <-s.done:
	case <-ctx.Done():
		s.kill(s.dialer.socket.wrap(fmt.Errorf("closed with %d events not sent: %w", s.unsent(), context.Cause(ctx))))
		<-s.done
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.panicked != nil {
		return errors.Join(s.err, s.panicked)
	}
	return s.err
}

// Done is closed when the session is over and nothing of it is left.
func (s *Session) Done() <-chan struct{} { return s.done }

// Err returns how the session ended: nil while it is open, and when Close ended it well.
func (s *Session) Err() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// LogID returns the log id of the connection, to quote to Coze support; "" until the server has told it.
func (s *Session) LogID() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.logID
}

// tellLogID keeps the log id of the connection.
func (s *Session) tellLogID(id string) {
	if id == "" {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.logID = id
}

func (s *Session) closedHere() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closing
}

// leave is called by each goroutine at its end.
func (s *Session) leave() {
	if s.goroutines.Add(-1) == 0 {
		s.logEnd()
		close(s.done)
	}
}

// observe looks at every event before it is delivered.
func (s *Session) observe(ev Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refused = s.dialer.refusal(ev)
	s.memory.observe(ev)
}
