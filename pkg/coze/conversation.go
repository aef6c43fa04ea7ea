package coze

import (
	"context"
	"errors"
	"iter"
	"slices"
	"sync"

	"github.com/cozekit/cozekit/gen/cozeapi"
)

// Dialogue is a conversation with a bot over many turns: it learns the id of the conversation from the first answer, or is
// given one, and sends it with every turn, so that the bot knows what was said before. (Conversation is the object of the
// platform that describes one.) Make one with [Client.NewDialogue].
//
// It is safe for concurrent use, but a conversation holds one running chat at a time: the platform refuses a second one with
// code 4016, and two turns at once before the first answer begin two conversations.
type Dialogue struct {
	client   *Client
	template CreateChatRequest

	mu sync.Mutex
	id string
}

// ErrNoConversation means that a [Dialogue] has no conversation yet: nothing was said.
var ErrNoConversation = errors.New("coze: the dialogue has no conversation yet: nothing was said")

// NewDialogue returns a dialogue whose turns are made from template: BotID and UserID are needed; with a ConversationID it
// continues that conversation; AdditionalMessages open a new conversation: they are sent before its first message and never
// again. NewDialogue sends nothing.
func (c *Client) NewDialogue(template CreateChatRequest) *Dialogue {
	return &Dialogue{client: c, template: template, id: template.ConversationID}
}

// ConversationID is the id of the conversation, to be kept for another [Client.NewDialogue]; "" before the first answer has
// begun.
func (d *Dialogue) ConversationID() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.id
}

func (d *Dialogue) learn(id string) {
	d.mu.Lock()
	d.id = id
	d.mu.Unlock()
}

// turn is the request of the next turn.
func (d *Dialogue) turn(message EnterMessage) CreateChatRequest {
	req := d.template
	req.ConversationID = d.ConversationID()
	if req.ConversationID != "" {
		req.AdditionalMessages = nil
	}
	req.AdditionalMessages = append(slices.Clone(req.AdditionalMessages), message)
	return req
}

// Send says something, such as [UserMessage]("hello"), and returns the whole answer, as [ChatService.Complete] does.
//
// API: POST /v3/chat
func (d *Dialogue) Send(ctx context.Context, message EnterMessage, opts ...CallOption) (*ChatResult, error) {
	return d.kept(d.client.Chat.Complete(ctx, d.turn(message), opts...))
}

// SendWithTools says something and answers calls of tools, as [ChatService.RunWithTools] does.
//
// API: POST /v3/chat, POST /v3/chat/submit_tool_outputs
func (d *Dialogue) SendWithTools(
	ctx context.Context, message EnterMessage, tools Tools, policy ToolPolicy, opts ...CallOption,
) (*ChatResult, error) {
	return d.kept(d.client.Chat.RunWithTools(ctx, d.turn(message), tools, policy, opts...))
}

func (d *Dialogue) kept(r *ChatResult, err error) (*ChatResult, error) {
	if r != nil && r.Chat.ConversationID != "" {
		d.learn(r.Chat.ConversationID)
	}
	return r, err
}

// Stream says something and returns the events of the answer, as [ChatService.Stream] does. The dialogue learns the id of its
// conversation when the first event is read.
//
// API: POST /v3/chat
func (d *Dialogue) Stream(ctx context.Context, message EnterMessage, opts ...CallOption) (*ChatStream, error) {
	s, err := d.client.Chat.Stream(ctx, d.turn(message), opts...)
	if err != nil {
		return nil, err
	}
	s.learn = d.learn
	return s, nil
}

// History walks over the stored messages from the oldest to the newest, and fetches pages of 50 as they are needed. It ends at
// once, without an error, if nothing was said yet.
//
// Permission: chat + listMessage.
//
// API: POST /v1/conversation/message/list
func (d *Dialogue) History(ctx context.Context, opts ...CallOption) iter.Seq2[Message, error] {
	id := d.ConversationID()
	if id == "" {
		return func(func(Message, error) bool) {}
	}
	req := ListMessagesRequest{ConversationID: id, Order: cozeapi.MessageOrderAsc}
	return d.client.Conversations.Messages.All(ctx, req, opts...)
}

// Clear makes the bot forget what was said; the messages stay in the history. The error is [ErrNoConversation] if nothing was
// said yet.
//
// Permission: editConversation.
//
// Coze documentation: https://www.coze.cn/open/docs/developer_guides/clear_conversation_context
//
// API: POST /v1/conversations/{conversation_id}/clear
func (d *Dialogue) Clear(ctx context.Context, opts ...CallOption) error {
	id := d.ConversationID()
	if id == "" {
		return ErrNoConversation
	}
	_, err := d.client.Conversations.Clear(ctx, id, opts...)
	return err
}

// Rename gives the conversation a name of at most 100 characters. The error is [ErrNoConversation] if nothing was said yet.
//
// Permission: editConversation.
//
// Coze documentation: https://www.coze.cn/open/docs/developer_guides/edit_conversation
//
// API: PUT /v1/conversations/{conversation_id}
func (d *Dialogue) Rename(ctx context.Context, name string, opts ...CallOption) error {
	id := d.ConversationID()
	if id == "" {
		return ErrNoConversation
	}
	_, err := d.client.Conversations.Update(ctx, id, UpdateConversationRequest{Name: name}, opts...)
	return err
}

// Delete deletes the conversation and its messages, which cannot be undone. The next turn begins a new conversation. The
// error is [ErrNoConversation] if nothing was said yet.
//
// Permission: editConversation.
//
// Coze documentation: https://www.coze.cn/open/docs/developer_guides/delete_conversation
//
// API: DELETE /v1/conversations/{conversation_id}
func (d *Dialogue) Delete(ctx context.Context, opts ...CallOption) error {
	id := d.ConversationID()
	if id == "" {
		return ErrNoConversation
	}
	if err := d.client.Conversations.Delete(ctx, id, opts...); err != nil {
		return err
	}
	d.learn("")
	return nil
}
