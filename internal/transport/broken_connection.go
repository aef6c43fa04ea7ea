package transport

import (
	"errors"
	"io"
	"strings"
	"syscall"
)

// isBrokenConnection tells the errors by which net/http reports a connection that ended too early. Some have no type.
func isBrokenConnection(err error) bool {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNREFUSED) {
		return true
	}
	text := err.Error()
	return strings.Contains(text, "server closed idle connection") || strings.Contains(text, "http2: server sent GOAWAY")
}
