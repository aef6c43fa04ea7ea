package cozetest

import (
	"slices"
	"unicode/utf8"

	"github.com/cozekit/cozekit/gen/cozeapi"
)

var conversationHandlers = map[string]handler{
	"ClearConversation":    (*exchange).clearConversation,
	"CreateConversation":   (*exchange).createConversation,
	"DeleteConversation":   (*exchange).deleteConversation,
	"ListConversations":    (*exchange).listConversations,
	"RetrieveConversation": (*exchange).retrieveConversation,
	"UpdateConversation":   (*exchange).updateConversation,
}

// apiConnector is the id of the channel that is the API.
const apiConnector = "1024"

// conversation is a conversation and its messages, in the order of their creation.
type conversation struct {
	wire     wireConversation
	visitor  string // whom it belongs to; see [identity.visitor]
	botID    string
	messages []*message
	running  *chat // nil when a new chat can begin
	asks     *Run  // chatflow that waits for the user; nil if none does
}

type wireConversation struct {
	ID            string            `json:"id"`
	Name          string            `json:"name,omitempty"`
	CreatedAt     int64             `json:"created_at"`
	UpdatedAt     int64             `json:"updated_at"`
	MetaData      map[string]string `json:"meta_data"`
	CreatorID     string            `json:"creator_id"`
	ConnectorID   string            `json:"connector_id"`
	LastSectionID string            `json:"last_section_id"`
}

// newConversation makes and keeps a conversation. The caller holds mu.
func (x *exchange) newConversation(botID, connector string) *conversation {
	if connector == "" {
		connector = apiConnector
	}
	now := x.srv.now()
	c := &conversation{visitor: x.caller.visitor(), botID: botID, wire: wireConversation{
		ID: x.srv.ids.next(), CreatedAt: now, UpdatedAt: now, MetaData: map[string]string{},
		CreatorID: x.caller.userID, ConnectorID: connector,
	}}
	c.wire.LastSectionID = c.wire.ID
	st := &x.srv.state
	st.conversations[c.wire.ID] = c
	st.order = append(st.order, c)
	return c
}

// conversation finds a conversation of the caller; those of others do not exist for it. The caller holds mu.
func (x *exchange) conversation(id string) (*conversation, error) {
	c := x.srv.state.conversations[id]
	if c == nil || c.visitor != x.caller.visitor() {
		return nil, notFound("conversation", id)
	}
	return c, nil
}

func (x *exchange) createConversation() (any, error) {
	var req cozeapi.CreateConversationRequest
	if err := x.decode(&req); err != nil {
		return nil, err
	}
	if err := checkMetaData(req.MetaData); err != nil {
		return nil, err
	}
	for i, m := range req.Messages {
		if err := checkEnterMessage(i, m, true); err != nil {
			return nil, err
		}
	}
	st := &x.srv.state
	st.mu.Lock()
	defer st.mu.Unlock()
	if req.BotID != "" && st.bot(req.BotID) == nil {
		return nil, notFound("bot", req.BotID)
	}
	c := x.newConversation(req.BotID, req.ConnectorID)
	c.wire.Name = req.Name
	if req.MetaData != nil {
		c.wire.MetaData = req.MetaData
	}
	for _, m := range req.Messages {
		x.srv.store(c, enteredMessage(m))
	}
	return c.wire, nil
}

func (x *exchange) retrieveConversation() (any, error) {
	st := &x.srv.state
	st.mu.Lock()
	defer st.mu.Unlock()
	c, err := x.conversation(x.query.Get("conversation_id"))
	if err != nil {
		return nil, err
	}
	return c.wire, nil
}

func (x *exchange) listConversations() (any, error) {
	st := &x.srv.state
	st.mu.Lock()
	defer st.mu.Unlock()
	found := []wireConversation{}
	for _, c := range st.order {
		connector := x.query.Get("connector_id")
		if c.botID == x.query.Get("bot_id") && c.visitor == x.caller.visitor() && (connector == "" || connector == c.wire.ConnectorID) {
			found = append(found, c.wire)
		}
	}
	if x.query.Get("sort_order") != "ASC" {
		slices.Reverse(found)
	}
	items, more := page(found, x.number("page_num", 1), x.number("page_size", 50))
	return map[string]any{"conversations": items, "has_more": more}, nil
}

func (x *exchange) updateConversation() (any, error) {
	var req cozeapi.UpdateConversationRequest
	if err := x.decode(&req); err != nil {
		return nil, err
	}
	st := &x.srv.state
	st.mu.Lock()
	defer st.mu.Unlock()
	c, err := x.conversation(x.path["conversation_id"])
	if err != nil {
		return nil, err
	}
	c.wire.Name, c.wire.UpdatedAt = req.Name, x.srv.now()
	return c.wire, nil
}

func (x *exchange) deleteConversation() (any, error) {
	st := &x.srv.state
	st.mu.Lock()
	defer st.mu.Unlock()
	c, err := x.conversation(x.path["conversation_id"])
	if err != nil {
		return nil, err
	}
	if c.running != nil {
		return nil, refuse(codeConversationBusy, "conversation %s has a running chat", c.wire.ID)
	}
	delete(st.conversations, c.wire.ID)
	st.order = slices.DeleteFunc(st.order, func(o *conversation) bool { return o == c })
	return nil, nil
}

func (x *exchange) clearConversation() (any, error) {
	st := &x.srv.state
	st.mu.Lock()
	defer st.mu.Unlock()
	c, err := x.conversation(x.path["conversation_id"])
	if err != nil {
		return nil, err
	}
	c.wire.LastSectionID, c.wire.UpdatedAt = x.srv.ids.next(), x.srv.now()
	return map[string]any{"id": c.wire.LastSectionID, "conversation_id": c.wire.ID}, nil
}

// checkMetaData refuses pairs beyond the limits that conversations, messages and chats share.
func checkMetaData(pairs map[string]string) error {
	if len(pairs) > 16 {
		return refuse(codeMetaDataTooLarge, "meta_data has %d pairs, at most 16 are allowed", len(pairs))
	}
	for _, k := range sortedKeys(pairs) {
		if n := utf8.RuneCountInString(k); n < 1 || n > 64 {
			return refuse(codeMetaDataTooLarge, "a key of meta_data has %d characters, 1 to 64 are allowed", n)
		}
		if n := utf8.RuneCountInString(pairs[k]); n < 1 || n > 512 {
			return refuse(codeMetaDataTooLarge, "the value of %s in meta_data has %d characters, 1 to 512 are allowed", k, n)
		}
	}
	return nil
}
