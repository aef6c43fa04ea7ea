package transport

import (
	"bytes"
	"encoding/binary"
	"math"
	"math/bits"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// Scanner reads a flat JSON object of strings, numbers and booleans, which is what nearly all events of a stream are, several times
// faster than a JSON library can. Whatever it does not expect makes it give up, and the event is decoded by [Unmarshal]
// instead: it may only ever be faster, never different.
type Scanner struct {
	Name []byte // of the field that Next found
	data []byte
	pos  int
	bad  bool
	more bool // a comma came
}

// ScanObject starts scanning.
func ScanObject(data []byte) Scanner {
	s := Scanner{data: data}
	s.bad = !utf8.Valid(data) || !s.take('{')
	return s
}

// Next finds the next field; its value must be read before the next call.
func (s *Scanner) Next() bool {
	if s.bad {
		return false
	}
	if s.pos > 1 && !s.more {
		return false
	}
	if !s.more && s.peek() == '}' {
		return false
	}
	s.more = false
	name, plain := s.text()
	if s.bad || !plain || !s.take(':') {
		s.bad = true
		return false
	}
	s.Name = name
	return true
}

// Done tells whether the whole object was read.
func (s *Scanner) Done() bool {
	if s.bad || s.more || !s.take('}') {
		return false
	}
	s.space()
	return s.pos == len(s.data)
}

// String reads a string. One that equals last shares its memory, any other becomes the last: ids and names hardly change from
// event to event.
func (s *Scanner) String(into, last *string) {
	text, plain := s.text()
	switch {
	case s.bad:
	case !plain:
		raw, err := jsontext.AppendUnquote(nil, s.data[s.pos-len(text)-2:s.pos])
		s.bad = err != nil
		*into = string(raw)
	case string(text) == *last:
		*into = *last
	default:
		*into = string(text)
		*last = *into
	}
	s.comma()
}

// maxDigits keeps Int within an int64, and within an int32 by the check of its callers' types.
const maxDigits = 18

// ScanInt reads a plain number without sign, fraction or exponent.
func ScanInt[T ~int32 | ~int64](s *Scanner, into *T) {
	s.space()
	start, n := s.pos, int64(0)
	for s.pos < len(s.data) && s.data[s.pos]-'0' <= 9 {
		n = n*10 + int64(s.data[s.pos]-'0')
		s.pos++
		if s.pos-start > maxDigits {
			break
		}
	}
	digits := s.pos - start
	*into = T(n)
	// A leading zero, an overflow and times in milliseconds are for Unmarshal to judge.
	if digits == 0 || digits > maxDigits || digits > 1 && s.data[start] == '0' || int64(*into) != n || n > math.MaxInt32*4 {
		s.bad = true
	}
	s.comma()
}

// Bool reads true or false.
func (s *Scanner) Bool(into *bool) {
	s.space()
	switch rest := s.data[s.pos:]; {
	case bytes.HasPrefix(rest, []byte("true")):
		*into = true
		s.pos += 4
	case bytes.HasPrefix(rest, []byte("false")):
		*into = false
		s.pos += 5
	default:
		s.bad = true
	}
	s.comma()
}

// Null reads null.
func (s *Scanner) Null() {
	s.space()
	if !bytes.HasPrefix(s.data[s.pos:], []byte("null")) {
		s.bad = true
		return
	}
	s.pos += 4
	s.comma()
}

// text reads a string and returns what is between its quotes, and whether that holds no escapes.
func (s *Scanner) text() (text []byte, plain bool) {
	if !s.take('"') {
		s.bad = true
		return nil, false
	}
	start := s.pos
	plain = true
	for {
		i := special(s.data[s.pos:])
		if i < 0 || s.data[s.pos+i] < ' ' {
			s.bad = true
			return nil, false
		}
		s.pos += i + 1
		if s.data[s.pos-1] == '"' {
			return s.data[start : s.pos-1], plain
		}
		plain = false
		if s.pos++; s.pos > len(s.data) { // the character after the backslash
			s.bad = true
			return nil, false
		}
	}
}

func (s *Scanner) comma() {
	if !s.bad {
		s.more = s.take(',')
	}
}

func (s *Scanner) take(c byte) bool {
	if s.peek() != c {
		return false
	}
	s.pos++
	return true
}

func (s *Scanner) peek() byte {
	s.space()
	if s.pos == len(s.data) {
		return 0
	}
	return s.data[s.pos]
}

func (s *Scanner) space() {
	for s.pos < len(s.data) && (s.data[s.pos] == ' ' || s.data[s.pos] == '\t' || s.data[s.pos] == '\n' || s.data[s.pos] == '\r') {
		s.pos++
	}
}

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// special returns the index of the first quote, backslash or control character, -1 if there is none. It looks at eight
// bytes at a time.
func special(b []byte) int {
	i := 0
	for ; i+8 <= len(b); i += 8 {
		w := binary.LittleEndian.Uint64(b[i:])
		quote, backslash := w^('"'*ones), w^('\\'*ones)
		hit := ((w - ' '*ones) &^ w) | ((quote - ones) &^ quote) | ((backslash - ones) &^ backslash)
		if hit &= highs; hit != 0 {
			// The lowest hit is exact; higher ones may be false by a borrow.
			return i + bits.TrailingZeros64(hit)/8
		}
	}
	for ; i < len(b); i++ {
		if c := b[i]; c == '"' || c == '\\' || c < ' ' {
			return i
		}
	}
	return -1
}
