package voice

import (
	"encoding/json"

	"github.com/cozekit/cozekit/pkg/coze"
)

// DecodeRTC decodes a message of the bot in an RTC room, as the data channel of any RTC library delivers it. Data of an
// error event is a [*coze.RTCError] here, with code [coze.CodeAccountOverdue2] (4027), [coze.CodeFreeQuotaUsedUp] (4028) or
// [coze.CodeRealtimeSessionInactive] (4029); [Event.Err] makes an error of it, and [coze.Explain] has causes and remedies. The
// names that samples of the documentation misspell are put right. Messages of rooms have no time: RespondAt is zero.
//
// Make a room by client.Audio.Rooms.Create; encode what you send by [EncodeRTC].
func DecodeRTC(message []byte) Event {
	d := Decoder{payloads: rtcPayloads}
	ev := d.Decode(message)
	switch ev.Type {
	case completedAsPrinted:
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

// EncodeRTC returns the JSON of an event as a message to the bot in an RTC room. Rooms want an id, so give it one. Send it to
// the bot's user when that has joined: earlier messages are lost.
func EncodeRTC(e ClientEvent) ([]byte, error) {
	if e.Type == coze.SocketEventConversationChatCancel && e.Data == nil {
		e.Data = json.RawMessage("{}") // rooms want an empty object where sockets want nothing
	}
	return e.Encode()
}
