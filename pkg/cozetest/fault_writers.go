package cozetest

import (
	"bytes"
	"errors"
	"maps"
	"net/http"
)

// errCut is what a handler gets that writes on after a cut; it stops then.
var errCut = errors.New("a fault has cut the answer")

// byteWriter sends each byte for itself.
type byteWriter struct{ http.ResponseWriter }

// Unwrap is for [http.ResponseController].
func (w byteWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w byteWriter) Write(p []byte) (int, error) {
	flusher := http.NewResponseController(w.ResponseWriter)
	for i := range p {
		if _, err := w.ResponseWriter.Write(p[i : i+1]); err != nil {
			return i, err
		}
		if err := flusher.Flush(); err != nil {
			return i, err
		}
	}
	return len(p), nil
}

// typeWriter calls the answer what it is not.
type typeWriter struct {
	http.ResponseWriter
	begun bool
}

// Unwrap is for [http.ResponseController].
func (w *typeWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *typeWriter) WriteHeader(status int) {
	w.begun = true
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.ResponseWriter.WriteHeader(status)
}

func (w *typeWriter) Write(p []byte) (int, error) {
	if !w.begun {
		w.WriteHeader(http.StatusOK)
	}
	return w.ResponseWriter.Write(p)
}

// cutWriter lets only the beginning of the body through.
type cutWriter struct {
	http.ResponseWriter
	fault   Fault
	bytes   int
	events  int
	newline bool // the last byte was one
	cut     bool
}

// Unwrap is for [http.ResponseController].
func (w *cutWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *cutWriter) Write(p []byte) (int, error) {
	if w.cut {
		return 0, errCut
	}
	n := 0
	for n < len(p) && !w.reached() {
		if p[n] == '\n' && w.newline {
			w.events++
		}
		w.newline = p[n] == '\n'
		w.bytes++
		n++
	}
	w.cut = w.reached()
	n, err := w.ResponseWriter.Write(p[:n])
	if err == nil && w.cut {
		err = errors.Join(http.NewResponseController(w.ResponseWriter).Flush(), errCut)
	}
	return n, err
}

func (w *cutWriter) reached() bool {
	switch f := w.fault; {
	case f.Events > 0 && f.Bytes > 0:
		return w.events >= f.Events || w.bytes >= f.Bytes
	case f.Events > 0:
		return w.events >= f.Events
	default:
		return w.bytes >= f.Bytes
	}
}

// end breaks the connection where the fault says so.
func (w *cutWriter) end() {
	if w.cut && w.fault.Kind == FaultCutStream {
		panic(http.ErrAbortHandler)
	}
}

// heldWriter keeps an answer from being sent.
type heldWriter struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (w *heldWriter) Header() http.Header         { return w.header }
func (w *heldWriter) Write(p []byte) (int, error) { return w.body.Write(p) }
func (w *heldWriter) FlushError() error           { return nil }

func (w *heldWriter) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
}

func (w *heldWriter) sentStatus() int {
	if w.status == 0 {
		return http.StatusOK
	}
	return w.status
}

func (w *heldWriter) copyHeader(to http.Header) { maps.Copy(to, w.header) }
