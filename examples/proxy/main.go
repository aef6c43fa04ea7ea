// Command proxy puts a proxy in front of Coze, so that browsers and SDKs of any language can call some of it without a token of
// their own, and calls it.
//
//	go run ./examples/proxy
//	go run ./examples/proxy -addr 127.0.0.1:8080
//
// Without COZE_API_TOKEN a fake Coze server inside the program is behind the proxy; with it the platform is, and the bot
// COZE_BOT_ID. With -addr it goes on to serve until you press Ctrl-C: any SDK works with http://127.0.0.1:8080/api as its base
// URL, and the key that the program prints as its token.
package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"time"

	"github.com/cozekit/cozekit/examples/internal/connect"
	"github.com/cozekit/cozekit/pkg/coze"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	addr := flag.String("addr", "", "host and port to serve at until Ctrl-C")
	flag.Parse()
	if err := run(ctx, *addr); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, addr string) error {
	client, closeServer, err := connect.Open()
	if err != nil {
		return err
	}
	defer closeServer()
	bot, err := connect.Bot()
	if err != nil {
		return err
	}

	key := rand.Text() // in a program of your own: the sessions of your users
	proxy, err := coze.NewProxy(client, coze.ProxyConfig{
		Allow: []coze.ProxyRoute{coze.ProxyChat, coze.ProxyFiles, "RetrieveBot"},
		Authorize: func(r *http.Request) error {
			given := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
			if subtle.ConstantTimeCompare([]byte(given), []byte(key)) != 1 {
				return errors.New("the caller does not have the key")
			}
			return nil
		},
		MaxUpload: 10 << 20,
	})
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("/api/", http.StripPrefix("/api", proxy))

	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", cmp.Or(addr, "127.0.0.1:0"))
	if err != nil {
		return err
	}
	web := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	defer func() { _ = web.Close() }()
	go func() { _ = web.Serve(ln) }()

	baseURL := "http://" + ln.Addr().String() + "/api"
	if err := call(ctx, baseURL, key, bot); err != nil {
		return err
	}
	if addr != "" {
		fmt.Println("the base URL is", baseURL, "and the token", key)
		<-ctx.Done()
	}
	return nil
}

// call is what a program elsewhere does, which does not have the token.
func call(ctx context.Context, baseURL, key, bot string) error {
	client, err := coze.NewClient(coze.WithBaseURL(baseURL), coze.WithPlainHTTP(), coze.WithToken(key))
	if err != nil {
		return err
	}
	s, err := client.Chat.Stream(ctx, coze.CreateChatRequest{
		BotID: bot, UserID: "user-1", AdditionalMessages: []coze.EnterMessage{coze.UserMessage("Who is between us?")},
	})
	if err != nil {
		return err
	}
	fmt.Print("through the proxy, the bot says: ")
	for ev, err := range s.All() {
		if err != nil {
			return err
		}
		if ev.Type == coze.ChatEventMessageDelta {
			fmt.Print(ev.Message.Content)
		}
	}
	fmt.Println()

	_, err = client.Workspaces.List(ctx, coze.ListWorkspacesRequest{})
	if err := connect.Refused("what is not allowed", err, coze.ErrForbidden); err != nil {
		return err
	}
	stranger, err := coze.NewClient(coze.WithBaseURL(baseURL), coze.WithPlainHTTP(), coze.WithToken("another"))
	if err != nil {
		return err
	}
	_, err = stranger.Bots.Get(ctx, bot, coze.RetrieveBotRequest{})
	return connect.Refused("a stranger", err, coze.ErrUnauthorized)
}
