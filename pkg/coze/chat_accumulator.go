package coze

import (
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/cozekit/cozekit/gen/cozeapi"
)

// ChatAccumulator puts the events of a chat stream together: deltas to messages, the reasoning of the model, audio, the
// state of the chat and its usage. The zero value is ready. It is not safe for concurrent use.
type ChatAccumulator struct {
	chat     *Chat
	messages []*accumulated
	byID     map[string]*accumulated
	audio    []byte
}

type accumulated struct {
	message            Message
	content, reasoning strings.Builder
	completed          bool
}

// Add takes the next event. It fails only if an audio delta is not base64.
func (a *ChatAccumulator) Add(ev ChatEvent) error {
	switch {
	case ev.Chat != nil:
		a.addChat(ev)
	case ev.Message == nil:
	case ev.Type == cozeapi.ChatEventMessageDelta:
		m := a.find(ev.Message)
		m.content.WriteString(ev.Message.Content)
		m.reasoning.WriteString(ev.Message.ReasoningContent)
	case ev.Type == cozeapi.ChatEventAudioDelta:
		pcm, err := base64.StdEncoding.DecodeString(ev.Message.Content)
		if err != nil {
			return fmt.Errorf("coze: audio of message %s: %w", ev.Message.ID, err)
		}
		a.audio = append(a.audio, pcm...)
	case ev.Type == cozeapi.ChatEventMessageCompleted:
		m := a.find(ev.Message)
		m.message, m.completed = *ev.Message, true
	}
	return nil
}

// addChat takes a state of the chat. {code,msg} may come in place of the chat that failed, and Coze Studio has other names for
// some states; the name of the event tells them.
func (a *ChatAccumulator) addChat(ev ChatEvent) {
	chat := *ev.Chat
	if chat.ID == "" && a.chat != nil {
		chat = *a.chat
	}
	switch ev.Type {
	case cozeapi.ChatEventChatCompleted:
		chat.Status = ChatStatusCompleted
	case cozeapi.ChatEventChatFailed:
		chat.Status = ChatStatusFailed
	case cozeapi.ChatEventChatCanceled:
		chat.Status = ChatStatusCanceled
	case cozeapi.ChatEventChatRequiresAction:
		chat.Status = ChatStatusRequiresAction
	}
	a.chat = &chat
}

// drain takes all events of a stream, and hands each to event.
func (a *ChatAccumulator) drain(s *ChatStream, event func(ChatEvent) error) error {
	for ev, err := range s.All() {
		if addErr := a.Add(ev); err == nil { // an event that reports a failure counts too
			err = addErr
		}
		if err == nil && event != nil {
			err = event(ev)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (a *ChatAccumulator) find(of *Message) *accumulated {
	if m := a.byID[of.ID]; m != nil {
		return m
	}
	if a.byID == nil {
		a.byID = map[string]*accumulated{}
	}
	m := &accumulated{message: *of}
	a.byID[of.ID] = m
	a.messages = append(a.messages, m)
	return m
}

// result is the message as far as it has come; a completed one is what the server sent as the whole.
func (m *accumulated) result() Message {
	out := m.message
	if !m.completed {
		out.Content = m.content.String()
	}
	if !m.completed || out.ReasoningContent == "" {
		out.ReasoningContent = m.reasoning.String()
	}
	return out
}

// Messages are the messages so far, in the order in which they began.
func (a *ChatAccumulator) Messages() []Message {
	out := make([]Message, len(a.messages))
	for i, m := range a.messages {
		out[i] = m.result()
	}
	return out
}

// Chat is the newest state of the chat, nil before the first event. After the event conversation.chat.completed it has
// the usage.
func (a *ChatAccumulator) Chat() *Chat { return a.chat }

// Result is the chat and its messages so far.
func (a *ChatAccumulator) Result() *ChatResult {
	r := &ChatResult{Messages: a.Messages()}
	if a.chat != nil {
		r.Chat = *a.chat
	}
	return r
}

// Reasoning is what the model thought before it answered, of all answers.
func (a *ChatAccumulator) Reasoning() string {
	var b strings.Builder
	for _, m := range a.messages {
		if m.message.Type == MessageTypeAnswer {
			b.WriteString(m.result().ReasoningContent)
		}
	}
	return b.String()
}

// Audio is the sound of the answer: 16-bit little-endian mono PCM of 24 kHz, or Opus packets, as the bot is set up.
func (a *ChatAccumulator) Audio() []byte { return a.audio }
