// Command callbacks-admin manages callback apps, which get the events of an account: create one, find it, subscribe it to
// events, list those, unsubscribe, delete.
//
//	go run ./examples/callbacks-admin
//
// Without a token it talks to a fake Coze server inside the program. With COZE_API_TOKEN it talks to the platform
// (COZE_API_BASE, default https://api.coze.cn), where the token must be one of the owner of a personal workspace or of an
// administrator of an enterprise. The app is deleted at the end.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/cozekit/cozekit/examples/internal/connect"
	"github.com/cozekit/cozekit/pkg/coze"
)

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) (err error) {
	client, closeServer, err := connect.Open()
	if err != nil {
		return err
	}
	defer closeServer()

	app, err := client.APIApps.Create(ctx, coze.CreateAPIAppRequest{AppType: coze.APIAppTypeNormal, Name: "Example"})
	if err != nil {
		return err
	}
	fmt.Println("created:     ", app.ID, app.Name)
	defer func() { err = errors.Join(err, remove(ctx, client, app.ID)) }()

	// The next step of a real program is Update with CallbackURL. The platform tries the URL at once, so that a server must
	// listen there; keep app.VerifyToken, which it needs to check who sends.

	listed, err := hasApp(ctx, client, app.ID)
	if err != nil {
		return err
	}
	if !listed {
		return fmt.Errorf("the list has no app %s", app.ID)
	}
	fmt.Println("listed:      ", app.ID)
	return subscribe(ctx, client, app.ID)
}

// subscribe subscribes an app to two events and then drops one of them.
func subscribe(ctx context.Context, client *coze.Client, app string) error {
	types := []coze.APIAppEventType{coze.APIAppEventTypeBotPublished, coze.APIAppEventTypeBotUnpublished}
	err := client.APIApps.Events.Subscribe(ctx, app, coze.SubscribeAPIAppEventsRequest{EventTypes: types})
	if err != nil {
		return err
	}
	if err := expectEvents(ctx, client, app, types...); err != nil {
		return err
	}
	err = client.APIApps.Events.Unsubscribe(ctx, app, coze.UnsubscribeAPIAppEventsRequest{EventTypes: types[1:]})
	if err != nil {
		return err
	}
	return expectEvents(ctx, client, app, types[0])
}

// expectEvents fails unless these are the events that an app is subscribed to.
func expectEvents(ctx context.Context, client *coze.Client, app string, want ...coze.APIAppEventType) error {
	got := map[coze.APIAppEventType]bool{}
	for event, err := range client.APIApps.Events.All(ctx, app, coze.ListAPIAppEventsRequest{}) {
		if err != nil {
			return err
		}
		got[event.EventType] = true
	}
	for _, t := range want {
		if !got[t] {
			return fmt.Errorf("app %s is not subscribed to %s", app, t)
		}
	}
	if len(got) != len(want) {
		return fmt.Errorf("app %s is subscribed to %d events, not %d", app, len(got), len(want))
	}
	fmt.Println("subscribed:  ", want)
	return nil
}

// remove deletes an app and makes sure that it is gone.
func remove(ctx context.Context, client *coze.Client, app string) error {
	if err := client.APIApps.Delete(ctx, app); err != nil {
		return err
	}
	listed, err := hasApp(ctx, client, app)
	if err != nil {
		return err
	}
	if listed {
		return fmt.Errorf("the list still has the deleted app %s", app)
	}
	fmt.Println("deleted:     ", app)
	return nil
}

func hasApp(ctx context.Context, client *coze.Client, id string) (bool, error) {
	for app, err := range client.APIApps.All(ctx, coze.ListAPIAppsRequest{}) {
		if err != nil {
			return false, err
		}
		if app.ID == id {
			return true, nil
		}
	}
	return false, nil
}
