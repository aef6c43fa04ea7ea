package voice

import (
	"maps"

	"github.com/cozekit/cozekit/pkg/coze"
)

func payload[T any]() any { return new(T) }

// newPayload returns what the payload of an event is decoded into; nil if nothing is known of it.
func (d *Decoder) newPayload(t coze.SocketEventType) any {
	if t == coze.SocketEventConversationAudioDelta {
		return new(audioMessage) // its content is audio
	}
	table := d.payloads
	if table == nil {
		table = payloads
	}
	if f, ok := table[t]; ok {
		return f()
	}
	return nil
}

// completedAsPrinted is how a sample of the documentation of rooms prints conversation.chat.completed.
const completedAsPrinted coze.SocketEventType = "conversation.chat.camplete"

// rtcPayloads are those of rooms, also for the names that samples of the documentation misspell.
var rtcPayloads = func() map[coze.SocketEventType]func() any {
	m := maps.Clone(payloads)
	maps.Copy(m, roomPayloads)
	m[completedAsPrinted] = m[coze.SocketEventConversationChatCompleted]
	m[coze.SocketEventSessionUpdate] = m[coze.SocketEventSessionUpdated]
	return m
}()
