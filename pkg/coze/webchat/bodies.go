package webchat

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/cozekit/cozekit/pkg/coze"
)

// decode reads a body into the fields that the document knows. What is sent is encoded anew, so that no two readers of a body
// can disagree on what it says.
func decode(body []byte, into any) error {
	if len(body) == 0 {
		return nil
	}
	if json.Unmarshal(body, into) != nil {
		return badRequest("the body is not the JSON of this operation")
	}
	return nil
}

// encode sets the body that is sent.
func (c *call) encode(v any) {
	c.Body, _ = json.Marshal(v) // of values that were decoded from JSON
}

// plainOrNone keeps an optional id only if it is one.
func plainOrNone(id string) string {
	if !isID(id) {
		return ""
	}
	return id
}

func (p *visitorProxy) createConversation(c *call, body []byte) error {
	var req coze.CreateConversationRequest
	if err := decode(body, &req); err != nil {
		return err
	}
	if err := p.host(req.BotID); err != nil {
		return err
	}
	messages, err := p.messages(c, req.Messages)
	if err != nil {
		return err
	}
	c.encode(coze.CreateConversationRequest{
		BotID: req.BotID, Name: p.platformName(c.visitor, req.Name), Messages: messages, ConnectorID: plainOrNone(req.ConnectorID),
		MetaData: stamped(req.MetaData, c.visitor),
	})
	c.learn = p.learnConversation(c)
	return nil
}

// host refuses what is neither one of the bots nor one of the apps.
func (p *visitorProxy) host(id string) error {
	return among(id, slices.Concat(p.cfg.Bots, p.cfg.Apps))
}

const maxPairs = 16 // of meta_data

// stamped says in the meta_data of a conversation whose it is.
func stamped(pairs map[string]string, visitor string) map[string]string {
	out := map[string]string{stampKey: stamp(visitor)}
	for _, name := range slices.Sorted(maps.Keys(pairs)) {
		if name != stampKey && len(out) < maxPairs {
			out[name] = pairs[name]
		}
	}
	return out
}

func (p *visitorProxy) createNamedConversation(c *call, body []byte) error {
	var req coze.CreateWorkflowConversationRequest
	if err := decode(body, &req); err != nil {
		return err
	}
	if err := among(req.AppID, p.cfg.Apps); err != nil {
		return err
	}
	if req.WorkflowID != "" {
		if err := among(req.WorkflowID, p.cfg.Workflows); err != nil {
			return err
		}
	}
	c.encode(coze.CreateWorkflowConversationRequest{
		AppID: req.AppID, WorkflowID: req.WorkflowID, ConversationName: ownName(c.visitor, req.ConversationName),
		GetOrCreate: req.GetOrCreate, ConnectorID: plainOrNone(req.ConnectorID),
	})
	c.learn = p.learnConversation(c)
	return nil
}

const maxName = 60 // characters of a conversation's name that a page gives

// ownName is a name that no other visitor's conversation has: on the platform, conversations of one name are one.
func ownName(visitor, name string) string {
	short := []rune(name)
	return stamp(visitor) + " " + string(short[:min(len(short), maxName)])
}

// platformName is what a conversation is called on the platform that a visitor calls name. Where there are apps, nobody may give a
// conversation the name of another's: questions of the other would go into it.
func (p *visitorProxy) platformName(visitor, name string) string {
	if name == "" || len(p.cfg.Apps) == 0 {
		return name
	}
	return ownName(visitor, name)
}

// pageName is the name that the visitor has given.
func pageName(visitor, name string) string { return strings.TrimPrefix(name, stamp(visitor)+" ") }

func (p *visitorProxy) listMessages(c *call, body []byte) error {
	var req coze.ListMessagesRequest
	if err := decode(body, &req); err != nil {
		return err
	}
	c.keep("conversation_id")
	c.encode(coze.ListMessagesRequest{
		Order: req.Order, ChatID: plainOrNone(req.ChatID), Limit: req.Limit,
		BeforeID: plainOrNone(req.BeforeID), AfterID: plainOrNone(req.AfterID),
	})
	return p.ownership.conversation(c.ctx, c.visitor, c.Query.Get("conversation_id"))
}

func (p *visitorProxy) cancelChat(c *call, body []byte) error {
	var req coze.CancelChatRequest
	if err := decode(body, &req); err != nil {
		return err
	}
	c.encode(coze.CancelChatRequest{ConversationID: req.ConversationID, ChatID: req.ChatID})
	return p.ownership.chat(c.ctx, c.visitor, req.ConversationID, req.ChatID)
}

const maxSpeech = 1024 // bytes of a text to speak, as on the platform

func speech(c *call, body []byte) error {
	var req coze.CreateSpeechRequest
	if err := decode(body, &req); err != nil {
		return err
	}
	if req.Input == "" || len(req.Input) > maxSpeech || !isID(req.VoiceID) {
		return badRequest("input has 1 to 1024 bytes, and voice_id is an id")
	}
	c.encode(coze.CreateSpeechRequest{
		Input: req.Input, VoiceID: req.VoiceID, ResponseFormat: req.ResponseFormat, Speed: req.Speed, SampleRate: req.SampleRate,
	})
	return nil
}
