package stream_test

import (
	"bufio"
	"bytes"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/cozekit/cozekit/pkg/stream"
)

// delta is an event as a chat streams it, 215 bytes.
var delta = "event:conversation.message.delta\ndata:" + strings.Repeat("x", 215-40) + "\n\n"

func decodeN(b *testing.B, r io.Reader, n int) {
	d := stream.NewDecoder(r)
	for range n {
		if ev, err := d.Next(); err != nil || len(ev.Data) == 0 {
			b.Fatal(ev, err)
		}
	}
}

func scanLinesN(b *testing.B, r io.Reader, n int) {
	s := bufio.NewScanner(r)
	s.Buffer(make([]byte, 4096), 16<<20)
	for range n {
		for s.Scan() && len(s.Bytes()) > 0 {
		}
	}
	if s.Err() != nil {
		b.Fatal(s.Err())
	}
}

// BenchmarkFraming measures events beside a bare scan of their lines, in turn, so that the difference is
// that of one run. It wants at most 100 ns/event more than the scan.
func BenchmarkFraming(b *testing.B) {
	const batch = 1000
	for _, bb := range []struct{ name, block string }{
		{"LF", delta},
		{"CRLF", strings.ReplaceAll(delta, "\n", "\r\n")},
		{"id", "id: 1234\n" + delta},
	} {
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(bb.block) * batch))
			r := repeat(bb.block, batch)
			var decode, scan time.Duration
			for b.Loop() {
				r.rest = nil
				start := time.Now()
				decodeN(b, r, batch)
				decode += time.Since(start)
				b.StopTimer()
				r.rest = nil
				start = time.Now()
				scanLinesN(b, r, batch)
				scan += time.Since(start)
				b.StartTimer()
			}
			events := float64(b.N * batch)
			b.ReportMetric(float64(decode.Nanoseconds())/events, "decode-ns/event")
			b.ReportMetric(float64(scan.Nanoseconds())/events, "scan-ns/event")
			b.ReportMetric(float64((decode-scan).Nanoseconds())/events, "extra-ns/event")
		})
	}
}

func BenchmarkDecoder(b *testing.B) {
	for _, bb := range []struct {
		name  string
		block string
	}{
		{"chat", delta},
		{"workflow", "id: 123\nevent: Message\ndata: {}\n\n"},
		{"two data lines", "data: first line\ndata: second line\n\n"},
		{"8 KiB", "event:conversation.audio.delta\ndata:" + strings.Repeat("x", 8<<10) + "\n\n"},
		{"1 MiB", "event:conversation.audio.delta\ndata:" + strings.Repeat("x", 1<<20) + "\n\n"},
	} {
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(bb.block)))
			d := stream.NewDecoder(repeat(bb.block, 1+(64<<10)/len(bb.block)))
			for b.Loop() {
				if _, err := d.Next(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkStream measures a loop, one read an event as a live server causes.
func BenchmarkStream(b *testing.B) {
	b.ReportAllocs()
	b.SetBytes(int64(len(delta)))
	s := stream.New(io.NopCloser(repeat(delta, 1)), func(ev stream.Event) (int, stream.Verdict, error) {
		return len(ev.Data), stream.Deliver, nil
	})
	n := 0
	for _, err := range s.All() {
		if err != nil {
			b.Fatal(err)
		}
		if n++; n > b.N {
			break
		}
	}
}

// BenchmarkOpen measures what a short stream costs from the first byte to the last.
func BenchmarkOpen(b *testing.B) {
	b.ReportAllocs()
	in := bytes.Repeat([]byte(delta), 3)
	for b.Loop() {
		for _, err := range stream.Events(bytes.NewReader(in)) {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
}

// BenchmarkManyLines has many short lines in a large buffer: no byte may be searched again for each line.
func BenchmarkManyLines(b *testing.B) {
	for _, le := range lineEnds {
		b.Run(le.name, func(b *testing.B) {
			line := "data:x" + le.end
			in := strings.Repeat(line, 1<<20/len(line)) + le.end
			b.SetBytes(int64(len(in)))
			for b.Loop() {
				for _, err := range stream.Events(strings.NewReader(in)) {
					if err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}
