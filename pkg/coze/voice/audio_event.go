package voice

import (
	"bytes"
	"encoding/base64"
	"time"

	"github.com/cozekit/cozekit/pkg/coze"
)

// interned holds the strings that stay the same from one audio event to the next.
type interned struct{ logID, conversation, bot, chat, section, message string }

// same returns b as a string, the one of last time if it has not changed.
func same(last *string, b []byte) string {
	if string(b) != *last {
		*last = string(b)
	}
	return *last
}

// audioEvent decodes an event that carries audio, if it is of the plain form that servers send: objects of strings without
// escapes, each name once. Everything else it leaves to anyEvent, which gives the same result for these too; a fuzz test
// compares them.
func (d *Decoder) audioEvent(frame []byte) (Event, bool) {
	s := scanner{b: frame}
	var f audioFields
	if !s.object(&f, top) || !s.atEnd() {
		return Event{}, false
	}
	a := &Audio{}
	audio, unused := f[deltaField], f[contentField]
	switch string(f[kindField]) {
	case string(coze.SocketEventConversationAudioDelta):
		audio, unused = unused, audio
		a.MessageID = same(&d.known.message, f[messageField])
		a.ConversationID = same(&d.known.conversation, f[conversationField])
		a.BotID = same(&d.known.bot, f[botField])
		a.ChatID = same(&d.known.chat, f[chatField])
		a.SectionID = same(&d.known.section, f[sectionField])
	case string(coze.SocketEventSpeechAudioUpdate), string(coze.SocketEventSimultInterpretationAudioDelta):
	default:
		return Event{}, false
	}
	if audio == nil || unused != nil { // what is not used was not looked at
		return Event{}, false
	}
	var ok bool
	if a.Bytes, ok = decodeBase64(audio); !ok {
		return Event{}, false
	}
	ev := Event{Type: eventType(f[kindField]), ID: string(f[idField]), LogID: same(&d.known.logID, f[logIDField]), Data: a}
	ev.RespondAt, ok = plainMillis(f[respondAtField])
	return ev, ok
}

// eventType returns the constant, which needs no memory.
func eventType(b []byte) coze.SocketEventType {
	switch string(b) {
	case string(coze.SocketEventConversationAudioDelta):
		return coze.SocketEventConversationAudioDelta
	case string(coze.SocketEventSpeechAudioUpdate):
		return coze.SocketEventSpeechAudioUpdate
	}
	return coze.SocketEventSimultInterpretationAudioDelta
}

// decodeBase64 decodes what has the length that its text says: encoding/base64 passes over line ends, JSON does not.
func decodeBase64(b []byte) ([]byte, bool) {
	if len(b) == 0 || len(b)%4 != 0 {
		return nil, false
	}
	want := len(b) / 4 * 3
	for i := len(b) - 1; i >= len(b)-2 && b[i] == '='; i-- {
		want--
	}
	out := make([]byte, len(b)/4*3)
	n, err := base64.StdEncoding.Decode(out, b)
	return out[:n], err == nil && n == want
}

// plainMillis reads Unix milliseconds of the usual 13 digits.
func plainMillis(b []byte) (time.Time, bool) {
	if len(b) == 0 {
		return time.Time{}, true
	}
	if len(b) != 13 || b[0] == '0' {
		return time.Time{}, false
	}
	var n int64
	for _, c := range b {
		if c < '0' || c > '9' {
			return time.Time{}, false
		}
		n = n*10 + int64(c-'0')
	}
	return time.UnixMilli(n), true
}

// The fields of an audio event.
const (
	idField = iota
	kindField
	logIDField
	respondAtField
	messageField
	conversationField
	botField
	chatField
	sectionField
	contentField
	deltaField
	otherField // the first of those that are read over
	fields     = otherField + 4
)

type audioFields [fields][]byte

// level is the object of an event that is being read.
type level int

const (
	top level = iota
	data
	detailLevel
)

// field tells where a value goes; -1 for a name that is not expected here.
func (l level) field(name []byte) int {
	switch l {
	case top:
		switch string(name) {
		case "id":
			return idField
		case "event_type":
			return kindField
		}
	case detailLevel:
		switch string(name) {
		case "logid":
			return logIDField
		case "respond_at":
			return respondAtField
		}
	case data:
		return dataField(name)
	}
	return -1
}

func dataField(name []byte) int {
	switch string(name) {
	case "id":
		return messageField
	case "conversation_id":
		return conversationField
	case "bot_id":
		return botField
	case "chat_id":
		return chatField
	case "section_id":
		return sectionField
	case "content":
		return contentField
	case "delta":
		return deltaField
	case "role":
		return otherField
	case "type":
		return otherField + 1
	case "content_type":
		return otherField + 2
	case "reasoning_content":
		return otherField + 3
	}
	return -1
}

// scanner reads the plain form of an audio event.
type scanner struct {
	b []byte
	i int
}

func (s *scanner) space() {
	for s.i < len(s.b) {
		switch s.b[s.i] {
		case ' ', '\t', '\r', '\n':
			s.i++
		default:
			return
		}
	}
}

// take reads c and the white space around it.
func (s *scanner) take(c byte) bool {
	s.space()
	if s.i >= len(s.b) || s.b[s.i] != c {
		return false
	}
	s.i++
	s.space()
	return true
}

func (s *scanner) atEnd() bool {
	s.space()
	return s.i == len(s.b)
}

// object reads an object of strings; at the top level data and detail are objects too.
func (s *scanner) object(f *audioFields, l level) bool {
	if !s.take('{') {
		return false
	}
	for seen := 0; ; {
		name, ok := s.text()
		if !ok || !s.take(':') {
			return false
		}
		switch inner := nested(l, name); {
		case inner != top:
			if seen&(1<<inner) != 0 || !s.object(f, inner) {
				return false
			}
			seen |= 1 << inner
		default:
			at := l.field(name)
			if at < 0 || f[at] != nil || !s.value(f, at) {
				return false
			}
		}
		if s.take('}') {
			return true
		}
		if !s.take(',') {
			return false
		}
	}
}

func nested(l level, name []byte) level {
	if l == top {
		switch string(name) {
		case "data":
			return data
		case "detail":
			return detailLevel
		}
	}
	return top
}

func (s *scanner) value(f *audioFields, at int) (ok bool) {
	if at == contentField || at == deltaField {
		f[at], ok = s.quoted()
	} else {
		f[at], ok = s.text()
	}
	return ok
}

// text reads a string of printable ASCII without escapes.
func (s *scanner) text() ([]byte, bool) {
	t, ok := s.quoted()
	for _, c := range t {
		if c < ' ' || c >= 0x7f || c == '\\' {
			return nil, false
		}
	}
	return t, ok
}

// quoted reads up to the next quote, whatever is in between. It never returns nil with true.
func (s *scanner) quoted() ([]byte, bool) {
	if s.i >= len(s.b) || s.b[s.i] != '"' {
		return nil, false
	}
	rest := s.b[s.i+1:]
	n := bytes.IndexByte(rest, '"')
	if n < 0 {
		return nil, false
	}
	s.i += n + 2
	return rest[:n:n], true
}
