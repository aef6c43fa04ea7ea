// Command quickstart asks a Coze bot one question and prints its answer as it comes.
//
//	go run ./examples/quickstart "What is a sonnet?"
//
// Without a token it talks to a fake Coze server inside the program. With COZE_API_TOKEN it talks to the platform: to
// COZE_API_BASE (default https://api.coze.cn) and the bot COZE_BOT_ID.
package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/cozekit/cozekit/examples/internal/connect"
	"github.com/cozekit/cozekit/pkg/coze"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	question := flag.String("q", "What can you do?", "the question; arguments count too")
	bot := flag.String("bot", os.Getenv("COZE_BOT_ID"), "id of the bot; default COZE_BOT_ID")
	flag.Parse()
	if flag.NArg() > 0 {
		*question = strings.Join(flag.Args(), " ")
	}
	if err := run(ctx, *bot, *question); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, bot, question string) error {
	bot, err := connect.GivenBot(bot)
	if err != nil {
		return err
	}
	client, closeServer, err := connect.Open()
	if err != nil {
		return err
	}
	defer closeServer()
	// Ctrl-C ends ctx, which ends the stream; WithCancelOnClose then also stops the chat on the server.
	s, err := client.Chat.Stream(ctx, coze.CreateChatRequest{
		BotID:              bot,
		UserID:             "quickstart",
		AdditionalMessages: []coze.EnterMessage{coze.UserMessage(question)},
	}, coze.WithCancelOnClose())
	if err != nil {
		return err
	}
	for ev, err := range s.All() {
		if err != nil {
			fmt.Println()
			return err
		}
		switch ev.Type {
		case coze.ChatEventMessageDelta:
			fmt.Print(ev.Message.Content)
		case coze.ChatEventChatCompleted:
			u := cmp.Or(ev.Chat.Usage, &coze.Usage{})
			fmt.Printf("\n\n%d tokens: %d in, %d out\n", u.TokenCount, u.InputCount, u.OutputCount)
		}
	}
	return nil
}
