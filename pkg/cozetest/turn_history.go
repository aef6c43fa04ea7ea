package cozetest

import (
	"encoding/json"

	"github.com/cozekit/cozekit/gen/cozeapi"
)

// History returns what was said in the conversation before this chat, the oldest first: questions, answers and what was between
// them, as far as the context has not been cleared since.
func (t *Turn) History() []cozeapi.Message {
	t.srv.state.mu.Lock()
	defer t.srv.state.mu.Unlock()
	var history []cozeapi.Message
	for _, m := range t.conv.messages {
		if m.ChatID == t.chat.wire.ID {
			break
		}
		if m.SectionID == t.chat.wire.SectionID {
			history = append(history, m.model())
		}
	}
	return history
}

// model is the message as clients have it.
func (m *message) model() cozeapi.Message {
	var out cozeapi.Message
	_ = json.Unmarshal(mustEncode(m), &out) // the contract holds both to the document
	return out
}
