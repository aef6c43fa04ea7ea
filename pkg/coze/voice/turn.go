package voice

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/cozekit/cozekit/pkg/coze"
)

// Turn is what was said in one turn of a dialogue, or in one run of another session.
type Turn struct {
	Heard     string         // what the user said or, in a dialogue, posted
	Text      string         // the answer or the translation
	Sentences []string       // what was spoken, sentence by sentence
	Audio     []byte         // the same as audio, in the format of output_audio; packets of Opus are not to be told apart here
	Messages  []coze.Message // the messages that were completed, the question and those of tools included
	Chat      *coze.Chat     // state of the turn as last told, with usage; nil for what is no turn of the bot

	// Canceled is why the answer was interrupted; nil if it was not.
	Canceled *coze.ConversationChatCanceled

	deltas string // of the answer
	chatID string
	ended  bool
}

// ToolCalls returns the calls that the turn waits for. Hand back their outputs by [ChatSession.SubmitToolOutputs].
func (t *Turn) ToolCalls() []coze.ToolCall {
	if t.Chat == nil || t.Chat.Status != coze.ChatStatusRequiresAction || t.Chat.RequiredAction == nil ||
		t.Chat.RequiredAction.SubmitToolOutputs == nil {
		return nil
	}
	return t.Chat.RequiredAction.SubmitToolOutputs.ToolCalls
}

// turnMemory keeps late events of turns that have ended out of the next one.
type turnMemory struct {
	mu    sync.Mutex
	ended []string // ids of chats, the last few
}

func (m *turnMemory) late(chatID string) bool {
	if m == nil || chatID == "" {
		return false
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Contains(m.ended, chatID)
}

func (m *turnMemory) end(t *Turn) {
	if m == nil || t.chatID == "" || len(t.ToolCalls()) > 0 {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.ended = append(m.ended, t.chatID)
	m.ended = m.ended[max(0, len(m.ended)-8):]
}

func (s *Session) collectTurn(ctx context.Context, memory *turnMemory) (*Turn, error) {
	t := &Turn{}
	for {
		ev, err := s.next(ctx)
		if err != nil {
			t.finish()
			if ctx.Err() != nil {
				err = s.dialer.socket.wrap(fmt.Errorf("wait for the turn: %w", err))
			}
			return t, err
		}
		if memory.late(chatOf(ev)) {
			continue
		}
		if err = t.take(ev); err != nil || t.ended {
			t.finish()
			memory.end(t)
			return t, err
		}
	}
}

// chatOf returns the id of the turn that an event belongs to; "" if it does not say.
func chatOf(ev Event) string {
	switch d := ev.Data.(type) {
	case *coze.Chat:
		return d.ID
	case *coze.Message:
		return d.ChatID
	case *Audio:
		return d.ChatID
	}
	return ""
}

// take adds an event.
func (t *Turn) take(ev Event) error {
	if r, ok := ev.Data.(*Reconnected); ok {
		return fmt.Errorf("%w: %w", ErrReconnected, r.Cause)
	}
	switch d := ev.Data.(type) {
	case *coze.Chat:
		t.takeChat(ev.Type, d)
	case *coze.Message:
		t.takeMessage(ev.Type, d)
	case *Audio:
		t.Audio = append(t.Audio, d.Bytes...)
	case *coze.ConversationAudioSentenceStart:
		t.Sentences = append(t.Sentences, d.Text)
	case *coze.ConversationAudioTranscript:
		t.Heard = d.Content
	case *coze.TranscriptionsMessageUpdate:
		t.Heard = d.Content
	case *coze.SimultTextDelta:
		if ev.Type == coze.SocketEventSimultInterpretationTranslationDelta {
			t.Text += d.Delta
		} else {
			t.Heard += d.Delta
		}
	}
	switch ev.Type {
	case coze.SocketEventConversationChatCanceled:
		t.ended, t.Canceled = true, &coze.ConversationChatCanceled{}
		if d, ok := ev.Data.(*coze.ConversationChatCanceled); ok {
			t.Canceled = d
		}
	case coze.SocketEventSpeechAudioCompleted, coze.SocketEventTranscriptionsMessageCompleted,
		coze.SocketEventSimultInterpretationMessageCompleted:
		t.ended = true
	}
	return ev.Err()
}

func (t *Turn) takeChat(kind coze.SocketEventType, c *coze.Chat) {
	switch {
	case kind != coze.SocketEventConversationChatCreated:
	case t.chatID == "":
		t.Audio, t.Sentences = nil, nil // of speech before, which this chat has interrupted
	case t.chatID != c.ID:
		*t = Turn{} // the one before was given up without a word
	}
	t.Chat, t.chatID = c, c.ID
	switch kind {
	case coze.SocketEventConversationChatCompleted, coze.SocketEventConversationChatFailed,
		coze.SocketEventConversationChatRequiresAction:
		t.ended = true
	}
}

func (t *Turn) takeMessage(kind coze.SocketEventType, m *coze.Message) {
	switch kind {
	case coze.SocketEventConversationMessageDelta:
		if m.Type == coze.MessageTypeAnswer || m.Type == "" {
			t.deltas += m.Content
		}
	case coze.SocketEventConversationMessageCompleted:
		t.Messages = append(t.Messages, *m)
		switch m.Type {
		case coze.MessageTypeAnswer:
			t.Text += m.Content
			t.deltas = ""
		case coze.MessageTypeQuestion:
			t.Heard = m.Content
		}
	case coze.SocketEventConversationAudioCompleted:
		// Speech that is no answer of the bot's has no chat, and this is its end.
		if t.chatID == "" && (m.ChatID == "" || m.ChatID == "0") {
			t.ended = true
		}
	}
}

// finish settles what the text is.
func (t *Turn) finish() { t.Text += t.deltas; t.deltas = "" }
