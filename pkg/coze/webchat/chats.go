package webchat

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/cozekit/cozekit/pkg/coze"
)

// createChatBody is the body of a chat: what the client of this module puts in itself is a field here.
type createChatBody struct {
	coze.CreateChatRequest
	Stream bool `json:"stream"`
}

func (p *visitorProxy) createChat(c *call, body []byte) error {
	var req createChatBody
	if err := decode(body, &req); err != nil {
		return err
	}
	if err := among(req.BotID, p.cfg.Bots); err != nil {
		return err
	}
	messages, err := p.messages(c, req.AdditionalMessages)
	if err != nil {
		return err
	}
	added, err := p.injection(c.ctx, c.visitor)
	if err != nil {
		return err
	}
	id, err := p.conversationFor(c, c.query.Get("conversation_id"), req.BotID, req.ConnectorID)
	if err != nil {
		return err
	}
	c.Query.Set("conversation_id", id)
	c.encode(createChatBody{coze.CreateChatRequest{
		BotID: req.BotID, UserID: c.visitor, AdditionalMessages: messages, ConnectorID: plainOrNone(req.ConnectorID),
		CustomVariables: join(p, req.CustomVariables, added.Variables), Parameters: join(p, req.Parameters, added.Parameters),
		AutoSaveHistory: coze.Ptr(true), MetaData: req.MetaData, ShortcutCommand: req.ShortcutCommand, EnableCard: req.EnableCard,
	}, req.Stream})
	c.learn = p.learnChat(c)
	return nil
}

// conversationFor checks the conversation that a chat is to go on with, or makes one.
func (p *visitorProxy) conversationFor(c *call, id, botID, connectorID string) (string, error) {
	if id != "" {
		return id, p.ownership.conversation(c.ctx, c.visitor, id)
	}
	made, err := p.client.Conversations.Create(c.ctx, coze.CreateConversationRequest{
		BotID: botID, ConnectorID: plainOrNone(connectorID), MetaData: stamped(nil, c.visitor),
	})
	if err != nil {
		return "", err
	}
	return made.ID, p.ownership.set(c.ctx, kindConversation, made.ID, c.visitor)
}

// conversationName is the parameter of a chatflow that names its conversation.
const conversationName = "CONVERSATION_NAME"

func (p *visitorProxy) chatWorkflow(c *call, body []byte) error {
	var req coze.ChatWorkflowRequest
	if err := decode(body, &req); err != nil {
		return err
	}
	if err := p.chatflow(req); err != nil {
		return err
	}
	messages, err := p.messages(c, req.AdditionalMessages)
	if err != nil {
		return err
	}
	added, err := p.injection(c.ctx, c.visitor)
	if err != nil {
		return err
	}
	out := coze.ChatWorkflowRequest{
		WorkflowID: req.WorkflowID, AppID: req.AppID, BotID: req.BotID, AdditionalMessages: messages, ConversationID: req.ConversationID,
		Parameters: join(p, req.Parameters, added.Parameters), ConnectorID: plainOrNone(req.ConnectorID),
		WorkflowVersion: req.WorkflowVersion, AppVersion: req.AppVersion, Ext: map[string]string{"user_id": c.visitor},
	}
	if out.Parameters == nil {
		out.Parameters = map[string]any{}
	}
	if req.AppID != "" && req.ConversationID == "" {
		name, _ := req.Parameters[conversationName].(string)
		out.Parameters[conversationName] = ownName(c.visitor, name)
	} else {
		delete(out.Parameters, conversationName)
		if out.ConversationID, err = p.conversationFor(c, req.ConversationID, req.BotID, req.ConnectorID); err != nil {
			return err
		}
	}
	c.encode(out)
	c.learn = p.learnChat(c)
	return nil
}

// chatflow refuses chatflows that are not offered.
func (p *visitorProxy) chatflow(req coze.ChatWorkflowRequest) error {
	if err := among(req.WorkflowID, p.cfg.Workflows); err != nil {
		return err
	}
	switch {
	case (req.AppID == "") == (req.BotID == ""):
		return badRequest("give one of app_id and bot_id")
	case req.AppID != "":
		return among(req.AppID, p.cfg.Apps)
	}
	return among(req.BotID, p.cfg.Bots)
}

// injection is what the server adds.
func (p *visitorProxy) injection(ctx context.Context, visitor string) (Injection, error) {
	if p.cfg.Inject == nil {
		return Injection{}, nil
	}
	added, err := p.cfg.Inject(ctx, visitor)
	if err != nil {
		return added, fmt.Errorf("webchat: Inject: %w", err)
	}
	return added, nil
}

// join lays what the server adds over what pages may send of what this one has sent.
func join[V any](p *visitorProxy, page, server map[string]V) map[string]V {
	out := map[string]V{}
	for name, v := range page {
		if slices.Contains(p.cfg.PageVariables, name) {
			out[name] = v
		}
	}
	maps.Copy(out, server)
	if len(out) == 0 {
		return nil
	}
	return out
}

func (p *visitorProxy) learnConversation(c *call) func(context.Context, answer) error {
	return func(ctx context.Context, a answer) error {
		return p.ownership.set(ctx, kindConversation, a.ID, c.visitor)
	}
}

func (p *visitorProxy) learnChat(c *call) func(context.Context, answer) error {
	return func(ctx context.Context, a answer) error {
		if _, err := p.ownership.known(ctx, kindConversation, a.ConversationID, c.visitor); err != nil {
			return err // the server has answered in a conversation of somebody else
		}
		if err := p.ownership.set(ctx, kindConversation, a.ConversationID, c.visitor); err != nil {
			return err
		}
		return p.ownership.set(ctx, kindChat, a.ID, c.visitor)
	}
}

// messages checks what a visitor says. Files must be the visitor's own.
func (p *visitorProxy) messages(c *call, list []coze.EnterMessage) ([]coze.EnterMessage, error) {
	out := make([]coze.EnterMessage, 0, len(list))
	for _, m := range list {
		if m.Role != coze.MessageRoleUser && m.Role != coze.MessageRoleAssistant {
			return nil, badRequest("the role of a message is user or assistant")
		}
		clean := coze.EnterMessage{Role: m.Role, Type: m.Type, Content: m.Content, ContentType: m.ContentType, MetaData: m.MetaData}
		if m.ContentType != coze.EnterContentTypeText {
			var err error
			if clean.Content, err = p.parts(c, m.Content); err != nil {
				return nil, err
			}
			clean.ContentType = coze.EnterContentTypeObjectString
		}
		out = append(out, clean)
	}
	return out, nil
}

// part is an element of a message of parts.
type part struct {
	Type    string `json:"type"`
	Text    string `json:"text,omitempty"`
	FileID  string `json:"file_id,omitempty"`
	FileURL string `json:"file_url,omitempty"`
}

func (p *visitorProxy) parts(c *call, content string) (string, error) {
	var list []part
	if json.Unmarshal([]byte(content), &list) != nil {
		return "", badRequest("the content of a message is not what its content_type says")
	}
	for _, part := range list {
		if part.FileID == "" {
			continue
		}
		if err := p.ownership.file(c.ctx, c.visitor, part.FileID); err != nil {
			return "", err
		}
	}
	text, err := json.Marshal(list)
	return string(text), err
}
