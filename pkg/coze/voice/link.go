package voice

import (
	"context"
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"
)

// link is one connection of a session, with the goroutine that reads from it.
type link struct {
	session *Session
	conn    *websocket.Conn
	life    context.Context // of the connection: when it ends, the connection is cut
	cut     context.CancelCauseFunc

	first    chan error    // how the greeting went
	accepted chan struct{} // closed when the session takes the connection
	gone     chan struct{} // closed when the reading goroutine no longer uses the connection

	flushing atomic.Bool // pings wait for what was sent before them
	goodbye  atomic.Bool // the close frame is on its way
	farewell chan error  // how that went
	pauses   atomic.Int64
	paused   atomic.Bool // reading waits for events to be taken

	pinging sync.Mutex // held during a ping

	mu    sync.Mutex
	ended bool
	timer *time.Timer // for the next ping
}

// newLink starts reading from conn. Nothing is delivered before the session accepts the link.
func newLink(life context.Context, s *Session, conn *websocket.Conn) *link {
	l := &link{
		session: s, conn: conn, first: make(chan error, 1), accepted: make(chan struct{}), gone: make(chan struct{}),
		farewell: make(chan error, 1),
	}
	l.life, l.cut = context.WithCancelCause(life)
	s.goroutines.Add(1)
	go l.read()
	return l
}

// greeting waits for the first event. It accepts the link unless that is an error.
func (l *link) greeting() error {
	timer := time.NewTimer(greetingTimeout)
	defer timer.Stop()
	var err error
	select {
	case err = <-l.first:
	case <-timer.C:
	}
	if err == nil {
		return nil
	}
	l.cut(err)
	<-l.gone
	return err
}

// accept begins to deliver events and to send pings, after a call of before. It fails if the connection has ended by now.
func (l *link) accept(before func()) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended {
		return context.Cause(l.life)
	}
	before()
	close(l.accepted)
	if interval := l.session.dialer.opts.pingInterval; interval > 0 {
		l.timer = time.AfterFunc(interval, l.ping)
	}
	return nil
}

// read runs for the life of the connection, and then goes on as what deals with its loss.
func (l *link) read() {
	defer l.session.leave()
	err := l.receive()
	l.cut(err)
	if accepted := l.end(); accepted {
		close(l.gone)
		l.session.lost(l, err)
		return
	}
	signalErr(l.first, err)
	close(l.gone)
}

func signalErr(c chan error, err error) {
	select {
	case c <- err:
	default:
	}
}

// end stops the pings and reports whether the session had taken the link.
func (l *link) end() bool {
	l.mu.Lock()
	l.ended = true
	if l.timer != nil {
		l.timer.Stop()
	}
	l.mu.Unlock()
	l.pinging.Lock() // wait for one that is under way
	defer l.pinging.Unlock()
	select {
	case <-l.accepted:
		return true
	default:
		return false
	}
}

// receive reads events and hands them over until the connection ends.
func (l *link) receive() error {
	var buf []byte
	var dec Decoder
	watch := l.session.dialer.access.Watch(&l.session.dialer.socket.op)
	for begun := false; ; begun = true {
		_, r, err := l.conn.Reader(l.life)
		if err == nil {
			buf, err = readFrame(buf[:0], r)
		}
		if err != nil {
			return l.stopped(err)
		}
		if watch != nil {
			watch(buf)
		}
		ev := dec.Decode(buf)
		ev.from = l.session.dialer
		l.session.tellLogID(ev.LogID)
		if !begun {
			if refused := l.session.dialer.refusal(ev); refused != nil {
				_ = l.conn.CloseNow()
				return refused
			}
			signalErr(l.first, nil)
			select {
			case <-l.accepted:
			case <-l.life.Done():
				_ = l.conn.CloseNow()
				return context.Cause(l.life)
			}
		}
		l.deliver(ev, len(buf))
		if cap(buf) > 256<<10 {
			buf = nil
		}
	}
}

// stopped closes the connection after a failed read, and names the reason.
func (l *link) stopped(err error) error {
	_ = l.conn.CloseNow()
	l.pinging.Lock() // a ping may be about to find out why
	defer l.pinging.Unlock()
	return l.why(err)
}

// readFrame appends all of r to buf.
func readFrame(buf []byte, r io.Reader) ([]byte, error) {
	for {
		if len(buf) == cap(buf) {
			buf = append(buf, make([]byte, max(4<<10, len(buf)))...)[:len(buf)]
		}
		n, err := r.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		if err == io.EOF {
			return buf, nil
		}
		if err != nil {
			return buf, err
		}
	}
}

// deliver hands ev to the session, when there is space for it.
func (l *link) deliver(ev Event, size int) {
	s := l.session
	s.observe(ev)
	s.traffic.in(size)
	for !s.in.push(ev, size) {
		l.paused.Store(true)
		l.pauses.Add(1)
		select {
		case <-s.in.space:
		case <-s.in.ended:
		case <-l.life.Done():
			l.paused.Store(false)
			return
		}
		l.paused.Store(false)
	}
}

// why names the reason for the end of the connection: what the server said, or what cut it.
func (l *link) why(err error) error {
	end := l.broke(nil)
	var said websocket.CloseError
	switch {
	case errors.As(err, &said):
		end.Code, end.Reason = int(said.Code), l.session.dialer.redact(said.Reason)
	case l.life.Err() != nil:
		return context.Cause(l.life)
	case errors.Is(err, websocket.ErrMessageTooBig):
		return l.session.dialer.socket.wrap(errTooBig)
	case errors.Is(err, io.EOF):
		end.Err = io.ErrUnexpectedEOF
	default:
		end.Err = err
	}
	return end
}

// broke says that the connection has ended without a goodbye.
func (l *link) broke(err error) *CloseError {
	d := l.session.dialer
	return &CloseError{Op: d.socket.op.ID, Host: d.url.Host, Code: int(websocket.StatusAbnormalClosure), Err: err}
}

var errTooBig = errors.New("an event is longer than the read limit: see WithReadLimit")

// ping runs in a goroutine of its own while it waits for the pong.
func (l *link) ping() {
	l.pinging.Lock()
	defer l.pinging.Unlock()
	o := &l.session.dialer.opts
	if pauses := l.pauses.Load(); !l.paused.Load() && l.life.Err() == nil {
		ctx, cancel := context.WithTimeout(l.life, o.pingTimeout)
		err := l.conn.Ping(ctx)
		cancel()
		// While reading pauses, no pong can come.
		silent := errors.Is(err, context.DeadlineExceeded) && !l.paused.Load() && l.pauses.Load() == pauses
		if silent && !l.flushing.Load() {
			l.cut(l.broke(&deadPeerError{err}))
			return
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.ended {
		l.timer.Reset(o.pingInterval)
	}
}

// flushTimeout is how long a server has at least to read what is on its way when the session is closed.
const flushTimeout = time.Minute

// flush waits until the server has read all that was sent, which its pong tells. It reports false if the connection ends before.
func (l *link) flush() bool {
	l.flushing.Store(true)
	ctx, o := l.life, &l.session.dialer.opts
	if o.pingInterval > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, max(o.pingTimeout, flushTimeout))
		defer cancel()
	}
	err := l.conn.Ping(ctx)
	if err != nil && l.life.Err() == nil && ctx.Err() != nil {
		l.cut(l.broke(&deadPeerError{err}))
	}
	return err == nil
}

// writeFailed lets the reader find out why, and cuts the connection if it cannot.
func (l *link) writeFailed() {
	timer := time.NewTimer(time.Second)
	defer timer.Stop()
	select {
	case <-l.gone:
	case <-timer.C:
		l.cut(l.why(io.EOF))
		<-l.gone
	}
}
