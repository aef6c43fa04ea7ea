package recording

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// journal writes exchanges into a directory.
type journal struct {
	dir string
	red redactor

	mu    sync.Mutex
	count int
	open  int
	errs  []error
}

func newJournal(dir string) (*journal, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	old, err := filepath.Glob(filepath.Join(dir, "*"+fileEnd))
	if err != nil {
		return nil, err
	}
	if len(old) > 0 {
		return nil, fmt.Errorf("there is a recording in %s already: name another directory, or empty it", dir)
	}
	return &journal{dir: dir}, nil
}

// close returns what went wrong.
func (j *journal) close() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	errs := j.errs
	if j.open > 0 {
		errs = append(errs, fmt.Errorf("%d exchanges are not over and not recorded: read or close their answers first", j.open))
	}
	return errors.Join(errs...)
}

// underway is an exchange that is being recorded. The request and the answer have an end each; the later one writes the file.
type underway struct {
	journal *journal
	x       exchange
	began   time.Time
	name    string // without the end
	binary  []byte // for the file beside
	ends    atomic.Int32

	request    io.Writer // what the body of the request is copied to; nil = it has none
	upload     *watchedUpload
	capture    *capture
	answer     io.Writer
	answerBody *capture
	events     *eventRecorder
}

func (j *journal) begin(method string, u *url.URL, header http.Header, hasBody bool) *underway {
	j.mu.Lock()
	j.count++
	j.open++
	number := j.count
	j.mu.Unlock()
	p := &underway{
		journal: j, began: time.Now(),
		name: fmt.Sprintf("%04d-%s%s", number, method, fileName(u.Path)),
	}
	p.x.RecordedAt = p.began.UTC().Truncate(time.Millisecond)
	p.x.Request = request{Method: method, Header: j.red.header(header, inRequests)}
	p.x.Request.URL = j.red.url(u) // after the header, which may tell the token
	delete(p.x.Request.Header, "Content-Length")
	p.ends.Store(1)
	if !hasBody {
		return p
	}
	p.ends.Store(2)
	if boundary := boundaryOf(header.Get("Content-Type")); boundary != "" {
		p.upload = watchUpload(boundary, &j.red)
		p.request = p.upload
	} else {
		p.capture = newCapture(maxBody)
		p.request = p.capture
	}
	return p
}

// maxFileName is how much of a path gets into the name of a file.
const maxFileName = 60

// fileName makes a part of a name of a file of a path.
func fileName(path string) string {
	path = strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', r == '_', r == '.':
			return r
		}
		return '-'
	}, path)
	return path[:min(len(path), maxFileName)]
}

// requestEnded is called once, when the body was sent as far as it will be.
func (p *underway) requestEnded() {
	if p.upload != nil {
		p.x.Request.Body = p.upload.end()
	} else {
		p.x.Request.Body = describe(p.x.Request.Header.Get("Content-Type"), p.capture.captured(), &p.journal.red, inRequests)
	}
	p.ended()
}

// answered notes the header of the answer, and readies what its body is copied to.
func (p *underway) answered(status int, header http.Header) {
	now := time.Now()
	rsp := &response{Status: status, HeaderMS: now.Sub(p.began).Milliseconds(), Header: p.journal.red.header(header, inAnswers)}
	for _, name := range []string{"Content-Length", "Transfer-Encoding", "Connection"} {
		delete(rsp.Header, name) // of the connection; the text may have another length now
	}
	p.x.Response = rsp
	if kind, _, _ := mime.ParseMediaType(header.Get("Content-Type")); kind == "text/event-stream" {
		p.events = &eventRecorder{red: &p.journal.red, began: now}
		p.answer = p.events
		return
	}
	p.answerBody = newCapture(maxBody)
	p.answer = p.answerBody
}

// answerEnded is called once. err is why reading failed.
func (p *underway) answerEnded(end ending, err error) {
	rsp := p.x.Response
	rsp.End = end
	if err != nil {
		rsp.EndError = p.journal.red.text(err.Error())
	}
	if p.events != nil {
		rsp.Events = p.events.end()
		if p.events.full() {
			rsp.End, rsp.EndError = endBroken, "the recording holds only the beginning of this stream"
		}
	} else {
		rsp.Body = describe(rsp.Header.Get("Content-Type"), p.answerBody.captured(), &p.journal.red, inAnswers)
		if b := rsp.Body; b != nil && len(b.Base64) > maxInline {
			p.binary, b.Base64, b.File = b.Base64, nil, p.name+".bin"
		}
	}
	p.ended()
}

// failed is called once in place of answered and answerEnded.
func (p *underway) failed(err error) {
	p.x.Error = p.journal.red.text(err.Error())
	p.ended()
}

func (p *underway) ended() {
	if p.ends.Add(-1) > 0 {
		return
	}
	err := p.write()
	p.journal.mu.Lock()
	defer p.journal.mu.Unlock()
	p.journal.open--
	if err != nil {
		p.journal.errs = append(p.journal.errs, err)
	}
}

func (p *underway) write() error {
	text, err := p.x.encode()
	if err != nil {
		return fmt.Errorf("%s: %w", p.name, err)
	}
	if p.binary != nil {
		if err := p.journal.writeFile(p.name+".bin", p.binary); err != nil {
			return err
		}
	}
	return p.journal.writeFile(p.name+fileEnd, text)
}

// writeFile writes a file at once or not at all.
func (j *journal) writeFile(name string, text []byte) error {
	path := filepath.Join(j.dir, name)
	if err := os.WriteFile(path+".part", text, 0o600); err != nil {
		return err
	}
	return os.Rename(path+".part", path)
}
