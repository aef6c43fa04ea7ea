package recording

import (
	"fmt"
	"io"
	"net/http"
	"sync"
)

// Recorder is an [http.RoundTripper] that records what goes through it. It is safe for concurrent use. The answers that callers see are
// those that came, secrets and all.
type Recorder struct {
	next    http.RoundTripper
	journal *journal
}

// NewRecorder returns a recorder that writes into dir, which is made if it is not there, and sends requests by next, nil for
// [http.DefaultTransport]. A dir that holds a recording is refused, so that two sessions do not mix.
func NewRecorder(dir string, next http.RoundTripper) (*Recorder, error) {
	if next == nil {
		next = http.DefaultTransport
	}
	j, err := newJournal(dir)
	if err != nil {
		return nil, fmt.Errorf("recording: %w", err)
	}
	return &Recorder{next: next, journal: j}, nil
}

// Close reports what could not be written, and how many exchanges are not in the recording because their answers were neither read
// to the end nor closed. It closes nothing: the recorder goes on.
func (r *Recorder) Close() error {
	if err := r.journal.close(); err != nil {
		return fmt.Errorf("recording: %w", err)
	}
	return nil
}

// RoundTrip implements [http.RoundTripper].
func (r *Recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	hasBody := req.Body != nil && req.Body != http.NoBody
	p := r.journal.begin(req.Method, req.URL, req.Header, hasBody)
	requestOver := func() {}
	if hasBody {
		out, body := req.Clone(req.Context()), &copied{ReadCloser: req.Body, to: p.request, ended: func(ending, error) { p.requestEnded() }}
		out.Body, out.GetBody = body, nil
		req, requestOver = out, body.finish
	}
	rsp, err := r.next.RoundTrip(req)
	if err != nil {
		requestOver() // a transport may close the body later
		p.failed(err)
		return nil, err
	}
	p.answered(rsp.StatusCode, rsp.Header)
	if rsp.StatusCode == http.StatusSwitchingProtocols {
		requestOver()
		p.answerEnded(endUpgraded, nil)
		return rsp, nil
	}
	rsp.Body = &copied{ReadCloser: rsp.Body, to: p.answer, early: true, ended: func(how ending, err error) {
		requestOver()
		p.answerEnded(how, err)
	}}
	return rsp, nil
}

// copied is a body whose bytes are copied as they are read.
type copied struct {
	io.ReadCloser
	to    io.Writer
	ended func(ending, error)
	early bool // it ends when it was read to its end, whether it is closed or not

	mu   sync.Mutex // a body may be closed while it is read
	over bool
}

func (c *copied) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over {
		return n, err
	}
	_, _ = c.to.Write(p[:n]) // it never fails
	switch {
	case err == nil || !c.early:
	case err == io.EOF:
		c.end(endComplete, nil)
	default:
		c.end(endBroken, err)
	}
	return n, err
}

func (c *copied) Close() error {
	err := c.ReadCloser.Close()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.end(endClosed, nil)
	return err
}

// finish ends the copy, whatever becomes of the body.
func (c *copied) finish() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.end(endClosed, nil)
}

// end is called under mu.
func (c *copied) end(how ending, err error) {
	if !c.over {
		c.over = true
		c.ended(how, err)
	}
}
