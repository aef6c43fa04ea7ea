package coze

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"sync/atomic"

	"github.com/cozekit/cozekit/internal/gate"
)

// ProxyUpload is a body that is passed on while it comes.
type ProxyUpload struct {
	ContentType string // multipart/form-data with its boundary
	Size        int64  // bytes; -1 if not known
	Body        io.Reader
}

// limitedBody remembers that a body was too long, which the error of a request does not always tell.
type limitedBody struct {
	io.Reader
	exceeded atomic.Bool
}

func (b *limitedBody) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		b.exceeded.Store(true)
	}
	return n, err
}

// read takes the body of a request in, unless it is an upload.
func (p *proxy) read(w http.ResponseWriter, r *http.Request, call *ProxyCall) error {
	if r.Body == nil {
		return nil
	}
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	upload, limit := kind == "multipart/form-data", p.cfg.MaxBody
	if upload {
		limit = p.cfg.MaxUpload
	}
	if r.ContentLength > limit {
		return tooLarge(upload, limit)
	}
	body := http.MaxBytesReader(w, r.Body, limit) // after an EOF it leaves r.Body alone, which closes when the answer begins
	if upload {
		call.limited = &limitedBody{Reader: body}
		call.Upload = &ProxyUpload{ContentType: r.Header.Get("Content-Type"), Size: r.ContentLength, Body: call.limited}
		return nil
	}
	var err error
	call.Body, err = readBody(body, r.ContentLength)
	var over *http.MaxBytesError
	switch {
	case errors.As(err, &over):
		return tooLarge(upload, limit)
	case err != nil:
		return gate.Refuse(http.StatusBadRequest, CodeInvalidParameter, "the body did not come whole")
	case call.target.op.Method == http.MethodGet:
		call.Body = nil // of an SDK that sends POST for GET
	case len(call.Body) > 0 && kind != "application/json":
		return gate.Refuse(http.StatusUnsupportedMediaType, CodeInvalidParameter, "the body is neither JSON nor multipart/form-data")
	}
	return nil
}

// maxAnnounced bounds the memory that a body gets because its header says that it will be long.
const maxAnnounced = 64 << 10

func readBody(r io.Reader, size int64) ([]byte, error) {
	var b bytes.Buffer
	if size > 0 {
		b.Grow(int(min(size, maxAnnounced)) + bytes.MinRead)
	}
	_, err := b.ReadFrom(r)
	return b.Bytes(), err
}

func tooLarge(upload bool, limit int64) *Error {
	if upload {
		return gate.Refuse(http.StatusRequestEntityTooLarge, CodeFileTooLarge, fmt.Sprintf("uploads have at most %d bytes here", limit))
	}
	return gate.Refuse(http.StatusRequestEntityTooLarge, CodeInvalidParameter, fmt.Sprintf("requests have at most %d bytes here", limit))
}
