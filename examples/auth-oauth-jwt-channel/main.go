// Command auth-oauth-jwt-channel gets tokens for a channel, such as an app or a device: good for chats with some bots, and for
// nothing else, so that they can be given to where the user is.
//
//	go run ./examples/auth-oauth-jwt-channel
//
// Without COZE_OAUTH_CONFIG it talks to a fake Coze server inside the program, with a key that it makes. With it, the
// coze_oauth_config.json of a channel app, it talks to the platform, where the bot COZE_BOT_ID is published to the channel.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

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
	o, err := connect.OpenOAuth[coze.OAuthJWTApp](cozetest.OAuthApp{Kind: cozetest.OAuthChannel, ConnectorID: "10000001"})
	if err != nil {
		return err
	}
	defer o.Close()
	bot, err := o.EnvOr("COZE_BOT_ID", "the id of a bot that is published to the channel", cozetest.DefaultBotID)
	if err != nil {
		return err
	}

	// The scope is the point: no account, no workspaces, only these bots.
	o.App.Scope = coze.BotChatScope(bot)
	o.App.SessionName = "customer-17"
	o.App.TTL = 10 * time.Minute
	flow, err := coze.NewOAuthJWT(o.Client, o.App)
	if err != nil {
		return err
	}
	client, err := o.Client.As(flow.TokenSource(nil))
	if err != nil {
		return err
	}
	if err := ask(ctx, client, bot, "Who are you?"); err != nil {
		return err
	}

	_, err = client.Workspaces.List(ctx, coze.ListWorkspacesRequest{})
	if err := connect.Refused("the list of workspaces", err, coze.ErrForbidden); err != nil || o.Server == nil {
		return err
	}
	const other = "7400000000000000999"
	o.Server.Bot(other, cozetest.Echo)
	err = ask(ctx, client, other, "And you?")
	if err := connect.Refused("a bot that the scope does not name", err, coze.ErrForbidden); err != nil {
		return err
	}
	o.Server.Advance(12 * time.Minute) // the token expires; the next call is refused, gets a new one, and is sent again
	return ask(ctx, client, bot, "Still there?")
}

func ask(ctx context.Context, client *coze.Client, bot, question string) error {
	result, err := client.Chat.Complete(ctx, coze.CreateChatRequest{
		BotID: bot, UserID: "customer-17", AdditionalMessages: []coze.EnterMessage{coze.UserMessage(question)},
	})
	if err != nil {
		return err
	}
	fmt.Println("the bot says:", result.Answer())
	return nil
}
