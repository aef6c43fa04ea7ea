package recording

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
)

// Handler is an [http.Handler] that records what its clients ask and what they are answered, into the same files as a [Recorder].
type Handler struct {
	next    http.Handler
	journal *journal
	running sync.WaitGroup
}

// NewHandler returns a handler that writes into dir, as [NewRecorder] does, and answers by next.
func NewHandler(dir string, next http.Handler) (*Handler, error) {
	j, err := newJournal(dir)
	if err != nil {
		return nil, fmt.Errorf("recording: %w", err)
	}
	return &Handler{next: next, journal: j}, nil
}

// Close waits until no request is under way, so close the server first, and reports what could not be written.
func (h *Handler) Close() error {
	h.running.Wait()
	if err := h.journal.close(); err != nil {
		return fmt.Errorf("recording: %w", err)
	}
	return nil
}

// ServeHTTP implements [http.Handler].
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.running.Add(1)
	defer h.running.Done()
	u := *r.URL
	u.Scheme, u.Host = "http", r.Host
	if r.TLS != nil {
		u.Scheme = "https"
	}
	hasBody := r.Body != nil && r.Body != http.NoBody
	p := h.journal.begin(r.Method, &u, r.Header, hasBody)
	requestEnded := func() {}
	if hasBody {
		c := &copied{ReadCloser: r.Body, to: p.request, ended: func(ending, error) { p.requestEnded() }}
		requestEnded = c.finish
		r = r.WithContext(r.Context()) // a copy
		r.Body = c
	}
	rw := &answerWriter{ResponseWriter: w, p: p, upgrade: r.Header.Get("Upgrade") != ""}
	rw.end = endBroken // if next panics, as handlers do to cut an answer
	defer func() {
		requestEnded()
		if rw.begun {
			p.answerEnded(rw.end, nil)
		} else {
			p.failed(errCut)
		}
	}()
	h.next.ServeHTTP(rw, r)
	if !rw.taken {
		rw.WriteHeader(http.StatusOK) // unless there was another
		rw.end = endComplete
	}
}

var errCut = errors.New("the server cut the connection")

// answerWriter copies an answer while it is written.
type answerWriter struct {
	http.ResponseWriter
	p       *underway
	upgrade bool // the client asked for a websocket
	begun   bool
	taken   bool // the connection was taken over
	end     ending
}

// WriteHeader implements [http.ResponseWriter].
func (w *answerWriter) WriteHeader(status int) {
	if w.begun {
		return
	}
	if status >= 100 && status < 200 && status != http.StatusSwitchingProtocols {
		w.ResponseWriter.WriteHeader(status)
		return
	}
	w.begun = true
	w.p.answered(status, w.Header())
	w.ResponseWriter.WriteHeader(status)
}

// Write implements [io.Writer].
func (w *answerWriter) Write(b []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	n, err := w.ResponseWriter.Write(b)
	_, _ = w.p.answer.Write(b[:n]) // it never fails
	return n, err
}

// ReadFrom keeps [io.Copy] from writing past Write.
func (w *answerWriter) ReadFrom(r io.Reader) (int64, error) {
	return io.Copy(struct{ io.Writer }{w}, r)
}

// Flush implements [http.Flusher].
func (w *answerWriter) Flush() {
	w.WriteHeader(http.StatusOK)
	_ = http.NewResponseController(w.ResponseWriter).Flush()
}

// Hijack implements [http.Hijacker]. What follows is not recorded.
func (w *answerWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err != nil {
		return conn, rw, err
	}
	w.taken = true
	if w.upgrade && !w.begun {
		w.begun, w.end = true, endUpgraded
		w.p.answered(http.StatusSwitchingProtocols, w.Header())
	}
	return conn, rw, nil
}

// Unwrap is for [http.ResponseController].
func (w *answerWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
