package coze

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"sync"

	"github.com/cozekit/cozekit/gen/cozeapi"
)

// AnswerReader is the text of the answers of a chat as they come: the contents of all messages of type answer, with a line end
// between two, as [ChatResult.Answer] has it. Make one with [ChatStream.Answer]. Read it to its end or call
// [AnswerReader.Close]; until then it holds the stream open, and after a first Read a goroutine with it.
//
// [io.Copy] uses its WriteTo. Read and WriteTo are for one goroutine; Close may be called from any.
type AnswerReader struct {
	stream *ChatStream

	mu     sync.Mutex // held by Read and WriteTo
	next   func() (ChatEvent, error, bool)
	stop   func()
	unread string
	err    error // that ended the text; nil before

	begun bool            // some text has come
	last  string          // id of the message that it came from
	seen  map[string]bool // messages whose text came in deltas
}

// Answer returns the text of the answers, to be read in place of [ChatStream.All].
//
//	answer := s.Answer()
//	defer answer.Close()
//	_, err = io.Copy(w, answer) // w may be an http.ResponseWriter
func (s *ChatStream) Answer() *AnswerReader { return &AnswerReader{stream: s, seen: map[string]bool{}} }

// Read reads the next text and blocks until there is some. After the last it returns [io.EOF]; for a chat that failed, was
// canceled or broke off it returns the error that [ChatStream.All] has, or one that matches [ErrCanceled].
func (r *AnswerReader) Read(p []byte) (n int, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.unread == "" && len(p) > 0 {
		r.unread, err = r.piece()
	}
	n = copy(p, r.unread)
	r.unread = r.unread[n:]
	return n, err
}

// WriteTo writes the rest of the text to w, each piece as it comes. If w is an [http.Flusher], or an [http.ResponseWriter] that
// wraps one, each piece is flushed, so that a browser shows it at once. The error is that of Read or of w; the normal end is
// none.
func (r *AnswerReader) WriteTo(w io.Writer) (written int64, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for text := r.unread; err == nil; text, err = r.piece() {
		if r.unread = ""; text == "" {
			continue // nothing was left by Read
		}
		n, writeErr := io.WriteString(w, text)
		written += int64(n)
		if writeErr == nil {
			writeErr = flush(w)
		}
		if writeErr != nil {
			r.end(writeErr)
			return written, writeErr
		}
	}
	if err == io.EOF {
		err = nil
	}
	return written, err
}

// piece is the next text, or the error that ended it all.
func (r *AnswerReader) piece() (string, error) {
	for r.err == nil {
		if r.next == nil {
			r.next, r.stop = iter.Pull2(r.stream.All())
		}
		ev, err, ok := r.next()
		text := ""
		switch {
		case !ok && r.stream.ended():
			err = io.EOF
		case !ok:
			err = errReaderClosed // by another goroutine, between two pieces
		case err == nil:
			text, err = r.text(&ev)
		}
		if err != nil {
			r.end(err)
		}
		if text != "" {
			return text, nil
		}
	}
	return "", r.err
}

func (r *AnswerReader) end(err error) {
	r.err = err
	if r.stop != nil {
		r.stop()
	}
}

// Close ends the stream as [ChatStream.Close] does. A Read that waits for text returns with an error; Close waits for that, and
// for a writer that WriteTo writes to.
func (r *AnswerReader) Close() error {
	err := r.stream.Close()
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err == nil {
		r.end(errReaderClosed)
	}
	return err
}

var errReaderClosed = errors.New("coze: the answer is closed")

// text is what an event adds to the text. A message that came without deltas counts when it is completed.
func (r *AnswerReader) text(ev *ChatEvent) (string, error) {
	m := ev.Message
	switch {
	case ev.Type == cozeapi.ChatEventChatCanceled:
		return "", fmt.Errorf("coze: chat %s was canceled: %w", r.stream.ChatID(), ErrCanceled)
	case m == nil || m.Type != MessageTypeAnswer || m.Content == "":
		return "", nil
	case ev.Type == cozeapi.ChatEventMessageDelta:
		r.seen[m.ID] = true
	case ev.Type != cozeapi.ChatEventMessageCompleted || r.seen[m.ID]:
		return "", nil
	}
	separator := ""
	if r.begun && r.last != m.ID {
		separator = "\n"
	}
	r.begun, r.last = true, m.ID
	return separator + m.Content, nil
}

// flush sends what w holds back. A writer that cannot is none to complain about.
func flush(w io.Writer) error {
	rw, ok := w.(http.ResponseWriter)
	if !ok {
		if f, ok := w.(http.Flusher); ok {
			f.Flush()
		}
		return nil
	}
	if err := http.NewResponseController(rw).Flush(); !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	return nil
}
