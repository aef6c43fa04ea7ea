package recording

import (
	"bytes"
	"time"
)

// eventRecorder cuts a stream into events, and notes when the last byte of each came.
type eventRecorder struct {
	red    *redactor
	began  time.Time
	rest   []byte
	events []event
	size   int
}

func (e *eventRecorder) Write(p []byte) (int, error) {
	if e.full() {
		return len(p), nil
	}
	e.size += len(p)
	e.rest = append(e.rest, p...)
	from := 0
	for {
		end := eventEnd(e.rest[from:])
		if end < 0 {
			break
		}
		e.add(e.rest[from : from+end])
		from += end
	}
	e.rest = append(e.rest[:0], e.rest[from:]...)
	return len(p), nil
}

func (e *eventRecorder) full() bool { return e.size > maxBody }

func (e *eventRecorder) add(text []byte) {
	e.events = append(e.events, newEvent(time.Since(e.began), e.clean(text)))
}

// end returns the events, and what is behind the last empty line as another.
func (e *eventRecorder) end() []event {
	if len(e.rest) > 0 {
		e.add(e.rest)
	}
	e.rest = nil
	return e.events
}

// eventEnd is the length of the first event with the empty line behind it; -1 if it has not ended.
func eventEnd(b []byte) int {
	for from := 0; ; {
		i := bytes.IndexByte(b[from:], '\n')
		if i < 0 {
			return -1
		}
		from += i + 1
		if bytes.HasPrefix(b[from:], []byte("\n")) {
			return from + 1
		}
		if bytes.HasPrefix(b[from:], []byte("\r\n")) {
			return from + 2
		}
	}
}

var dataField = []byte("data:")

// clean takes secrets out of an event. Its bytes stay as they are where there are none.
func (e *eventRecorder) clean(text []byte) []byte {
	lines := bytes.Split(text, []byte("\n"))
	var data [][]byte
	for _, l := range lines {
		if v, ok := bytes.CutPrefix(l, dataField); ok {
			data = append(data, bytes.TrimSuffix(v, []byte("\r")))
		}
	}
	var out [][]byte
	clean, changed, err := e.red.json(bytes.Join(data, []byte("\n")), inAnswers)
	written := false
	for _, l := range lines {
		isData := bytes.HasPrefix(l, dataField)
		switch {
		case isData && err == nil && changed:
			if !written {
				out = append(out, append(append([]byte{}, dataField...), clean...))
			}
			written = true
		case isData && err == nil:
			out = append(out, l)
		default:
			out = append(out, []byte(e.red.text(string(l))))
		}
	}
	return bytes.Join(out, []byte("\n"))
}
