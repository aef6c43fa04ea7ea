package cozetest

import (
	"encoding/json"
	"runtime"
)

// Fail ends the script and fails the chat: status failed, last_error with this code and message, the event
// conversation.chat.failed, done. It does not return.
func (t *Turn) Fail(code int, msg string) {
	t.chatError(code, msg)
	t.outcome = outcomeFailed
	runtime.Goexit()
}

// Error ends the script and the stream with an event named error, after which nothing comes, done neither. The chat is failed.
// It does not return.
func (t *Turn) Error(code int, msg string) {
	t.chatError(code, msg)
	t.outcome = outcomeError
	runtime.Goexit()
}

func (t *Turn) chatError(code int, msg string) {
	t.srv.state.mu.Lock()
	defer t.srv.state.mu.Unlock()
	t.chat.wire.LastError = wireError{code, msg}
}

// End ends the script and the stream at once: no notice, no conversation.chat.completed, no done. The chat is completed. Use it
// after [Turn.Event] to end as other servers do. It does not return.
func (t *Turn) End() {
	t.outcome = outcomeEnded
	runtime.Goexit()
}

// Stall keeps the stream open and sends nothing more; the chat stays in progress until it is canceled or the server closes, also
// when the client has gone. It does not return.
func (t *Turn) Stall() {
	t.speakBacklog()
	<-t.ctx.Done()
	runtime.Goexit()
}

// Drop breaks the connection in the middle of the stream. The chat goes on, so that it can be read later: what the script says
// from then on is kept but not sent. Without a stream it does nothing.
func (t *Turn) Drop() {
	t.send(frame{drop: true})
	t.segment = nil
}

// Event sends an event of any name as it is, unchecked: names that the document does not have, those of Coze Studio, other forms of
// done. data is written as JSON; a [json.RawMessage] is written byte for byte, so that json.RawMessage("[DONE]") has no quotes.
func (t *Turn) Event(name string, data any) {
	text, raw := data.(json.RawMessage)
	if !raw {
		b, err := encodeJSON(data)
		if err != nil {
			panic(err) // the test is wrong; the turn reports it
		}
		text = b
	}
	t.send(frame{name: name, bytes: t.form(0, name, text)})
}

// Raw sends bytes as they are.
func (t *Turn) Raw(b []byte) { t.send(frame{bytes: b}) }
