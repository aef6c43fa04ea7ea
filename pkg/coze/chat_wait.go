package coze

import (
	"context"
	"errors"
	"fmt"

	"github.com/cozekit/cozekit/pkg/call"
)

// Wait waits until a chat has ended or needs action. It looks at once, then again and again, first after 1 s, and bears up
// to 5 failed looks in a row that may be temporary.
//
// It always returns the last known chat, and with it: nil for a chat that is completed or requires action; an [*Error] of
// code and message for one that failed; an error that matches [ErrCanceled] for one that was canceled; [ErrUnknownStatus]
// for a state that is not documented; the error of ctx when that ends first, and then the chat is canceled on the
// server, by a call of its own of at most 5 s, unless policy says LeaveRunning. A chat that turns out to have ended at
// that moment is returned as ended.
//
// API: GET /v3/chat/retrieve, POST /v3/chat/cancel
func (s *ChatService) Wait(ctx context.Context, conversationID, chatID string, policy PollPolicy, opts ...CallOption) (*Chat, error) {
	return s.wait(ctx, &Chat{ID: chatID, ConversationID: conversationID}, policy, call.Collect(opts).Followups())
}

func (s *ChatService) wait(ctx context.Context, last *Chat, policy PollPolicy, opts []CallOption) (*Chat, error) {
	info := new(ResponseInfo)
	opts = append(opts[:len(opts):len(opts)], WithResponse(info))
	ids := RetrieveChatRequest{ConversationID: last.ConversationID, ChatID: last.ID}
	work := poll[*Chat]{
		policy: policy,
		look: func(ctx context.Context) (*Chat, error) {
			chat, err := s.Get(ctx, ids, opts...)
			if err == nil && chat.Status == "" {
				err = errNoState
			}
			return chat, err
		},
		judge: func(chat *Chat) (bool, error) {
			switch {
			case isTerminal(chat.Status):
				return true, s.chatError(chat, info)
			case chat.Status == ChatStatusCreated, chat.Status == ChatStatusInProgress:
				return false, nil
			}
			return true, fmt.Errorf("coze: chat %s: %w %q", ids.ChatID, ErrUnknownStatus, chat.Status)
		},
	}
	last, err := work.run(ctx, last, last.Status != "")
	var ended *waitEnded
	if errors.As(err, &ended) {
		return s.giveUp(ctx, last, policy, opts, ended.cause)
	}
	return last, err
}

// giveUp stops the chat on the server after the caller's context has ended.
func (s *ChatService) giveUp(ctx context.Context, last *Chat, policy PollPolicy, opts []CallOption, cause error) (*Chat, error) {
	err := fmt.Errorf("coze: wait for chat %s: %w", last.ID, cause)
	if policy.LeaveRunning {
		return last, err
	}
	ctx, done := detached(ctx)
	defer done()
	chat, cancelErr := s.cancel(ctx, last.ConversationID, last.ID, opts)
	switch {
	case cancelErr != nil:
		return last, errors.Join(err, cancelErr)
	case chat.ID == "":
		return last, err
	case chat.Status == ChatStatusCanceled || !isTerminal(chat.Status):
		return chat, err
	}
	return chat, s.chatError(chat, new(ResponseInfo))
}

func isTerminal(status ChatStatus) bool {
	switch status {
	case ChatStatusCompleted, ChatStatusFailed, ChatStatusRequiresAction, ChatStatusCanceled:
		return true
	}
	return false
}
