// Command error-handling meets some refusals on purpose, and shows what their errors tell.
//
//	go run ./examples/error-handling
//
// Without a token it talks to a fake Coze server inside the program. With COZE_API_TOKEN it talks to the platform
// (COZE_API_BASE, default https://api.coze.cn) and changes nothing there.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

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
	return errors.Join(
		unknownBot(ctx, client),
		wrongFile(ctx, client),
		tooSlow(ctx, client),
		missingField(ctx, client),
		missingToken(ctx),
	)
}

// unknownBot is refused by the server: an *Error with code, message and log id, and an explanation.
func unknownBot(ctx context.Context, client *coze.Client) error {
	fmt.Println("A bot that does not exist:")
	_, err := client.Bots.Get(ctx, "7400000000000000099", coze.RetrieveBotRequest{})
	switch {
	case errors.Is(err, coze.ErrNotFound):
		fmt.Println("  category: not found")
	case errors.Is(err, coze.ErrForbidden):
		fmt.Println("  category: forbidden") // the platform does not tell a stranger's bot from none
	default:
		return fmt.Errorf("unknown bot: got %w", err)
	}
	var refusal *coze.Error
	if !errors.As(err, &refusal) || refusal.LogID == "" {
		return fmt.Errorf("unknown bot: no log id in %w", err)
	}
	fmt.Printf("  server:   code %d, %s\n", refusal.Code, refusal.Message)
	fmt.Println("  log id:  ", refusal.LogID, "(quote it to the support of Coze)")
	why, _ := coze.Explain(err)
	fmt.Println("  meaning: ", why.Meaning)
	fmt.Println("  remedy:  ", why.Remedy)
	fmt.Println("  again?   ", refusal.Retryable())
	curl := coze.CurlOf(err)
	if !strings.Contains(curl, "/v1/bots/7400000000000000099") || !strings.Contains(curl, "$COZE_API_TOKEN") {
		return fmt.Errorf("unknown bot: curl is %q", curl)
	}
	fmt.Println("  to show: ", curl)
	return nil
}

// wrongFile is refused too. A code decides alone where a category is too coarse.
func wrongFile(ctx context.Context, client *coze.Client) error {
	_, err := client.Files.Upload(ctx, coze.UploadFileRequest{
		File: coze.Upload{Name: "poem.unknown", Reader: strings.NewReader("Shall I compare thee")},
	})
	var refusal *coze.Error
	if !errors.Is(err, coze.ErrBadRequest) || !errors.As(err, &refusal) {
		return fmt.Errorf("file of an unknown format: got %w", err)
	}
	fmt.Println("A file of an unknown format:")
	fmt.Println("  category: bad request")
	fmt.Println("  format?  ", refusal.Code == coze.CodeFileFormatUnsupported)
	fmt.Println("  in full: ", err)
	return nil
}

// tooSlow runs into a time limit: of one call here, of the client or of a context as well.
func tooSlow(ctx context.Context, client *coze.Client) error {
	_, err := client.Users.Me(ctx, coze.WithTimeout(time.Nanosecond))
	if !errors.Is(err, coze.ErrTimeout) || !errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("no time: got %w", err)
	}
	fmt.Println("A time limit:")
	fmt.Println("  in full: ", err)
	return nil
}

// missingField never reaches the server: the SDK knows what is required. It is no *Error, so there is nothing to explain.
func missingField(ctx context.Context, client *coze.Client) error {
	_, err := client.Bots.Create(ctx, coze.CreateBotRequest{Name: "Sonnet helper"})
	if _, refused := coze.Explain(err); err == nil || refused {
		return fmt.Errorf("bot without a workspace: got %w", err)
	}
	fmt.Println("A required field is missing:")
	fmt.Println("  in full: ", err)
	return nil
}

// missingToken does not reach the server either. NewClient allows it, because some calls, of OAuth, need no token.
func missingToken(ctx context.Context) error {
	client, err := coze.NewClient(coze.WithBaseURL(coze.BaseURLCN))
	if err != nil {
		return err
	}
	_, err = client.Users.Me(ctx)
	if err == nil {
		return errors.New("a call without a token succeeded")
	}
	fmt.Println("No token:")
	fmt.Println("  in full: ", err)
	return nil
}
