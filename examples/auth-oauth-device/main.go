// Command auth-oauth-device logs a user in from a terminal: it shows a code, which the user confirms on another device.
//
//	go run ./examples/auth-oauth-device
//
// Without COZE_OAUTH_CONFIG it talks to a fake Coze server inside the program, and plays the user. With it, the
// coze_oauth_config.json of a device app, it waits for you. Ctrl-C ends the wait.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"time"

	"github.com/cozekit/cozekit/examples/internal/connect"
	"github.com/cozekit/cozekit/examples/internal/consent"
	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/cozekit/cozekit/pkg/cozetest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil {
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
	flow, err := coze.NewOAuthDevice(o.Client, o.App)
	if err != nil {
		return err
	}
	login, err := flow.Start(ctx)
	if err != nil {
		return err
	}
	fmt.Printf("open %s and confirm the code %s\n", login.VerificationURL, login.UserCode)
	fmt.Println("or:  ", login.VerificationURLComplete, "- as a QR code, say")

	if o.Server != nil {
		// Poll asks once. Wait below is all that a program needs.
		_, err := flow.Poll(ctx, login)
		if err := connect.Refused("a code that nobody has confirmed", err, coze.ErrAuthorizationPending); err != nil {
			return err
		}
		if _, err := consent.NewBrowser().Allow(ctx, login.VerificationURLComplete); err != nil {
			return err
		}
	}
	// Wait keeps the pace that the server asks for: 5 s.
	tokens, err := flow.Wait(ctx, login)
	switch {
	case errors.Is(err, coze.ErrAccessDenied):
		return fmt.Errorf("you refused: %w", err)
	case errors.Is(err, coze.ErrDeviceCodeExpired):
		return fmt.Errorf("that took too long, start again: %w", err)
	case err != nil:
		return err
	}

	// Keep the tokens in a FileTokenStore and the next start needs no login; see auth-oauth-pkce.
	source := flow.TokenSource(nil)
	if err := source.Login(ctx, tokens); err != nil {
		return err
	}
	client, err := o.Client.As(source)
	if err != nil {
		return err
	}
	if err := show(ctx, client, source); err != nil || o.Server == nil {
		return err
	}
	o.Server.Advance(time.Hour) // the access token expires; the next call is refused, renews it, and is sent again
	return show(ctx, client, source)
}

func show(ctx context.Context, client *coze.Client, source *coze.OAuthTokenSource) error {
	user, err := client.Users.Me(ctx)
	if err != nil {
		return err
	}
	token, err := source.Token(ctx)
	if err != nil {
		return err
	}
	fmt.Println("I am", user.UserName, "with a token until", token.Expires.Format(time.DateTime))
	return nil
}
