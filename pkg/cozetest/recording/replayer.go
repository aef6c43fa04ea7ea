package recording

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"
)

// ReplayOptions change how a recording is replayed.
type ReplayOptions struct {
	// TimeScale is how long a replay takes beside what was recorded: 1 keeps the times of headers and of events, 0.1 takes a tenth,
	// 0, the default, is at once. Pauses are timers, so that they take no time in a bubble of testing/synctest.
	TimeScale float64

	// IgnoreFields are the names of JSON fields, at any depth, and of query parameters that may differ from run to run, such as a
	// time or a random id.
	IgnoreFields []string
}

// Replayer is an [http.RoundTripper] that answers from a recording. A request is found by method, path, query and body; the host
// and the headers do not count, nor the order of fields or the boundary of an upload. Requests that are the same get their answers in
// the order of the recording. Every recorded exchange is replayed once. It is safe for concurrent use.
type Replayer struct {
	opts   ReplayOptions
	ignore map[string]bool

	mu  sync.Mutex
	all []*recorded
}

// NewReplayer reads the recording in dir. A file that cannot be read, or that a newer release has written, is an error.
func NewReplayer(dir string, opts ReplayOptions) (*Replayer, error) {
	if !(opts.TimeScale >= 0) {
		return nil, fmt.Errorf("recording: the time scale is %v", opts.TimeScale)
	}
	exchanges, err := load(dir)
	if err != nil {
		return nil, fmt.Errorf("recording: %w", err)
	}
	r := &Replayer{opts: opts, ignore: map[string]bool{}}
	for _, name := range opts.IgnoreFields {
		r.ignore[name] = true
	}
	for _, x := range exchanges {
		k, err := x.Request.key(r.ignore)
		if err != nil {
			return nil, fmt.Errorf("recording: %s: %w", x.name, err)
		}
		r.all = append(r.all, &recorded{exchange: x, key: k})
	}
	return r, nil
}

// Unused returns the files whose exchanges were not replayed, in order: for a test that must have made all requests.
func (r *Replayer) Unused() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []string
	for _, x := range r.all {
		if !x.used {
			out = append(out, x.name)
		}
	}
	return out
}

// RoundTrip implements [http.RoundTripper]. A request that is not in the recording gets an [*UnmatchedError].
func (r *Replayer) RoundTrip(req *http.Request) (*http.Response, error) {
	began := time.Now()
	b, red, err := readRequest(req)
	if err != nil {
		return nil, err
	}
	asked := request{Method: req.Method, URL: red.url(req.URL), Body: b}
	k, err := asked.key(r.ignore)
	if err != nil {
		return nil, fmt.Errorf("recording: %w", err)
	}
	x := r.take(k)
	if x == nil {
		return nil, &UnmatchedError{Method: asked.Method, URL: asked.URL, Nearest: nearest(r.all, k, r.ignore, b)}
	}
	if x.Response == nil {
		return nil, errors.New("recorded: " + x.Error)
	}
	if err := sleepUntil(req.Context(), nil, began.Add(r.scale(x.Response.HeaderMS))); err != nil {
		return nil, err
	}
	return r.answer(req, x.exchange)
}

// take returns the first exchange of a key that was not replayed; nil if there is none.
func (r *Replayer) take(k key) *recorded {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, x := range r.all {
		if !x.used && x.key == k {
			x.used = true
			return x
		}
	}
	return nil
}

func (r *Replayer) scale(ms int64) time.Duration {
	return time.Duration(float64(ms) * r.opts.TimeScale * float64(time.Millisecond))
}

// readRequest reads and closes the body of a request, and describes it as a recorder would.
func readRequest(req *http.Request) (*body, *redactor, error) {
	red := &redactor{}
	header := red.header(req.Header, inRequests) // learns the token
	if req.Body == nil {
		return nil, red, req.Context().Err()
	}
	defer req.Body.Close()
	contentType := header.Get("Content-Type")
	if boundary := boundaryOf(req.Header.Get("Content-Type")); boundary != "" {
		b, err := readParts(req.Body, boundary, red)
		return b, red, err
	}
	c := newCapture(maxBody)
	if _, err := io.Copy(c, req.Body); err != nil {
		return nil, nil, err
	}
	return describe(contentType, c.captured(), red, inRequests), red, req.Context().Err()
}

var errUpgraded = errors.New("recording: a websocket cannot be replayed")

func (r *Replayer) answer(req *http.Request, x *exchange) (*http.Response, error) {
	rsp := x.Response
	if rsp.End == endUpgraded {
		return nil, errUpgraded
	}
	out := &http.Response{
		Status: strconv.Itoa(rsp.Status) + " " + http.StatusText(rsp.Status), StatusCode: rsp.Status, Request: req,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: rsp.Header.Clone(), ContentLength: -1,
	}
	if out.Header == nil {
		out.Header = http.Header{}
	}
	end := rsp.end()
	if rsp.Events != nil {
		out.Body = &replayedStream{
			ctx: req.Context(), events: rsp.Events, scale: r.scale, end: end, began: time.Now(), closed: make(chan struct{}),
		}
		return out, nil
	}
	text, err := rsp.Body.bytes(func(name string) ([]byte, error) { return os.ReadFile(filepath.Join(x.dir, name)) })
	if err != nil {
		return nil, fmt.Errorf("recording: %s: %w", x.name, err)
	}
	if end == io.EOF { //nolint:errorlint // this very one
		out.ContentLength = int64(len(text))
	}
	out.Body = io.NopCloser(io.MultiReader(bytes.NewReader(text), failing{end}))
	return out, nil
}

// end is what a reader gets behind the last byte.
func (r *response) end() error {
	switch r.End {
	case endClosed:
		return fmt.Errorf("recording: the client that was recorded closed the answer here: %w", io.ErrUnexpectedEOF)
	case endBroken:
		return fmt.Errorf("recorded: %s: %w", r.EndError, io.ErrUnexpectedEOF)
	}
	return io.EOF
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// sleepUntil waits for a time, the end of ctx, or closed.
func sleepUntil(ctx context.Context, closed <-chan struct{}, t time.Time) error {
	d := time.Until(t)
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-closed:
		return errClosed
	case <-ctx.Done():
		return ctx.Err()
	}
}

var errClosed = errors.New("recording: read of a closed body")
