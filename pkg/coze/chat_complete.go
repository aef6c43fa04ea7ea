package coze

import (
	"context"
	"fmt"
)

// Complete starts a chat and returns its whole answer. It streams underneath, so that it works on servers too that know no
// other way (older Coze Studio), needs no stored history, and gets the answer as soon as it is there. It blocks until the chat
// has ended or needs action; ctx limits the whole, and [WithCancelOnClose] makes its end also stop the chat on the server.
//
// A refusal is returned at once, with a nil result. Once the chat has started, the result is never nil: with an error it holds
// all that came before. The error is nil for a chat that is completed or requires action (see Chat.Status and
// [ChatService.RunWithTools]); an [*Error] of code and message for one that failed; one that matches [ErrCanceled] for one that
// was canceled elsewhere; [ErrUnknownStatus] if the server ended the stream without telling how the chat ended; else as
// [ChatStream.All] says.
//
// Coze documentation: https://www.coze.cn/open/docs/developer_guides/chat_v3
//
// API: POST /v3/chat
func (s *ChatService) Complete(ctx context.Context, req CreateChatRequest, opts ...CallOption) (*ChatResult, error) {
	events, err := s.Stream(ctx, req, opts...)
	if err != nil {
		return nil, err
	}
	var acc ChatAccumulator
	if err = acc.drain(events, nil); err == nil {
		err = s.outcome(acc.Chat())
	}
	return acc.Result(), err
}

// outcome is the error of a chat whose stream has ended in a normal way.
func (s *ChatService) outcome(chat *Chat) error {
	if chat == nil {
		return fmt.Errorf("coze: the stream ended without a word on the chat: %w", ErrUnknownStatus)
	}
	if !isTerminal(chat.Status) {
		return fmt.Errorf("coze: chat %s: the stream ended without its end: %w %q", chat.ID, ErrUnknownStatus, chat.Status)
	}
	return s.chatError(chat, new(ResponseInfo))
}
