package cozetest

import (
	"unicode/utf8"

	"github.com/cozekit/cozekit/gen/cozeapi"
)

var feedbackHandlers = map[string]handler{
	"CreateMessageFeedback": (*exchange).createMessageFeedback,
	"DeleteMessageFeedback": (*exchange).deleteMessageFeedback,
}

func (x *exchange) createMessageFeedback() (any, error) {
	var req cozeapi.CreateMessageFeedbackRequest
	if err := x.decode(&req); err != nil {
		return nil, err
	}
	for _, r := range req.ReasonTypes {
		if utf8.RuneCountInString(r) > 30 {
			return nil, refuse(codeInvalidParameter, "a reason has more than 30 characters")
		}
	}
	st := &x.srv.state
	st.mu.Lock()
	defer st.mu.Unlock()
	_, m, err := x.message(x.path["conversation_id"], x.path["message_id"])
	if err != nil {
		return nil, err
	}
	if m.Type != typeAnswer {
		return nil, refuse(codeInvalidParameter, "only answers can be rated, not a %s", m.Type)
	}
	m.feedback = string(req.FeedbackType)
	return nil, nil
}

func (x *exchange) deleteMessageFeedback() (any, error) {
	st := &x.srv.state
	st.mu.Lock()
	defer st.mu.Unlock()
	_, m, err := x.message(x.path["conversation_id"], x.path["message_id"])
	if err != nil {
		return nil, err
	}
	m.feedback = ""
	return nil, nil
}
