// Command templates copies a template of the store into a workspace and reads the bot that comes of it.
//
//	go run ./examples/templates
//
// Without a token it talks to a fake Coze server inside the program. With COZE_API_TOKEN it talks to the platform
// (COZE_API_BASE, default https://api.coze.cn): COZE_TEMPLATE_ID is a template of a bot, COZE_WORKSPACE_ID the workspace
// that gets the copy. The copy stays until you delete it on the website.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/cozekit/cozekit/examples/internal/connect"
	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/cozekit/cozekit/pkg/cozetest"
)

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
	template, err := connect.ID("COZE_TEMPLATE_ID", "the id of a template of a bot", cozetest.DefaultTemplateID)
	if err != nil {
		return err
	}
	client, closeServer, err := connect.Open()
	if err != nil {
		return err
	}
	defer closeServer()

	duplicate, err := client.Templates.Duplicate(ctx, template, coze.DuplicateTemplateRequest{
		WorkspaceID: workspace,
		Name:        "Copy of a template",
	})
	if errors.Is(err, coze.ErrNotFound) {
		return fmt.Errorf("no such template, or not one of a bot: %w", err)
	}
	if err != nil {
		return err
	}
	if duplicate.EntityID == "" {
		return errors.New("the answer has no id of the copy")
	}
	fmt.Printf("copied: %s to %s %s\n", template, duplicate.EntityType, duplicate.EntityID)

	// A copy begins as a draft.
	bot, err := client.Bots.Get(ctx, duplicate.EntityID, coze.RetrieveBotRequest{IsPublished: coze.Ptr(false)})
	if err != nil {
		return err
	}
	if bot.BotID != duplicate.EntityID {
		return fmt.Errorf("asked for bot %s, got %s", duplicate.EntityID, bot.BotID)
	}
	fmt.Println("draft: ", bot.Name)
	return nil
}
