package stream_test

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cozekit/cozekit/pkg/stream"
)

// event is a stream.Event that can be kept and compared; noData tells no data from empty data.
type event struct {
	Type, Data, ID string
	Retry          time.Duration
	noData         bool
}

func (e event) String() string {
	data := strconv.Quote(e.Data)
	if e.noData {
		data = "none"
	}
	return fmt.Sprintf("{%q data=%s id=%q retry=%v}", e.Type, data, e.ID, e.Retry)
}

func toEvent(e stream.Event) event {
	return event{e.Type, string(e.Data), e.ID, e.Retry, e.Data == nil}
}

// collect decodes all of r; err is nil at a plain end of the input. It overwrites the data of each event,
// which must not matter to later ones.
func collect(r io.Reader, opts ...stream.Option) (events []event, err error) {
	d := stream.NewDecoder(r, opts...)
	for {
		ev, err := d.Next()
		if err == io.EOF {
			return events, nil
		}
		if err != nil {
			return events, err
		}
		events = append(events, toEvent(ev))
		for i := range ev.Data {
			ev.Data[i] = '\n'
		}
		_ = append(ev.Data, "\n\ndata: forged\n\n"...)
	}
}

// reference is the decoder that is obviously right: the whole input in memory, line by line.
func reference(input string, limit int) (events []event, err error) {
	input = strings.TrimPrefix(input, "\xEF\xBB\xBF")
	input = strings.ReplaceAll(input, "\r\n", "\n")
	input = strings.ReplaceAll(input, "\r", "\n")
	lines := strings.Split(input, "\n")
	unfinished := lines[len(lines)-1]
	lines = lines[:len(lines)-1]
	if unfinished != "" {
		lines = append(lines, unfinished)
	}
	lines = append(lines, "") // the end of the input ends the last event

	var ev event
	var data []string
	size := 0
	for _, line := range lines {
		if line == "" {
			if ev.Type != "" || data != nil {
				out := ev
				if out.Type == "" {
					out.Type = "message"
				}
				out.Data, out.noData = strings.Join(data, "\n"), data == nil
				events = append(events, out)
			}
			ev.Type, data, size = "", nil, 0
			continue
		}
		if strings.HasPrefix(line, ":") {
			if len(line)+1 > limit {
				return events, stream.ErrEventTooLarge
			}
			continue
		}
		size += len(line) + 1
		if size > limit {
			return events, stream.ErrEventTooLarge
		}
		name, value, _ := strings.Cut(line, ":")
		value = strings.TrimPrefix(value, " ")
		switch name {
		case "event":
			ev.Type = value
		case "data":
			data = append(data, value)
		case "id":
			if !strings.Contains(value, "\x00") {
				ev.ID = value
			}
		case "retry":
			if value != "" && strings.Trim(value, "0123456789") == "" {
				ms, err := strconv.ParseInt(value, 10, 64)
				const most = (1<<63 - 1) / int64(time.Millisecond)
				if err != nil || ms > most {
					ms = most
				}
				ev.Retry = time.Duration(ms) * time.Millisecond
			}
		}
	}
	return events, nil
}

// pieces is a reader that returns one piece a read. Once it has none left it returns end, or io.EOF.
type pieces struct {
	left  []string
	end   error
	reads int
}

func (p *pieces) Read(b []byte) (int, error) {
	p.reads++
	if len(p.left) == 0 {
		if p.end != nil {
			return 0, p.end
		}
		return 0, io.EOF
	}
	n := copy(b, p.left[0])
	p.left[0] = p.left[0][n:]
	if p.left[0] == "" {
		p.left = p.left[1:]
	}
	return n, nil
}

// split returns the reader that gives s in pieces of the sizes, taken in turn; 0 counts as 256.
func split(s string, sizes []byte) *pieces {
	p := new(pieces)
	for i := 0; s != ""; i++ {
		n := 256
		if len(sizes) > 0 && sizes[i%len(sizes)] > 0 {
			n = int(sizes[i%len(sizes)])
		}
		n = min(n, len(s))
		p.left = append(p.left, s[:n])
		s = s[n:]
	}
	return p
}

func diffEvents(t *testing.T, what string, got, want []event) {
	t.Helper()
	if len(got) == len(want) {
		same := true
		for i := range got {
			same = same && got[i] == want[i]
		}
		if same {
			return
		}
	}
	t.Errorf("%s:\n got %v\nwant %v", what, got, want)
}

// endless repeats its block for ever.
type endless struct{ block, rest []byte }

func (e *endless) Read(p []byte) (int, error) {
	if len(e.rest) == 0 {
		e.rest = e.block
	}
	n := copy(p, e.rest)
	e.rest = e.rest[n:]
	return n, nil
}

func repeat(block string, n int) *endless {
	return &endless{block: bytes.Repeat([]byte(block), n)}
}
