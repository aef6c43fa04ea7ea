package call

import (
	"io"
	"os"
	"path/filepath"
)

// Upload is a file on its way to the server. It is streamed: neither the SDK nor the request holds it whole.
type Upload struct {
	Name     string                  // file name; only its last element is sent. The server looks at the extension
	Reader   io.Reader               // the bytes; read once, from where it stands, and not closed
	Size     int64                   // number of bytes; 0 = unknown, then found out if Reader can seek or tell its length
	Progress func(sent, total int64) // called after each piece, from the sending goroutine; total is -1 if unknown
	_        struct{}
}

// OpenUpload opens a local file for an upload. The caller closes the returned file after the call.
func OpenUpload(path string) (Upload, *os.File, error) {
	f, err := os.Open(path)
	if err != nil {
		return Upload{}, nil, err
	}
	return Upload{Name: filepath.Base(path), Reader: f}, f, nil
}

// Download is a binary answer, live from the network. The caller closes it.
type Download struct {
	io.ReadCloser
	ContentType string // media type of the answer
	Size        int64  // number of bytes, -1 if unknown
}
