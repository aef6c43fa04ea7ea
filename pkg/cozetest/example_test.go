package cozetest_test

import (
	"bufio"
	"fmt"
	"io"
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

// The gateway fails twice before it lets a request through, and a chat is done although its answer is lost.
func ExampleServer_SetFaults() {
	srv, err := cozetest.Start("", cozetest.InMemory())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = srv.Close() }()
	err = srv.SetFaults(
		cozetest.Fault{Kind: cozetest.FaultGateway, Times: 2},
		cozetest.Fault{Kind: cozetest.FaultTruncatedBody, Operations: []string{"CreateConversation"}},
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	for range 3 {
		req, err := http.NewRequest(http.MethodPost, srv.URL()+"/v1/conversation/create", strings.NewReader(`{}`))
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
		_, err = io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		fmt.Println(resp.StatusCode, err)
	}
	for _, f := range srv.Faults() {
		fmt.Println(f.Fault.Kind, f.Fault.Work, f.Happened)
	}
	// Output:
	// 502 <nil>
	// 502 <nil>
	// 200 unexpected EOF
	// gateway skipped 2
	// truncated-body done 1
}
