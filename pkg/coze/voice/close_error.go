package voice

import (
	"errors"
	"fmt"
	"strings"

	"github.com/coder/websocket"
	"github.com/cozekit/cozekit/pkg/coze"
)

// ErrClosed is what calls of a session report that was closed by its Close.
var ErrClosed = errors.New("voice: the session is closed")

// ErrReconnected is what Turn reports, beside the cause, when the connection was lost and made again: the turn that it waited
// for is lost. See [Reconnect].
var ErrReconnected = errors.New("voice: the connection was lost during the turn and made again")

// CloseError is how a session ended that the server hung up, or whose connection broke.
type CloseError struct {
	Op     string // operation as the document names it, e.g. ConnectChatSocket
	Host   string // host of the websocket
	Code   int    // close code of RFC 6455; 1005 = the server gave none, 1006 = the connection broke without a goodbye
	Reason string // what the server said
	LogID  string // log id to quote to Coze support
	Err    error  // what lies behind it: a network error, or the error that the server had reported just before, as a [*coze.Error]
}

// Error says on one line who hung up and why.
func (e *CloseError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "voice: %s: the server closed the connection (close code %d", e.Op, e.Code)
	if e.Code == int(websocket.StatusAbnormalClosure) {
		b.Reset()
		fmt.Fprintf(&b, "voice: %s: the connection broke (close code 1006", e.Op)
	}
	if e.Reason != "" {
		fmt.Fprintf(&b, ", reason %q", e.Reason)
	}
	fmt.Fprintf(&b, ", host %s", e.Host)
	if e.LogID != "" {
		fmt.Fprintf(&b, ", logid %s", e.LogID)
	}
	b.WriteByte(')')
	if e.Err != nil {
		fmt.Fprintf(&b, ": %v", e.Err)
	}
	return b.String()
}

// Unwrap returns Err.
func (e *CloseError) Unwrap() error { return e.Err }

// deadPeerError is a ping without a pong.
type deadPeerError struct{ err error }

func (e *deadPeerError) Error() string {
	return "the server has gone silent: no pong came to a ping"
}

func (e *deadPeerError) Is(target error) bool { return target == coze.ErrTimeout }

func (e *deadPeerError) Unwrap() error { return e.err }
