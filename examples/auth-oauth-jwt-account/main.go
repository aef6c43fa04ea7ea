// Command auth-oauth-jwt-account acts for the account of somebody else, who has accepted the app: a service provider that works
// in the accounts of its customers.
//
//	go run ./examples/auth-oauth-jwt-account
//
// Without COZE_OAUTH_CONFIG it talks to a fake Coze server inside the program, with a key that it makes. With it, the
// coze_oauth_config.json of a JWT app, it talks to the platform, where the account or organization COZE_ACCOUNT_ID has
// accepted the app. It changes nothing there.
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

const fakeCustomer = "7400000000000000777"

func run(ctx context.Context) error {
	o, err := connect.OpenOAuth[coze.OAuthJWTApp](cozetest.OAuthApp{Kind: cozetest.OAuthJWT, Accounts: []string{fakeCustomer}})
	if err != nil {
		return err
	}
	defer o.Close()
	customer, err := o.EnvOr("COZE_ACCOUNT_ID", "the id of an account or organization that has accepted the app", fakeCustomer)
	if err != nil {
		return err
	}
	o.App.TTL = 10 * time.Minute

	own, _, err := act(o, "")
	if err != nil {
		return err
	}
	me, err := own.Users.Me(ctx)
	if err != nil {
		return err
	}
	fmt.Println("for myself:      ", me.UserID)

	client, source, err := act(o, customer)
	if err != nil {
		return err
	}
	they, err := client.Users.Me(ctx)
	if err != nil {
		return err
	}
	fmt.Println("for the customer:", they.UserID)
	if they.UserID == me.UserID {
		return errors.New("the customer is myself")
	}

	if err := connect.Renew(ctx, source); err != nil || o.Server == nil {
		return err
	}

	stranger, _, err := act(o, "7400000000000000778")
	if err != nil {
		return err
	}
	_, err = stranger.Users.Me(ctx)
	return connect.Refused("a stranger who has not accepted the app", err, coze.ErrAccessDenied)
}

// act returns a client that acts for an account, the app's own if it is empty, and the source of its tokens.
func act(o connect.OAuth[coze.OAuthJWTApp], account string) (*coze.Client, *coze.OAuthTokenSource, error) {
	app := o.App
	app.AccountID = account
	flow, err := coze.NewOAuthJWT(o.Client, app)
	if err != nil {
		return nil, nil, err
	}
	source := flow.TokenSource(nil)
	client, err := o.Client.As(source)
	return client, source, err
}
