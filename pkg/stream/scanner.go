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
	buf := d.buf[:d.end]
	lf, cr := max(d.lf, start), max(d.cr, start)
	if lf < len(buf) && buf[lf] != '\n' {
		lf = search(buf, lf, '\n')
	}
	if cr < len(buf) && buf[cr] != '\r' {
		cr = search(buf, cr, '\r')
	}
	d.lf, d.cr = lf, cr
	stop = min(lf, cr)
	if stop == len(buf) {
		return 0, 0, false
	}
	d.pos = stop + 1
	d.skipLF = cr < lf
	return start, stop, true
}

// search returns the index of the first c in buf[from:], or the length of buf.
func search(buf []byte, from int, c byte) int {
	if i := bytes.IndexByte(buf[from:], c); i >= 0 {
		return from + i
	}
	return len(buf)
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
