// Command auth-oauth-workspace logs a user in for one workspace: multi-user collaboration, on enterprise plans. The token serves
// that workspace alone. It uses a device code; the web and PKCE flows do the same by AuthorizeURLForWorkspace, and the
// handlers of package oauth by Settings.WorkspaceID.
//
//	go run ./examples/auth-oauth-workspace
//
// Without COZE_OAUTH_CONFIG it talks to a fake Coze server inside the program, and plays the user. With it, the
// coze_oauth_config.json of a device app, it waits for you to confirm the workspace COZE_WORKSPACE_ID.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/cozekit/cozekit/examples/internal/connect"
	"github.com/cozekit/cozekit/examples/internal/consent"
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
	o, err := connect.OpenOAuth[coze.OAuthDeviceApp](cozetest.OAuthApp{Kind: cozetest.OAuthDevice})
	if err != nil {
		return err
	}
	defer o.Close()
	workspace, err := o.EnvOr("COZE_WORKSPACE_ID", "the id of a workspace of an enterprise", cozetest.DefaultWorkspaceID)
	if err != nil {
		return err
	}
	flow, err := coze.NewOAuthDevice(o.Client, o.App)
	if err != nil {
		return err
	}
	login, err := flow.StartForWorkspace(ctx, workspace)
	if err != nil {
		return err
	}
	fmt.Println("open", login.VerificationURLComplete)
	if o.Server != nil {
		if _, err := consent.NewBrowser().Allow(ctx, login.VerificationURLComplete); err != nil {
			return err
		}
	}
	tokens, err := flow.Wait(ctx, login) // every 5 s
	if err != nil {
		return err
	}
	source := flow.TokenSource(nil)
	if err := source.Login(ctx, tokens); err != nil {
		return err
	}
	client, err := o.Client.As(source)
	if err != nil {
		return err
	}
	if err := listBots(ctx, client, workspace); err != nil || o.Server == nil {
		return err
	}
	if err := limits(ctx, client); err != nil {
		return err
	}
	o.Server.Advance(time.Hour) // the access token expires; the next call is refused, renews it, and is sent again
	return listBots(ctx, client, workspace)
}

func listBots(ctx context.Context, client *coze.Client, workspace string) error {
	page, err := client.Bots.List(ctx, coze.ListBotsRequest{WorkspaceID: workspace})
	if err != nil {
		return err
	}
	fmt.Println(len(page.Items), "published bots on the first page of workspace", workspace)
	return nil
}

// limits tries what such a token may not do.
func limits(ctx context.Context, client *coze.Client) error {
	_, err := client.Bots.List(ctx, coze.ListBotsRequest{WorkspaceID: "7400000000000000666"})
	if err := connect.Refused("another workspace", err, coze.ErrForbidden); err != nil {
		return err
	}
	_, err = client.Conversations.Create(ctx, coze.CreateConversationRequest{})
	return connect.Refused("what needs a permission on the level of the account", err, coze.ErrForbidden)
}
