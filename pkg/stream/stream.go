package stream

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"sync"
	"sync/atomic"
)

var (
	// ErrUsed is what a second loop over the same [Stream] gets.
	ErrUsed = errors.New("stream: already used")

	// ErrClosed is what a loop over a [Stream] gets that was closed before the loop, or while the loop
	// waited for input.
	ErrClosed = errors.New("stream: closed")

	errTruncated = fmt.Errorf("stream: input ended before the last event: %w", io.ErrUnexpectedEOF)
)

// Verdict is what a [Stream] does with an event and after it.
type Verdict int

const (
	// Deliver hands out the value and goes on. It is the zero value.
	Deliver Verdict = iota
	// Skip drops the value and goes on, as for a keep-alive.
	Skip
	// Complete hands out the value and goes on; from now on the end of the input is a normal end.
	Complete
	// End hands out the value and stops: nothing more is read, whether the input has ended or not.
	End
)

// Stream is a sequence of values that come as server-sent events. Make one with [New], range over
// [Stream.All], or call [Stream.Close] if there is no loop.
type Stream[T any] struct {
	body   io.ReadCloser
	dec    *Decoder
	decode func(Event) (T, Verdict, error)
	used   atomic.Bool
	state  atomic.Int32
	once   sync.Once
	err    error // of body.Close
}

// The state of a stream. Close adds stateClosed to the state that it finds.
const (
	stateReading = iota // also before the loop
	stateInBody         // of the loop
	stateClosed
	stateClosedInBody
)

// New returns the stream of the events in body. It reads nothing yet. The stream owns body and closes
// it once.
//
// decode turns an event into a value and says what is to be done with it. An error from it ends the
// stream and is handed out with the value that came with it, whatever the verdict. It must not keep
// Event.Data, which is overwritten later. It is called by the loop, never concurrently. Options are
// those of [NewDecoder].
func New[T any](body io.ReadCloser, decode func(Event) (T, Verdict, error), opts ...Option) *Stream[T] {
	return &Stream[T]{body: body, dec: NewDecoder(body, opts...), decode: decode}
}

// All returns the values as they come. The loop blocks while body has nothing; only body, and with it
// the context of a request, sets a time limit. The body is closed when the loop ends, in whatever way;
// [Stream.Close] tells the error of that.
//
// The last pair carries the error, if there is one: that of decode with its value; that of a failed
// read, as it is; one that wraps [ErrEventTooLarge]; one that wraps [io.ErrUnexpectedEOF] if the input
// ended and no event was [Complete] or [End]; [ErrClosed] as [Stream.Close] says. Unless it comes from
// decode, the value beside it is zero.
//
// All is for a single loop. A second one gets one pair with [ErrUsed] and leaves the first alone.
func (s *Stream[T]) All() iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		if s.used.Swap(true) {
			var zero T
			yield(zero, ErrUsed)
			return
		}
		defer s.Close()
		complete := false
		for {
			v, verdict, ok, err := s.next(complete)
			if !ok {
				return
			}
			if !s.state.CompareAndSwap(stateReading, stateInBody) {
				var zero T
				v, err = zero, ErrClosed
			}
			if !yield(v, err) || err != nil || verdict == End {
				return
			}
			if !s.state.CompareAndSwap(stateInBody, stateReading) {
				return // closed in the body of the loop
			}
			complete = complete || verdict == Complete
		}
	}
}

// next returns the next value that is not skipped, or the error that ends the stream, or not ok at the
// normal end.
func (s *Stream[T]) next(complete bool) (v T, verdict Verdict, ok bool, err error) {
	for s.state.Load() == stateReading {
		ev, err := s.dec.Next()
		if err == io.EOF {
			return v, End, !complete, errTruncated
		}
		if err != nil {
			return v, End, true, err
		}
		got, verdict, err := s.decode(ev)
		if err != nil || verdict != Skip {
			return got, verdict, true, err
		}
	}
	return v, End, true, ErrClosed
}

// Close closes the body and returns the error of that, the same one each time. It may be called at any
// time, any number of times, by any goroutine. It does not wait for the loop.
//
// A Close while the body of the loop runs, usually by that body, ends the loop without an error once the
// body is done. A Close while the loop waits for input, which only another goroutine can do, or before
// the loop, makes it yield [ErrClosed]; values that were read and not yet handed out are dropped. The
// waiting ends at once if the Close of body makes its Read return, as that of an HTTP response does.
// Whoever closes a stream from another goroutine must not take a loop that ends without an error for a
// whole stream.
func (s *Stream[T]) Close() error {
	for {
		st := s.state.Load()
		if st >= stateClosed || s.state.CompareAndSwap(st, st+stateClosed) {
			break
		}
	}
	s.once.Do(func() { s.err = s.body.Close() })
	return s.err
}
