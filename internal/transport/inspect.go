package transport

import (
	"github.com/cozekit/cozekit/pkg/stream"
)

// An Inspector is shown what servers send, as it came. It is called in the goroutine of the call, before the message is decoded
// or after, must be safe for concurrent use, and must neither keep nor change what it is shown.
type Inspector interface {
	// Picks tells whether the next answer, stream or websocket connection of op is to be inspected.
	Picks(op *Op) bool
	// Answer is shown the body of an answer that is no stream and no file. It need not be JSON.
	Answer(op *Op, logID string, status int, body []byte)
	// Event is shown one event of a stream.
	Event(op *Op, logID, name string, data []byte)
	// Frame is shown one text frame of a websocket.
	Frame(op *Op, frame []byte)
}

// inspect shows a whole answer to the inspector, if there is one and it wants it. Of a stream it is shown the events later.
func (c *Client) inspect(x *exchange) {
	inspector := c.cfg.Inspector
	if inspector == nil || x.live == nil && len(x.raw) == 0 || x.want == wantBinary && x.live != nil || !inspector.Picks(x.op) {
		return
	}
	if x.live != nil {
		x.inspector = inspector
		return
	}
	inspector.Answer(x.op, x.rspHeader.Get(logIDHeader), x.status, x.raw)
}

// inspectEvent shows an event of a stream that the inspector wants to see.
func (x *exchange) inspectEvent(ev stream.Event) {
	if x.inspector != nil {
		x.inspector.Event(x.op, x.rspHeader.Get(logIDHeader), ev.Type, ev.Data)
	}
}

// Watch returns what is to be called with each frame of a new connection of op; nil if nobody looks on.
func (s Socket) Watch(op *Op) func(frame []byte) {
	if s.Inspector == nil || !s.Inspector.Picks(op) {
		return nil
	}
	return func(frame []byte) { s.Inspector.Frame(op, frame) }
}
