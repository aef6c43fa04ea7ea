package voice

import (
	"context"
	"errors"
	"net/url"

	"github.com/cozekit/cozekit/pkg/coze"
)

var chatSocket = newSocket("ConnectChatSocket", string(coze.SocketPathChat), "chat", coze.SocketEventChatUpdate)

// ChatRequest names the bot of a dialogue.
type ChatRequest struct {
	BotID      string           // bot, published to the API channel; required
	WorkflowID string           // chatflow to run; optional
	DeviceID   string           // device, a 64-bit number in decimal digits; optional
	Update     *coze.ChatUpdate // sent first; optional, see [ChatSession.Update]
}

// Chat opens a dialogue by voice with a bot. It returns when the server has greeted. It needs the permission chat.
func Chat(ctx context.Context, client *coze.Client, req ChatRequest, opts ...Option) (*ChatSession, error) {
	if req.BotID == "" {
		return nil, chatSocket.wrap(errors.New("BotID is required"))
	}
	o := collect(opts)
	update := req.Update
	if o.inputAudio != nil || o.outputAudio != nil {
		merged := coze.ChatUpdate{}
		if update != nil {
			merged = *update
		}
		merged.InputAudio, merged.OutputAudio = or(merged.InputAudio, o.inputAudio), or(merged.OutputAudio, o.outputAudio)
		update = &merged
	}
	query := url.Values{"bot_id": {req.BotID}, "workflow_id": {req.WorkflowID}, "device_id": {req.DeviceID}}
	s, err := open(ctx, client, chatSocket, query, value(update), o)
	if err != nil {
		return nil, err
	}
	return &ChatSession{Session: s, audioInput: audioInput{s}}, nil
}

// or returns a, or b if that is nil.
func or[T any](a, b *T) *T {
	if a != nil {
		return a
	}
	return b
}

// value returns what p points to; nil if it is nil.
func value[T any](p *T) any {
	if p == nil {
		return nil
	}
	return *p
}

// ChatSession is a dialogue by voice with a bot. It is safe for concurrent use; see [Session] for what it has beside its own
// methods.
type ChatSession struct {
	*Session
	audioInput

	turns turnMemory
}

// Update sets or changes the options; the server answers chat.updated or an error. What u leaves out stays as it was.
func (s *ChatSession) Update(ctx context.Context, u coze.ChatUpdate) error {
	return s.Send(ctx, NewChatUpdate(u))
}

// ClearAudio throws away the audio that the server holds of an utterance that is not complete.
func (s *ChatSession) ClearAudio(ctx context.Context) error {
	return s.Send(ctx, NewInputAudioBufferClear())
}

// SendText posts a text as the user. The bot answers it; an answer that is being spoken is interrupted.
func (s *ChatSession) SendText(ctx context.Context, text string) error {
	return s.SendMessage(ctx, coze.ConversationMessageCreate{
		Role: coze.MessageRoleUser, ContentType: coze.EnterContentTypeText, Content: text,
	})
}

// SendMessage posts a message of text or of several parts. One of role assistant is only stored.
func (s *ChatSession) SendMessage(ctx context.Context, m coze.ConversationMessageCreate) error {
	return s.Send(ctx, NewConversationMessageCreate(m))
}

// SubmitToolOutputs hands back what the tools returned that the turn of chatID waits for, all of them at once. The turn then goes
// on: call [ChatSession.Turn] again.
func (s *ChatSession) SubmitToolOutputs(ctx context.Context, chatID string, outputs ...coze.ToolOutput) error {
	return s.Send(ctx, NewConversationChatSubmitToolOutputs(coze.ConversationChatSubmitToolOutputs{ChatID: chatID, ToolOutputs: outputs}))
}

// Interrupt stops the answer that is being given: the turn ends as canceled. Drop the audio of it that was not played.
func (s *ChatSession) Interrupt(ctx context.Context) error {
	return s.Send(ctx, NewConversationChatCancel())
}

// Clear begins a new section of the conversation: what was said before no longer counts, though it stays stored.
func (s *ChatSession) Clear(ctx context.Context) error {
	return s.Send(ctx, NewConversationClear())
}

// Say speaks a text of 1 to 1,024 bytes in the voice of the session. The bot does not answer it. It is a turn of its own for
// [ChatSession.Turn].
func (s *ChatSession) Say(ctx context.Context, text string) error {
	return s.Send(ctx, NewInputTextGenerateAudio(coze.InputTextGenerateAudio{Mode: coze.GenerateAudioModeText, Text: text}))
}

// Turn waits for the end of one turn, the present or the next one, and returns what was said in it. A turn ends when the answer
// is complete, was interrupted (Canceled is set), waits for tools (see [Turn.ToolCalls]), or failed. When it or the session
// failed, or the server reported an error, err says so and Turn holds what had come. Call it again for the next turn. It takes
// all events up to the end of the turn; [Handlers] are called for them, so that audio can be played before the turn has ended.
func (s *ChatSession) Turn(ctx context.Context) (*Turn, error) {
	return s.collectTurn(ctx, &s.turns)
}
