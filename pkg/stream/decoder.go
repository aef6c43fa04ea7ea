package stream

import (
	"fmt"
	"io"
	"iter"
	"time"
)

// Decoder reads events from an [io.Reader]. Make one with [NewDecoder]. It is not safe for concurrent
// use.
type Decoder struct {
	r     io.Reader
	limit int   // of the size of an event
	err   error // what Next returns from now on
	buffer
	scanner
	names names

	// The event being read. Its data is buf[dataStart:dataEnd].
	typ     string
	hasData bool
	size    int // of the lines so far

	// What outlives the event.
	id    string
	ids   idArena
	retry time.Duration
}

// NewDecoder returns a decoder that reads from r. It reads nothing yet. It does not close r, and may have
// read more of it than the events it returned.
func NewDecoder(r io.Reader, opts ...Option) *Decoder {
	c := config{maxEventSize: DefaultMaxEventSize}
	for _, o := range opts {
		o.apply(&c)
	}
	return &Decoder{r: r, limit: c.maxEventSize}
}

// Events returns an iterator over the events of r. The last pair carries the error if there is one; the
// end of the input is none. Data of an event is valid until the next turn of the loop. A loop that
// was left can be taken up by a second one over the same iterator, which goes on where the first
// stopped. Options, blocking and errors are those of [Decoder.Next]. Not safe for concurrent use.
func Events(r io.Reader, opts ...Option) iter.Seq2[Event, error] {
	d := NewDecoder(r, opts...)
	return func(yield func(Event, error) bool) {
		for {
			ev, err := d.Next()
			if err == io.EOF {
				return
			}
			if !yield(ev, err) || err != nil {
				return
			}
		}
	}
}

// Next returns the next event. It reads only when the buffer holds no whole event, and then blocks as
// the reader does; a whole event is returned before anything more is read.
//
// The error is [io.EOF] at the end of the input, the reader's own for a failed read, [io.ErrNoProgress]
// after 100 empty reads in a row, or one that wraps [ErrEventTooLarge]. Events that came before the error
// are returned first. An error is final: every later call returns it again.
func (d *Decoder) Next() (Event, error) {
	if d.err != nil {
		return Event{}, d.err
	}
	if len(d.buf) > minBuffer {
		d.shrink()
	}
	for {
		start, stop, ok := d.line()
		switch {
		case !ok:
			if err := d.checkPartialLine(); err != nil {
				return d.fail(err)
			}
			if err := d.fill(); err != nil {
				return d.last(err)
			}
		case start == stop && !d.inComment:
			if ev, ok := d.dispatch(); ok {
				return ev, nil
			}
		default:
			if err := d.take(start, stop); err != nil {
				return d.fail(err)
			}
		}
	}
}

// last handles the error that ended the input. At a plain end the unfinished event is delivered.
func (d *Decoder) last(err error) (Event, error) {
	if err != io.EOF {
		return d.fail(err)
	}
	if d.pos < d.end {
		start := d.pos
		d.pos = d.end
		if err := d.take(start, d.end); err != nil {
			return d.fail(err)
		}
	}
	if ev, ok := d.dispatch(); ok {
		return ev, nil // the next call comes here again, with nothing left
	}
	return d.fail(err)
}

// fail makes err final and lets go of the memory.
func (d *Decoder) fail(err error) (Event, error) {
	d.err = err
	d.r = nil
	d.buffer = buffer{}
	d.names = names{}
	return Event{}, err
}

// fill reads once. What the event still needs is moved to the front of the buffer.
func (d *Decoder) fill() error {
	kept := 0
	if d.hasData {
		kept = d.dataEnd - d.dataStart
	}
	d.rebase(d.makeRoom(kept, d.limit))
	return d.read(d.r)
}

// shrink leaves a buffer that a long event needed, if the unread rest fits into the first one. No event
// is being read when it is called.
func (d *Decoder) shrink() {
	if d.end-d.pos < minBuffer {
		d.rebase(d.useSmall())
	}
}

// take handles one line that is not blank: buf[start:stop].
func (d *Decoder) take(start, stop int) error {
	n := stop - start
	if d.inComment || d.buf[start] == ':' {
		n += d.commentSize
		d.inComment, d.commentSize = false, 0
		return d.checkSize(n + 1)
	}
	d.size += n + 1
	if d.size > d.limit {
		return d.checkSize(d.size)
	}
	d.field(start, stop)
	return nil
}

// checkPartialLine holds the unfinished line against the limit, so that an endless one ends before its
// end. Of a comment only the length is kept.
func (d *Decoder) checkPartialLine() error {
	n := d.end - d.pos
	switch {
	case n == 0 || !d.started:
		return nil
	case d.inComment || d.buf[d.pos] == ':':
		d.inComment = true
		d.commentSize += n
		d.pos = d.end
		return d.checkSize(d.commentSize + 1)
	}
	return d.checkSize(d.size + n + 1)
}

func (d *Decoder) checkSize(n int) error {
	if n > d.limit {
		return fmt.Errorf("%w: more than %d bytes", ErrEventTooLarge, d.limit)
	}
	return nil
}

// dispatch ends the event being read and starts the next. There is nothing to deliver (false) when the
// lines named no type and had no data. The returned data stays as it is until the next fill or shrink.
func (d *Decoder) dispatch() (Event, bool) {
	d.size = 0
	if !d.hasData && d.typ == "" {
		return Event{}, false
	}
	ev := Event{Type: d.typ, ID: d.id, Retry: d.retry}
	if d.typ == "" {
		ev.Type = defaultType
	}
	if d.hasData {
		ev.Data = d.buf[d.dataStart:d.dataEnd:d.dataEnd]
	}
	d.typ, d.hasData = "", false
	return ev, true
}
