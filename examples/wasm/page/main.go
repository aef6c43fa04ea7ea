//go:build js && wasm

// Command page runs in a browser: it asks a bot what the visitor types, and shows the answer as it comes. It is an ordinary
// client of package coze, whose server is the proxy that the page comes from.
package main

import (
	"context"
	"syscall/js"

	"github.com/cozekit/cozekit/pkg/coze"
)

func main() {
	document := js.Global().Get("document")
	client, err := coze.NewClient(coze.WithBaseURL(js.Global().Get("location").Get("origin").String()+"/api"),
		coze.WithPlainHTTP(), coze.WithToken("none: the proxy has it"))
	if err != nil {
		show(document, err.Error())
		return
	}
	bot := document.Get("documentElement").Get("dataset").Get("bot").String()
	questions := make(chan string)
	ask := js.FuncOf(func(_ js.Value, args []js.Value) any {
		args[0].Call("preventDefault")
		question := document.Call("querySelector", "input").Get("value").String()
		go func() { questions <- question }() // a callback must not wait
		return nil
	})
	form := document.Call("querySelector", "form")
	form.Call("addEventListener", "submit", ask)
	form.Get("dataset").Set("ready", "yes")
	for question := range questions {
		if err := stream(client, bot, question, document); err != nil {
			show(document, err.Error())
		}
	}
}

func stream(client *coze.Client, bot, question string, document js.Value) error {
	s, err := client.Chat.Stream(context.Background(), coze.CreateChatRequest{
		BotID: bot, UserID: "visitor", AdditionalMessages: []coze.EnterMessage{coze.UserMessage(question)},
	})
	if err != nil {
		return err
	}
	answer := ""
	for ev, err := range s.All() {
		if err != nil {
			return err
		}
		if ev.Type == coze.ChatEventMessageDelta {
			answer += ev.Message.Content
			show(document, answer)
		}
	}
	return nil
}

func show(document js.Value, text string) {
	document.Call("querySelector", "output").Set("textContent", text)
}
