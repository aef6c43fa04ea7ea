package stream_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/cozekit/cozekit/pkg/stream"
)

// body counts how often it is closed.
type body struct {
	io.Reader
	err    error // of Close
	closed atomic.Int32
}

func (b *body) Close() error {
	b.closed.Add(1)
	return b.err
}

var errBad = errors.New("bad event")

// verdictOf does with an event what its type says.
func verdictOf(ev stream.Event) (string, stream.Verdict, error) {
	data := string(ev.Data)
	switch ev.Type {
	case "skip":
		return data, stream.Skip, nil
	case "complete":
		return data, stream.Complete, nil
	case "end":
		return data, stream.End, nil
	case "bad":
		return data, stream.Deliver, errBad
	case "eof":
		return data, stream.Deliver, io.EOF
	}
	return data, stream.Deliver, nil
}

func TestStream(t *testing.T) {
	t.Parallel()
	boom := errors.New("boom")
	tests := []struct {
		name, in string
		readErr  error
		want     string // values, joined
		err      error
	}{
		{"end", "data:1\n\nevent:end\ndata:2\n\ndata:3\n\n", nil, "1 2", nil},
		{"complete, then the end of the input", "data:1\n\nevent:complete\ndata:2\n\n", nil, "1 2", nil},
		{"complete, then more", "event:complete\ndata:1\n\ndata:2\n\nevent:skip\n\n", nil, "1 2", nil},
		{"complete, then end", "event:complete\ndata:1\n\nevent:end\ndata:2\n\ndata:3\n\n", nil, "1 2", nil},
		{"complete, then a read error", "event:complete\ndata:1\n\n", boom, "1 ", boom},
		{"skip", "event:skip\ndata:1\n\nevent:end\ndata:2\n\n", nil, "2", nil},
		{"truncated", "data:1\n\n", nil, "1 ", io.ErrUnexpectedEOF},
		{"truncated in an event", "data:1\n\ndata:2", nil, "1 2 ", io.ErrUnexpectedEOF},
		{"end in an unfinished event", "data:1\n\nevent:end", nil, "1 ", nil},
		{"empty", "", nil, "", io.ErrUnexpectedEOF},
		{"only skipped", "event:skip\n\n", nil, "", io.ErrUnexpectedEOF},
		{"decode error comes with its value", "data:1\n\nevent:bad\ndata:2\n\ndata:3\n\n", nil, "1 2", errBad},
		{"decode error EOF is not the end", "event:complete\ndata:1\n\nevent:eof\ndata:2\n\n", nil, "1 2", io.EOF},
		{"read error", "data:1\n\ndata:2\n", boom, "1 ", boom},
		{"too large", "data:1\n\ndata:" + strings.Repeat("x", 100), nil, "1 ", stream.ErrEventTooLarge},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := &body{Reader: &pieces{left: []string{tt.in}, end: tt.readErr}, err: boom}
			if tt.in == "" {
				b.Reader = strings.NewReader("")
			}
			s := stream.New(b, verdictOf, stream.WithMaxEventSize(50))
			var got []string
			var gotErr error
			for v, err := range s.All() {
				if gotErr != nil {
					t.Fatal("a pair after the error")
				}
				got, gotErr = append(got, v), err
			}
			if g := strings.Join(got, " "); g != tt.want || !errors.Is(gotErr, tt.err) {
				t.Errorf("got %q, %v, want %q, %v", g, gotErr, tt.want, tt.err)
			}
			if err := s.Close(); err != boom || b.closed.Load() != 1 {
				t.Errorf("Close: %v, body closed %d times, want boom, once", err, b.closed.Load())
			}
			for v, err := range s.All() {
				if v != "" || err != stream.ErrUsed {
					t.Errorf("second loop: got %q, %v, want ErrUsed", v, err)
				}
			}
		})
	}
}

func TestStreamLeaveLoop(t *testing.T) {
	t.Parallel()
	const in = "data:1\n\ndata:2\n\ndata:3\n\n"
	tests := []struct {
		name string
		loop func(s *stream.Stream[string]) (errs []error)
	}{
		{"break", func(s *stream.Stream[string]) (errs []error) {
			for _, err := range s.All() {
				errs = append(errs, err)
				break
			}
			return errs
		}},
		{"panic", func(s *stream.Stream[string]) (errs []error) {
			defer func() { _ = recover() }()
			for _, err := range s.All() {
				errs = append(errs, err)
				panic("in the body")
			}
			return errs
		}},
		{"close in the body", func(s *stream.Stream[string]) (errs []error) {
			for _, err := range s.All() {
				errs = append(errs, err)
				s.Close()
				s.Close()
			}
			return errs
		}},
		{"loop in the loop", func(s *stream.Stream[string]) (errs []error) {
			for range s.All() {
				for _, err := range s.All() {
					errs = append(errs, err)
				}
				break
			}
			if !slices.Equal(errs, []error{stream.ErrUsed}) {
				return errs
			}
			return []error{nil}
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := &body{Reader: strings.NewReader(in)}
			errs := tt.loop(stream.New(b, verdictOf))
			if !slices.Equal(errs, []error{nil}) && tt.name != "panic" {
				t.Errorf("got %v", errs)
			}
			if b.closed.Load() != 1 {
				t.Errorf("closed %d times, want once", b.closed.Load())
			}
		})
	}
}

func TestStreamCloseBeforeLoop(t *testing.T) {
	t.Parallel()
	p := &pieces{left: []string{"data:1\n\n"}}
	b := &body{Reader: p}
	s := stream.New(b, verdictOf)
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	var errs []error
	for v, err := range s.All() {
		errs = append(errs, err)
		if v != "" {
			t.Errorf("got %q", v)
		}
	}
	if !slices.Equal(errs, []error{stream.ErrClosed}) || p.reads != 0 || b.closed.Load() != 1 {
		t.Errorf("got %v, %d reads, closed %d times", errs, p.reads, b.closed.Load())
	}
}

// TestStreamCloseElsewhere closes from other goroutines while the loop waits for a server.
func TestStreamCloseElsewhere(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "data:1\n\n")
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}))
	defer srv.Close()
	resp, err := srv.Client().Get(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	waiting := make(chan struct{})
	reads := 0
	b := &closeTogether{resp.Body, readerFunc(func(p []byte) (int, error) {
		if reads++; reads == 2 {
			close(waiting)
		}
		return resp.Body.Read(p)
	})}
	s := stream.New(b, verdictOf)
	closed := make(chan error)
	for range 3 {
		go func() {
			<-waiting
			closed <- s.Close()
		}()
	}
	goroutines := runtime.NumGoroutine()
	var got []string
	var errs []error
	for v, err := range s.All() {
		if len(got) == 0 && runtime.NumGoroutine() > goroutines {
			t.Errorf("the loop started a goroutine")
		}
		got, errs = append(got, v), append(errs, err)
	}
	if !slices.Equal(got, []string{"1", ""}) || !slices.Equal(errs, []error{nil, stream.ErrClosed}) {
		t.Errorf("got %q, %v, want one value, then ErrClosed", got, errs)
	}
	for range 3 {
		if err := <-closed; err != nil {
			t.Error(err)
		}
	}
}

// closeTogether reads from one and closes the other.
type closeTogether struct {
	io.Closer
	io.Reader
}

// TestStreamCloseAnytime closes at random moments: the race detector looks on.
func TestStreamCloseAnytime(t *testing.T) {
	t.Parallel()
	for range 200 {
		r, w := io.Pipe()
		s := stream.New(r, verdictOf)
		go func() {
			for {
				if _, err := io.WriteString(w, "data:1\n\ndata:2\n\n"); err != nil {
					return
				}
			}
		}()
		n := 0
		for _, err := range s.All() {
			if n++; n == 2 {
				go s.Close()
			}
			if err != nil && err != stream.ErrClosed {
				t.Errorf("got %v, want ErrClosed", err)
			}
		}
	}
}
