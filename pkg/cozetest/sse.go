package cozetest

import (
	"context"
	"fmt"
	"net/http"
)

// doneText is the data of the event done in chats with bots: JSON text, with its quotes.
const doneText = `"[DONE]"`

// chatForm is an event as the chat endpoints write it: no space after the colon, no id.
func chatForm(_ int, name string, data []byte) []byte {
	b := make([]byte, 0, len(name)+len(data)+14)
	b = append(append(b, "event:"...), name...)
	b = append(append(b, "\ndata:"...), data...)
	return append(b, "\n\n"...)
}

// chatflowForm is an event of a chat as the endpoint for chatflows writes it: a space after the colon.
func chatflowForm(_ int, name string, data []byte) []byte {
	return fmt.Appendf(nil, "event: %s\ndata: %s\n\n", name, data)
}

// workflowForm is an event as the workflow endpoints write it.
func workflowForm(n int, name string, data []byte) []byte {
	return fmt.Appendf(nil, "id: %d\nevent: %s\ndata: %s\n\n", n, name, data)
}

// openStream begins an answer of events.
func (x *exchange) openStream() {
	h := x.w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-cache")
	x.finish(http.StatusOK)
	_ = http.NewResponseController(x.w).Flush()
}

// frame is a piece of a stream.
type frame struct {
	name    string // of the event; empty for raw bytes
	bytes   []byte
	message bool // of a message, which a canceled chat sends no more
	drop    bool // break the connection
}

// segment is the stream of one request: a chat that asks for tools, or a run that is resumed, has one for each request that it
// answers. The goroutine of the turn or run writes and closes frames, the goroutine of the request reads them and closes gone when it
// stops reading.
type segment struct {
	frames chan frame
	gone   chan struct{}
}

func newSegment() *segment {
	return &segment{frames: make(chan frame), gone: make(chan struct{})}
}

// copyTo writes the segment until its end, or until the client goes, which leaves the chat running. ctx ends when the chat is
// canceled, over when its goroutine ends.
func (g *segment) copyTo(ctx context.Context, x *exchange, over <-chan struct{}) {
	defer close(g.gone)
	x.openStream()
	flusher := http.NewResponseController(x.w)
	for {
		select {
		case <-x.r.Context().Done():
			return
		case <-x.srv.ctx.Done():
			panic(http.ErrAbortHandler)
		case <-over:
			return
		case f, ok := <-g.frames:
			switch {
			case !ok:
				return
			case f.drop:
				panic(http.ErrAbortHandler)
			case f.message && ctx.Err() != nil:
				continue
			}
			if _, err := x.w.Write(f.bytes); err != nil {
				return
			}
			if err := flusher.Flush(); err != nil {
				return
			}
		}
	}
}
