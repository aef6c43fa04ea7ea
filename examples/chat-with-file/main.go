// Command chat-with-file uploads a file and asks a bot about it, in a message of two parts, and copies the answer to the
// standard output as it comes.
//
//	go run ./examples/chat-with-file [FILE]
//
// Without a token it talks to a fake Coze server inside the program. With COZE_API_TOKEN it talks to the platform
// (COZE_API_BASE, default https://api.coze.cn) and the bot COZE_BOT_ID, which must be able to read files of this kind.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"

	"github.com/cozekit/cozekit/examples/internal/connect"
	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/cozekit/cozekit/pkg/cozetest"
)

const poem = "line,text\n1,Shall I compare thee to a summer's day?\n2,Thou art more lovely and more temperate:\n"

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
		srv.Bot(bot, reader)
	}

	file, err := upload(ctx, client)
	if err != nil {
		return err
	}
	fmt.Println("uploaded:", file.ID, file.FileName)

	s, err := client.Chat.Stream(ctx, coze.CreateChatRequest{
		BotID:  bot,
		UserID: "example-user", // who asks, among your users
		AdditionalMessages: []coze.EnterMessage{
			coze.UserMessageOf(coze.TextPart("What is in this file?"), coze.FileIDPart(file.ID)), // ImageIDPart for a picture
		},
	}, coze.WithCancelOnClose())
	if err != nil {
		return err
	}
	var said strings.Builder
	answer := s.Answer() // the text alone; s.All has the rest too
	defer answer.Close()
	if _, err := io.Copy(io.MultiWriter(os.Stdout, &said), answer); err != nil {
		return fmt.Errorf("the answer broke off: %w", err)
	}
	fmt.Println()
	if said.Len() == 0 || srv != nil && !strings.Contains(said.String(), file.ID) {
		return fmt.Errorf("the bot says nothing of file %s", file.ID)
	}
	return nil
}

// upload sends the file that the command line names, or a poem.
func upload(ctx context.Context, client *coze.Client) (*coze.File, error) {
	up := coze.Upload{Name: "sonnet.csv", Reader: strings.NewReader(poem)}
	if len(os.Args) > 1 {
		fromDisk, f, err := coze.OpenUpload(os.Args[1])
		if err != nil {
			return nil, err
		}
		defer f.Close()
		up = fromDisk
	}
	return client.Files.Upload(ctx, coze.UploadFileRequest{File: up})
}

// reader is the bot of the fake server: it tells what parts the message has.
func reader(t *cozetest.Turn) error {
	for _, m := range t.Messages() {
		var parts []coze.ObjectStringItem
		if err := json.Unmarshal([]byte(m.Content), &parts); err != nil {
			return err
		}
		for _, p := range parts {
			t.Say(fmt.Sprintf("A %s: %s", p.Type, p.Text+p.FileID))
		}
	}
	return nil
}
