package cozetest_test

import (
	"bufio"
	"fmt"
	"net/http"
	"strings"

	"github.com/cozekit/cozekit/pkg/cozetest"
)

// A bot with a script, asked through memory. In a test, NewServer(t) takes the place of Start.
func Example() {
	srv, err := cozetest.Start("", cozetest.InMemory())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = srv.Close() }()
	srv.Bot("7400000000000000009", func(turn *cozetest.Turn) error {
		turn.Say("Oslo has " + turn.Question())
		turn.FollowUp("And tomorrow?")
		return nil
	})

	body := `{"bot_id":"7400000000000000009","user_id":"me","stream":true,
		"additional_messages":[{"role":"user","content":"rain","content_type":"text"}]}`
	req, err := http.NewRequest(http.MethodPost, srv.URL()+"/v3/chat", strings.NewReader(body))
	if err != nil {
		fmt.Println(err)
		return
	}
	req.Header.Set("Authorization", "Bearer "+srv.Token())
	req.Header.Set("Content-Type", "application/json")
	resp, err := srv.HTTPClient().Do(req)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = resp.Body.Close() }()
	for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
		if name, ok := strings.CutPrefix(lines.Text(), "event:"); ok {
			fmt.Println(name)
		}
	}
	// Output:
	// conversation.chat.created
	// conversation.chat.in_progress
	// conversation.message.delta
	// conversation.message.delta
	// conversation.message.delta
	// conversation.message.completed
	// conversation.message.completed
	// conversation.message.completed
	// conversation.chat.completed
	// done
}
