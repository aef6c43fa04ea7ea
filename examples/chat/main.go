// Command chat asks a bot two questions in one conversation, streams the answers, and lists the messages that the platform
// keeps of them.
//
//	go run ./examples/chat
//
// Without a token it talks to a fake Coze server inside the program. With COZE_API_TOKEN it talks to the platform
// (COZE_API_BASE, default https://api.coze.cn) and the bot COZE_BOT_ID.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"

	"github.com/cozekit/cozekit/examples/internal/connect"
	"github.com/cozekit/cozekit/pkg/coze"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	bot, err := connect.Bot()
	if err != nil {
		return err
	}
	client, closeServer, err := connect.Open()
	if err != nil {
		return err
	}
	defer closeServer()

	conversation, err := client.Conversations.Create(ctx, coze.CreateConversationRequest{BotID: bot})
	if err != nil {
		return err
	}
	questions := []string{"What is a sonnet?", "Who wrote the best ones?"}
	for _, question := range questions {
		fmt.Println("you:", question)
		if err := ask(ctx, client, bot, conversation.ID, question); err != nil {
			return err
		}
	}

	fmt.Println("\nThe conversation", conversation.ID+":")
	asked, answered := 0, 0
	for m, err := range client.Conversations.Messages.All(ctx, coze.ListMessagesRequest{
		ConversationID: conversation.ID,
		Order:          coze.MessageOrderAsc,
	}) {
		if err != nil {
			return err
		}
		switch m.Role {
		case coze.MessageRoleUser:
			asked++
		case coze.MessageRoleAssistant:
			answered++
		}
		fmt.Printf("%-9s %s\n", m.Role, m.Content)
	}
	if asked != len(questions) || answered < len(questions) {
		return fmt.Errorf("the conversation has %d questions and %d answers after %d chats", asked, answered, len(questions))
	}
	return nil
}

// ask sends one question and prints the answer as it comes. The platform adds the earlier messages of the conversation.
func ask(ctx context.Context, client *coze.Client, bot, conversation, question string) error {
	s, err := client.Chat.Stream(ctx, coze.CreateChatRequest{
		ConversationID:     conversation,
		BotID:              bot,
		UserID:             "example-user", // who asks, among your users
		AdditionalMessages: []coze.EnterMessage{coze.UserMessage(question)},
	}, coze.WithCancelOnClose())
	if err != nil {
		return err
	}
	fmt.Print("bot: ")
	for ev, err := range s.All() {
		if err != nil {
			return fmt.Errorf("the answer broke off: %w", err)
		}
		switch ev.Type {
		case coze.ChatEventMessageDelta:
			fmt.Print(ev.Message.Content)
		case coze.ChatEventMessageCompleted:
			if ev.Message.Type == coze.MessageTypeAnswer {
				fmt.Println()
			}
		}
	}
	return nil
}
