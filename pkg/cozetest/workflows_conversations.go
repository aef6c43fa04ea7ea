package cozetest

import "github.com/cozekit/cozekit/gen/cozeapi"

// createWorkflowConversation makes a conversation for a chatflow, or finds the caller's one of that name: the one that a chatflow of
// the app goes on with under the same CONVERSATION_NAME.
func (x *exchange) createWorkflowConversation(req *cozeapi.CreateWorkflowConversationRequest) (any, error) {
	st := &x.srv.state
	if req.AppID != "" {
		if _, err := x.app(req.AppID); err != nil {
			return nil, err
		}
	}
	if req.GetOrCreate != nil && *req.GetOrCreate && req.ConversationName != "" {
		for _, c := range st.order {
			if c.visitor == x.caller.visitor() && (req.AppID == "" || c.botID == req.AppID) && c.wire.Name == req.ConversationName {
				return c.wire, nil
			}
		}
	}
	c := x.newConversation(req.AppID, req.ConnectorID)
	c.wire.Name = req.ConversationName
	return c.wire, nil
}
