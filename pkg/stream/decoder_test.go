package stream_test

import (
	"errors"
	"io"
	"math"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/cozekit/cozekit/pkg/stream"
)

const longest = time.Duration(math.MaxInt64 / int64(time.Millisecond) * int64(time.Millisecond))

// decoderTests are streams with LF line ends; the tests also feed them with CR and CRLF.
var decoderTests = []struct {
	name, in string
	want     []event
}{
	{"empty", "", nil},
	{"blank lines only", "\n\n\n", nil},
	{"one event", "event:a\ndata:b\n\n", []event{{Type: "a", Data: "b"}}},
	{"one space stripped", "event: a\ndata:  b \n\n", []event{{Type: "a", Data: " b "}}},
	{"tab kept", "data:\tb\n\n", []event{{Type: "message", Data: "\tb"}}},
	{"colons in value", "data:a:b: c\n\n", []event{{Type: "message", Data: "a:b: c"}}},
	{"no type", "data:x\n\n", []event{{Type: "message", Data: "x"}}},
	{"empty type is message", "event:\ndata:x\n\n", []event{{Type: "message", Data: "x"}}},
	{"type does not persist", "event:a\ndata:1\n\ndata:2\n\n",
		[]event{{Type: "a", Data: "1"}, {Type: "message", Data: "2"}}},
	{"last type wins", "event:a\nevent:b\ndata:1\n\n", []event{{Type: "b", Data: "1"}}},
	{"type taken back", "event:a\nevent\n\ndata:1\n\n", []event{{Type: "message", Data: "1"}}},
	{"type without data", "event:done\n\nevent:x\ndata:\n\n",
		[]event{{Type: "done", noData: true}, {Type: "x"}}},
	{"data before type", "data:1\nevent:a\n\n", []event{{Type: "a", Data: "1"}}},
	{"data lines joined", "data:a\ndata: b\ndata:\ndata\ndata:c\n\n",
		[]event{{Type: "message", Data: "a\nb\n\n\nc"}}},
	{"data lines apart", "data:a\n:c\nevent:e\nfoo:bar\ndata:b\nid:7\n\n",
		[]event{{Type: "e", Data: "a\nb", ID: "7"}}},
	{"standard's example of empty data", "data\n\ndata\ndata\n\ndata:",
		[]event{{Type: "message"}, {Type: "message", Data: "\n"}, {Type: "message"}}},
	{"standard's example of spaces", "data:test\n\ndata: test\n\n",
		[]event{{Type: "message", Data: "test"}, {Type: "message", Data: "test"}}},
	{"standard's example of ids", ": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n",
		[]event{{Type: "message", Data: "first event", ID: "1"}, {Type: "message", Data: "second event"},
			{Type: "message", Data: " third event"}}},
	{"comments", ":\n:a\n: data:x\n\n:b\ndata:1\n:c\n\n:d", []event{{Type: "message", Data: "1"}}},
	{"unknown fields", "foo\nfoo:bar\nData:x\n data:x\ndata :x\ndatas:x\ndat:x\nEVENT:x\ndata:1\n\n",
		[]event{{Type: "message", Data: "1"}}},
	{"id persists", "id:1\ndata:a\n\ndata:b\n\nid:2\n\ndata:c\n\n",
		[]event{{Type: "message", Data: "a", ID: "1"}, {Type: "message", Data: "b", ID: "1"},
			{Type: "message", Data: "c", ID: "2"}}},
	{"id cleared", "id:1\n\nid\ndata:a\n\n", []event{{Type: "message", Data: "a"}}},
	{"id of 70 bytes", "id:" + strings.Repeat("1234567", 10) + "\ndata:a\n\n",
		[]event{{Type: "message", Data: "a", ID: strings.Repeat("1234567", 10)}}},
	{"id with NUL", "id:1\nid:2\x003\ndata:a\n\n", []event{{Type: "message", Data: "a", ID: "1"}}},
	{"retry", "retry:1500\ndata:a\n\ndata:b\n\nretry: 20\n\ndata:c\n\n",
		[]event{{Type: "message", Data: "a", Retry: 1500 * time.Millisecond},
			{Type: "message", Data: "b", Retry: 1500 * time.Millisecond},
			{Type: "message", Data: "c", Retry: 20 * time.Millisecond}}},
	{"retry not digits", "retry:1\nretry:-2\nretry:+2\nretry:2.5\nretry:2s\nretry:0x2\nretry\nretry:  3\ndata:a\n\n",
		[]event{{Type: "message", Data: "a", Retry: time.Millisecond}}},
	{"retry huge", "retry:99999999999999999999999999999999999999\ndata:a\n\n",
		[]event{{Type: "message", Data: "a", Retry: longest}}},
	{"only id, retry, comments", "id:1\nretry:2\n:c\n\n", nil},
	{"no blank line at the end", "data:a\n\nevent:e\ndata:b\n",
		[]event{{Type: "message", Data: "a"}, {Type: "e", Data: "b"}}},
	{"no line end at the end", "data:a\ndata:b", []event{{Type: "message", Data: "a\nb"}}},
	{"end within a field name", "data:a\ndat", []event{{Type: "message", Data: "a"}}},
	{"end within the type", "event:do", []event{{Type: "do", noData: true}}},
	{"byte order mark", "\xEF\xBB\xBFdata:a\n\n", []event{{Type: "message", Data: "a"}}},
	{"byte order mark alone", "\xEF\xBB\xBF", nil},
	{"byte order mark, blank line", "\xEF\xBB\xBF\ndata:a\n\n", []event{{Type: "message", Data: "a"}}},
	{"two byte order marks", "\xEF\xBB\xBF\xEF\xBB\xBFdata:a\n\n", nil},
	{"byte order mark later", "data:a\n\n\xEF\xBB\xBFdata:b\n\n", []event{{Type: "message", Data: "a"}}},
	{"part of a byte order mark", "\xEF\xBBdata:a\ndata:b\n\n", []event{{Type: "message", Data: "b"}}},
	{"part of a byte order mark alone", "\xEF\xBB", nil},
	{"not ASCII", "event:扣子\ndata:你好\xff\n\n", []event{{Type: "扣子", Data: "你好\xff"}}},
	{"chat", "event:conversation.message.delta\ndata:{\"content\":\"1\"}\n\nevent:done\ndata:\"[DONE]\"\n\n",
		[]event{{Type: "conversation.message.delta", Data: `{"content":"1"}`}, {Type: "done", Data: `"[DONE]"`}}},
	{"workflow", "id: 0\nevent: Message\ndata: {}\n\nid: 1\nevent: Done\ndata: {}\n\n",
		[]event{{Type: "Message", Data: "{}", ID: "0"}, {Type: "Done", Data: "{}", ID: "1"}}},
}

var lineEnds = []struct{ name, end string }{{"LF", "\n"}, {"CRLF", "\r\n"}, {"CR", "\r"}}

// checkSplits decodes in whole, in two pieces split at each position, and by single bytes.
func checkSplits(t *testing.T, in string, want []event) {
	t.Helper()
	check := func(what string, r io.Reader) {
		t.Helper()
		got, err := collect(r)
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
		diffEvents(t, what, got, want)
	}
	check("whole", strings.NewReader(in))
	check("data with EOF", iotest.DataErrReader(strings.NewReader(in)))
	check("single bytes", iotest.OneByteReader(strings.NewReader(in)))
	for i := range in {
		check("split before "+in[i:], &pieces{left: []string{in[:i], in[i:]}})
	}
}

func TestDecoder(t *testing.T) {
	t.Parallel()
	for _, tt := range decoderTests {
		for _, le := range lineEnds {
			t.Run(tt.name+"/"+le.name, func(t *testing.T) {
				t.Parallel()
				in := strings.ReplaceAll(tt.in, "\n", le.end)
				checkSplits(t, in, tt.want)
				ref, err := reference(in, stream.DefaultMaxEventSize)
				if err != nil {
					t.Error(err)
				}
				diffEvents(t, "reference", ref, tt.want)
			})
		}
	}
}

func TestDecoderMixedLineEnds(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, in string
		want     []event
	}{
		{"each its own", "event:a\rdata:1\r\ndata:2\n\r\ndata:3\n\rdata:4\r\r",
			[]event{{Type: "a", Data: "1\n2"}, {Type: "message", Data: "3"}, {Type: "message", Data: "4"}}},
		{"LF CR is two", "data:1\n\rdata:2", []event{{Type: "message", Data: "1"}, {Type: "message", Data: "2"}}},
		{"CR CR LF is two", "data:1\r\r\ndata:2", []event{{Type: "message", Data: "1"}, {Type: "message", Data: "2"}}},
		{"CRLF starts", "\r\n\r\ndata:1\r\n", []event{{Type: "message", Data: "1"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			checkSplits(t, tt.in, tt.want)
		})
	}
}

// TestDecoderDoesNotWait checks that an event is returned without a read after its last byte.
func TestDecoderDoesNotWait(t *testing.T) {
	t.Parallel()
	blocks := errors.New("read too much")
	for _, le := range lineEnds {
		first := strings.ReplaceAll("event:a\ndata:1\n\n", "\n", le.end)
		p := &pieces{left: []string{first}, end: blocks}
		d := stream.NewDecoder(p)
		ev, err := d.Next()
		if err != nil || string(ev.Data) != "1" || p.reads != 1 {
			t.Errorf("%s: got %q, %v after %d reads, want 1 after one read", le.name, ev.Data, err, p.reads)
		}
		if _, err = d.Next(); err != blocks {
			t.Errorf("%s: got %v, want the reader's error", le.name, err)
		}
	}
	p := &pieces{left: []string{"data:1\r\n\r", "\ndata:2\r\r"}, end: blocks}
	got, err := collect(p)
	diffEvents(t, "CR at the end of a read", got, []event{{Type: "message", Data: "1"}, {Type: "message", Data: "2"}})
	if err != blocks || p.reads != 3 {
		t.Errorf("got %v after %d reads", err, p.reads)
	}
}

func TestDecoderReadErrors(t *testing.T) {
	t.Parallel()
	boom := errors.New("boom")
	t.Run("comes after the events, without the unfinished one, and stays", func(t *testing.T) {
		t.Parallel()
		r := iotest.DataErrReader(&pieces{left: []string{"data:1\n\ndata:2\n"}, end: boom})
		d := stream.NewDecoder(r)
		if ev, err := d.Next(); err != nil || string(ev.Data) != "1" {
			t.Errorf("got %q, %v", ev.Data, err)
		}
		for range 3 {
			if ev, err := d.Next(); err != boom || ev.Type != "" {
				t.Errorf("got %v, %v, want boom", ev, err)
			}
		}
	})
	t.Run("EOF stays", func(t *testing.T) {
		t.Parallel()
		d := stream.NewDecoder(strings.NewReader("data:1"))
		if ev, err := d.Next(); err != nil || string(ev.Data) != "1" {
			t.Errorf("got %q, %v", ev.Data, err)
		}
		for range 3 {
			if _, err := d.Next(); err != io.EOF {
				t.Errorf("got %v, want EOF", err)
			}
		}
	})
	t.Run("no progress", func(t *testing.T) {
		t.Parallel()
		d := stream.NewDecoder(readerFunc(func([]byte) (int, error) { return 0, nil }))
		if _, err := d.Next(); err != io.ErrNoProgress {
			t.Errorf("got %v", err)
		}
	})
	t.Run("99 empty reads are fine", func(t *testing.T) {
		t.Parallel()
		n := 0
		d := stream.NewDecoder(readerFunc(func(p []byte) (int, error) {
			if n++; n%100 != 0 {
				return 0, nil
			}
			return copy(p, "data:1\n\n"), nil
		}))
		for range 3 {
			if ev, err := d.Next(); err != nil || string(ev.Data) != "1" {
				t.Errorf("got %q, %v", ev.Data, err)
			}
		}
	})
	for _, n := range []int{-1, 1 << 30} {
		d := stream.NewDecoder(readerFunc(func([]byte) (int, error) { return n, nil }))
		if _, err := d.Next(); err == nil || err == io.EOF {
			t.Errorf("count %d: got %v, want an error", n, err)
		}
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestEvents(t *testing.T) {
	t.Parallel()
	seq := stream.Events(strings.NewReader("data:1\n\ndata:2\n\ndata:3\n\n"))
	var got []string
	for ev, err := range seq {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, string(ev.Data))
		break
	}
	for ev, err := range seq {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, string(ev.Data))
	}
	if want := []string{"1", "2", "3"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}

	var errs []error
	for _, err := range stream.Events(strings.NewReader("data:1\n\ndata:22\n\n"), stream.WithMaxEventSize(7)) {
		errs = append(errs, err)
	}
	if len(errs) != 2 || errs[0] != nil || !errors.Is(errs[1], stream.ErrEventTooLarge) {
		t.Errorf("got %v", errs)
	}
}
