package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"

	"github.com/cozekit/cozekit/pkg/coze"
)

// check fetches what a browser would, and asks a question through the proxy, as the page does.
func check(ctx context.Context, home, bot string) error {
	for path, want := range map[string]struct{ kind, start string }{
		"":             {"text/html; charset=utf-8", "<!DOCTYPE html>"},
		"page.wasm":    {"application/wasm", "\x00asm"},
		"wasm_exec.js": {"text/javascript; charset=utf-8", ""},
		"start.js":     {"text/javascript; charset=utf-8", ""},
	} {
		kind, content, err := fetch(ctx, home+path)
		if err != nil {
			return err
		}
		if kind != want.kind || len(content) == 0 || !bytes.HasPrefix(content, []byte(want.start)) {
			return fmt.Errorf("%s is %d bytes of %s", home+path, len(content), kind)
		}
	}
	client, err := coze.NewClient(coze.WithBaseURL(home+"api"), coze.WithPlainHTTP(), coze.WithToken("none"))
	if err != nil {
		return err
	}
	s, err := client.Chat.Stream(ctx, coze.CreateChatRequest{
		BotID: bot, UserID: "visitor", AdditionalMessages: []coze.EnterMessage{coze.UserMessage("What runs here?")},
	})
	if err != nil {
		return err
	}
	fmt.Print("through the proxy, the bot says: ")
	for ev, err := range s.All() {
		if err != nil {
			return err
		}
		if ev.Type == coze.ChatEventMessageDelta {
			fmt.Print(ev.Message.Content)
		}
	}
	fmt.Println()
	return nil
}

func fetch(ctx context.Context, url string) (kind string, content []byte, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", nil, err
	}
	rsp, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", nil, err
	}
	defer func() { _ = rsp.Body.Close() }()
	content, err = io.ReadAll(rsp.Body)
	if err == nil && rsp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", url, rsp.Status)
	}
	return rsp.Header.Get("Content-Type"), content, err
}
