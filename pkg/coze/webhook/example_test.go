package webhook_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/cozekit/cozekit/pkg/coze/webhook"
	"github.com/cozekit/cozekit/pkg/cozetest"
)

// A channel answers at once that a bot is being reviewed. The fake server sends the event as the platform does.
func ExampleHandler() {
	h, err := webhook.Handler("the verify token", webhook.Handlers{
		BotPublished: func(_ context.Context, ev webhook.BotPublished) (webhook.Audit, error) {
			fmt.Println("published:", ev.Event.BotID)
			return webhook.Audit{Status: coze.AuditStatusReviewing}, nil
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	receiver := httptest.NewServer(h)
	defer receiver.Close()

	srv, err := cozetest.Start("127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	defer srv.Close()
	for range 2 { // the platform sends an event again if it is not sure
		d, err := srv.Deliver(context.Background(), cozetest.Webhook{
			URL: receiver.URL, VerifyToken: "the verify token", EventType: "bot.published", EventID: "event-1",
			Event: map[string]any{"bot_id_str": 7400000000000000001},
		})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s\n", d.Attempts[0].Body)
	}
	// Output:
	// published: 7400000000000000001
	// {"audit":{"audit_status":1}}
	// {"audit":{"audit_status":1}}
}

// A router of another kind checks and reads a delivery itself. It has to recognise repeats by the event id.
func ExampleVerify() {
	receive := func(r *http.Request) (webhook.Event, error) {
		body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
		if err != nil {
			return webhook.Event{}, err
		}
		if err := webhook.Verify("the verify token", r.Header, body, webhook.WithWindow(0)); err != nil {
			return webhook.Event{}, err
		}
		return webhook.Parse(body)
	}

	body := `{"header":{"event_type":"bot.deleted","event_id":"event-2"},"event":{"bot_id":7}}`
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set(webhook.HeaderTimestamp, "1749116452112")
	r.Header.Set(webhook.HeaderNonce, "n")
	r.Header.Set(webhook.HeaderSignature, webhook.Sign("the verify token", "1749116452112", "n", []byte(body)))
	ev, err := receive(r)
	if err != nil {
		log.Fatal(err)
	}
	var deleted webhook.BotDeleted
	if err := ev.As(&deleted); err != nil {
		log.Fatal(err)
	}
	fmt.Println(ev, deleted.Event.BotID)
	// Output: bot.deleted event-2 7
}
