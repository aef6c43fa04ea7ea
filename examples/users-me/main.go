// Command users-me prints whose token is used: the first call to try with a new token.
//
//	go run ./examples/users-me
//
// Without a token it talks to a fake Coze server inside the program. With COZE_API_TOKEN it talks to the platform
// (COZE_API_BASE, default https://api.coze.cn). It changes nothing there. The token must be one of a user.
package main

import (
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
	client, closeServer, err := connect.Open()
	if err != nil {
		return err
	}
	defer closeServer()

	// WithResponse tells what an answer says beside its data. It works for every call.
	var info coze.ResponseInfo
	user, err := client.Users.Me(ctx, coze.WithResponse(&info))
	if errors.Is(err, coze.ErrUnauthorized) {
		return fmt.Errorf("the token is not valid here: %w", err)
	}
	if err != nil {
		return err
	}
	if user.UserID == "" {
		return errors.New("the answer has no user id")
	}
	fmt.Println("id:     ", user.UserID)
	fmt.Println("name:   ", user.UserName)
	fmt.Println("shown:  ", user.NickName)
	fmt.Println("picture:", user.AvatarURL)
	fmt.Println("log id: ", info.LogID)
	return nil
}
