// Command browser talks to a bot as a program in a browser would: it is compiled for js/wasm.
//
//	browser URL
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/cozekit/cozekit/pkg/coze/voice"
)

func main() {
	if err := run(os.Args[1]); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

func run(target string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	client, err := coze.NewClient(coze.WithBaseURL(target), coze.WithToken("secret-token"))
	if err != nil {
		return err
	}
	s, err := voice.Chat(ctx, client, voice.ChatRequest{BotID: "b"})
	if err != nil {
		return err
	}
	if err := s.AppendAudio(ctx, make([]byte, 960)); err != nil {
		return err
	}
	if err := s.SendText(ctx, "hi"); err != nil {
		return err
	}
	turn, err := s.Turn(ctx)
	if err != nil {
		return err
	}
	fmt.Println(turn.Text, len(turn.Audio), "bytes")
	return s.Close(ctx)
}
