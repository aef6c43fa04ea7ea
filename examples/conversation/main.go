// Command conversation keeps a dialogue with a bot: two turns of which the second needs the first, then the history, a name,
// and the end.
//
//	go run ./examples/conversation
//
// Without a token it talks to a fake Coze server inside the program. With COZE_API_TOKEN it talks to the platform
// (COZE_API_BASE, default https://api.coze.cn) and the bot COZE_BOT_ID.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"strings"

	"github.com/cozekit/cozekit/examples/internal/connect"
	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/cozekit/cozekit/pkg/cozetest"
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
	client, srv, err := connect.OpenWithServer()
	if err != nil {
		return err
	}
	if srv != nil {
		defer srv.Close()
		srv.Bot(bot, librarian())
	}

	d := client.NewDialogue(coze.CreateChatRequest{
		BotID:  bot,
		UserID: "example-user", // who asks, among your users
	})
	questions := []string{"Who wrote The Tempest?", "When was he born?"} // "he" takes a memory
	for _, question := range questions {
		fmt.Println("you:", question)
		result, err := d.Send(ctx, coze.UserMessage(question)) // Stream delivers the answer while it comes
		if err != nil {
			return err
		}
		fmt.Println("bot:", result.Answer())
		if result.Answer() == "" {
			return fmt.Errorf("chat %s has no answer", result.Chat.ID)
		}
	}
	return tidyUp(ctx, client, d, questions)
}

// tidyUp looks at what the platform keeps of a dialogue, and deletes it.
func tidyUp(ctx context.Context, client *coze.Client, d *coze.Dialogue, questions []string) error {
	id := d.ConversationID() // keep it to go on another day: ConversationID of the request for NewDialogue
	const name = "About Shakespeare"
	if err := d.Rename(ctx, name); err != nil {
		return err
	}
	known, err := client.Conversations.Get(ctx, coze.RetrieveConversationRequest{ConversationID: id})
	if err != nil {
		return err
	}
	if known.Name != name {
		return fmt.Errorf("the conversation %s is called %q after Rename", id, known.Name)
	}
	fmt.Printf("\nThe conversation %s is called %q:\n", id, known.Name)

	var asked []string
	for m, err := range d.History(ctx) {
		if err != nil {
			return err
		}
		if m.Role == coze.MessageRoleUser {
			asked = append(asked, m.Content)
		}
		fmt.Printf("%-9s %s\n", m.Role, m.Content)
	}
	if strings.Join(asked, "\n") != strings.Join(questions, "\n") {
		return fmt.Errorf("the history has the questions %q", asked)
	}

	if err := d.Delete(ctx); err != nil {
		return err
	}
	if d.ConversationID() != "" {
		return fmt.Errorf("the dialogue still has conversation %s", d.ConversationID())
	}
	fmt.Println("deleted:", id)
	return nil
}

// librarian is the bot of the fake server. The platform gives a model the earlier messages; a script remembers by itself.
func librarian() cozetest.Script {
	seen := map[string]bool{} // a conversation has one chat at a time
	return func(t *cozetest.Turn) error {
		if seen[t.Request.ConversationID] {
			t.Say("Shakespeare, of whom we spoke, was born in 1564.")
			return nil
		}
		seen[t.Request.ConversationID] = true
		t.Say("William Shakespeare.")
		return nil
	}
}
