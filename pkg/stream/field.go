package stream

import (
	"bytes"
	"math"
	"strings"
	"time"
)

// field applies the line buf[start:stop], which is neither blank nor a comment, to the event.
func (d *Decoder) field(start, stop int) {
	line := d.buf[start:stop]
	if len(line) >= 5 && string(line[:5]) == "data:" {
		start += 5
		if start < stop && d.buf[start] == ' ' {
			start++
		}
		d.addData(start, stop)
		return
	}
	name, value := line, line[len(line):]
	if i := bytes.IndexByte(line, ':'); i >= 0 {
		name, value = line[:i], line[i+1:]
		if len(value) > 0 && value[0] == ' ' {
			value = value[1:]
		}
	}
	switch string(name) {
	case "event":
		d.typ = d.names.intern(value)
	case "data": // without a colon
		d.addData(stop, stop)
	case "id":
		if string(value) != d.id && bytes.IndexByte(value, 0) < 0 {
			d.id = d.ids.add(value)
		}
	case "retry":
		if ms, ok := parseMillis(value); ok {
			d.retry = ms
		}
	}
}

// addData appends buf[start:stop] to the data. The first value stays where it is; a further one moves
// left to the one before it, which the field name leaves room for.
func (d *Decoder) addData(start, stop int) {
	if !d.hasData {
		d.hasData = true
		d.dataStart, d.dataEnd = start, stop
		return
	}
	d.buf[d.dataEnd] = '\n'
	d.dataEnd += 1 + copy(d.buf[d.dataEnd+1:], d.buf[start:stop])
}

// parseMillis reads a number of milliseconds, ASCII digits only. One too large for a Duration becomes
// the largest that is a whole number of milliseconds.
func parseMillis(digits []byte) (time.Duration, bool) {
	const most = math.MaxInt64 / int64(time.Millisecond)
	var ms int64
	for _, c := range digits {
		if c < '0' || c > '9' {
			return 0, false
		}
		ms = min(ms*10+int64(c-'0'), most)
	}
	return time.Duration(ms) * time.Millisecond, len(digits) > 0
}

// names keeps the strings of event types seen lately, so that a type costs an allocation only once.
type names struct {
	last string
	seen [16]string
	next int // the entry to replace
}

// maxName is the length, in bytes, up to which a name is kept.
const maxName = 64

func (n *names) intern(name []byte) string {
	if string(name) == n.last {
		return n.last
	}
	if len(name) > maxName {
		return string(name)
	}
	for _, s := range n.seen {
		if s == string(name) {
			n.last = s
			return s
		}
	}
	n.last = string(name)
	n.seen[n.next] = n.last
	n.next = (n.next + 1) % len(n.seen)
	return n.last
}

// idArena makes strings of ids, which differ from event to event, many in one allocation.
type idArena struct{ block strings.Builder }

const (
	idBlock = 256 // bytes that are allocated at once
	maxID   = 64  // length of an id that gets its own allocation if longer
)

func (a *idArena) add(id []byte) string {
	if len(id) > maxID {
		return string(id)
	}
	if a.block.Cap()-a.block.Len() < len(id) {
		a.block.Reset() // forgets the block, ids keep it
		a.block.Grow(idBlock)
	}
	n := a.block.Len()
	a.block.Write(id)
	return a.block.String()[n:]
}
