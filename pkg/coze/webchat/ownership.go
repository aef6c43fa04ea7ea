package webchat

import (
	"context"
	"errors"
	"net/http"

	"github.com/cozekit/cozekit/internal/gate"
	"github.com/cozekit/cozekit/pkg/coze"
)

// errNotYours does not tell what belongs to others from what does not exist.
var errNotYours = gate.Refuse(http.StatusNotFound, coze.CodeNotFound, "there is no such conversation, message, chat or file")

// ownership answers whose something is.
type ownership struct {
	client *coze.Client
	owners Owners
}

func (o *ownership) set(ctx context.Context, kind, id, visitor string) error {
	if id == "" {
		return nil
	}
	return o.owners.SetOwner(ctx, kind+"/"+id, visitor)
}

// known tells whether the store says that something is the visitor's; another's is an error.
func (o *ownership) known(ctx context.Context, kind, id, visitor string) (bool, error) {
	owner, err := o.owners.Owner(ctx, kind+"/"+id)
	if err == nil && owner != "" && owner != visitor {
		err = errNotYours
	}
	return owner == visitor, err
}

// conversation refuses a conversation that is not the visitor's.
func (o *ownership) conversation(ctx context.Context, visitor, id string) error {
	if !isID(id) {
		return errNotYours
	}
	if mine, err := o.known(ctx, kindConversation, id, visitor); mine || err != nil {
		return err
	}
	c, err := o.client.Conversations.Get(ctx, coze.RetrieveConversationRequest{ConversationID: id})
	switch {
	case isMissing(err):
		return errNotYours
	case err != nil:
		return err
	case c.ID != id || c.MetaData[stampKey] != stamp(visitor):
		return errNotYours
	}
	return o.set(ctx, kindConversation, id, visitor)
}

// message refuses a message that is not in a conversation of the visitor's.
func (o *ownership) message(ctx context.Context, visitor, conversationID, id string) error {
	if err := o.conversation(ctx, visitor, conversationID); err != nil {
		return err
	}
	if !isID(id) {
		return errNotYours
	}
	m, err := o.client.Conversations.Messages.Get(ctx, coze.RetrieveMessageRequest{ConversationID: conversationID, MessageID: id})
	if isMissing(err) || err == nil && (m.ID != id || m.ConversationID != conversationID) {
		return errNotYours
	}
	return err
}

// chat refuses a chat that is not in a conversation of the visitor's.
func (o *ownership) chat(ctx context.Context, visitor, conversationID, id string) error {
	if err := o.conversation(ctx, visitor, conversationID); err != nil {
		return err
	}
	if !isID(id) {
		return errNotYours
	}
	if mine, err := o.known(ctx, kindChat, id, visitor); mine || err != nil {
		return err
	}
	c, err := o.client.Chat.Get(ctx, coze.RetrieveChatRequest{ConversationID: conversationID, ChatID: id})
	if isMissing(err) || err == nil && (c.ID != id || c.ConversationID != conversationID) {
		return errNotYours
	}
	return err
}

// file refuses a file that the visitor has not uploaded.
func (o *ownership) file(ctx context.Context, visitor, id string) error {
	mine, err := o.known(ctx, kindFile, id, visitor)
	if err == nil && !mine {
		err = errNotYours
	}
	return err
}

const (
	kindConversation = "conversation"
	kindChat         = "chat"
	kindFile         = "file"
)

// isMissing tells what the server does not have, or takes for no id at all.
func isMissing(err error) bool {
	return errors.Is(err, coze.ErrNotFound) || errors.Is(err, coze.ErrBadRequest)
}

const maxID = 64

// isID tells ids of the platform: a few letters, digits, "-" and "_".
func isID(s string) bool {
	for i := range len(s) {
		c := s[i]
		if (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z') && c != '-' && c != '_' {
			return false
		}
	}
	return s != "" && len(s) <= maxID
}
