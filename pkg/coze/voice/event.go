package voice

import (
	"bytes"
	"encoding/json"
	"strconv"
	"time"

	"github.com/cozekit/cozekit/internal/transport"
	"github.com/cozekit/cozekit/pkg/coze"
)

// Event is something that the server said, or that happened to the session: see [EventReconnected].
type Event struct {
	Type      coze.SocketEventType // what it is; "" for a frame that is not an event at all
	ID        string               // id that the server gave it
	LogID     string               // log id to quote to Coze support; the same for all events of a connection
	RespondAt time.Time            // when the server sent it; zero if it does not say so

	// Data is the payload of a known event, as a pointer: [*coze.Chat] and [*coze.Message] of the chat events, [*Audio] of
	// all three that carry audio, [*coze.SocketError], [*Reconnected] and so on. It is nil for an event without a payload.
	Data any

	// Raw is the payload as JSON where Data is nil: of an event that this SDK does not know, or whose payload is not as
	// documented. For a frame that is not an event it is the frame, and need not be JSON.
	Raw json.RawMessage

	// Origin is the event of the client that the server refused, as JSON; in error events only, and not always.
	Origin string

	from *dialer // of the session; nil for an event of a Decoder
}

// Audio is a piece of audio: the payload of conversation.audio.delta, speech.audio.update and
// simult_interpretation.audio.delta.
type Audio struct {
	// Bytes is the audio in the format of the session's output_audio: by default PCM, 16 bits, little-endian, mono,
	// 24,000 Hz. Pieces of PCM have any even length; each piece of Opus is one packet. It belongs to the receiver.
	Bytes []byte

	// What follows is set in a dialogue only.

	MessageID      string // answer that is spoken; its text has the same id. "0" if it is no answer
	ConversationID string
	BotID          string
	ChatID         string // turn that it belongs to
	SectionID      string
}

// envelope is what all events have.
type envelope struct {
	ID     string               `json:"id,omitempty"`
	Type   coze.SocketEventType `json:"event_type"`
	Data   json.RawMessage      `json:"data,omitzero"`
	Detail *detail              `json:"detail,omitempty"`
}

type detail struct {
	LogID     string `json:"logid"`
	RespondAt string `json:"respond_at"`
	Origin    string `json:"origin_message"`
}

// Decoder decodes events of the server, for programs that have a connection or a recording of their own; sessions do it by
// themselves. The zero value is ready. A Decoder is for one connection and one goroutine at a time.
type Decoder struct {
	payloads map[coze.SocketEventType]func() any // nil = those of the sockets
	known    interned
}

// Decode decodes a text frame. It keeps nothing of it.
func (d *Decoder) Decode(frame []byte) Event {
	if ev, ok := d.audioEvent(frame); ok {
		return ev
	}
	return d.anyEvent(frame)
}

// anyEvent decodes every event; audioEvent does the same for what comes most, faster.
func (d *Decoder) anyEvent(frame []byte) Event {
	var env envelope
	if err := transport.Unmarshal(frame, &env); err != nil || env.Type == "" {
		return Event{Raw: bytes.Clone(frame)}
	}
	ev := Event{Type: env.Type, ID: env.ID}
	if env.Detail != nil {
		ev.LogID, ev.Origin = env.Detail.LogID, env.Detail.Origin
		ev.RespondAt = unixMillis(env.Detail.RespondAt)
	}
	if len(env.Data) == 0 || string(env.Data) == "null" {
		return ev
	}
	if data := d.newPayload(env.Type); data == nil || transport.Unmarshal(env.Data, data) != nil {
		ev.Raw = env.Data
	} else {
		ev.Data = finish(data)
	}
	if ev.Data == nil && ev.Raw == nil {
		ev.Raw = env.Data
	}
	return ev
}

// audioMessage is a message whose content is audio.
type audioMessage struct {
	ID             string `json:"id"`
	ConversationID string `json:"conversation_id"`
	BotID          string `json:"bot_id"`
	ChatID         string `json:"chat_id"`
	SectionID      string `json:"section_id"`
	Content        []byte `json:"content"`
}

// finish makes of a payload what users see; nil if that cannot be.
func finish(data any) any {
	switch p := data.(type) {
	case *coze.AudioDelta:
		return &Audio{Bytes: p.Delta}
	case *audioMessage:
		return &Audio{
			Bytes: p.Content, MessageID: p.ID, ConversationID: p.ConversationID, BotID: p.BotID, ChatID: p.ChatID,
			SectionID: p.SectionID,
		}
	}
	return data
}

func unixMillis(digits string) time.Time {
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || n <= 0 {
		return time.Time{}
	}
	return time.UnixMilli(n)
}

// ClientEvent is an event for the server. There is a function for each of the documented ones: [NewChatUpdate],
// [NewInputAudioBufferAppend] and so on.
type ClientEvent struct {
	ID   string               // chosen by the sender; may be left out
	Type coze.SocketEventType // what it is
	Data any                  // its payload, such as [coze.ChatUpdate]; nil if it has none
}

// Encode returns the JSON of e, as it goes into one text frame or into one message of an RTC room.
func (e ClientEvent) Encode() ([]byte, error) { return e.Append(nil) }

// Append appends the JSON of e to dst. For an event of audio it needs no memory if dst is long enough.
func (e ClientEvent) Append(dst []byte) ([]byte, error) {
	if audio, ok := e.audio(); ok && e.ID != "" && plain(e.ID) {
		return appendAudio(dst, eventID{prefix: e.ID}, audio), nil
	}
	env := envelope{ID: e.ID, Type: e.Type}
	if e.Data != nil {
		data, err := transport.Marshal(e.Data)
		if err != nil {
			return dst, err
		}
		env.Data = data
	}
	b, err := transport.Marshal(env)
	return append(dst, b...), err
}

// audio returns the audio of an event that appends some.
func (e ClientEvent) audio() ([]byte, bool) {
	if e.Type != coze.SocketEventInputAudioBufferAppend {
		return nil, false
	}
	switch data := e.Data.(type) {
	case coze.InputAudioBufferAppend:
		return data.Delta, true
	case *coze.InputAudioBufferAppend:
		if data != nil {
			return data.Delta, true
		}
	}
	return nil, false
}

// plain reports whether text is the same in JSON.
func plain(text string) bool {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c >= 0x7f || c == '\\' || c == '"' {
			return false
		}
	}
	return true
}
