package recording

import (
	"encoding/hex"
	"io"
	"mime"
	"mime/multipart"
)

// boundaryOf is the boundary of a multipart body; empty if it is none.
func boundaryOf(contentType string) string {
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil || kind != "multipart/form-data" {
		return ""
	}
	return params["boundary"]
}

// maxParts bounds the parts of a body that are kept.
const maxParts = 100

// readParts reads a multipart body piece by piece: of a file only the beginning is kept.
func readParts(from io.Reader, boundary string, r *redactor) (*body, error) {
	b := &body{Parts: []part{}}
	parts := multipart.NewReader(from, boundary)
	for {
		p, err := parts.NextRawPart()
		if err == io.EOF {
			return b, nil
		}
		if err != nil {
			return b, err
		}
		c := newCapture(maxUpload)
		if _, err := io.Copy(c, p); err != nil {
			return b, err
		}
		if len(b.Parts) < maxParts {
			b.Parts = append(b.Parts, describePart(p, c.captured(), r))
		}
	}
}

func describePart(p *multipart.Part, c captured, r *redactor) part {
	out := part{
		Name: p.FormName(), FileName: r.text(p.FileName()), ContentType: p.Header.Get("Content-Type"), Size: c.size,
		SHA256: hex.EncodeToString(c.hash[:]),
	}
	switch {
	case out.FileName == "" && r.secret(out.Name, inRequests):
		out.Text, out.Size, out.SHA256 = redacted, 0, ""
	case printable(c.data) && c.whole():
		out.Text = r.text(string(c.data))
	default:
		out.Base64 = c.data
	}
	return out
}

// watchedUpload reads the parts of a body while it is sent.
type watchedUpload struct {
	to   *io.PipeWriter
	done chan struct{}
	body *body
}

func watchUpload(boundary string, r *redactor) *watchedUpload {
	from, to := io.Pipe()
	w := &watchedUpload{to: to, done: make(chan struct{})}
	go func() {
		defer close(w.done)
		w.body, _ = readParts(from, boundary, r) // what came until it broke off
		_, _ = io.Copy(io.Discard, from)         // so that the upload is never held up
	}()
	return w
}

func (w *watchedUpload) Write(p []byte) (int, error) { return w.to.Write(p) }

// end returns what was sent. The goroutine has ended by then.
func (w *watchedUpload) end() *body {
	_ = w.to.Close()
	<-w.done
	return w.body
}
