package cozetest

import (
	"encoding/base64"
	"fmt"
	"runtime"
	"runtime/debug"
)

// audioChunk is the size of a piece of sound: 100 ms at 24 kHz, 16 bits, mono.
const audioChunk = 4800

// answersFinished is the content of the verbose message that says that all answers are complete.
const answersFinished = `{"msg_type":"generate_answer_finish","data":"{\"finish_reason\":0,\"FinData\":\"\"}",` +
	`"from_module":null,"from_unit":null}`

func base64Text(b []byte) string { return base64.StdEncoding.EncodeToString(b) }

// run plays the script. It is the body of the turn's goroutine.
func (t *Turn) run() {
	defer close(t.over)
	defer t.cancel()
	defer t.finish()
	t.announce()
	if err := t.script(t); err != nil {
		t.chatError(codeInternal, err.Error())
		t.outcome = outcomeFailed
		return
	}
	t.outcome = outcomeReturned
}

// announce opens a segment: the chat is created, then in progress. In a dialogue by voice it is created once.
func (t *Turn) announce() {
	if !t.announced || t.speaker == nil {
		created := t.snapshot()
		created.Status = statusCreated
		t.emit("conversation.chat.created", created, false)
	}
	t.announced = true
	t.emit("conversation.chat.in_progress", t.snapshot(), false)
}

// finish ends the chat in the way that the script ended.
func (t *Turn) finish() {
	if p := recover(); p != nil {
		t.srv.violate(Violation{Operation: t.op.id, Pointer: "/script", Rule: "panic", Message: fmt.Sprintf("%v\n%s", p, debug.Stack())})
		t.chatError(codeInternal, "the script of the bot panicked")
		t.outcome = outcomeFailed
	}
	defer t.closeSegment()
	defer t.lastIfCanceled() // also when it is canceled while the last events are sent
	switch {
	case t.ctx.Err() != nil:
	case t.outcome == outcomeReturned:
		t.complete()
	case t.outcome == outcomeEnded:
		t.close(statusCompleted)
	case t.outcome == outcomeError:
		if wire, ok := t.close(statusFailed); ok {
			t.last("error", wire.LastError)
		}
	default:
		if t.outcome == outcomeStopped {
			t.chatError(codeInternal, "the script of the bot stopped")
		}
		t.endWith(statusFailed, "conversation.chat.failed")
	}
}

// complete ends a chat well: the notice that the answers are complete, follow-ups, the chat with its usage, done.
func (t *Turn) complete() {
	t.completeOpen()
	if t.answered {
		t.message(typeVerbose, answersFinished)
	}
	for _, q := range t.followUps {
		t.message(typeFollowUp, q)
	}
	t.speakRest()
	t.endWith(statusCompleted, "conversation.chat.completed")
}

// endWith settles the chat, then sends it with its last events.
func (t *Turn) endWith(status, event string) {
	wire, ok := t.close(status)
	if !ok {
		return // canceled in the meantime
	}
	t.emit(event, wire, false)
	t.last("done", nil)
}

// close gives the chat its last status, unless it was canceled before.
func (t *Turn) close(status string) (wireChat, bool) {
	t.srv.state.mu.Lock()
	defer t.srv.state.mu.Unlock()
	if t.chat.wire.Status == statusCanceled {
		return wireChat{}, false
	}
	if status == statusCompleted {
		t.chat.wire.Usage = t.countUsage()
	}
	t.settle(status)
	return t.chat.wire, true
}

// settle notes where the chat stands. One that is not in progress lets the next one of its conversation begin. The caller holds mu.
func (t *Turn) settle(status string) {
	wire := &t.chat.wire
	wire.Status = status
	wire.RequiredAction = nil
	switch status {
	case statusInProgress:
		t.conv.running = t.chat
		return
	case statusCompleted:
		wire.CompletedAt = t.srv.now()
	case statusFailed:
		wire.FailedAt = t.srv.now()
	case statusRequiresAction:
		wire.RequiredAction = newRequiredAction(t.pending)
	}
	if t.conv.running == t.chat {
		t.conv.running = nil
	}
}

func (t *Turn) countUsage() wireUsage {
	if t.usage != nil {
		return *t.usage
	}
	in := 0
	for _, m := range t.Request.AdditionalMessages {
		in += len([]rune(m.Content))
	}
	u := wireUsage{InputCount: (in + 3) / 4, OutputCount: (t.output + 3) / 4}
	u.TokenCount = u.InputCount + u.OutputCount
	return u
}

func (t *Turn) snapshot() wireChat {
	t.srv.state.mu.Lock()
	defer t.srv.state.mu.Unlock()
	return t.chat.wire
}

func (t *Turn) pauseBetween(i int) {
	if d := t.srv.cfg.deltaPause; i > 0 && d > 0 {
		t.wait(d)
	}
}

// begin returns the answer that is being given, a new one if there is none.
func (t *Turn) begin() *message {
	if t.open == nil {
		t.speakRest() // of the answer before
		t.open = t.newMessage(typeAnswer, "")
	}
	return t.open
}

func (t *Turn) newMessage(kind, content string) *message {
	now := t.srv.now()
	return &message{
		ID: t.srv.ids.next(), ConversationID: t.conv.wire.ID, BotID: t.chat.wire.BotID, ChatID: t.chat.wire.ID,
		SectionID: t.chat.wire.SectionID, Role: roleAssistant, Type: kind, Content: content, ContentType: contentText,
		CreatedAt: now, UpdatedAt: now,
	}
}

// delta sends a piece of the answer that is being given.
func (t *Turn) delta(event, contentType, content, reasoning string) {
	piece := *t.open
	piece.Content, piece.ContentType, piece.ReasoningContent = content, contentType, reasoning
	t.emit(event, piece, true)
}

// completeOpen ends the answer that is being given, if there is one.
func (t *Turn) completeOpen() {
	if m := t.open; m != nil {
		t.open, t.answered = nil, true
		t.keep(m)
		t.emit("conversation.message.completed", *m, true)
		t.speakEnd(m)
	}
}

// message keeps and sends a message of the bot in full.
func (t *Turn) message(kind, content string) {
	m := t.newMessage(kind, content)
	t.keep(m)
	t.emit("conversation.message.completed", *m, true)
}

// keep stores a message with the chat, and in the conversation if chats are stored. A canceled chat keeps nothing more.
func (t *Turn) keep(m *message) {
	t.srv.state.mu.Lock()
	defer t.srv.state.mu.Unlock()
	if t.chat.wire.Status == statusCanceled {
		return
	}
	t.chat.messages = append(t.chat.messages, m)
	if t.chat.stored {
		t.conv.messages = append(t.conv.messages, m)
	}
}

// emit checks and sends an event, and ends the goroutine if the chat is over.
func (t *Turn) emit(name string, payload any, isMessage bool) {
	data, err := encodeJSON(payload)
	if err != nil {
		panic(err) // of our own types
	}
	if t.segment != nil {
		t.srv.checkEvent(t.op, name, data)
	}
	t.send(frame{name: name, bytes: t.form(0, name, data), message: isMessage})
}

// send hands a frame to the request that waits for it, if there is one, and ends the goroutine if the chat is over.
func (t *Turn) send(f frame) {
	if t.ctx.Err() != nil {
		runtime.Goexit()
	}
	if t.segment == nil {
		return
	}
	select {
	case t.segment.frames <- f:
	case <-t.segment.gone:
		t.segment = nil
	case <-t.ctx.Done():
		runtime.Goexit()
	}
}

// last sends an event that ends a segment, also after the chat was canceled.
func (t *Turn) last(name string, payload any) {
	data := t.doneData
	if name != "done" {
		data, _ = encodeJSON(payload)
	}
	if t.segment == nil || data == nil {
		return
	}
	t.ended = true
	t.srv.checkEvent(t.op, name, data)
	select {
	case t.segment.frames <- frame{name: name, bytes: t.form(0, name, data)}:
	case <-t.segment.gone:
	case <-t.srv.ctx.Done():
	}
}

// lastIfCanceled ends the segment of a canceled chat, which gets nothing but done.
func (t *Turn) lastIfCanceled() {
	if t.ctx.Err() != nil && !t.ended {
		t.last("done", nil)
	}
}

func (t *Turn) closeSegment() {
	if t.segment != nil {
		close(t.segment.frames)
		t.segment = nil
	}
}
