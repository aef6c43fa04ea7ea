package cozetest_test

import (
	"context"
	"fmt"

	"github.com/cozekit/cozekit/pkg/coze"
	cozevoice "github.com/cozekit/cozekit/pkg/coze/voice"
	"github.com/cozekit/cozekit/pkg/cozetest"
)

// A dialogue by voice, whose connection breaks at first. What the user says is up to the test.
func ExampleServer_Hear() {
	srv, err := cozetest.Start("", cozetest.InMemory(), cozetest.WithFaults(
		cozetest.Fault{Kind: cozetest.FaultDropSocket, Events: 2, Times: 1}))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = srv.Close() }()
	srv.Hear(func(pcm []byte) string { return fmt.Sprintf("%d ms of sound", len(pcm)/48) })

	client, err := coze.NewClient(coze.WithBaseURL(srv.URL()), coze.WithToken(srv.Token()), coze.WithHTTPClient(srv.HTTPClient()))
	if err != nil {
		fmt.Println(err)
		return
	}
	for range 2 {
		turn, err := talk(context.Background(), client)
		if err != nil {
			fmt.Println("the connection broke")
			continue
		}
		fmt.Println(turn.Heard, "/", turn.Text)
	}
	for _, e := range srv.SocketEvents() {
		if e.Session == 2 {
			fmt.Println(e.Type)
		}
	}
	// Output:
	// the connection broke
	// 500 ms of sound / You said: 500 ms of sound
	// input_audio_buffer.append
	// input_audio_buffer.complete
}

// talk says half a second of nothing, and waits for the answer.
func talk(ctx context.Context, client *coze.Client) (*cozevoice.Turn, error) {
	s, err := cozevoice.Chat(ctx, client, cozevoice.ChatRequest{BotID: cozetest.DefaultBotID})
	if err != nil {
		return nil, err
	}
	defer func() { _ = s.Close(ctx) }()
	if err := s.AppendAudio(ctx, make([]byte, 24000)); err != nil {
		return nil, err
	}
	if err := s.CompleteAudio(ctx); err != nil {
		return nil, err
	}
	return s.Turn(ctx)
}
