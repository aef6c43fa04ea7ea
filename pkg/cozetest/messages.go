package cozetest

import (
	"slices"

	"github.com/cozekit/cozekit/gen/cozeapi"
)

var messageHandlers = map[string]handler{
	"CreateMessage":   (*exchange).createMessage,
	"DeleteMessage":   (*exchange).deleteMessage,
	"ListMessages":    (*exchange).listMessages,
	"RetrieveMessage": (*exchange).retrieveMessage,
	"UpdateMessage":   (*exchange).updateMessage,
}

// message is a message as it goes over the wire.
type message struct {
	ID               string            `json:"id"`
	ConversationID   string            `json:"conversation_id"`
	BotID            string            `json:"bot_id"`
	ChatID           string            `json:"chat_id"`
	SectionID        string            `json:"section_id"`
	Role             string            `json:"role"`
	Type             string            `json:"type"`
	Content          string            `json:"content"`
	ContentType      string            `json:"content_type"`
	MetaData         map[string]string `json:"meta_data,omitempty"`
	CreatedAt        int64             `json:"created_at"`
	UpdatedAt        int64             `json:"updated_at"`
	ReasoningContent string            `json:"reasoning_content,omitempty"`

	feedback string // like, unlike or nothing
}

const (
	roleUser      = "user"
	roleAssistant = "assistant"

	typeQuestion     = "question"
	typeAnswer       = "answer"
	typeFunctionCall = "function_call"
	typeToolResponse = "tool_response"
	typeFollowUp     = "follow_up"
	typeVerbose      = "verbose"

	contentText         = "text"
	contentObjectString = "object_string"
	contentAudio        = "audio"
)

// middle tells whether a message is one between question and answer.
func (m *message) middle() bool { return m.Type != typeQuestion && m.Type != typeAnswer }

// enteredMessage makes a message of what a caller gave.
func enteredMessage(in cozeapi.EnterMessage) *message {
	m := &message{
		Role: string(in.Role), Type: string(in.Type), Content: in.Content, ContentType: string(in.ContentType), MetaData: in.MetaData,
	}
	if m.Type == "" {
		m.Type = typeQuestion
		if m.Role == roleAssistant {
			m.Type = typeAnswer
		}
	}
	if m.ContentType == "" {
		m.ContentType = contentText
	}
	return m
}

// store completes a message and puts it at the end of a conversation. The caller holds mu.
func (s *Server) store(c *conversation, m *message) {
	if m.ID == "" {
		m.ID = s.ids.next()
	}
	now := s.now()
	m.ConversationID, m.SectionID = c.wire.ID, c.wire.LastSectionID
	m.CreatedAt, m.UpdatedAt = now, now
	c.messages = append(c.messages, m)
	c.wire.UpdatedAt = now
	if c.wire.Name == "" && m.Role == roleUser {
		name := []rune(m.Content)
		c.wire.Name = string(name[:min(len(name), 100)])
	}
}

// message finds a message by the ids in a query or path. The caller holds mu.
func (x *exchange) message(conversationID, id string) (*conversation, *message, error) {
	c, err := x.conversation(conversationID)
	if err != nil {
		return nil, nil, err
	}
	i := slices.IndexFunc(c.messages, func(m *message) bool { return m.ID == id })
	if i < 0 {
		return nil, nil, notFound("message", id)
	}
	return c, c.messages[i], nil
}

func (x *exchange) createMessage() (any, error) {
	var req cozeapi.CreateMessageRequest
	if err := x.decode(&req); err != nil {
		return nil, err
	}
	in := cozeapi.EnterMessage{Role: req.Role, Content: req.Content, ContentType: req.ContentType, MetaData: req.MetaData}
	if err := checkMetaData(req.MetaData); err != nil {
		return nil, err
	}
	if err := checkEnterMessage(0, in, true); err != nil {
		return nil, err
	}
	st := &x.srv.state
	st.mu.Lock()
	defer st.mu.Unlock()
	c, err := x.conversation(x.query.Get("conversation_id"))
	if err != nil {
		return nil, err
	}
	m := enteredMessage(in)
	x.srv.store(c, m)
	return *m, nil
}

func (x *exchange) retrieveMessage() (any, error) {
	st := &x.srv.state
	st.mu.Lock()
	defer st.mu.Unlock()
	_, m, err := x.message(x.query.Get("conversation_id"), x.query.Get("message_id"))
	if err != nil {
		return nil, err
	}
	return *m, nil
}

func (x *exchange) updateMessage() (any, error) {
	var req cozeapi.UpdateMessageRequest
	if err := x.decode(&req); err != nil {
		return nil, err
	}
	if req.Content == "" && req.MetaData == nil {
		return nil, refuse(codeInvalidParameter, "content or meta_data is needed")
	}
	if err := checkMetaData(req.MetaData); err != nil {
		return nil, err
	}
	st := &x.srv.state
	st.mu.Lock()
	defer st.mu.Unlock()
	_, m, err := x.message(x.query.Get("conversation_id"), x.query.Get("message_id"))
	if err != nil {
		return nil, err
	}
	if req.Content != "" {
		m.Content = req.Content
	}
	if req.ContentType != "" {
		m.ContentType = string(req.ContentType)
	}
	if req.MetaData != nil {
		m.MetaData = req.MetaData
	}
	m.UpdatedAt = x.srv.now()
	return flat{"message": *m}, nil
}

func (x *exchange) deleteMessage() (any, error) {
	st := &x.srv.state
	st.mu.Lock()
	defer st.mu.Unlock()
	c, gone, err := x.message(x.query.Get("conversation_id"), x.query.Get("message_id"))
	if err != nil {
		return nil, err
	}
	if gone.middle() {
		return nil, refuse(codeInvalidParameter, "only questions and answers can be deleted, not a %s", gone.Type)
	}
	c.messages = slices.DeleteFunc(c.messages, func(m *message) bool {
		beside := gone.Type == typeAnswer && gone.ChatID != "" && m.ChatID == gone.ChatID
		return m == gone || beside && (m.Type == typeVerbose || m.Type == typeFunctionCall)
	})
	return *gone, nil
}

func (x *exchange) listMessages() (any, error) {
	var req cozeapi.ListMessagesRequest
	if err := x.decode(&req); err != nil {
		return nil, err
	}
	st := &x.srv.state
	st.mu.Lock()
	defer st.mu.Unlock()
	c, err := x.conversation(x.query.Get("conversation_id"))
	if err != nil {
		return nil, err
	}
	middle := req.IncludeMiddleMessage != nil && *req.IncludeMiddleMessage
	list := []message{}
	for _, m := range c.messages {
		if (middle || !m.middle()) && (req.ChatID == "" || req.ChatID == m.ChatID) {
			list = append(list, *m)
		}
	}
	if req.Order != "asc" {
		slices.Reverse(list)
	}
	limit := 50
	if req.Limit != nil {
		limit = int(*req.Limit)
	}
	list, more := cutByID(list, req.BeforeID, req.AfterID, limit)
	result := flat{"data": list, "first_id": "", "last_id": "", "has_more": more}
	if len(list) > 0 {
		result["first_id"], result["last_id"] = list[0].ID, list[len(list)-1].ID
	}
	return result, nil
}

// cutByID takes the items that follow after, or those that stand just before before, of a list in its own order, and tells
// whether there are more in that direction. An id that is empty, 0 or not in the list does not count.
func cutByID(list []message, before, after string, limit int) ([]message, bool) {
	at := func(id string) int {
		if id == "" || id == "0" {
			return -1
		}
		return slices.IndexFunc(list, func(m message) bool { return m.ID == id })
	}
	last := at(before)
	if first := at(after); first >= 0 {
		if last > first {
			list, last = list[first+1:last], -1
		} else {
			list, last = list[first+1:], -1
		}
	}
	if last >= 0 {
		list = list[:last]
		return list[max(0, len(list)-limit):], len(list) > limit
	}
	return list[:min(len(list), limit)], len(list) > limit
}
