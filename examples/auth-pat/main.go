// Command auth-pat shows the ways to hand over a personal or service access token: at once, by a function, for one call.
//
//	go run ./examples/auth-pat
//
// Without a token it talks to a fake Coze server inside the program. With COZE_API_TOKEN it talks to the platform
// (COZE_API_BASE, default https://api.coze.cn). It changes nothing there. The token must be one of a user.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/cozekit/cozekit/examples/internal/connect"
	"github.com/cozekit/cozekit/pkg/coze"
)

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	_, srv, err := connect.OpenWithServer()
	if err != nil {
		return err
	}
	base, token := cmp.Or(os.Getenv(coze.EnvBase), coze.BaseURLCN), os.Getenv(coze.EnvToken)
	if srv != nil {
		defer func() { _ = srv.Close() }()
		base, token = srv.URL(), srv.Token()
	}

	// A token that does not change. FromEnv does the same with COZE_API_TOKEN and COZE_API_BASE.
	client, err := coze.NewClient(coze.WithBaseURL(base), coze.WithToken(token))
	if err != nil {
		return err
	}
	if err := show(ctx, client, "WithToken:      "); err != nil {
		return err
	}

	// A function is asked before every call, so that a token can be replaced while the program runs. Reuse keeps what a slow
	// one returns, a vault, say, and asks it again when the token is about to expire or is refused.
	asked := 0
	vault := coze.Reuse(coze.TokenFunc(func(context.Context) (coze.Token, error) {
		asked++
		return coze.Token{Access: token}, nil
	}))
	client, err = coze.NewClient(coze.WithBaseURL(base), coze.WithTokenSource(vault))
	if err != nil {
		return err
	}
	for range 2 {
		if err := show(ctx, client, "WithTokenSource:"); err != nil {
			return err
		}
	}
	fmt.Println("the vault was asked", asked, "time")

	// A client for another token: it shares connections and limits with the first one.
	other, err := client.As(coze.StaticToken(token))
	if err != nil {
		return err
	}
	if err := show(ctx, other, "As:             "); err != nil {
		return err
	}

	// A token for one call. This one is wrong, and no error shows it.
	_, err = client.Users.Me(ctx, coze.WithCallToken(coze.StaticToken("pat_wrong")))
	if !errors.Is(err, coze.ErrUnauthorized) {
		return fmt.Errorf("a wrong token: %w", cmp.Or(err, errors.New("it was accepted")))
	}
	fmt.Println("WithCallToken:  ", err)

	// Tokens print as [redacted] everywhere.
	fmt.Printf("a token prints as %+v\n", coze.Token{Access: token})
	return nil
}

func show(ctx context.Context, client *coze.Client, how string) error {
	user, err := client.Users.Me(ctx)
	if err != nil {
		return err
	}
	fmt.Println(how, "I am", user.UserName)
	return nil
}
