package cozetest

import (
	"encoding/json"
	"runtime"

	"github.com/cozekit/cozekit/gen/cozeapi"
)

type toolCall struct {
	ID       string       `json:"id"`
	Type     string       `json:"type"`
	Function toolFunction `json:"function"`
}

type toolFunction struct {
	Name      string `json:"name"`
	Arguments string `json:"arguments"`
}

type requiredAction struct {
	Type              string      `json:"type"`
	SubmitToolOutputs toolActions `json:"submit_tool_outputs"`
}

type toolActions struct {
	ToolCalls []toolCall `json:"tool_calls"`
}

func newRequiredAction(calls []toolCall) *requiredAction {
	return &requiredAction{Type: "submit_tool_outputs", SubmitToolOutputs: toolActions{ToolCalls: calls}}
}

// continuation is what a SubmitToolOutputs call hands to a turn that waits for it.
type continuation struct {
	outputs []cozeapi.ToolOutput
	segment *segment
	op      *operation
	manner  manner
}

// CallTool asks the caller to run a tool and returns the id of the call. args is written as JSON. The chat waits when
// [Turn.WaitTools] is called, so that several tools can be asked for at once.
func (t *Turn) CallTool(name string, args any) (id string) {
	arguments, err := encodeJSON(args)
	if err != nil {
		panic(err) // the test is wrong; the turn reports it
	}
	t.completeOpen()
	c := toolCall{ID: t.srv.ids.next(), Type: "function", Function: toolFunction{Name: name, Arguments: string(arguments)}}
	content, _ := encodeJSON(map[string]any{"name": name, "arguments": json.RawMessage(arguments)})
	t.message(typeFunctionCall, string(content))
	t.pending = append(t.pending, c)
	return c.ID
}

// WaitTools waits for the outputs of the tools that were asked for and returns them in the order of the calls. The chat has status
// requires_action meanwhile; its stream ends with that event and done, and what follows goes to the request that brings the
// outputs. It returns nil at once if no tool was asked for.
func (t *Turn) WaitTools() []cozeapi.ToolOutput {
	if len(t.pending) == 0 {
		return nil
	}
	t.speakRest()
	t.srv.state.mu.Lock()
	if t.chat.wire.Status == statusCanceled {
		t.srv.state.mu.Unlock()
		runtime.Goexit()
	}
	t.settle(statusRequiresAction)
	wire := t.chat.wire
	t.srv.state.mu.Unlock()

	t.emit("conversation.chat.requires_action", wire, false)
	t.last("done", nil)
	t.closeSegment()
	select {
	case next := <-t.resume:
		t.outputs, t.segment, t.op, t.manner = next.outputs, next.segment, next.op, next.manner
		t.pending, t.ended = nil, false
	case <-t.ctx.Done():
		runtime.Goexit()
	}
	t.announce()
	for _, o := range t.outputs {
		t.message(typeToolResponse, o.Output)
	}
	return t.outputs
}

// UseTool asks for one tool, waits, and returns its output: [Turn.CallTool] and [Turn.WaitTools] in one.
func (t *Turn) UseTool(name string, args any) string {
	id := t.CallTool(name, args)
	for _, o := range t.WaitTools() {
		if o.ToolCallID == id {
			return o.Output
		}
	}
	return ""
}

// ToolOutputs returns what the last [Turn.WaitTools] returned.
func (t *Turn) ToolOutputs() []cozeapi.ToolOutput { return t.outputs }

func (x *exchange) submitToolOutputs() (any, error) {
	var req cozeapi.SubmitToolOutputsRequest
	if err := x.decode(&req); err != nil {
		return nil, err
	}
	t, outputs, err := x.acceptOutputs(x.query.Get("conversation_id"), x.query.Get("chat_id"), req.ToolOutputs)
	if err != nil {
		return nil, err
	}
	seg := segmentFor(x.wants("stream"))
	wire := t.snapshot()
	t.resume <- continuation{outputs, seg, x.op, chatManner()}
	return x.proceed(t, seg, wire, t.ctx.Err() == nil)
}

// acceptOutputs checks outputs, puts them in the order of the calls and sets the chat in progress again.
func (x *exchange) acceptOutputs(conversationID, chatID string, given []cozeapi.ToolOutput) (*Turn, []cozeapi.ToolOutput, error) {
	st := &x.srv.state
	st.mu.Lock()
	defer st.mu.Unlock()
	ch, err := x.chat(conversationID, chatID)
	if err != nil {
		return nil, nil, err
	}
	switch {
	case !ch.stored && x.op.socket == nil: // a dialogue by voice is still there
		return nil, nil, refuse(codeInternal, "chat %s was created with auto_save_history false", ch.wire.ID)
	case ch.wire.RequiredAction == nil:
		return nil, nil, refuse(codeInvalidParameter, "chat %s is %s and waits for no tool", ch.wire.ID, ch.wire.Status)
	case ch.turn.conv.running != nil:
		return nil, nil, refuse(codeConversationBusy, "conversation %s is busy with another chat", ch.wire.ConversationID)
	}
	byID := map[string]cozeapi.ToolOutput{}
	for _, o := range given {
		byID[o.ToolCallID] = o
	}
	var outputs []cozeapi.ToolOutput
	for _, c := range ch.wire.RequiredAction.SubmitToolOutputs.ToolCalls {
		o, ok := byID[c.ID]
		if !ok {
			return nil, nil, refuse(codeInvalidParameter, "the output of tool call %s is missing", c.ID)
		}
		outputs = append(outputs, o)
		delete(byID, c.ID)
	}
	for _, id := range sortedKeys(byID) {
		return nil, nil, refuse(codeInvalidParameter, "there is no tool call %s", id)
	}
	ch.turn.settle(statusInProgress)
	return ch.turn, outputs, nil
}
