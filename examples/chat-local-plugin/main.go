// Command chat-local-plugin does by hand what a chat takes that calls tools on this side (local plugins, 端插件): it streams,
// runs the calls of the event requires_action, hands in the outputs and streams on. See examples/chat-tools for the short way.
//
//	go run ./examples/chat-local-plugin
//
// Without a token it talks to a fake Coze server inside the program. With COZE_API_TOKEN it talks to the platform
// (COZE_API_BASE, default https://api.coze.cn) and the bot COZE_BOT_ID, whose prompt has a local plugin with a tool local_time.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"time"

	"github.com/cozekit/cozekit/examples/internal/connect"
	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/cozekit/cozekit/pkg/cozetest"
)

const maxRounds = 5 // a chat that asks for tools for ever costs tokens for ever

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
		srv.Bot(bot, func(t *cozetest.Turn) error {
			t.Say("Your clock says " + t.UseTool("local_time", map[string]any{}))
			return nil
		})
	}

	s, err := client.Chat.Stream(ctx, coze.CreateChatRequest{
		BotID:              bot,
		UserID:             "example-user", // who asks, among your users
		AdditionalMessages: []coze.EnterMessage{coze.UserMessage("What time is it here?")},
	})
	if err != nil {
		return err
	}
	for round := 0; ; round++ {
		chat, err := listen(s)
		if err != nil {
			return err
		}
		if chat.Status == coze.ChatStatusCompleted {
			if round == 0 {
				return errors.New("the bot has answered without its tool")
			}
			return nil
		}
		if chat.RequiredAction == nil || chat.RequiredAction.SubmitToolOutputs == nil || round == maxRounds {
			return fmt.Errorf("chat %s is left with status %s", chat.ID, chat.Status)
		}
		outputs := callTools(chat.RequiredAction.SubmitToolOutputs.ToolCalls)
		s, err = client.Chat.SubmitToolOutputsStream(ctx, coze.SubmitToolOutputsRequest{
			ConversationID: chat.ConversationID, ChatID: chat.ID, ToolOutputs: outputs,
		})
		if err != nil {
			return err
		}
	}
}

// listen prints the answers of a stream and returns the state of the chat at its end.
func listen(s *coze.ChatStream) (*coze.Chat, error) {
	chat := &coze.Chat{}
	for ev, err := range s.All() {
		if err != nil {
			return nil, err
		}
		if ev.Chat != nil {
			chat = ev.Chat
		}
		switch {
		case ev.Type == coze.ChatEventMessageDelta:
			fmt.Print(ev.Message.Content)
		case ev.Type == coze.ChatEventMessageCompleted && ev.Message.Type == coze.MessageTypeAnswer:
			fmt.Println()
		}
	}
	return chat, nil
}

// callTools runs the calls that a chat waits for. Each needs an output; an error is one too, which the model reads.
func callTools(calls []coze.ToolCall) []coze.ToolOutput {
	var outputs []coze.ToolOutput
	for _, c := range calls {
		output := `{"error":"there is no such tool"}`
		if f := c.Function; f != nil {
			if strings.Contains(f.Name, "local_time") { // the platform may put the name of the plugin around it
				output = time.Now().Format(time.DateTime)
			}
			fmt.Printf("tool %s(%s): %s\n", f.Name, f.Arguments, output)
		}
		outputs = append(outputs, coze.ToolOutput{ToolCallID: c.ID, Output: output})
	}
	return outputs
}
