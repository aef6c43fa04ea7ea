package voice

import (
	"context"
	"sync"
)

const eventQueueBytes = 16 << 20 // of events that nobody has taken; then reading pauses

// eventQueue holds events that have come and were not taken yet. One goroutine pushes, any number take; each event goes to
// one of them.
type eventQueue struct {
	mu    sync.Mutex
	list  []queuedEvent
	bytes int
	shut  bool  // the session was closed on this side: events no longer matter
	over  bool  // no more events come
	err   error // why not

	ready chan struct{} // holds a token when there may be an event
	space chan struct{} // holds a token when there may be space
	ended chan struct{} // closed when shut or over
}

type queuedEvent struct {
	Event
	size int
}

func newEventQueue() *eventQueue {
	return &eventQueue{ready: make(chan struct{}, 1), space: make(chan struct{}, 1), ended: make(chan struct{})}
}

// push adds an event that came in a frame of size bytes, if there is space.
func (q *eventQueue) push(ev Event, size int) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.shut || q.over {
		return true
	}
	if q.bytes > 0 && q.bytes+size > eventQueueBytes {
		return false
	}
	q.list = append(q.list, queuedEvent{ev, size})
	q.bytes += size
	signal(q.ready)
	return true
}

// take waits for the next event. An event that is there is taken before the end is told, unless the session was closed on
// this side.
func (q *eventQueue) take(ctx context.Context) (Event, error) {
	if ctx.Err() != nil {
		return Event{}, context.Cause(ctx)
	}
	for {
		q.mu.Lock()
		switch {
		case q.shut:
			q.mu.Unlock()
			return Event{}, ErrClosed
		case len(q.list) > 0:
			ev := q.list[0]
			q.list[0] = queuedEvent{}
			q.list = q.list[1:]
			q.bytes -= ev.size
			if len(q.list) > 0 {
				signal(q.ready) // for the next who waits
			} else {
				q.list = nil
			}
			q.mu.Unlock()
			signal(q.space)
			return ev.Event, nil
		case q.over:
			err := q.err
			q.mu.Unlock()
			return Event{}, err
		}
		q.mu.Unlock()
		select {
		case <-q.ready:
		case <-q.ended:
		case <-ctx.Done():
			return Event{}, context.Cause(ctx)
		}
	}
}

// discard drops all events, now and later.
func (q *eventQueue) discard() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.end()
	q.shut, q.list, q.bytes = true, nil, 0
}

// finish says that no more events come, and why.
func (q *eventQueue) finish(err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.end()
	q.over, q.err = true, err
}

func (q *eventQueue) end() {
	if !q.shut && !q.over {
		close(q.ended)
	}
}
