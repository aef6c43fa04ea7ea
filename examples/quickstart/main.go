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

	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/cozekit/cozekit/pkg/cozetest"
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
	client, bot, closeServer, err := connect(bot)
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

// connect returns a client of the platform, or of a fake server when there is no token.
func connect(bot string) (client *coze.Client, botID string, closeServer func(), err error) {
	if os.Getenv(coze.EnvToken) != "" {
		if bot == "" {
			return nil, "", nil, fmt.Errorf("set COZE_BOT_ID to the id of a bot that is published to the API channel")
		}
		client, err = coze.NewClient(coze.WithBaseURL(coze.BaseURLCN), coze.FromEnv())
		return client, bot, func() {}, err
	}
	srv, err := cozetest.Start("127.0.0.1:0")
	if err != nil {
		return nil, "", nil, err
	}
	fmt.Fprintf(os.Stderr, "%s is not set: a fake Coze server answers\n", coze.EnvToken)
	client, err = coze.NewClient(coze.WithBaseURL(srv.URL()), coze.WithToken(srv.Token()))
	return client, cmp.Or(bot, cozetest.DefaultBotID), func() { _ = srv.Close() }, err
}
