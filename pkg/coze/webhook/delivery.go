package webhook

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// Why a delivery was answered with 503.
var (
	ErrTooSlow = errors.New("the function for the event was not done before the platform stops waiting")
	ErrTaken   = errors.New("another server is handling the event")
)

// lease is how long a claim holds that its owner neither finishes nor releases.
const lease = time.Minute

// outcome is how a delivery is answered.
type outcome struct {
	status int
	reply  []byte
	err    error // for onError; never nil unless status is 200
}

// flight is an event that is being handled; deliveries of the same event wait for it together.
type flight struct {
	done chan struct{}
	outcome
}

// flights are the events that this process is handling.
type flights struct {
	mu      sync.Mutex
	running map[string]*flight
}

// join returns the flight of an event, and starts run in a goroutine of its own if there was none.
func (fs *flights) join(eventID string, run func() outcome) *flight {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	f := fs.running[eventID]
	if f == nil {
		f = &flight{done: make(chan struct{})}
		fs.running[eventID] = f
		go fs.fly(eventID, f, run)
	}
	return f
}

// fly runs, and lands also when the function for the event ends the goroutine or the event store panics: net/http, which would
// have caught that, is not in this goroutine.
func (fs *flights) fly(eventID string, f *flight, run func() outcome) {
	f.outcome = outcome{status: http.StatusInternalServerError, err: fmt.Errorf("event %s: the function ended its goroutine", eventID)}
	defer func() {
		if p := recover(); p != nil {
			f.outcome = outcome{status: http.StatusInternalServerError, err: fmt.Errorf("event %s: event store: panic: %v", eventID, p)}
		}
		fs.mu.Lock()
		delete(fs.running, eventID)
		fs.mu.Unlock()
		close(f.done)
	}()
	f.outcome = run()
}

// deliver handles an event, at most once, and returns in time.
func (h *handler) deliver(ctx context.Context, ev Event) outcome {
	limit := limitOf(ev.Header.EventType)
	timer := time.NewTimer(limit)
	defer timer.Stop()
	f := h.flights.join(ev.Header.EventID, func() outcome {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), limit)
		defer cancel()
		return h.once(ctx, ev)
	})
	select {
	case <-f.done:
		return f.outcome
	case <-timer.C:
	}
	select {
	case <-f.done: // just in time
		return f.outcome
	default:
		return outcome{status: http.StatusServiceUnavailable, err: fmt.Errorf("%s: %w", ev, ErrTooSlow)}
	}
}

// once handles an event that the store does not know yet.
func (h *handler) once(ctx context.Context, ev Event) outcome {
	claim, err := h.store.Claim(ctx, ev.Header.EventID, lease)
	switch {
	case err != nil:
		return outcome{status: http.StatusInternalServerError, err: fmt.Errorf("%s: event store: %w", ev, err)}
	case claim.State == ClaimHandled:
		return outcome{status: http.StatusOK, reply: claim.Reply}
	case claim.State == ClaimTaken:
		return outcome{status: http.StatusServiceUnavailable, err: fmt.Errorf("%s: %w", ev, ErrTaken)}
	}
	returned, unhurried := false, context.WithoutCancel(ctx)
	defer func() {
		if !returned { // the function has ended the goroutine
			_ = h.store.Release(unhurried, ev.Header.EventID)
		}
	}()
	reply, err := h.handlers.guarded(ctx, ev)
	returned, ctx = true, unhurried // what is done is remembered, also when it took too long
	if err != nil {
		err = errors.Join(err, h.store.Release(ctx, ev.Header.EventID))
		return outcome{status: http.StatusInternalServerError, err: fmt.Errorf("%s: %w", ev, err)}
	}
	if err = h.store.Finish(ctx, ev.Header.EventID, reply); err != nil {
		err = fmt.Errorf("%s was handled, but may be handled again: event store: %w", ev, err)
	}
	return outcome{status: http.StatusOK, reply: reply, err: err}
}
