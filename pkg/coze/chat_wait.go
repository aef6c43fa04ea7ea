package coze

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cozekit/cozekit/pkg/call"
)

// PollPolicy says how often a chat is looked at, and what happens when the caller stops waiting. The zero value is a good
// one.
type PollPolicy struct {
	Interval     time.Duration // after the first look; default 1 s, which is also the least that the platform asks for
	MaxInterval  time.Duration // the interval grows by half each time up to this; default 5 s
	LeaveRunning bool          // do not cancel the chat on the server when the context ends
}

// maxFailedPolls is how many looks in a row may fail, by a broken connection or an overloaded server, before Wait gives up.
const maxFailedPolls = 5

// ErrUnknownStatus means that a chat is in a state that this SDK does not know, so that nobody can tell whether it ends.
var ErrUnknownStatus = errors.New("unknown chat status")

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
	interval := newInterval(policy)
	for failed := 0; ; {
		if isTerminal(last.Status) {
			return last, s.chatError(last, info)
		}
		if last.Status != "" && last.Status != ChatStatusCreated && last.Status != ChatStatusInProgress {
			return last, fmt.Errorf("coze: chat %s: %w %q", last.ID, ErrUnknownStatus, last.Status)
		}
		if last.Status != "" || failed > 0 {
			if err := sleep(ctx, interval.next()); err != nil {
				return s.giveUp(ctx, last, policy, opts, err)
			}
		}
		chat, err := s.Get(ctx, RetrieveChatRequest{ConversationID: last.ConversationID, ChatID: last.ID}, opts...)
		switch {
		case err == nil:
			last, failed = chat, 0
		case ctx.Err() != nil:
			return s.giveUp(ctx, last, policy, opts, context.Cause(ctx))
		case failed+1 < maxFailedPolls && mayPass(err):
			failed++
		default:
			return last, err
		}
	}
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

// mayPass tells an error that a repetition may not meet: of the network, of an overloaded server, of a time limit.
func mayPass(err error) bool {
	var refused *Error
	if !errors.As(err, &refused) {
		return true
	}
	return refused.Retryable()
}

// interval is the time between two looks, growing by half up to a maximum.
type interval struct{ now, most time.Duration }

func newInterval(p PollPolicy) *interval {
	i := &interval{p.Interval, p.MaxInterval}
	if i.now <= 0 {
		i.now = time.Second
	}
	if i.most <= 0 {
		i.most = 5 * time.Second
	}
	return i
}

func (i *interval) next() time.Duration {
	d := i.now
	i.now = max(d, min(d+d/2, i.most))
	return d
}

// sleep waits for d or for the end of ctx.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
