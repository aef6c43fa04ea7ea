// Command bot takes a bot through its life: create, update, publish, list, read, list its versions, unpublish.
//
//	go run ./examples/bot
//
// Without a token it talks to a fake Coze server inside the program. With COZE_API_TOKEN it talks to the platform
// (COZE_API_BASE, default https://api.coze.cn) and creates a bot in the workspace COZE_WORKSPACE_ID. The API cannot delete
// bots: the draft stays until you delete it on the website. Listing versions needs an enterprise plan there.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/cozekit/cozekit/examples/internal/connect"
	"github.com/cozekit/cozekit/pkg/coze"
)

const apiChannel = "1024" // id of the channel that chats by API use

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	workspace, err := connect.Workspace()
	if err != nil {
		return err
	}
	client, closeServer, err := connect.Open()
	if err != nil {
		return err
	}
	defer closeServer()

	created, err := client.Bots.Create(ctx, coze.CreateBotRequest{
		SpaceID:        workspace,
		Name:           "Sonnet helper",
		Description:    "Made by examples/bot.",
		PromptInfo:     &coze.PromptInfo{Prompt: "You explain poems."},
		OnboardingInfo: &coze.OnboardingInfo{Prologue: "Which poem?", SuggestedQuestions: []string{"What is a sonnet?"}},
	})
	if err != nil {
		return err
	}
	bot := created.BotID
	fmt.Println("created:    ", bot)

	// Only what is set changes.
	name := "Sonnet helper " + time.Now().Format("150405")
	if err := client.Bots.Update(ctx, coze.UpdateBotRequest{BotID: bot, Name: name}); err != nil {
		return err
	}
	draft, err := client.Bots.Get(ctx, bot, coze.RetrieveBotRequest{IsPublished: coze.Ptr(false)})
	if err != nil {
		return err
	}
	if draft.Name != name {
		return fmt.Errorf("the draft is called %q after the update to %q", draft.Name, name)
	}
	fmt.Println("updated:    ", draft.Name)
	return publish(ctx, client, workspace, bot)
}

// publish publishes a bot, looks at it from all sides, and takes it off again.
func publish(ctx context.Context, client *coze.Client, workspace, bot string) error {
	published, err := client.Bots.Publish(ctx, coze.PublishBotRequest{BotID: bot, ConnectorIDs: []string{apiChannel}})
	if err != nil {
		return err
	}
	fmt.Println("published:   version", published.Version)

	online, err := client.Bots.Get(ctx, bot, coze.RetrieveBotRequest{})
	if err != nil {
		return err
	}
	if online.Version != published.Version {
		return fmt.Errorf("version %s is online, not %s", online.Version, published.Version)
	}
	if p := online.PromptInfo; p != nil { // optional objects of an answer are pointers
		fmt.Println("prompt:     ", p.Prompt)
	}
	if err := find(ctx, client, workspace, bot); err != nil {
		return err
	}

	n := 0
	for version, err := range client.Bots.Versions.All(ctx, bot, coze.ListBotVersionsRequest{}) {
		if err != nil {
			return err
		}
		n++
		fmt.Println("version:    ", version.Version, version.CreatedAt.Time().Format(time.DateTime))
	}
	if n == 0 {
		return errors.New("a published bot has no version")
	}

	err = client.Bots.Unpublish(ctx, bot, coze.UnpublishBotRequest{ConnectorID: apiChannel, UnpublishReason: "end of the example"})
	if err != nil {
		return err
	}
	if _, err := client.Bots.Get(ctx, bot, coze.RetrieveBotRequest{}); err == nil {
		return errors.New("the bot is still online after Unpublish")
	}
	fmt.Println("unpublished:", bot)
	return nil
}

// find looks for a bot in the list of its workspace. All fetches pages as they are needed.
func find(ctx context.Context, client *coze.Client, workspace, bot string) error {
	req := coze.ListBotsRequest{WorkspaceID: workspace, PublishStatus: coze.BotPublishStatusAll}
	for b, err := range client.Bots.All(ctx, req) {
		if err != nil {
			return err
		}
		if b.ID == bot {
			fmt.Println("listed:     ", b.Name)
			return nil
		}
	}
	return fmt.Errorf("workspace %s does not list bot %s", workspace, bot)
}
