// Command variables sets and reads a variable that a bot keeps for each of its users.
//
//	go run ./examples/variables
//
// Without a token it talks to a fake Coze server inside the program. With COZE_API_TOKEN it talks to the platform
// (COZE_API_BASE, default https://api.coze.cn): COZE_BOT_ID is a bot, and COZE_VARIABLE the name of one of its variables,
// which must exist and be enabled. It is set for a user called example-user.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/cozekit/cozekit/examples/internal/connect"
	"github.com/cozekit/cozekit/pkg/coze"
)

const user = "example-user" // the UserID of your chats

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	bot, err := connect.Bot()
	if err != nil {
		return err
	}
	name, err := connect.ID("COZE_VARIABLE", "the name of a variable of the bot", "favourite_poem")
	if err != nil {
		return err
	}
	client, closeServer, err := connect.Open()
	if err != nil {
		return err
	}
	defer closeServer()

	value := "Sonnet 18, " + time.Now().Format(time.TimeOnly)
	err = client.Variables.Update(ctx, coze.UpdateVariablesRequest{
		BotID:        bot, // or AppID: exactly one of the two
		ConnectorUID: user,
		Data:         []coze.VariableValue{{Keyword: name, Value: value}},
	})
	if err != nil {
		return err
	}
	fmt.Printf("set:  %s = %s\n", name, value)

	// Without Keywords all variables come. Names that do not exist are left out without notice.
	got, err := client.Variables.Get(ctx, coze.RetrieveVariablesRequest{BotID: bot, ConnectorUID: user, Keywords: []string{name}})
	if err != nil {
		return err
	}
	for _, v := range got.Items {
		if v.Keyword != name {
			continue
		}
		if v.Value != value {
			return fmt.Errorf("%s is %q, not %q", name, v.Value, value)
		}
		fmt.Printf("read: %s = %s, set at %s\n", v.Keyword, v.Value, v.UpdateTime.Time().Format(time.DateTime))
		return nil
	}
	return fmt.Errorf("the answer has no variable %s", name)
}
