package recording_test

import (
	"context"
	"fmt"
	"net/http"
	"os"

	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/cozekit/cozekit/pkg/cozetest"
	"github.com/cozekit/cozekit/pkg/cozetest/recording"
)

// A chat with the fake server stands for a real one: it is recorded, and then replayed after the server has gone.
func Example() {
	dir, err := os.MkdirTemp("", "session")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	ask := func(baseURL, token string, transport http.RoundTripper) string {
		client, err := coze.NewClient(coze.WithBaseURL(baseURL), coze.WithToken(token), coze.WithHTTPClient(&http.Client{Transport: transport}))
		if err != nil {
			panic(err)
		}
		result, err := client.Chat.Complete(context.Background(), coze.CreateChatRequest{
			BotID: cozetest.DefaultBotID, UserID: "user-1", AdditionalMessages: []coze.EnterMessage{coze.UserMessage("Hello")},
		})
		if err != nil {
			panic(err)
		}
		return result.Answer()
	}

	srv, err := cozetest.Start("127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	recorder, err := recording.NewRecorder(dir, nil)
	if err != nil {
		panic(err)
	}
	recorded := ask(srv.URL(), srv.Token(), recorder)
	if err := recorder.Close(); err != nil {
		panic(err)
	}
	_ = srv.Close()

	replayer, err := recording.NewReplayer(dir, recording.ReplayOptions{})
	if err != nil {
		panic(err)
	}
	replayed := ask(coze.BaseURLCN, "any", replayer) // nothing is sent to that server

	fmt.Println(replayed != "" && replayed == recorded, replayer.Unused())
	// Output: true []
}
