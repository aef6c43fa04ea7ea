package coze_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/cozekit/cozekit/pkg/cozetest"
)

// The README takes its blocks from this file: TestReadmeBlocks compares them.

const botID = cozetest.DefaultBotID

// newClient returns a client of a fake server, so that the examples run without an account.
func newClient() (*coze.Client, func()) {
	srv, err := cozetest.Start("127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	client, err := coze.NewClient(coze.WithBaseURL(srv.URL()), coze.WithToken(srv.Token()))
	if err != nil {
		panic(err)
	}
	return client, func() { _ = srv.Close() }
}

func ExampleNewClient() {
	client, err := coze.NewClient(
		coze.WithBaseURL(coze.BaseURLCN), // or coze.BaseURLCom, or your own gateway
		coze.WithToken("pat_..."),
	)
	if err != nil {
		panic(err)
	}
	_ = client

	_, err = coze.NewClient(coze.WithBaseURL("https://www.coze.cn/open_api/v2"), coze.WithToken("pat_..."))
	fmt.Println(err)
	// Output:
	// coze: NewClient: base URL https://www.coze.cn/open_api/v2 is that of the website: use https://api.coze.cn
}

func ExampleChatService_Stream() {
	client, stop := newClient()
	defer stop()
	ctx := context.Background()

	s, err := client.Chat.Stream(ctx, coze.CreateChatRequest{
		BotID:              botID,
		UserID:             "user-1",
		AdditionalMessages: []coze.EnterMessage{coze.UserMessage("What is a sonnet?")},
	})
	if err != nil {
		panic(err)
	}
	for ev, err := range s.All() {
		if err != nil {
			panic(err)
		}
		if ev.Type == coze.ChatEventMessageDelta {
			fmt.Print(ev.Message.Content)
		}
	}
	// Output:
	// You said: What is a sonnet?
}

func ExampleChatService_CreateAndPoll() {
	client, stop := newClient()
	defer stop()
	ctx := context.Background()

	ctx, cancel := context.WithTimeout(ctx, time.Minute) // at its end the chat is canceled on the server, too
	defer cancel()
	r, err := client.Chat.CreateAndPoll(ctx, coze.CreateChatRequest{
		BotID:              botID,
		UserID:             "user-1",
		AdditionalMessages: []coze.EnterMessage{coze.UserMessage("What is a sonnet?")},
	}, coze.PollPolicy{})
	if err != nil {
		panic(err)
	}
	fmt.Println(r.Answer())
	fmt.Println(r.Chat.Status, r.Chat.Usage.TokenCount > 0)
	// Output:
	// You said: What is a sonnet?
	// completed true
}

func ExampleChatAccumulator() {
	client, stop := newClient()
	defer stop()
	s, err := client.Chat.Stream(context.Background(), coze.CreateChatRequest{
		BotID: botID, UserID: "user-1", AdditionalMessages: []coze.EnterMessage{coze.UserMessage("hello")},
	})
	if err != nil {
		panic(err)
	}
	var acc coze.ChatAccumulator
	for ev, err := range s.All() {
		if err != nil {
			panic(err)
		}
		if err := acc.Add(ev); err != nil {
			panic(err)
		}
	}
	fmt.Println(acc.Result().Answer())
	// Output:
	// You said: hello
}

func ExampleExplain() {
	client, stop := newClient()
	defer stop()
	ctx := context.Background()

	_, err := client.Bots.Get(ctx, "7400000000000000099", coze.RetrieveBotRequest{})
	if errors.Is(err, coze.ErrNotFound) {
		why, _ := coze.Explain(err)
		fmt.Println(why.Name, why.Code)
		fmt.Println(why.Remedy)
	}
	// Output:
	// NotFound 4200
	// Check the id in the Coze console and publish the workflow or bot.
}

func ExampleUserMessageOf() {
	client, stop := newClient()
	defer stop()
	ctx := context.Background()

	file, err := client.Files.Upload(ctx, coze.UploadFileRequest{
		File: coze.Upload{Name: "sonnet.docx", Reader: strings.NewReader("Shall I compare thee ...")},
	})
	if err != nil {
		panic(err)
	}
	m := coze.UserMessageOf(coze.TextPart("Who wrote this?"), coze.FileIDPart(file.ID))
	fmt.Println(m.ContentType, file.FileName, file.Bytes)
	// Output:
	// object_string sonnet.docx 24
}

// Walk over all conversations of a bot; pages are fetched as they are needed.
func ExampleClient_pages() {
	client, stop := newClient()
	defer stop()
	ctx := context.Background()
	for i := range 3 {
		name := fmt.Sprint("sonnet ", i+1)
		if _, err := client.Conversations.Create(ctx, coze.CreateConversationRequest{BotID: botID, Name: name}); err != nil {
			panic(err)
		}
	}

	for conversation, err := range client.Conversations.All(ctx, coze.ListConversationsRequest{BotID: botID}) {
		if err != nil {
			panic(err)
		}
		fmt.Println(conversation.Name)
	}
	// Output:
	// sonnet 3
	// sonnet 2
	// sonnet 1
}

// Answer is some code of yours that you want to test.
func Answer(ctx context.Context, client *coze.Client, botID, question string) (string, error) {
	r, err := client.Chat.CreateAndPoll(ctx, coze.CreateChatRequest{
		BotID: botID, UserID: "u", AdditionalMessages: []coze.EnterMessage{coze.UserMessage(question)},
	}, coze.PollPolicy{Interval: time.Millisecond})
	if err != nil {
		return "", err
	}
	return r.Answer(), nil
}

// TestAnswer shows how to test code that talks to Coze: no token, no network, and every request is checked.
func TestAnswer(t *testing.T) {
	srv := cozetest.NewServer(t)
	srv.Bot("7400000000000000042", func(turn *cozetest.Turn) error {
		turn.Say("Fourteen lines.")
		return nil
	})
	client, err := coze.NewClient(coze.WithBaseURL(srv.URL()), coze.WithToken(srv.Token()))
	if err != nil {
		t.Fatal(err)
	}
	got, err := Answer(t.Context(), client, "7400000000000000042", "What is a sonnet?")
	if err != nil || got != "Fourteen lines." {
		t.Errorf("got %q, %v", got, err)
	}
}
