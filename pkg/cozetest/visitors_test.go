package cozetest_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cozekit/cozekit/pkg/coze"
	cozevoice "github.com/cozekit/cozekit/pkg/coze/voice"
	"github.com/cozekit/cozekit/pkg/cozetest"
)

// visitorClient is our client with a token of a visitor.
func visitorClient(t *testing.T, srv *cozetest.Server, v cozetest.Visitor) *coze.Client {
	t.Helper()
	return sdk(t, srv, coze.WithToken(srv.TokenFor(v)))
}

// TestVisitorsNeverMeet: two visitors, told apart by their user or by the session name alone, work at the same time. Neither sees, reads
// or changes anything of the other's conversations and chats, by any operation that takes their ids.
func TestVisitorsNeverMeet(t *testing.T) {
	t.Parallel()
	for name, pair := range map[string][2]cozetest.Visitor{
		"users":                         {{UserID: "501"}, {UserID: "502"}},
		"session names":                 {{UserID: "501", SessionName: "ann"}, {UserID: "501", SessionName: "ben"}},
		"one of them without a session": {{UserID: "501"}, {UserID: "501", SessionName: "ben"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				srv := cozetest.NewServer(t, cozetest.InMemory())
				clients := [2]*coze.Client{visitorClient(t, srv, pair[0]), visitorClient(t, srv, pair[1])}
				var results [2]*coze.ChatResult
				var wg sync.WaitGroup
				for i, c := range clients {
					wg.Go(func() {
						for range 10 {
							results[i] = visit(t, c, fmt.Sprint("secret ", i))
						}
					})
				}
				wg.Wait()
				for i, c := range clients {
					trespass(t, c, results[1-i].Chat)
					list, err := c.Conversations.List(t.Context(), coze.ListConversationsRequest{BotID: bot})
					if err != nil || len(list.Items) != 10 {
						t.Errorf("got %d conversations, %v", len(list.Items), err)
					}
					again := visitorClient(t, srv, pair[i]) // the same visitor with another token
					if _, err := again.Conversations.Get(t.Context(), coze.RetrieveConversationRequest{
						ConversationID: results[i].Chat.ConversationID,
					}); err != nil {
						t.Error(err)
					}
				}
				for i, c := range clients { // a dialogue that is refused another's conversation begins one of its own
					trespassMessages(t, c, clients[1-i], results[1-i])
				}
			})
		})
	}
}

// visit chats, and checks that the answer is to the own question.
func visit(t *testing.T, c *coze.Client, question string) *coze.ChatResult {
	r, err := c.Chat.Complete(t.Context(), coze.CreateChatRequest{
		BotID: bot, UserID: "u", AdditionalMessages: []coze.EnterMessage{coze.UserMessage(question)},
	})
	if err != nil {
		t.Error(err)
		return &coze.ChatResult{}
	}
	if got := r.Answer(); got != "You said: "+question {
		t.Errorf("got %q for %q", got, question)
	}
	return r
}

// trespass tries all that can be done with the ids of a chat that is another visitor's.
func trespass(t *testing.T, c *coze.Client, foreign coze.Chat) {
	t.Helper()
	conv, chat := foreign.ConversationID, foreign.ID
	for name, call := range map[string]func(context.Context) error{
		"retrieve": func(ctx context.Context) error {
			_, err := c.Conversations.Get(ctx, coze.RetrieveConversationRequest{ConversationID: conv})
			return err
		},
		"rename": func(ctx context.Context) error {
			_, err := c.Conversations.Update(ctx, conv, coze.UpdateConversationRequest{Name: "mine"})
			return err
		},
		"clear": func(ctx context.Context) error {
			_, err := c.Conversations.Clear(ctx, conv)
			return err
		},
		"delete": func(ctx context.Context) error { return c.Conversations.Delete(ctx, conv) },
		"messages": func(ctx context.Context) error {
			_, err := c.Conversations.Messages.List(ctx, coze.ListMessagesRequest{ConversationID: conv})
			return err
		},
		"add a message": func(ctx context.Context) error {
			_, err := c.Conversations.Messages.Create(ctx, coze.CreateMessageRequest{
				ConversationID: conv, Role: coze.MessageRoleUser, Content: "x", ContentType: coze.EnterContentTypeText,
			})
			return err
		},
		"chat": func(ctx context.Context) error {
			_, err := c.Chat.Get(ctx, coze.RetrieveChatRequest{ConversationID: conv, ChatID: chat})
			return err
		},
		"messages of the chat": func(ctx context.Context) error {
			_, err := c.Chat.Messages(ctx, coze.ListChatMessagesRequest{ConversationID: conv, ChatID: chat})
			return err
		},
		"cancel": func(ctx context.Context) error {
			_, err := c.Chat.Cancel(ctx, coze.CancelChatRequest{ConversationID: conv, ChatID: chat})
			return err
		},
		"go on": func(ctx context.Context) error {
			_, err := c.Chat.Create(ctx, coze.CreateChatRequest{BotID: bot, UserID: "u", ConversationID: conv})
			return err
		},
	} {
		if err := call(t.Context()); !errors.Is(err, coze.ErrNotFound) {
			t.Errorf("%s: got %v, want not found", name, err)
		}
	}
}

// trespassMessages tries all that can be done with a message of a chat that is another visitor's, and to go on with the chat by other
// ways than a chat.
func trespassMessages(t *testing.T, c, owner *coze.Client, foreign *coze.ChatResult) {
	t.Helper()
	conv, message := foreign.Chat.ConversationID, foreign.Messages[0].ID
	read := coze.RetrieveMessageRequest{ConversationID: conv, MessageID: message}
	for name, call := range map[string]func(context.Context) error{
		"retrieve a message": func(ctx context.Context) error {
			_, err := c.Conversations.Messages.Get(ctx, read)
			return err
		},
		"edit a message": func(ctx context.Context) error {
			_, err := c.Conversations.Messages.Update(ctx, coze.UpdateMessageRequest{ConversationID: conv, MessageID: message, Content: "mine"})
			return err
		},
		"delete a message": func(ctx context.Context) error {
			_, err := c.Conversations.Messages.Delete(ctx, coze.DeleteMessageRequest{ConversationID: conv, MessageID: message})
			return err
		},
		"rate a message": func(ctx context.Context) error {
			return c.Conversations.Messages.Feedback.Create(ctx, conv, message, coze.CreateMessageFeedbackRequest{FeedbackType: coze.FeedbackTypeLike})
		},
		"outputs of tools": func(ctx context.Context) error {
			_, err := c.Chat.SubmitToolOutputs(ctx, coze.SubmitToolOutputsRequest{
				ConversationID: conv, ChatID: foreign.Chat.ID, ToolOutputs: []coze.ToolOutput{{ToolCallID: "1", Output: "x"}},
			})
			return err
		},
		"by voice": func(ctx context.Context) error {
			s, err := cozevoice.Chat(ctx, c, cozevoice.ChatRequest{BotID: bot, Update: &coze.ChatUpdate{
				ChatConfig: &coze.SocketChatConfig{ConversationID: conv},
			}})
			if err != nil {
				return err
			}
			defer func() { _ = s.Close(ctx) }()
			if err := s.SendText(ctx, "What did I say?"); err != nil {
				return err
			}
			_, err = s.Turn(ctx)
			return err
		},
	} {
		if err := call(t.Context()); !errors.Is(err, coze.ErrNotFound) {
			t.Errorf("%s: got %v, want not found", name, err)
		}
	}
	if m, err := owner.Conversations.Messages.Get(t.Context(), read); err != nil || m.Content != foreign.Messages[0].Content {
		t.Errorf("the owner reads %+v, %v", m, err)
	}
}

func TestTokensOfVisitors(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := cozetest.NewServer(t, cozetest.InMemory())
		c := visitorClient(t, srv, cozetest.Visitor{Lifetime: time.Hour, Permissions: []string{"getMetadata"}})
		if err := safeCall(t.Context(), c); err != nil {
			t.Error(err)
		}
		var refused *coze.Error
		if err := neverCall(t.Context(), c); !errors.As(err, &refused) || refused.Code != 4101 {
			t.Errorf("got %v without the permission", err)
		}
		srv.Advance(time.Hour)
		if err := safeCall(t.Context(), c); !errors.As(err, &refused) || refused.Code != 4100 || refused.HTTPStatus != 401 {
			t.Errorf("got %v with an expired token", err)
		}
	})
}

// TestRateLimit: the limit is that of a token, and time is that of the server.
func TestRateLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := cozetest.NewServer(t, cozetest.InMemory(), cozetest.WithRateLimit(2, 3))
		ann, ben := memoryClient(t, srv), memoryClient(t, srv)
		ben.auth = "Bearer " + srv.TokenFor(cozetest.Visitor{UserID: "502"})
		for _, c := range []*client{ann, ben} {
			if got := pattern(c, 5); got != "...xx" {
				t.Errorf("got %s, want a burst of three", got)
			}
		}
		if r := ann.do("GET", "/v1/users/me", nil); r.status != 429 || r.Code != 4013 || r.header.Get("Retry-After") != "" {
			t.Errorf("got status %d: %s", r.status, r.text)
		}
		srv.Advance(time.Second)
		if got := pattern(ann, 4); got != "..xx" {
			t.Errorf("got %s after a second", got)
		}
		began := time.Now() // our client waits until it may
		for range 10 {
			if err := safeCall(t.Context(), sdk(t, srv, coze.WithRetry(coze.RetryPolicy{Retries: 9}))); err != nil {
				t.Error(err)
			}
		}
		if took := time.Since(began); took < 4*time.Second {
			t.Errorf("ten calls took %v", took)
		}
	})
}
