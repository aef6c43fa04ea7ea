package stream_test

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/cozekit/cozekit/pkg/stream"
)

// FuzzDecoder compares the decoder with the reference, for the whole input and for pieces of it.
func FuzzDecoder(f *testing.F) {
	for _, tt := range decoderTests {
		for _, le := range lineEnds {
			f.Add([]byte(strings.ReplaceAll(tt.in, "\n", le.end)), []byte{3, 1, 0}, uint16(0))
		}
		f.Add([]byte(tt.in), []byte{1}, uint16(9))
	}
	long := strings.Repeat("x", 5000)
	f.Add([]byte("data:"+long+"\n:"+long+"\ndata:1\nevent:"+long+"\n\ndata:2\n\n"), []byte{0}, uint16(0))
	f.Add([]byte("data:1\nid:"+long+"\n\ndata:2\n\n"), []byte{200, 7}, uint16(5000))
	f.Fuzz(func(t *testing.T, in, sizes []byte, limit16 uint16) {
		limit := stream.DefaultMaxEventSize
		var opts []stream.Option
		if limit16 > 0 {
			limit = int(limit16)
			opts = append(opts, stream.WithMaxEventSize(limit))
		}
		s := string(in)
		want, wantErr := reference(s, limit)
		for _, r := range []struct {
			name string
			io.Reader
		}{
			{"whole", strings.NewReader(s)},
			{"data with EOF", iotest.DataErrReader(strings.NewReader(s))},
			{"pieces", split(s, sizes)},
			{"single bytes", iotest.OneByteReader(strings.NewReader(s))},
		} {
			got, err := collect(r, opts...)
			diffEvents(t, r.name, got, want)
			if !errors.Is(err, wantErr) {
				t.Errorf("%s: got error %v, want %v", r.name, err, wantErr)
			}
		}
	})
}

// FuzzStream checks what a loop over a stream promises, for any verdicts.
func FuzzStream(f *testing.F) {
	f.Add([]byte("data:0\n\ndata:1\n\ndata:2\n\ndata:3\n\ndata:4\n\n"), []byte{0, 1, 2, 0})
	f.Add([]byte("data:0\n\ndata:1\n\n"), []byte{1, 4})
	f.Add([]byte("data:0\n\ndata:1"), []byte{3})
	f.Fuzz(func(t *testing.T, in, verdicts []byte) {
		all, _ := reference(string(in), stream.DefaultMaxEventSize)
		bad := errors.New("bad event")
		verdict := func(i int) (stream.Verdict, error) {
			if i < len(verdicts) && verdicts[i] <= byte(stream.End) {
				return stream.Verdict(verdicts[i]), nil
			} else if i < len(verdicts) && verdicts[i] == 4 {
				return stream.Skip, bad
			}
			return stream.Deliver, nil
		}

		var want []event
		wantErr := io.ErrUnexpectedEOF
	events:
		for i, ev := range all {
			switch v, err := verdict(i); {
			case err != nil:
				want, wantErr = append(want, ev), err
				break events
			case v == stream.Skip:
			case v == stream.End:
				want, wantErr = append(want, ev), nil
				break events
			default:
				want = append(want, ev)
				if v == stream.Complete {
					wantErr = nil
				}
			}
		}

		body := &body{Reader: strings.NewReader(string(in))}
		i := -1
		s := stream.New(body, func(ev stream.Event) (event, stream.Verdict, error) {
			i++
			v, err := verdict(i)
			return toEvent(ev), v, err
		})
		var got []event
		var gotErr error
		for v, err := range s.All() {
			if gotErr != nil {
				t.Fatal("a pair after the error")
			}
			if gotErr = err; err == nil || err == bad {
				got = append(got, v)
			} else if v != (event{}) {
				t.Errorf("value %v beside error %v", v, err)
			}
		}
		diffEvents(t, "events", got, want)
		if !errors.Is(gotErr, wantErr) || body.closed.Load() != 1 {
			t.Errorf("got error %v, closed %d times, want %v, once", gotErr, body.closed.Load(), wantErr)
		}
	})
}
