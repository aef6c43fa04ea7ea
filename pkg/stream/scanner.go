package stream

import "bytes"

// scanner is where the search for line ends stands. Each byte is searched once for LF and once for
// CR, however small the reads and however mixed the line ends are.
type scanner struct {
	lf      int  // there is no LF in buf[pos:lf]
	cr      int  // there is no CR in buf[pos:cr]
	skipLF  bool // the last line ended in CR: an LF that follows belongs to it
	started bool // the byte order mark, if any, is behind us

	inComment   bool // buf[pos:] goes on with a comment, of which
	commentSize int  // bytes are gone already
}

func (s *scanner) rebase(by int) {
	s.lf -= by
	s.cr -= by
}

// line returns the next line, buf[start:stop] without its line end, and moves pos behind it, or false
// when the buffer holds no whole line.
func (d *Decoder) line() (start, stop int, ok bool) {
	if d.pos == d.end || !d.started && !d.skipByteOrderMark() {
		return 0, 0, false
	}
	if d.skipLF {
		d.skipLF = false
		if d.buf[d.pos] == '\n' {
			d.pos++
		}
	}
	start = d.pos
	d.lf = max(d.lf, start)
	if i := bytes.IndexByte(d.buf[d.lf:d.end], '\n'); i >= 0 {
		d.lf += i
	} else {
		d.lf = d.end
	}
	d.cr = max(d.cr, start)
	if i := bytes.IndexByte(d.buf[d.cr:d.lf], '\r'); i >= 0 {
		d.cr += i
		d.pos = d.cr + 1
		d.skipLF = true
		return start, d.cr, true
	}
	d.cr = d.lf
	if d.lf == d.end {
		return 0, 0, false
	}
	d.pos = d.lf + 1
	return start, d.lf, true
}

// skipByteOrderMark reports whether the input's first bytes are known to be a byte order mark, which it
// skips, or not to be one.
func (d *Decoder) skipByteOrderMark() bool {
	const mark = "\xEF\xBB\xBF"
	head := d.buf[d.pos:min(d.end, d.pos+len(mark))]
	if string(head) != mark[:len(head)] {
		d.started = true
		return true
	}
	if len(head) < len(mark) {
		return false
	}
	d.pos += len(mark)
	d.started = true
	return d.pos < d.end
}
