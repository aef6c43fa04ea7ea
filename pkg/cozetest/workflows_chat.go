package cozetest

import (
	"runtime"

	"github.com/cozekit/cozekit/gen/cozeapi"
)

// chatWorkflow runs a chatflow: a chat whose script is that of a workflow.
func (x *exchange) chatWorkflow() (any, error) {
	var req cozeapi.ChatWorkflowRequest
	if err := x.decode(&req); err != nil {
		return nil, err
	}
	if (req.BotID == "") == (req.AppID == "") {
		return nil, refuse(codeInvalidParameter, "give one of bot_id and app_id")
	}
	for i, m := range req.AdditionalMessages {
		if err := checkEnterMessage(i, m, true); err != nil {
			return nil, err
		}
	}
	r, body, fresh, err := x.beginChatflow(&req)
	if err != nil {
		return nil, err
	}
	seg, alive := newSegment(), true
	if fresh {
		r.turn.segment = seg
		alive = x.srv.spawn(r.turn.run)
	} else {
		r.resume <- runContinuation{op: x.op, segment: seg, request: &body, manner: r.chatManner()}
	}
	return x.proceed(r.turn, seg, wireChat{}, alive)
}

// beginChatflow makes a chat for a run: for a new one, or for the one that has asked something in the conversation.
func (x *exchange) beginChatflow(req *cozeapi.ChatWorkflowRequest) (r *Run, body cozeapi.CreateChatRequest, fresh bool, err error) {
	st := &x.srv.state
	st.mu.Lock()
	defer st.mu.Unlock()
	flow, err := x.runnable(req.WorkflowID, req.WorkflowVersion)
	if err != nil {
		return nil, body, false, err
	}
	if err := x.checkHost(req.BotID, req.AppID); err != nil {
		return nil, body, false, err
	}
	c, err := x.chatflowConversation(req)
	if err != nil {
		return nil, body, false, err
	}
	if c.running != nil {
		return nil, body, false, refuse(codeConversationBusy, "conversation %s is busy with chat %s", c.wire.ID, c.running.wire.ID)
	}
	body = cozeapi.CreateChatRequest{
		ConversationID: c.wire.ID, BotID: req.BotID, AdditionalMessages: req.AdditionalMessages, ConnectorID: req.ConnectorID,
	}
	ch := &chat{visitor: x.caller.visitor(), stored: true, wire: wireChat{
		ID: x.srv.ids.next(), ConversationID: c.wire.ID, BotID: req.BotID, CreatedAt: x.srv.now(),
		Status: statusInProgress, SectionID: c.wire.LastSectionID,
	}}
	x.enter(c, ch, req.AdditionalMessages)
	if r = c.asks; r != nil && r.flow == flow {
		c.asks = nil
		ch.wire.ExecuteID, ch.turn, r.turn.chat = r.id, r.turn, ch
		r.record.resumed++
		return r, body, false, nil
	}
	r = x.newRun(flow, cozeapi.RunWorkflowRequest{
		WorkflowID: req.WorkflowID, Parameters: req.Parameters, BotID: req.BotID, AppID: req.AppID, Ext: req.Ext,
		WorkflowVersion: req.WorkflowVersion, ConnectorID: req.ConnectorID,
	}, runStream)
	ch.wire.ExecuteID = r.id
	r.turn = newTurn(x.srv, x.op, r.playInChat, body, c, ch)
	r.turn.manner = r.chatManner()
	ch.turn = r.turn
	return r, body, true, nil
}

// chatManner is that of the endpoint for chatflows.
func (r *Run) chatManner() manner {
	return manner{form: chatflowForm, doneData: mustEncode(map[string]any{"debug_url": r.debugURL()})}
}

// chatflowConversation finds the conversation of a chatflow, by its id or by its name, or makes one. The caller holds mu.
func (x *exchange) chatflowConversation(req *cozeapi.ChatWorkflowRequest) (*conversation, error) {
	if req.ConversationID != "" {
		return x.conversation(req.ConversationID)
	}
	name, _ := req.Parameters["CONVERSATION_NAME"].(string)
	host := req.BotID + req.AppID
	for _, c := range x.srv.state.order {
		if name != "" && c.wire.Name == name && c.botID == host && c.visitor == x.caller.visitor() {
			return c, nil
		}
	}
	c := x.newConversation(host, req.ConnectorID)
	c.wire.Name = name
	return c, nil
}

// playInChat is the script of the turn of a chatflow.
func (r *Run) playInChat(*Turn) error {
	defer r.finishInChat()
	if err := r.script(r); err != nil {
		r.blame(codeInternal, err.Error())
		return err
	}
	r.sendOutput()
	r.outcome = outcomeReturned
	return nil
}

// finishInChat notes how the run ended. The turn tells the client.
func (r *Run) finishInChat() {
	if r.outcome == outcomeReturned || r.turn.outcome == outcomeEnded {
		r.settle(runSuccess)
		return
	}
	r.srv.state.mu.Lock()
	if r.record.fault.Code == 0 {
		r.record.fault = wireError{codeInternal, "the script of the chatflow stopped"}
	}
	r.srv.state.mu.Unlock()
	r.settle(runFail)
}

// ask says a question as an answer, ends the chat, and waits for the next one, whose question is the reply.
func (r *Run) ask(question string) string {
	t, st := r.turn, &r.srv.state
	t.Say(question)
	t.speakRest()
	st.mu.Lock()
	if t.chat.wire.Status == statusCanceled {
		st.mu.Unlock()
		runtime.Goexit()
	}
	t.settle(statusRequiresAction)
	t.chat.wire.RequiredAction = nil // there are no tools to run
	wire := t.chat.wire
	t.conv.asks = r
	st.mu.Unlock()

	t.emit("conversation.chat.requires_action", wire, false)
	t.last("done", nil)
	t.closeSegment()
	select {
	case next := <-r.resume:
		t.Request, t.segment, t.op, t.ended, t.answered = *next.request, next.segment, next.op, false, false
		t.manner, t.announced = next.manner, false // it is another chat
	case <-t.ctx.Done():
		runtime.Goexit()
	}
	t.announce()
	return t.Question()
}
