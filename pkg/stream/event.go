package stream

import (
	"errors"
	"time"
)

// DefaultMaxEventSize is the size limit of an event, in bytes, unless [WithMaxEventSize] sets another:
// 16 MiB.
const DefaultMaxEventSize = 16 << 20

// defaultType is the type of an event that the stream does not name.
const defaultType = "message"

// ErrEventTooLarge says that an event, or a single line or comment, was longer than the limit of
// [WithMaxEventSize]. Errors wrap it; test with [errors.Is].
var ErrEventTooLarge = errors.New("stream: event too large")

// Event is one server-sent event.
type Event struct {
	// Type is the value of the event field, "message" when the stream gives none or an empty one.
	Type string

	// Data is the values of the data fields joined with a line feed, nil when there was no data field.
	// It points into the decoder's buffer and is valid until the next call of [Decoder.Next], or the
	// next turn of a loop over [Events]; copy what must live longer. It may be written to.
	Data []byte

	// ID is the last event id of the stream so far: it stays what it is until another id field
	// comes, also one in a block that is not delivered. Empty when there was none.
	ID string

	// Retry is the reconnection time that the stream asked for last, in whole milliseconds. Like ID
	// it stays until another retry field comes. Zero when there was none.
	Retry time.Duration
}

// Option changes a default of [NewDecoder], [Events] or [New]. The options of this package are the
// only ones.
type Option interface{ apply(*config) }

type config struct {
	maxEventSize int
}

type optionFunc func(*config)

func (f optionFunc) apply(c *config) { f(c) }

// WithMaxEventSize limits the size of an event, in bytes; a larger one ends decoding with
// [ErrEventTooLarge]. The size is that of all lines of the event, ignored fields too, each with its line
// end counted as one byte. A comment counts on its own, so that any number of comments may come before
// or within an event. The limit also bounds memory: the buffer is never longer than the limit, or 4 KiB
// if that is more. The default is [DefaultMaxEventSize]; a value below 1 leaves it.
func WithMaxEventSize(bytes int) Option {
	return optionFunc(func(c *config) {
		if bytes > 0 {
			c.maxEventSize = bytes
		}
	})
}
