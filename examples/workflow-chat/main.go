// Command workflow-chat talks to a chatflow: two messages in one conversation, the answers streamed. A node of the chatflow may
// ask the user something; what the user says next in the conversation is the answer.
//
//	go run ./examples/workflow-chat [MESSAGE...]
//
// Without a token it talks to a fake Coze server inside the program. With COZE_API_TOKEN it talks to the platform
// (COZE_API_BASE, default https://api.coze.cn) and the chatflow COZE_CHATFLOW_ID of the app COZE_APP_ID or, without one,
// of the bot COZE_BOT_ID.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/cozekit/cozekit/examples/internal/connect"
	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/cozekit/cozekit/pkg/cozetest"
)

const fakeChatflow = "7400000000000000099"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	messages := os.Args[1:]
	if len(messages) == 0 {
		messages = []string{"I want to book a table.", "Four, please."}
	}
	if err := run(ctx, messages); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, messages []string) error {
	id, err := connect.ID("COZE_CHATFLOW_ID", "the id of a published chatflow", fakeChatflow)
	if err != nil {
		return err
	}
	app, bot := os.Getenv("COZE_APP_ID"), "" // a chatflow belongs to one of the two
	if app == "" {
		if bot, err = connect.Bot(); err != nil {
			return err
		}
	}
	client, srv, err := connect.OpenWithServer()
	if err != nil {
		return err
	}
	if srv != nil {
		defer srv.Close()
		srv.Chatflow(id, waiter)
	}

	conversation := "" // the first answer tells its id
	for _, message := range messages {
		fmt.Println("you:     ", message)
		s, err := client.Workflows.Chat.Stream(ctx, coze.ChatWorkflowRequest{
			WorkflowID:         id,
			AppID:              app,
			BotID:              bot,
			ConversationID:     conversation,
			AdditionalMessages: []coze.EnterMessage{coze.UserMessage(message)},
			Parameters:         map[string]any{}, // of the start node
		})
		if err != nil {
			return err
		}
		fmt.Print("chatflow: ")
		n, err := io.Copy(os.Stdout, s.Answer()) // which it reads to its end, so that there is nothing to close
		fmt.Println()
		if err != nil {
			return fmt.Errorf("the answer broke off: %w", err)
		}
		if n == 0 {
			return errors.New("the chatflow has said nothing")
		}
		if conversation != "" && s.ConversationID() != conversation {
			return fmt.Errorf("the answer came in conversation %s, not in %s", s.ConversationID(), conversation)
		}
		conversation = s.ConversationID()
	}
	fmt.Println("The conversation is", conversation)
	return nil
}

// waiter is the chatflow of the fake server: it asks once, in the middle of its work.
func waiter(r *cozetest.Run) error {
	n := r.Interrupt(coze.InterruptTypeQuestion, "For how many?", nil)
	r.Message("Answer", "You said ", n, " It is booked.")
	return nil
}
