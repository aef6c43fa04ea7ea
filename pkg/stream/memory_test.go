package stream_test

import (
	"errors"
	"runtime"
	"strings"
	"testing"

	"github.com/cozekit/cozekit/pkg/stream"
)

func TestMaxEventSize(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 10000)
	tests := []struct {
		name, in string
		size     int // the smallest limit that lets it pass
	}{
		{"data", "data:12\n\n", 8},
		{"all lines count", "event:a\ndata:1\nfoo\n\n", 8 + 7 + 4},
		{"without line end", "data:12", 8},
		{"CRLF counts once", "data:12\r\ndata:3\r\n\r\n", 8 + 7},
		{"comments count each on its own", ":1234567\ndata:12\n:1234567\n:1\n\n", 9},
		{"byte order mark does not count", "\xEF\xBB\xBFdata:1\n\n", 7},
		{"part of a byte order mark counts", "\xEF\xBB", 3},
		{"each event on its own", "data:1\n\ndata:2\n\nid:345\n\n", 7},
		{"long", "data:" + long + "\ndata:" + long + "\n\n", 2 * 10006},
		{"as long as the buffer", "data:" + long[:2042] + "\n\n", 2048},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, by := range []byte{0, 1, 2, 100} {
				if _, err := collect(split(tt.in, []byte{by}), stream.WithMaxEventSize(tt.size)); err != nil {
					t.Errorf("limit %d: %v", tt.size, err)
				}
				_, err := collect(split(tt.in, []byte{by}), stream.WithMaxEventSize(tt.size-1))
				if !errors.Is(err, stream.ErrEventTooLarge) {
					t.Errorf("limit %d: got %v, want ErrEventTooLarge", tt.size-1, err)
				}
			}
		})
	}
	t.Run("default", func(t *testing.T) {
		t.Parallel()
		huge := strings.Repeat("x", stream.DefaultMaxEventSize-len("data:\n"))
		for _, opt := range []stream.Option{stream.WithMaxEventSize(stream.DefaultMaxEventSize), stream.WithMaxEventSize(0)} {
			got, err := collect(strings.NewReader("data:"+huge+"\n\n"), opt)
			if err != nil || len(got) != 1 || got[0].Data != huge {
				t.Errorf("%d events, %v", len(got), err)
			}
		}
		if _, err := collect(strings.NewReader("data:x" + huge + "\n\n")); !errors.Is(err, stream.ErrEventTooLarge) {
			t.Errorf("got %v, want ErrEventTooLarge", err)
		}
	})
}

// TestLongEvents has events around the sizes of the buffer, long and short ones in turn.
func TestLongEvents(t *testing.T) {
	t.Parallel()
	var in strings.Builder
	var want []event
	letters := strings.Repeat("abcdefghijklmnopqrstuvwxyz", 4000)
	for i, n := range []int{1, 4080, 4090, 4096, 5000, 3, 8192, 100, 100000, 20, 20, 70000, 4096, 1, 16384} {
		value := letters[i : i+n]
		in.WriteString("data:" + value + "\n:" + letters[:n] + "\nfoo:" + letters[:n/2] + "\ndata: " + value + "\nevent:e\n\n")
		want = append(want, event{Type: "e", Data: value + "\n" + value})
	}
	for _, sizes := range [][]byte{{0}, {1}, {255, 3}, {97}} {
		got, err := collect(split(in.String(), sizes))
		if err != nil {
			t.Error(err)
		}
		diffEvents(t, "in pieces", got, want)
	}
	got, err := collect(strings.NewReader(in.String()))
	if err != nil {
		t.Error(err)
	}
	diffEvents(t, "whole", got, want)
}

// TestIdleStreams checks what an open stream costs, also after a long event.
func TestIdleStreams(t *testing.T) {
	const streams, most = 200, 8 << 10
	delta := "id: 123\nevent: conversation.message.delta\ndata: " + strings.Repeat("x", 200) + "\n\n"
	huge := "event:huge\ndata:" + strings.Repeat("x", 1<<18) + "\n\n"
	for _, tt := range []struct{ name, in string }{
		{"short events", strings.Repeat(delta, 3)},
		{"after a long event", huge + delta},
		{"between reads after a long event", huge},
	} {
		t.Run(tt.name, func(t *testing.T) {
			heap := func() int {
				var m runtime.MemStats
				runtime.GC()
				runtime.GC()
				runtime.ReadMemStats(&m)
				return int(m.HeapAlloc)
			}
			before := heap()
			open := make([]*stream.Decoder, streams)
			for i := range open {
				r := strings.NewReader(tt.in)
				waits := readerFunc(func(p []byte) (int, error) {
					if r.Len() == 0 {
						panic("would wait") // an idle stream, without a goroutine for it
					}
					return r.Read(p)
				})
				open[i] = stream.NewDecoder(waits)
				func() {
					defer func() { _ = recover() }()
					for {
						if _, err := open[i].Next(); err != nil {
							t.Fatal(err)
						}
					}
				}()
			}
			if each := (heap() - before) / streams; each > most {
				t.Errorf("an open stream holds %d bytes, want at most %d", each, most)
			} else {
				t.Logf("an open stream holds %d bytes", each)
			}
			runtime.KeepAlive(open)
		})
	}
}

func TestNoAllocations(t *testing.T) {
	delta := "event:conversation.message.delta\ndata:" + strings.Repeat("x", 170) + "\n\n"
	for _, tt := range []struct{ name, in string }{
		{"chat", strings.Repeat(delta, 7) + "event:conversation.message.completed\ndata:1\n\n"},
		{"workflow", "id: 12345\nevent: Message\ndata: {}\n\nid: 12346\nevent: Message\ndata: {}\n\n"},
		{"two data lines", "data: " + strings.Repeat("x", 500) + "\ndata:2\n\n"},
		{"long name", "event: " + strings.Repeat("x", 64) + "\n\ndata:1\n\n"},
		{"long events", "data: " + strings.Repeat("x", 100000) + "\n\n"},
		{"names in turn", "event:1\n\nevent:2\n\nevent:3\n\nevent:4\n\nevent:5\n\nevent:6\n\nevent:7\n\nevent:8\n\nevent:9\n\n"},
	} {
		d := stream.NewDecoder(repeat(tt.in, 1))
		n := testing.AllocsPerRun(2000, func() {
			if _, err := d.Next(); err != nil {
				t.Fatal(err)
			}
		})
		if n > 0 {
			t.Errorf("%s: %v allocations an event, want 0", tt.name, n)
		}
	}
}
