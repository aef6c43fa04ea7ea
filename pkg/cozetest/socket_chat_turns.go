package cozetest

import (
	"slices"

	"github.com/cozekit/cozekit/gen/cozeapi"
)

var canceledWords = map[int]string{
	canceledBySpeech:  "the user spoke",
	canceledByClient:  "the client canceled the answer",
	canceledByMessage: "the client posted a message",
}

// playing is what goes on; nil for nothing. A chat that has said all that it will say gets to its end first.
func (c *chatSocket) playing() *act {
	a := c.current()
	if a != nil && a.turn != nil && !a.turn.runs() {
		c.conclude(a)
		return nil
	}
	return a
}

// interrupt breaks off what goes on, or a chat that waits for tools, and tells the client if that was a chat. One that has just
// ended gets to its end.
func (c *chatSocket) interrupt(reason int) {
	a := c.playing()
	if a != nil && a.turn == nil {
		c.stop(a)
		a = nil
	}
	switch {
	case c.turn == nil:
		return
	case !c.turn.stop():
		if a != nil {
			c.conclude(a)
		}
		return
	}
	canceled := outgoing{name: "conversation.chat.canceled"}
	canceled.data = c.encode(canceled.name, wireError{reason, canceledWords[reason]})
	if a == nil {
		c.push(canceled)
		return
	}
	c.stop(a, canceled)
}

func (c *chatSocket) cancelTurn([]byte) error {
	c.interrupt(canceledByClient) // what has ended in the meantime is no mistake of the client
	return nil
}

// post takes a message. One of the user is answered.
func (c *chatSocket) post(data []byte) error {
	var req cozeapi.ConversationMessageCreate
	if err := unmarshal(data, &req); err != nil {
		return err
	}
	m := cozeapi.EnterMessage{Role: req.Role, ContentType: req.ContentType, Content: req.Content}
	if m.Role == roleUser {
		c.interrupt(canceledByMessage)
		return c.ask(m)
	}
	if err := checkEnterMessage(0, m, true); err != nil {
		return err
	}
	c.srv.state.mu.Lock()
	defer c.srv.state.mu.Unlock()
	conv, err := c.conversation()
	if err == nil {
		c.srv.store(conv, enteredMessage(m))
	}
	return err
}

// conversation finds that of the dialogue, or makes it. The caller holds the mutex of the state.
func (c *chatSocket) conversation() (*conversation, error) {
	config := c.options.ChatConfig
	if config.ConversationID != "" {
		return c.x.conversation(config.ConversationID)
	}
	conv := c.x.newConversation(c.botID, "")
	config.ConversationID = conv.wire.ID
	return conv, nil
}

// ask lets the bot answer a message. Nothing goes on.
func (c *chatSocket) ask(m cozeapi.EnterMessage) error {
	c.srv.state.mu.Lock()
	_, err := c.conversation()
	c.srv.state.mu.Unlock()
	if err != nil {
		return err
	}
	a := c.newAct()
	start := c.askBot
	if c.workflowID != "" {
		start = c.askFlow
	}
	run, err := start(a, m)
	if err != nil {
		return err
	}
	c.turn = a.turn
	c.tell("conversation.message.completed", c.question(m))
	c.begin(a)
	run()
	return nil
}

// askBot makes the chat of a message, and returns what starts it.
func (c *chatSocket) askBot(a *act, m cozeapi.EnterMessage) (run func(), err error) {
	config := c.options.ChatConfig
	req := cozeapi.CreateChatRequest{
		ConversationID: config.ConversationID, BotID: c.botID, UserID: config.UserID, AdditionalMessages: []cozeapi.EnterMessage{m},
		CustomVariables: config.CustomVariables, AutoSaveHistory: config.AutoSaveHistory, MetaData: config.MetaData,
		ExtraParams: config.ExtraParams, Parameters: config.Parameters,
	}
	if err := checkChatRequest(&req, true); err != nil {
		return nil, err
	}
	if a.turn, err = c.x.beginChat(req); err != nil {
		return nil, err
	}
	a.turn.segment, a.turn.manner = a.segment, voiceManner(newOutputVoice(c.options.OutputAudio))
	return func() { c.srv.spawn(a.turn.run) }, nil
}

// askFlow is askBot for a chatflow, which may have asked something in the conversation.
func (c *chatSocket) askFlow(a *act, m cozeapi.EnterMessage) (run func(), err error) {
	if err := checkEnterMessage(0, m, true); err != nil {
		return nil, err
	}
	config := c.options.ChatConfig
	parameters := config.Parameters
	if parameters == nil {
		parameters = map[string]any{}
	}
	r, body, fresh, err := c.x.beginChatflow(&cozeapi.ChatWorkflowRequest{
		WorkflowID: c.workflowID, BotID: c.botID, ConversationID: config.ConversationID,
		AdditionalMessages: []cozeapi.EnterMessage{m}, Parameters: parameters,
	})
	if err != nil {
		return nil, err
	}
	a.turn = r.turn
	voice := voiceManner(newOutputVoice(c.options.OutputAudio))
	if !fresh {
		return func() { r.resume <- runContinuation{op: c.x.op, segment: a.segment, request: &body, manner: voice} }, nil
	}
	a.turn.segment, a.turn.manner = a.segment, voice
	return func() { c.srv.spawn(a.turn.run) }, nil
}

// question is the message that the last turn answers, as it comes back.
func (c *chatSocket) question(m cozeapi.EnterMessage) message {
	c.srv.state.mu.Lock()
	defer c.srv.state.mu.Unlock()
	q, wire, conv := enteredMessage(m), c.turn.chat.wire, c.turn.conv
	if n := len(wire.Inserted); n > 0 {
		if i := slices.IndexFunc(conv.messages, func(s *message) bool { return s.ID == wire.Inserted[n-1].ID }); i >= 0 {
			return *conv.messages[i]
		}
	}
	q.ID, q.ConversationID, q.SectionID = c.srv.ids.next(), wire.ConversationID, wire.SectionID
	q.ChatID, q.BotID, q.CreatedAt, q.UpdatedAt = wire.ID, wire.BotID, wire.CreatedAt, wire.CreatedAt
	return *q
}

// submit hands outputs to a chat that waits for them. It goes on.
func (c *chatSocket) submit(data []byte) error {
	var req cozeapi.ConversationChatSubmitToolOutputs
	if err := unmarshal(data, &req); err != nil {
		return err
	}
	if c.turn == nil {
		return notFound("chat", req.ChatID)
	}
	t, outputs, err := c.x.acceptOutputs(c.turn.conv.wire.ID, req.ChatID, req.ToolOutputs)
	if err != nil {
		return err
	}
	if last := c.current(); last != nil {
		c.conclude(last) // it has asked, and is about to end, or is something else that is spoken meanwhile
	}
	a := c.newAct()
	a.turn, c.turn = t, t
	c.begin(a)
	t.resume <- continuation{outputs, a.segment, c.x.op, voiceManner(newOutputVoice(c.options.OutputAudio))}
	return nil
}

// clear begins a new section.
func (c *chatSocket) clear([]byte) error {
	c.srv.state.mu.Lock()
	defer c.srv.state.mu.Unlock()
	if c.options.ChatConfig.ConversationID != "" {
		conv, err := c.conversation()
		if err != nil {
			return err
		}
		conv.wire.LastSectionID, conv.wire.UpdatedAt = c.srv.ids.next(), c.srv.now()
	}
	c.tell("conversation.cleared", nil)
	return nil
}

// generate speaks a text in the voice of the session.
func (c *chatSocket) generate(data []byte) error {
	var req cozeapi.InputTextGenerateAudio
	if err := unmarshal(data, &req); err != nil {
		return err
	}
	switch {
	case req.Text == "":
		return refuse(codeInvalidParameter, "there is no text to speak")
	case len(req.Text) > maxSpokenText:
		return refuse(codeSpeechTextTooLong, "the text has %d bytes, at most %d are allowed", len(req.Text), maxSpokenText)
	}
	if c.playing() != nil { // a chat that waits for tools goes on waiting
		c.interrupt(canceledByMessage)
	}
	c.utter(req.Text)
	return nil
}

// utter speaks what is no answer of the bot: the ids are 0, and there is no chat.
func (c *chatSocket) utter(text string) {
	m := message{
		ID: "0", ConversationID: "0", BotID: "0", ChatID: "0", SectionID: "0",
		Role: roleAssistant, Type: typeAnswer, ContentType: contentAudio,
	}
	voice := newOutputVoice(c.options.OutputAudio)
	c.perform(func(a *act) {
		a.say(text, voice, func(sentence string) {
			a.event("conversation.audio.sentence_start", map[string]any{"text": sentence})
		}, func(audio []byte) {
			piece := m
			piece.Content = base64Text(audio)
			a.event("conversation.audio.delta", piece)
		})
		a.event("conversation.audio.completed", m)
	})
}
