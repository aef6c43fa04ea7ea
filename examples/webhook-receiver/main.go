// Command webhook-receiver is a web server that gets the callbacks of Coze: it answers the challenge, checks signatures, and handles
// each event once.
//
//	go run ./examples/webhook-receiver
//
// Without COZE_VERIFY_TOKEN it makes a callback app on a fake Coze server inside the program, publishes a bot there, prints what comes
// in, and ends. With it, the verify token of a callback app, it listens at COZE_CALLBACK_ADDR (127.0.0.1:8080) until you
// press Ctrl-C: put a server with TLS in front of it and give its URL to the app (see callbacks-admin).
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"time"

	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/cozekit/cozekit/pkg/coze/webhook"
	"github.com/cozekit/cozekit/pkg/cozetest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	run := demonstrate
	if token := os.Getenv("COZE_VERIFY_TOKEN"); token != "" {
		run = func(ctx context.Context) error { return serve(ctx, token) }
	}
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// receiver handles events by printing them. A real one puts work that takes longer than a second or two into a queue.
func receiver(verifyToken string, seen chan<- string) (http.Handler, error) {
	note := func(format string, a ...any) {
		select {
		case seen <- fmt.Sprintf(format, a...):
		default: // nobody looks
		}
	}
	return webhook.Handler(verifyToken, webhook.Handlers{
		BotPublished: func(_ context.Context, ev webhook.BotPublished) (webhook.Audit, error) {
			note("%s published version %s of bot %s", ev.Event.UserName, ev.Event.Version, ev.Event.BotID)
			return webhook.Audit{Status: coze.AuditStatusApproved}, nil // counts for channels; others ignore it
		},
		BenefitUsage: func(_ context.Context, ev webhook.BenefitUsage) error {
			note("charge %s: %s", ev.Event.ID, ev.Event.ChangeBalance)
			return nil
		},
		Other: func(_ context.Context, ev webhook.Event) error {
			note("%s", ev)
			return nil
		},
	}, webhook.WithOnError(func(r *http.Request, err error) {
		slog.Warn("callback refused", "from", r.RemoteAddr, "error", err)
	}))
}

func serve(ctx context.Context, verifyToken string) error {
	seen := make(chan string, 16)
	h, err := receiver(verifyToken, seen)
	if err != nil {
		return err
	}
	addr := cmp.Or(os.Getenv("COZE_CALLBACK_ADDR"), "127.0.0.1:8080")
	web, _, err := listen(ctx, addr, h)
	if err != nil {
		return err
	}
	fmt.Println("listening on", addr)
	for {
		select {
		case text := <-seen:
			fmt.Println(text)
		case <-ctx.Done():
			return web.Shutdown(context.WithoutCancel(ctx))
		}
	}
}

// listen serves h on addr, and returns the address that it has got.
func listen(ctx context.Context, addr string, h http.Handler) (*http.Server, string, error) {
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, "", err
	}
	web := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = web.Serve(ln) }()
	return web, ln.Addr().String(), nil
}

// demonstrate is the whole life of a callback app, on a fake server.
func demonstrate(ctx context.Context) (err error) {
	fmt.Fprintln(os.Stderr, "COZE_VERIFY_TOKEN is not set: a fake Coze server sends the events")
	srv, err := cozetest.Start("127.0.0.1:0")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, srv.Close()) }()
	client, err := coze.NewClient(coze.WithBaseURL(srv.URL()), coze.WithToken(srv.Token()))
	if err != nil {
		return err
	}
	app, err := client.APIApps.Create(ctx, coze.CreateAPIAppRequest{AppType: coze.APIAppTypeNormal, Name: "Example"})
	if err != nil {
		return err
	}
	seen := make(chan string, 16)
	h, err := receiver(app.VerifyToken, seen)
	if err != nil {
		return err
	}
	web, addr, err := listen(ctx, "127.0.0.1:0", h)
	if err != nil {
		return err
	}
	defer func() { _ = web.Close() }()

	url := "http://" + addr + "/callback"
	if err := client.APIApps.Update(ctx, app.ID, coze.UpdateAPIAppRequest{CallbackURL: url}); err != nil {
		return err
	}
	fmt.Println("the challenge was answered")
	types := []coze.APIAppEventType{coze.APIAppEventTypeBotPublished}
	if err := client.APIApps.Events.Subscribe(ctx, app.ID, coze.SubscribeAPIAppEventsRequest{EventTypes: types}); err != nil {
		return err
	}
	publish := coze.PublishBotRequest{BotID: cozetest.DefaultBotID, ConnectorIDs: []string{"1024"}} // to the API
	if _, err := client.Bots.Publish(ctx, publish); err != nil {
		return err
	}
	select {
	case text := <-seen:
		fmt.Println(text)
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
