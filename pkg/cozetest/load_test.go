package cozetest_test

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/cozekit/cozekit/pkg/cozetest"
)

// TestTenThousandRequests: 64 goroutines, a visitor each, send 10,000 requests to one server. Some run into faults that the client
// gets over by itself. Nobody sees what is another's, nothing is lost, and nothing breaks the contract.
func TestTenThousandRequests(t *testing.T) {
	t.Parallel()
	const goroutines, requests = 64, 10_000
	srv := cozetest.NewServer(t, cozetest.InMemory(), cozetest.WithFaults(
		cozetest.Fault{Kind: cozetest.FaultRateLimit, RetryAfter: "0", Every: 97},
		cozetest.Fault{Kind: cozetest.FaultGateway, Operations: []string{getBot}, Chance: 0.02},
		cozetest.Fault{Kind: cozetest.FaultByteByByte, Every: 501},
	))
	srv.Bot("7", func(turn *cozetest.Turn) error { turn.Stream("for ", turn.Question()); return nil })
	clients := make([]*coze.Client, goroutines)
	for i := range clients {
		clients[i] = sdk(t, srv, coze.WithToken(srv.TokenFor(cozetest.Visitor{SessionName: fmt.Sprint("v", i)})),
			coze.WithRetry(coze.RetryPolicy{Retries: 8, MinDelay: time.Millisecond, MaxDelay: time.Millisecond}))
	}
	began := time.Now()
	var done, conversations atomic.Int64
	var wg sync.WaitGroup
	for i, c := range clients {
		wg.Go(func() {
			for n := 0; done.Add(1) <= requests && !t.Failed(); n++ {
				made, err := oneRequest(t, c, fmt.Sprint("visitor ", i), n)
				if err != nil {
					t.Errorf("visitor %d, request %d: %v", i, n, err)
				}
				conversations.Add(int64(made))
			}
		})
	}
	wg.Wait()
	seen := 0
	for _, c := range clients {
		for _, id := range []string{bot, "7"} {
			for _, err := range c.Conversations.All(t.Context(), coze.ListConversationsRequest{BotID: id}) {
				if err != nil {
					t.Fatal(err)
				}
				seen++
			}
		}
	}
	if int64(seen) != conversations.Load() {
		t.Errorf("the visitors made %d conversations and see %d", conversations.Load(), seen)
	}
	t.Logf("%d requests in %v", len(srv.Calls()), time.Since(began))
}

// oneRequest sends a request of a kind that follows from n. It tells how many conversations it made.
func oneRequest(t *testing.T, c *coze.Client, who string, n int) (made int, err error) {
	switch n % 40 {
	case 0:
		return 1, neverCall(t.Context(), c)
	case 1:
		s, err := c.Chat.Stream(t.Context(), coze.CreateChatRequest{
			BotID: "7", UserID: "u", AdditionalMessages: []coze.EnterMessage{coze.UserMessage(who)},
		})
		if err != nil {
			return 1, err
		}
		said := ""
		for ev, err := range s.All() {
			if err != nil {
				return 1, err
			}
			if ev.Type == coze.ChatEventMessageDelta {
				said += ev.Message.Content
			}
		}
		if said != "for "+who {
			return 1, errors.New("the answer is " + said)
		}
		return 1, nil
	case 2:
		if _, err := c.Bots.Get(t.Context(), "99", coze.RetrieveBotRequest{}); !errors.Is(err, coze.ErrNotFound) {
			return 0, fmt.Errorf("an unknown bot: %w", err)
		}
		return 0, nil
	default:
		return 0, safeCall(t.Context(), c)
	}
}
