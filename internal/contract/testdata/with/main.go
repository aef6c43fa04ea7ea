// Command with is linked by TestLinker.
package main

import (
	"context"
	"fmt"

	"github.com/cozekit/cozekit/pkg/coze"
)

func main() {
	client, err := coze.NewClient(coze.FromEnv(), coze.WithContractCheck(func(coze.Drift) {}))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(client.Users.Me(context.Background()))
}
