package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"strings"

	"github.com/cozekit/cozekit/examples/internal/connect"
	"github.com/cozekit/cozekit/pkg/coze"
)

// visitor is a browser of its own: the page gives it a cookie, and the widget in it calls api/ beside the page.
type visitor struct {
	browser *http.Client
	client  *coze.Client
}

// open opens the page, and checks that it is safe to open.
func open(ctx context.Context, home string) (*visitor, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	v := &visitor{browser: &http.Client{Jar: jar}}
	page, header, err := v.get(ctx, home)
	if err != nil {
		return nil, err
	}
	policy := header.Get("Content-Security-Policy")
	if !strings.Contains(page, "<coze-chat") || policy == "" || strings.Contains(policy, "unsafe") {
		return nil, fmt.Errorf("the page is not as it should be, its policy %q", policy)
	}
	if script, _, err := v.get(ctx, home+"coze-chat.js"); err != nil || script == "" {
		return nil, fmt.Errorf("the script of the widget: %w", errors.Join(err, errors.New("it does not load")))
	}
	v.client, err = coze.NewClient(coze.WithBaseURL(home+"api"), coze.WithPlainHTTP(), coze.WithToken("none is needed"),
		coze.WithHTTPClient(v.browser))
	return v, err
}

func (v *visitor) get(ctx context.Context, url string) (string, http.Header, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", nil, err
	}
	rsp, err := v.browser.Do(req)
	if err != nil {
		return "", nil, err
	}
	defer func() { _ = rsp.Body.Close() }()
	text, err := io.ReadAll(rsp.Body)
	if err == nil && rsp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", url, rsp.Status)
	}
	return string(text), rsp.Header, err
}

// ask asks a question in a conversation, or in a new one, and returns its id.
func (v *visitor) ask(ctx context.Context, name, bot, conversation, question string) (string, error) {
	s, err := v.client.Chat.Stream(ctx, coze.CreateChatRequest{
		BotID: bot, UserID: "whatever a page says", ConversationID: conversation,
		AdditionalMessages: []coze.EnterMessage{coze.UserMessage(question)},
	})
	if err != nil {
		return "", err
	}
	fmt.Printf("%s: %s\n", name, question)
	fmt.Print("the bot: ")
	for ev, err := range s.All() {
		if err != nil {
			return "", err
		}
		if ev.Chat != nil {
			conversation = ev.Chat.ConversationID
		}
		if ev.Type == coze.ChatEventMessageDelta {
			fmt.Print(ev.Message.Content)
		}
	}
	fmt.Println()
	return conversation, nil
}

// twoVisitors talk to the bot, and then one looks for what the other has said.
func twoVisitors(ctx context.Context, home, bot string) error {
	anna, err := open(ctx, home)
	if err != nil {
		return err
	}
	bob, err := open(ctx, home)
	if err != nil {
		return err
	}
	annas, err := anna.ask(ctx, "Anna", bot, "", "My secret is 42.")
	if err != nil {
		return err
	}
	if _, err := anna.ask(ctx, "Anna", bot, annas, "Do you keep it?"); err != nil {
		return err
	}
	bobs, err := bob.ask(ctx, "Bob", bot, "", "Hello!")
	if err != nil {
		return err
	}
	list, err := bob.client.Conversations.List(ctx, coze.ListConversationsRequest{BotID: bot})
	if err != nil {
		return err
	}
	if len(list.Items) != 1 || list.Items[0].ID != bobs {
		return fmt.Errorf("bob sees %d conversations", len(list.Items))
	}
	fmt.Println("Bob sees one conversation, his own")
	_, err = bob.client.Conversations.Messages.List(ctx, coze.ListMessagesRequest{ConversationID: annas})
	return connect.Refused("the conversation of another visitor", err, coze.ErrNotFound)
}
