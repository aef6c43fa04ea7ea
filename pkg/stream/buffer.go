package stream

import (
	"errors"
	"io"
	"weak"
)

const (
	// minBuffer is the length of the buffer that a decoder keeps, in bytes. It is all that most
	// streams need, and small enough for thousands of idle ones.
	minBuffer = 2 << 10

	// maxEmptyReads is how many reads may give neither bytes nor an error, as in bufio.
	maxEmptyReads = 100
)

var errBadRead = errors.New("stream: reader returned an impossible count")

// buffer holds what was read and is still needed: the data of the event being read, collected at
// buf[dataStart:dataEnd], and the unread bytes, buf[pos:end]. Data lies before the unread bytes.
type buffer struct {
	buf       []byte
	pos, end  int
	dataStart int
	dataEnd   int
	readErr   error // came with bytes; the next read returns it

	// A long event gets a long buffer. It is held strongly while that event is read, and then weakly: a
	// stream of long events uses it again and again, an idle stream loses it to the garbage collector.
	small []byte
	long  *[]byte
	spare weak.Pointer[[]byte]
}

// makeRoom moves the first kept bytes of data and the unread bytes to the front, and takes a longer
// buffer, of at most limit bytes, if there is no room behind them. It returns by how much the unread
// bytes moved to the left. A byte moves at most once for each line, and a line once for each doubling.
func (b *buffer) makeRoom(kept, limit int) (moved int) {
	from := b.buf
	if b.end-b.pos+kept == len(b.buf) {
		b.buf = b.longer(limit)
	}
	if kept > 0 && (b.dataStart > 0 || len(from) != len(b.buf)) {
		copy(b.buf, from[b.dataStart:b.dataEnd])
	}
	b.dataStart, b.dataEnd = 0, kept
	moved = b.pos - kept
	if moved > 0 || len(from) != len(b.buf) {
		copy(b.buf[kept:], from[b.pos:b.end])
	}
	b.pos -= moved
	b.end -= moved
	return moved
}

// longer returns a buffer longer than the present, full one.
func (b *buffer) longer(limit int) []byte {
	if b.buf == nil {
		b.small = make([]byte, minBuffer)
		return b.small
	}
	if p := b.spare.Value(); p != nil && len(*p) > len(b.buf) {
		b.long = p
		return *p
	}
	n := max(limit, minBuffer)
	if len(b.buf) <= n/2 {
		n = 2 * len(b.buf)
	}
	next := make([]byte, n)
	b.long = &next
	b.spare = weak.Make(b.long)
	return next
}

// useSmall goes back to the first buffer, into which the unread bytes must fit. It returns by how much
// they moved to the left.
func (b *buffer) useSmall() (moved int) {
	copy(b.small, b.buf[b.pos:b.end])
	moved = b.pos
	b.buf, b.long = b.small, nil
	b.pos, b.end = 0, b.end-moved
	return moved
}

// read reads once, and again only when the reader returns nothing at all.
func (b *buffer) read(r io.Reader) error {
	if b.readErr != nil {
		return b.readErr
	}
	for range maxEmptyReads {
		n, err := r.Read(b.buf[b.end:])
		if n < 0 || n > len(b.buf)-b.end {
			return errBadRead
		}
		b.end += n
		b.readErr = err
		if n > 0 {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return io.ErrNoProgress
}
