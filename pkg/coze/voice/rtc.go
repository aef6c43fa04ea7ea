package voice

import (
	"maps"

	"github.com/cozekit/cozekit/pkg/coze"
)

// DecodeRTC decodes a message of the bot in an RTC room, as the data channel of any RTC library delivers it. Data of an
// error event is a [*coze.RTCError] here: 4027 the account is overdue, 4028 its credits are used up, 4029 the room was
// silent for too long. The names that samples of the documentation misspell are put right.
//
// Make a room by client.Audio.CreateRoom; encode what you send by [ClientEvent.Encode].
func DecodeRTC(message []byte) Event {
	d := Decoder{payloads: rtcPayloads}
	ev := d.Decode(message)
	switch ev.Type {
	case "conversation.chat.camplete":
		ev.Type = coze.SocketEventConversationChatCompleted
	case coze.SocketEventSessionUpdate:
		ev.Type = coze.SocketEventSessionUpdated
	case coze.SocketEventInputAudioBufferStart:
		ev.Type = coze.SocketEventInputAudioBufferStarted
	}
	switch data := ev.Data.(type) {
	case *coze.RTCSessionCreated:
		ev.LogID = data.LogID
	case *coze.RTCError:
		if data.Detail != nil {
			ev.LogID = data.Detail.Logid
		}
	}
	return ev
}

var rtcPayloads = func() map[coze.SocketEventType]func() any {
	m := maps.Clone(payloads)
	m[coze.SocketEventError] = payload[coze.RTCError]
	m["conversation.chat.camplete"] = payload[coze.Chat]
	m[coze.SocketEventSessionUpdate] = payload[coze.RTCSessionUpdate]
	return m
}()
