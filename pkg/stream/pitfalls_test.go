package stream_test

import (
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/cozekit/cozekit/pkg/stream"
)

// TestPitfalls has the streams that other readers of Coze streams fail on.
func TestPitfalls(t *testing.T) {
	t.Parallel()
	comment := ":" + strings.Repeat("x", 4095)
	tests := []struct {
		name, in string
		want     []event
	}{
		{"D4 event without data", "event:ping\n\n", []event{{Type: "ping", noData: true}}},
		{"D5 comment, id and retry between", "event:a\n:c\nid:1\nretry:5\ndata:{}\n\n",
			[]event{{Type: "a", Data: "{}", ID: "1", Retry: 5e6}}},
		{"D5 data before event", "data:{}\nevent:a\n\n", []event{{Type: "a", Data: "{}"}}},
		{"D5 data on two lines", "event:a\ndata:{\ndata:}\n\n", []event{{Type: "a", Data: "{\n}"}}},
		{"D5 last line without line end", "event:a\ndata:{}", []event{{Type: "a", Data: "{}"}}},
		{"D5 CR only", "event:a\rdata:{}\r\r", []event{{Type: "a", Data: "{}"}}},
		{"D6 comment between", "id:0\n:c\nevent:Message\ndata:{}\n\n", []event{{Type: "Message", Data: "{}", ID: "0"}}},
		{"D6 no id", "event:Message\ndata:{}\n\n", []event{{Type: "Message", Data: "{}"}}},
		{"D6 event before id", "event:Message\nid:0\ndata:{}\n\n", []event{{Type: "Message", Data: "{}", ID: "0"}}},
		{"D6 empty data on Done", "id:1\nevent:Done\ndata:\n\n", []event{{Type: "Done", ID: "1"}}},
		{"D7 comment of 4096 bytes, then event", comment + "event:forged\n\nevent:a\ndata:1\n\n",
			[]event{{Type: "a", Data: "1"}}},
		{"D7 unknown line of 4096 bytes, then data", comment[1:] + "xdata:forged\n\ndata:1\n\n",
			[]event{{Type: "message", Data: "1"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			checkSplits(t, tt.in, tt.want)
		})
	}
}

// allocated returns how many bytes f allocates, in whole. Other tests must not run beside it.
func allocated(f func()) int {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return int(after.TotalAlloc - before.TotalAlloc)
}

// TestPitfallD8EndlessInput has inputs that never end; their memory must.
func TestPitfallD8EndlessInput(t *testing.T) {
	const limit = 1 << 20
	for _, tt := range []struct {
		name, start, block string
		maxAlloc           int
	}{
		{"line", "", "xxxxxxx", 5 * limit},
		{"data line", "data:", "xxxxxxx", 5 * limit},
		{"name", "event:", "xxxxxxx", 5 * limit},
		{"comment", ":", "xxxxxxx", limit / 8},
		{"data lines", "", "data:x\n", 5 * limit},
		{"lines without meaning", "", "id:1\n", limit / 8},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := &counter{r: io.MultiReader(strings.NewReader(tt.start), repeat(tt.block, 1000))}
			var err error
			alloc := allocated(func() { _, err = stream.NewDecoder(r, stream.WithMaxEventSize(limit)).Next() })
			if !errors.Is(err, stream.ErrEventTooLarge) {
				t.Errorf("got %v, want ErrEventTooLarge", err)
			}
			if r.n > 2*limit || alloc > tt.maxAlloc {
				t.Errorf("read %d bytes, allocated %d in sum for a limit of %d", r.n, alloc, limit)
			}
		})
	}
}

type counter struct {
	r io.Reader
	n int
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += n
	return n, err
}

// TestPitfallD9bStopsAtTheEnd has a server that keeps the connection open after the last event.
func TestPitfallD9bStopsAtTheEnd(t *testing.T) {
	t.Parallel()
	p := &pieces{left: []string{"event:a\ndata:1\n\nevent:done\ndata:\"[DONE]\"\n\n"}, end: errors.New("read on")}
	b := &body{Reader: p}
	s := stream.New(b, func(ev stream.Event) (string, stream.Verdict, error) {
		if ev.Type == "done" {
			return ev.Type, stream.End, nil
		}
		return ev.Type, stream.Deliver, nil
	})
	var got []string
	for v, err := range s.All() {
		if err != nil {
			t.Error(err)
		}
		got = append(got, v)
	}
	if strings.Join(got, " ") != "a done" || p.reads != 1 || b.closed.Load() != 1 {
		t.Errorf("got %q, %d reads, closed %d times", got, p.reads, b.closed.Load())
	}
}
