// Command auth-oauth-jwt is a server that acts for itself, by signed JWTs, and keeps the conversations of its users apart by
// session names.
//
//	go run ./examples/auth-oauth-jwt
//
// Without COZE_OAUTH_CONFIG it talks to a fake Coze server inside the program, with a key that it makes. With it, the
// coze_oauth_config.json of a JWT app, it talks to the platform, and begins two conversations with the bot COZE_BOT_ID.
package main

import (
	"context"
	"errors"
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
	o, err := connect.OpenOAuth[coze.OAuthJWTApp](cozetest.OAuthApp{Kind: cozetest.OAuthJWT})
	if err != nil {
		return err
	}
	defer o.Close()
	bot, err := o.EnvOr("COZE_BOT_ID", "the id of a bot that is published to the API channel", cozetest.DefaultBotID)
	if err != nil {
		return err
	}
	o.App.TTL = 10 * time.Minute
	flow, err := coze.NewOAuthJWT(o.Client, o.App)
	if err != nil {
		return err
	}

	// Exchange makes one token. There is no refresh token; a new JWT is as easy.
	tokens, err := flow.Exchange(ctx)
	if err != nil {
		return err
	}
	user, err := o.Client.Users.Me(ctx, coze.WithCallToken(coze.StaticToken(tokens.Access)))
	if err != nil {
		return err
	}
	fmt.Println("I am", user.UserName, "until", tokens.Expires.Format(time.DateTime))

	// A token source does that when it must. A session name for each user of yours keeps their histories apart.
	alice, err := clientFor(flow, o.Client, "alice")
	if err != nil {
		return err
	}
	bob, err := clientFor(flow, o.Client, "bob")
	if err != nil {
		return err
	}
	for _, client := range []*coze.Client{alice, bob} {
		if _, err := client.Conversations.Create(ctx, coze.CreateConversationRequest{BotID: bot}); err != nil {
			return err
		}
	}
	if o.Server != nil {
		o.Server.Advance(12 * time.Minute) // the tokens expire; the next call of each is refused, gets a new one, and is sent again
	}
	seen := map[string]string{}
	for name, client := range map[string]*coze.Client{"alice": alice, "bob": bob} {
		for c, err := range client.Conversations.All(ctx, coze.ListConversationsRequest{BotID: bot}) {
			if err != nil {
				return err
			}
			if other := seen[c.ID]; other != "" {
				return fmt.Errorf("%s sees a conversation of %s", name, other)
			}
			seen[c.ID] = name
		}
	}
	if len(seen) < 2 {
		return errors.New("conversations are missing")
	}
	fmt.Println("alice and bob have conversations of their own")
	return nil
}

// clientFor returns a client that acts for one user. It costs little: make one for each request, or keep it.
func clientFor(flow *coze.OAuthJWT, client *coze.Client, name string) (*coze.Client, error) {
	session, err := flow.Session(name)
	if err != nil {
		return nil, err
	}
	return client.As(session.TokenSource(nil)) // keep the source, or share a store: else each one gets its token anew
}
