package cozetest

import (
	"github.com/cozekit/cozekit/gen/cozeapi"
)

var chatHandlers = map[string]handler{
	"CancelChat":        (*exchange).cancelChat,
	"CreateChat":        (*exchange).createChat,
	"ListChatMessages":  (*exchange).listChatMessages,
	"RetrieveChat":      (*exchange).retrieveChat,
	"SubmitToolOutputs": (*exchange).submitToolOutputs,
}

const (
	statusCreated        = "created"
	statusInProgress     = "in_progress"
	statusCompleted      = "completed"
	statusFailed         = "failed"
	statusRequiresAction = "requires_action"
	statusCanceled       = "canceled"
)

// chat is a chat, guarded by the mutex of the state.
type chat struct {
	wire     wireChat
	visitor  string // whom it belongs to; see [identity.visitor]
	stored   bool
	messages []*message // what it brought forth, without the question
	turn     *Turn
}

type wireChat struct {
	ID             string            `json:"id"`
	ConversationID string            `json:"conversation_id"`
	BotID          string            `json:"bot_id,omitempty"`
	CreatedAt      int64             `json:"created_at"`
	CompletedAt    int64             `json:"completed_at,omitempty"`
	FailedAt       int64             `json:"failed_at,omitempty"`
	MetaData       map[string]string `json:"meta_data,omitempty"`
	LastError      wireError         `json:"last_error"`
	Status         string            `json:"status"`
	RequiredAction *requiredAction   `json:"required_action,omitempty"`
	Usage          wireUsage         `json:"usage"`
	SectionID      string            `json:"section_id"`
	Inserted       []insertedMessage `json:"inserted_additional_messages,omitempty"`
	ExecuteID      string            `json:"execute_id,omitempty"` // of a chatflow
}

type wireError struct {
	Code int    `json:"code"`
	Msg  string `json:"msg"`
}

type wireUsage struct {
	TokenCount  int `json:"token_count"`
	OutputCount int `json:"output_count"`
	InputCount  int `json:"input_count"`
}

type insertedMessage struct {
	ID string `json:"id"`
}

// createChat starts a chat. The answer is the chat, in progress, or the first segment of its events.
func (x *exchange) createChat() (any, error) {
	var req cozeapi.CreateChatRequest
	if err := x.decode(&req); err != nil {
		return nil, err
	}
	req.ConversationID = x.query.Get("conversation_id")
	stream := x.wants("stream")
	if err := checkChatRequest(&req, stream); err != nil {
		return nil, err
	}
	t, err := x.beginChat(req)
	if err != nil {
		return nil, err
	}
	seg := segmentFor(stream)
	t.segment = seg
	wire := t.snapshot()
	return x.proceed(t, seg, wire, x.srv.spawn(t.run))
}

// segmentFor makes a segment for an answer in events.
func segmentFor(stream bool) *segment {
	if stream {
		return newSegment()
	}
	return nil
}

// proceed answers with the events of a segment, or with the chat if there is none.
func (x *exchange) proceed(t *Turn, seg *segment, wire wireChat, alive bool) (any, error) {
	switch {
	case !alive:
		return nil, refuse(codeInternal, "the server is closing")
	case seg == nil:
		return wire, nil
	}
	seg.copyTo(t.ctx, x, t.over)
	return answered{}, nil
}

// beginChat checks what depends on the state, and makes the chat and its turn.
func (x *exchange) beginChat(req cozeapi.CreateChatRequest) (*Turn, error) {
	st := &x.srv.state
	st.mu.Lock()
	defer st.mu.Unlock()
	b := st.bot(req.BotID)
	if b == nil {
		return nil, notFound("bot", req.BotID)
	}
	if !x.caller.mayChat(b) {
		return nil, refuse(codePermissionDenied, "the scope of the token does not have bot %s", b.id)
	}
	if b.online(req.ConnectorID) == nil && req.PublishStatus != unpublishedDraft {
		return nil, refuse(codeBotNotPublished, "bot %s is not published to the channel, by default the API", b.id)
	}
	var c *conversation
	if req.ConversationID != "" {
		var err error
		if c, err = x.conversation(req.ConversationID); err != nil {
			return nil, err
		}
	} else {
		c = x.newConversation(req.BotID, req.ConnectorID)
		req.ConversationID = c.wire.ID
	}
	if c.running != nil {
		return nil, refuse(codeConversationBusy, "conversation %s is busy with chat %s", c.wire.ID, c.running.wire.ID)
	}
	ch := &chat{visitor: x.caller.visitor(), stored: req.AutoSaveHistory == nil || *req.AutoSaveHistory, wire: wireChat{
		ID: x.srv.ids.next(), ConversationID: c.wire.ID, BotID: b.id, CreatedAt: x.srv.now(), MetaData: req.MetaData,
		Status: statusInProgress, SectionID: c.wire.LastSectionID,
	}}
	x.enter(c, ch, req.AdditionalMessages)
	ch.turn = newTurn(x.srv, x.op, b.script, req, c, ch)
	return ch.turn, nil
}

// enter lets a chat run in a conversation, with the messages that it was created with. The caller holds mu.
func (x *exchange) enter(c *conversation, ch *chat, messages []cozeapi.EnterMessage) {
	for _, in := range messages {
		if m := enteredMessage(in); ch.stored {
			m.ChatID, m.BotID = ch.wire.ID, ch.wire.BotID
			x.srv.store(c, m)
			ch.wire.Inserted = append(ch.wire.Inserted, insertedMessage{m.ID})
		}
	}
	c.running = ch
	x.srv.state.chats[ch.wire.ID] = ch
}

// chat finds a chat of the caller. The caller holds mu.
func (x *exchange) chat(conversationID, id string) (*chat, error) {
	ch := x.srv.state.chats[id]
	if ch == nil || ch.visitor != x.caller.visitor() || ch.wire.ConversationID != conversationID {
		return nil, notFound("chat", id)
	}
	return ch, nil
}

// storedChat finds a chat that can be read back: one that was not created with auto_save_history false. The caller holds mu.
func (x *exchange) storedChat() (*chat, error) {
	ch, err := x.chat(x.query.Get("conversation_id"), x.query.Get("chat_id"))
	if err == nil && !ch.stored {
		return nil, refuse(codeNotFound, "chat %s does not exist: it was not stored, for auto_save_history was false", ch.wire.ID)
	}
	return ch, err
}

func (x *exchange) retrieveChat() (any, error) {
	st := &x.srv.state
	st.mu.Lock()
	defer st.mu.Unlock()
	ch, err := x.storedChat()
	if err != nil {
		return nil, err
	}
	return ch.wire, nil
}

func (x *exchange) listChatMessages() (any, error) {
	st := &x.srv.state
	st.mu.Lock()
	defer st.mu.Unlock()
	ch, err := x.storedChat()
	if err != nil {
		return nil, err
	}
	list := []message{}
	for _, m := range ch.messages {
		list = append(list, *m)
	}
	return list, nil
}

func (x *exchange) cancelChat() (any, error) {
	var req cozeapi.CancelChatRequest
	if err := x.decode(&req); err != nil {
		return nil, err
	}
	st := &x.srv.state
	st.mu.Lock()
	defer st.mu.Unlock()
	ch, err := x.chat(req.ConversationID, req.ChatID)
	if err != nil {
		return nil, err
	}
	if ch.wire.Status != statusCreated && ch.wire.Status != statusInProgress {
		return nil, refuse(codeNotCancelable, "chat %s is %s and cannot be canceled", ch.wire.ID, ch.wire.Status)
	}
	ch.turn.settle(statusCanceled)
	ch.turn.cancel()
	return ch.wire, nil
}
