// Command request-options changes single calls: time, retries, headers, fields that the SDK does not know, another token; and
// reads what an answer says beside its data.
//
//	go run ./examples/request-options
//
// Without a token it talks to a fake Coze server inside the program. With COZE_API_TOKEN it talks to the platform
// (COZE_API_BASE, default https://api.coze.cn) and makes a conversation there.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/cozekit/cozekit/examples/internal/connect"
	"github.com/cozekit/cozekit/pkg/coze"
)

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	client, closeServer, err := connect.Open(
		// For all calls of the client; each can be changed for one call.
		coze.WithTimeouts(coze.Timeouts{Call: 20 * time.Second, Idle: 2 * time.Minute}),
		coze.WithRetry(coze.RetryPolicy{Retries: 3, MinDelay: 200 * time.Millisecond}),
		coze.WithRateLimit(coze.RateLimit{PerSecond: 10, Burst: 10, Concurrent: 32}),
		coze.WithMaxAnswer(8<<20),
		coze.WithDefaultHeader("X-Team", "poetry"),
	)
	if err != nil {
		return err
	}
	defer closeServer()
	return errors.Join(
		options(ctx, client),
		responseInfo(ctx, client),
		timeout(ctx, client),
		otherToken(ctx, client),
	)
}

// options puts a header, a field and a policy of its own on one call. The field is one that the document does not know: until
// the SDK knows it too, WithExtraField sends it.
func options(ctx context.Context, client *coze.Client) error {
	conversation, err := client.Conversations.Create(ctx, coze.CreateConversationRequest{Name: "sonnets"},
		coze.WithTimeout(5*time.Second),
		coze.WithRetry(coze.RetryPolicy{Retries: -1}), // once, and no more
		coze.WithHeader("X-Request-Reason", "example"),
		coze.WithExtraField("meta_data", map[string]string{"season": "winter"}),
	)
	if err != nil {
		return err
	}
	fmt.Println("Options of one call:")
	fmt.Println("  conversation", conversation.ID != "", "with season", conversation.MetaData["season"])
	return nil
}

// responseInfo shows what an answer says about itself, and the request that led to it.
func responseInfo(ctx context.Context, client *coze.Client) error {
	var info coze.ResponseInfo
	if _, err := client.Users.Me(ctx, coze.WithResponse(&info)); err != nil {
		return err
	}
	if info.LogID == "" || info.Attempts == 0 {
		return fmt.Errorf("the answer says nothing: %+v", info)
	}
	fmt.Println("What an answer says:")
	fmt.Printf("  http %d, log id %s, %d attempt(s), %d bytes of JSON, %s\n",
		info.HTTPStatus, info.LogID, info.Attempts, len(info.Body), info.Header.Get("Content-Type"))
	fmt.Println("  asked by:", info.Request().Curl())
	return nil
}

// timeout ends a call by its own limit, which is told from the limit of the context.
func timeout(ctx context.Context, client *coze.Client) error {
	_, err := client.Users.Me(ctx, coze.WithTimeout(time.Nanosecond), coze.WithRetry(coze.RetryPolicy{Retries: -1}))
	if !errors.Is(err, coze.ErrTimeout) {
		return fmt.Errorf("a nanosecond was enough: %w", err)
	}
	fmt.Println("No time:")
	fmt.Println("  ", err)
	return nil
}

// otherToken calls for another user. A server that acts for many uses Client.As, which keeps the limits of the client too.
func otherToken(ctx context.Context, client *coze.Client) error {
	_, err := client.Users.Me(ctx, coze.WithCallToken(coze.StaticToken("pat_of_somebody_else")))
	if !errors.Is(err, coze.ErrUnauthorized) {
		return fmt.Errorf("a token that nobody has: got %w", err)
	}
	fmt.Println("Another token for one call:")
	fmt.Println("  ", err)
	return nil
}
