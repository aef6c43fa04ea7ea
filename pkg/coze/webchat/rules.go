package webchat

import (
	"context"
	"net/http"
	"net/url"
	"slices"

	"github.com/cozekit/cozekit/internal/gate"
	"github.com/cozekit/cozekit/pkg/coze"
)

// The operations that pages may call; the proxy lets no others through.
const (
	opListConversations = "ListConversations"
	opGetApp            = "GET /v1/apps/{app_id}"
)

// call is a request of a visitor that is to be checked.
type call struct {
	*coze.ProxyCall
	*visit
	ctx   context.Context
	query url.Values // as it came; Query holds what is sent
}

// prepare makes the request that is sent of the one that came, or refuses it.
func (p *visitorProxy) prepare(pc *coze.ProxyCall) error {
	c := &call{pc, visitOf(pc.Request.Context()), pc.Request.Context(), pc.Query}
	c.Query = url.Values{}
	body := c.Body
	c.Body = nil
	if costs(c.Operation) && !allow(p.chats, c.visitor) {
		return errTooMany
	}
	switch c.Operation {
	case "RetrieveBot":
		c.keep("connector_id")
		return among(c.PathValues["bot_id"], p.cfg.Bots)
	case opGetApp:
		c.keep("connector_id", "version")
		return among(c.PathValues["app_id"], p.cfg.Apps)
	case "GetWorkflow":
		c.keep("connector_id", "caller")
		return among(c.PathValues["workflow_id"], p.cfg.Workflows)
	case opListConversations:
		return p.prepareList(c)
	case "CreateConversation":
		return p.createConversation(c, body)
	case "CreateWorkflowConversation":
		return p.createNamedConversation(c, body)
	case "CreateChat":
		return p.createChat(c, body)
	case "ChatWorkflow":
		return p.chatWorkflow(c, body)
	case "CancelChat":
		return p.cancelChat(c, body)
	case "UploadFile":
		c.learn = func(ctx context.Context, a answer) error { return p.ownership.set(ctx, kindFile, a.ID, c.visitor) }
		return p.upload(c, p.cfg.UploadTypes)
	case "CreateTranscription":
		return p.upload(c, audioTypes)
	case "CreateSpeech":
		return speech(c, body)
	}
	return p.prepareMessages(c, body)
}

// prepareMessages is for the operations on what is in a conversation.
func (p *visitorProxy) prepareMessages(c *call, body []byte) error {
	id := c.PathValues["conversation_id"]
	switch c.Operation {
	case "UpdateConversation":
		var req coze.UpdateConversationRequest
		if err := decode(body, &req); err != nil {
			return err
		}
		c.encode(coze.UpdateConversationRequest{Name: p.platformName(c.visitor, req.Name)})
		return p.ownership.conversation(c.ctx, c.visitor, id)
	case "DeleteConversation":
		return p.ownership.conversation(c.ctx, c.visitor, id)
	case "ClearConversation":
		return p.ownership.conversation(c.ctx, c.visitor, id)
	case "ListMessages":
		return p.listMessages(c, body)
	case "DeleteMessage":
		c.keep("conversation_id", "message_id")
		return p.ownership.message(c.ctx, c.visitor, c.Query.Get("conversation_id"), c.Query.Get("message_id"))
	case "CreateMessageFeedback":
		var req coze.CreateMessageFeedbackRequest
		if err := decode(body, &req); err != nil {
			return err
		}
		c.encode(coze.CreateMessageFeedbackRequest{FeedbackType: req.FeedbackType, ReasonTypes: req.ReasonTypes, Comment: req.Comment})
		return p.ownership.message(c.ctx, c.visitor, id, c.PathValues["message_id"])
	case "DeleteMessageFeedback":
		return p.ownership.message(c.ctx, c.visitor, id, c.PathValues["message_id"])
	}
	return errForbidden
}

// costs tells calls that cost money from those that do not.
func costs(operation string) bool {
	switch operation {
	case "CreateChat", "ChatWorkflow", "UploadFile", "CreateTranscription", "CreateSpeech":
		return true
	}
	return false
}

// keep takes parameters of the query over: of each the first value, if it is short and plain.
func (c *call) keep(names ...string) {
	for _, name := range names {
		if v := c.query.Get(name); isID(v) {
			c.Query.Set(name, v)
		}
	}
}

func among(id string, list []string) error {
	if !slices.Contains(list, id) {
		return errForbidden
	}
	return nil
}

func badRequest(message string) error {
	return gate.Refuse(http.StatusBadRequest, coze.CodeInvalidParameter, message)
}
