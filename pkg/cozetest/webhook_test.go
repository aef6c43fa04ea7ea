package cozetest_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/cozekit/cozekit/pkg/coze/webhook"
	"github.com/cozekit/cozekit/pkg/cozetest"
)

// callbacks is a receiver whose verify token is known only after its app was made.
type callbacks struct{ handler atomic.Pointer[http.Handler] }

func (c *callbacks) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	(*c.handler.Load()).ServeHTTP(w, r)
}

func (c *callbacks) set(h http.Handler) { c.handler.Store(&h) }

// TestCallbacks: a new callback URL is challenged, and bots that are published and withdrawn are told to the apps that asked, signed with
// their tokens.
func TestCallbacks(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t)
	client, err := coze.NewClient(coze.WithBaseURL(srv.URL()), coze.WithToken(srv.Token()))
	if err != nil {
		t.Fatal(err)
	}
	published, unpublished := make(chan webhook.BotPublished, 9), make(chan webhook.BotUnpublished, 9)
	for _, kind := range []coze.APIAppType{coze.APIAppTypeNormal, coze.APIAppTypeConnector} {
		req := coze.CreateAPIAppRequest{AppType: kind, Name: "receiver"}
		if kind == coze.APIAppTypeConnector {
			req = coze.CreateAPIAppRequest{AppType: kind, ConnectorID: "10001"}
		}
		app, err := client.APIApps.Create(t.Context(), req)
		if err != nil {
			t.Fatal(err)
		}
		h, err := webhook.Handler(app.VerifyToken, webhook.Handlers{
			BotPublished: func(_ context.Context, ev webhook.BotPublished) (webhook.Audit, error) {
				published <- ev
				return webhook.Audit{Status: coze.AuditStatusApproved}, nil
			},
			BotUnpublished: func(_ context.Context, ev webhook.BotUnpublished) error { unpublished <- ev; return nil },
		}, webhook.WithOnError(func(_ *http.Request, err error) { t.Error(err) }))
		if err != nil {
			t.Fatal(err)
		}
		var c callbacks
		c.set(h)
		receiver := httptest.NewServer(&c)
		t.Cleanup(receiver.Close)
		if err := client.APIApps.Update(t.Context(), app.ID, coze.UpdateAPIAppRequest{CallbackURL: receiver.URL}); err != nil {
			t.Fatal(err)
		}
		types := []coze.APIAppEventType{coze.APIAppEventTypeBotPublished, coze.APIAppEventTypeBotUnpublished}
		if err := client.APIApps.Events.Subscribe(t.Context(), app.ID, coze.SubscribeAPIAppEventsRequest{EventTypes: types}); err != nil {
			t.Fatal(err)
		}
	}
	version, err := client.Bots.Publish(t.Context(), coze.PublishBotRequest{BotID: cozetest.DefaultBotID, ConnectorIDs: []string{"1024", "10001"}})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		ev := <-published
		if ev.Event.BotID != cozetest.DefaultBotID || ev.Event.Version != version.Version || (ev.Header.ConnectorID == "") == (ev.Event.SpaceID == "") {
			t.Errorf("%+v", ev)
		}
	}
	if err := client.Bots.Unpublish(t.Context(), cozetest.DefaultBotID, coze.UnpublishBotRequest{ConnectorID: "1024"}); err != nil {
		t.Fatal(err)
	}
	if ev := <-unpublished; ev.Event.ConnectorID != "1024" || ev.Header.ConnectorID != "" {
		t.Errorf("%+v", ev) // the app of the channel 10001 is not told of another one
	}
}

// A URL that does not answer the challenge with its text is not taken.
func TestChallengeFails(t *testing.T) {
	t.Parallel()
	c := newClient(t, cozetest.NewServer(t))
	app := c.ok("POST", "/v1/api_apps", obj{"app_type": "normal", "name": "app"}).str("id")
	for name, h := range map[string]http.HandlerFunc{
		"refuses":      func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) },
		"another text": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"challenge":"x"}`)) },
		"top level":    func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`ok`)) },
	} {
		receiver := httptest.NewServer(h)
		t.Cleanup(receiver.Close)
		c.refused("PUT", "/v1/api_apps/"+app, obj{"callback_url": receiver.URL}, 4000)
		if got := field(t, c.ok("GET", "/v1/api_apps?page_size=1", nil).Data["items"], "callback_url"); strings.Contains(got, "http") {
			t.Errorf("%s: the URL was taken: %s", name, got)
		}
	}
}

// Deliver sends an event again until it is answered with 200, with the same id.
func TestDeliver(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t)
	for _, tt := range []struct {
		name  string
		fails int // deliveries that fail
		tries int
	}{{"at once", 0, 1}, {"at last", 2, 3}, {"never", 9, 3}} {
		var calls atomic.Int32
		h, err := webhook.Handler("token", webhook.Handlers{Other: func(_ context.Context, ev webhook.Event) error {
			if ev.Header.EventType != "bot.renamed" || ev.Header.CreatedAt.Time().Unix() != 1_700_000_000 {
				t.Errorf("%+v", ev.Header)
			}
			if calls.Add(1) <= int32(tt.fails) {
				return context.DeadlineExceeded
			}
			return nil
		}}, webhook.WithWindow(0))
		if err != nil {
			t.Fatal(err)
		}
		receiver := httptest.NewServer(h)
		t.Cleanup(receiver.Close)
		d, err := srv.Deliver(t.Context(), cozetest.Webhook{
			URL: receiver.URL, VerifyToken: "token", EventType: "bot.renamed", CreatedAt: time.Unix(1_700_000_000, 0),
			Event: map[string]any{"bot_id": 7},
		})
		if (err != nil) != (tt.fails > 3) || len(d.Attempts) != tt.tries || d.EventID == "" {
			t.Errorf("%s: %+v, %v", tt.name, d, err)
		}
	}
}

// Deliver waits as long as the platform does: not for ever, and longer for bot.published.
func TestDeliverWaits(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t)
	var calls atomic.Int32
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if calls.Add(1) == 1 {
			<-r.Context().Done() // the platform gives up
			return
		}
		if strings.HasSuffix(r.URL.Path, "/published") {
			time.Sleep(3500 * time.Millisecond)
		}
		w.WriteHeader(http.StatusOK)
	}))
	defer receiver.Close()
	start := time.Now()
	d, err := srv.Deliver(t.Context(), cozetest.Webhook{URL: receiver.URL, VerifyToken: "token", EventType: "bot.deleted"})
	if err != nil || len(d.Attempts) != 2 || !errors.Is(d.Attempts[0].Err, context.DeadlineExceeded) || time.Since(start) < 3*time.Second {
		t.Errorf("nobody answers at first: %+v, %v, after %s", d, err, time.Since(start))
	}
	d, err = srv.Deliver(t.Context(), cozetest.Webhook{URL: receiver.URL + "/published", VerifyToken: "token", EventType: "bot.published"})
	if err != nil || len(d.Attempts) != 1 {
		t.Errorf("a slow answer to bot.published: %+v, %v", d, err)
	}
}

func TestDeliverCannot(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t)
	closed := httptest.NewServer(nil)
	closed.Close()
	d, err := srv.Deliver(t.Context(), cozetest.Webhook{URL: closed.URL, EventType: "bot.deleted"})
	if err == nil || len(d.Attempts) != 3 || d.Attempts[0].Err == nil {
		t.Errorf("nobody listens: %+v, %v", d, err)
	}
	if _, err := srv.Deliver(t.Context(), cozetest.Webhook{URL: closed.URL, Event: func() {}}); err == nil {
		t.Error("an event that is no JSON was sent")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := srv.Deliver(ctx, cozetest.Webhook{URL: closed.URL}); err == nil {
		t.Error("sent without a context")
	}
}
