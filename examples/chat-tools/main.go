// Command chat-tools gives a bot two Go functions as tools: it calls them while it answers, both at the same time if it likes.
//
//	go run ./examples/chat-tools
//
// Without a token it talks to a fake Coze server inside the program. With COZE_API_TOKEN it talks to the platform
// (COZE_API_BASE, default https://api.coze.cn) and the bot COZE_BOT_ID, which has a local plugin (端插件) with the tools
// get_weather (city, days) and convert (celsius).
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"sync/atomic"

	"github.com/cozekit/cozekit/examples/internal/connect"
	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/cozekit/cozekit/pkg/cozetest"
)

type weatherArgs struct {
	City string `json:"city"`
	Days int    `json:"days,omitempty"` // the model may leave it out
}

type weather struct {
	City    string  `json:"city"`
	Celsius float64 `json:"celsius"`
}

type convertArgs struct {
	Celsius float64 `json:"celsius"`
}

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
		srv.Bot(bot, forecaster)
	}

	var called atomic.Int32 // tools run at the same time, each in a goroutine of its own
	tools := coze.Tools{
		// Arguments that do not fit the struct are refused with a message that the model reads, and f is not called.
		"get_weather": coze.ToolFunc(func(_ context.Context, in weatherArgs) (weather, error) {
			called.Add(1)
			if in.City == "Atlantis" {
				return weather{}, fmt.Errorf("there is no city %q", in.City) // the model reads this too
			}
			return weather{in.City, 21.5}, nil
		}),
		"convert": coze.ToolFunc(func(_ context.Context, in convertArgs) (string, error) {
			called.Add(1)
			return fmt.Sprintf("%.1f °F", in.Celsius*9/5+32), nil
		}),
	}
	result, err := client.Chat.RunWithTools(ctx, coze.CreateChatRequest{
		BotID:              bot,
		UserID:             "example-user", // who asks, among your users
		AdditionalMessages: []coze.EnterMessage{coze.UserMessage("How warm is it in Paris and in Atlantis, in Fahrenheit?")},
	}, tools, coze.ToolPolicy{MaxRounds: 5, Event: printCalls})
	if err != nil {
		return err
	}
	fmt.Println(result.Answer())
	if called.Load() == 0 || srv != nil && !strings.Contains(result.Answer(), "70.7 °F") {
		return fmt.Errorf("the bot has called %d tools for this answer", called.Load())
	}
	return nil
}

// printCalls shows what the bot asks for.
func printCalls(ev coze.ChatEvent) error {
	if ev.Type != coze.ChatEventChatRequiresAction || ev.Chat.RequiredAction == nil || ev.Chat.RequiredAction.SubmitToolOutputs == nil {
		return nil
	}
	for _, c := range ev.Chat.RequiredAction.SubmitToolOutputs.ToolCalls {
		if c.Function != nil {
			fmt.Printf("the bot calls %s(%s)\n", c.Function.Name, c.Function.Arguments)
		}
	}
	return nil
}

// forecaster is the bot of the fake server: it asks for two tools in one round, then for another one.
func forecaster(t *cozetest.Turn) error {
	t.CallTool("get_weather", weatherArgs{City: "Paris"})
	t.CallTool("get_weather", weatherArgs{City: "Atlantis"})
	found := t.WaitTools()
	warmth := t.UseTool("convert", convertArgs{Celsius: 21.5})
	t.Say(fmt.Sprintf("Paris: %s, from %s. Atlantis: %s", warmth, found[0].Output, found[1].Output))
	return nil
}
