package webhook

import (
	"net/http"
	"time"
)

// Option changes what [Handler] and [Verify] do.
type Option interface{ apply(*config) }

type optionFunc func(*config)

func (f optionFunc) apply(c *config) { f(c) }

type config struct {
	window  time.Duration
	now     func() time.Time
	maxBody int64
	store   EventStore
	onError func(*http.Request, error)
}

func newConfig(opts []Option) *config {
	c := &config{window: 5 * time.Minute, now: time.Now, maxBody: 1 << 20, onError: func(*http.Request, error) {}}
	for _, o := range opts {
		o.apply(c)
	}
	return c
}

// WithWindow sets how far the timestamp of a delivery may be from now, to either side; five minutes by default. 0 takes every
// timestamp: then a delivery that somebody has recorded is taken again once the event store has forgotten it.
func WithWindow(d time.Duration) Option { return optionFunc(func(c *config) { c.window = max(d, 0) }) }

// WithClock sets the clock for the window, [time.Now] by default.
func WithClock(now func() time.Time) Option {
	return optionFunc(func(c *config) {
		if now != nil {
			c.now = now
		}
	})
}

// WithMaxBody bounds the body of a delivery in bytes, 1 MiB by default. What is not positive changes nothing.
func WithMaxBody(bytes int64) Option {
	return optionFunc(func(c *config) {
		if bytes > 0 {
			c.maxBody = bytes
		}
	})
}

// WithEventStore sets where it is remembered which events were handled: by default in a [MemoryEventStore] of the handler, which
// serves one process until it ends. Servers behind one address share a store.
func WithEventStore(s EventStore) Option { return optionFunc(func(c *config) { c.store = s }) }

// WithOnError sets a function that hears of every delivery that is not answered with 200, and of failures of the event store, to
// log them. The error wraps one of this package, or that of the function for the event; it holds neither tokens nor the content
// of the delivery. f is called by the goroutine of the delivery, many at a time. r is for its address and headers: the body is
// consumed.
func WithOnError(f func(r *http.Request, err error)) Option {
	return optionFunc(func(c *config) {
		if f != nil {
			c.onError = f
		}
	})
}
