package voice

import (
	"context"
	"sync"
)

const sendQueueFrames = 32 // 0.6 s of frames of 20 ms

// frame is an encoded event on its way to the server.
type frame struct {
	json  []byte
	audio int // bytes of audio in it, before base64

	// ends says that the audio so far is complete, or is to be thrown away: the server will confirm that it has all of it.
	ends bool
}

var framePool = sync.Pool{New: func() any { return new(frame) }}

func newFrame() *frame { return framePool.Get().(*frame) }

func (f *frame) free() {
	if cap(f.json) > 64<<10 {
		f.json = nil
	}
	f.json, f.audio, f.ends = f.json[:0], 0, false
	framePool.Put(f)
}

// sendQueue holds what was accepted and is not sent yet. Any number of goroutines push, one pops.
type sendQueue struct {
	mu     sync.Mutex
	list   [sendQueueFrames]*frame // a ring
	head   int
	n      int
	closed bool // nothing more is accepted

	space chan struct{} // holds a token when there may be space
	ready chan struct{} // holds a token when there may be a frame, or the queue was closed
	shut  chan struct{} // closed with the queue
}

func newSendQueue() *sendQueue {
	return &sendQueue{space: make(chan struct{}, 1), ready: make(chan struct{}, 1), shut: make(chan struct{})}
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// push accepts f, if need be when there is space. It fails when ctx ends before, or when the queue is closed.
func (q *sendQueue) push(ctx context.Context, f *frame) error {
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx)
	}
	for {
		q.mu.Lock()
		if q.closed {
			q.mu.Unlock()
			return ErrClosed
		}
		if q.n < len(q.list) {
			q.list[(q.head+q.n)%len(q.list)] = f
			q.n++
			if q.n < len(q.list) {
				signal(q.space) // for the next who waits
			}
			q.mu.Unlock()
			signal(q.ready)
			return nil
		}
		q.mu.Unlock()
		select {
		case <-q.space:
		case <-q.shut:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// pop waits for the next frame. It returns nil when the queue is closed and empty, or when stop is closed.
func (q *sendQueue) pop(stop <-chan struct{}) *frame {
	for {
		q.mu.Lock()
		if q.n > 0 {
			f := q.list[q.head]
			q.list[q.head] = nil
			q.head = (q.head + 1) % len(q.list)
			q.n--
			q.mu.Unlock()
			signal(q.space)
			return f
		}
		closed := q.closed
		q.mu.Unlock()
		if closed {
			return nil
		}
		select {
		case <-q.ready:
		case <-stop:
			return nil
		}
	}
}

// close lets nothing more in.
func (q *sendQueue) close() {
	q.mu.Lock()
	if !q.closed {
		q.closed = true
		close(q.shut)
	}
	q.mu.Unlock()
	signal(q.ready)
}

func (q *sendQueue) length() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.n
}
