package coze

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/cozekit/cozekit/gen/cozeapi"
	"github.com/cozekit/cozekit/pkg/call"
)

// ChatService talks to bots. Create, Get, Cancel, Messages and SubmitToolOutputs are the plain operations; Stream and
// SubmitToolOutputsStream deliver events; Wait and CreateAndPoll wait for the end of a chat that does not stream.
type ChatService struct {
	*cozeapi.ChatService

	baseURL string
}

var errTruncated = io.ErrUnexpectedEOF

// ChatResult is a chat that has ended or needs action, with the messages that it produced.
type ChatResult struct {
	Chat     Chat
	Messages []Message // empty for a canceled chat
}

// Answer is the text of the bot: the contents of all messages of type answer, joined by line ends.
func (r *ChatResult) Answer() string {
	var texts []string
	for _, m := range r.Messages {
		if m.Type == MessageTypeAnswer {
			texts = append(texts, m.Content)
		}
	}
	return strings.Join(texts, "\n")
}

var errPollNeedsHistory = errors.New("coze: CreateAndPoll: auto_save_history must not be false: " +
	"a chat that is not stored cannot be polled; use Stream")

// CreateAndPoll starts a chat without streaming, waits for its end as [ChatService.Wait] does, and fetches its messages.
// Once the chat has started, the result is never nil: with an error it holds the last known state of the chat. When ctx
// ends first, the chat is canceled on the server, unless policy says LeaveRunning.
//
// API: POST /v3/chat, GET /v3/chat/retrieve, GET /v3/chat/message/list
func (s *ChatService) CreateAndPoll(
	ctx context.Context, req CreateChatRequest, policy PollPolicy, opts ...CallOption,
) (*ChatResult, error) {
	if req.AutoSaveHistory != nil && !*req.AutoSaveHistory {
		return nil, errPollNeedsHistory
	}
	chat, err := s.Create(ctx, req, opts...)
	if err != nil {
		return nil, err
	}
	more := call.Collect(opts).Followups()
	chat, err = s.wait(ctx, chat, policy, more)
	result := &ChatResult{Chat: *chat}
	if chat.Status == ChatStatusCanceled || !isTerminal(chat.Status) {
		return result, err
	}
	if ctx.Err() != nil {
		var done context.CancelFunc
		ctx, done = detached(ctx)
		defer done()
	}
	messages, listErr := s.Messages(ctx, ListChatMessagesRequest{ConversationID: chat.ConversationID, ChatID: chat.ID}, more...)
	result.Messages = messages
	return result, errors.Join(err, listErr)
}

// cancel stops a chat. One that has ended in the meantime cannot be stopped: its state is then read instead.
func (s *ChatService) cancel(ctx context.Context, conversationID, chatID string, opts []CallOption) (*Chat, error) {
	chat, err := s.Cancel(ctx, CancelChatRequest{ConversationID: conversationID, ChatID: chatID}, opts...)
	var refused *Error
	if errors.As(err, &refused) && refused.Code == CodeChatNotCancelable {
		return s.Get(ctx, RetrieveChatRequest{ConversationID: conversationID, ChatID: chatID}, opts...)
	}
	return chat, err
}

// chatError is the error of a chat that ended without an answer, nil for one that is completed or needs action.
func (s *ChatService) chatError(chat *Chat, info *ResponseInfo) error {
	switch chat.Status {
	case ChatStatusCompleted, ChatStatusRequiresAction:
		return nil
	case ChatStatusCanceled:
		return fmt.Errorf("coze: chat %s was canceled: %w", chat.ID, ErrCanceled)
	}
	e := endpoint{"RetrieveChat", http.MethodGet, s.baseURL + "/v3/chat/retrieve"}.failure(info)
	e.Message = "the chat failed"
	if chat.LastError != nil && chat.LastError.Code != 0 {
		e.Code, e.Message = int(chat.LastError.Code), chat.LastError.Msg
	}
	return e
}
