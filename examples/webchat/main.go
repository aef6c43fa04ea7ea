// Command webchat is a website with a chat: visitors talk to a bot and do not see each other.
//
//	go run ./examples/webchat -addr 127.0.0.1:8080
//
// Open the address that it prints. Without COZE_API_TOKEN a fake Coze server inside the program answers; with it the platform
// does, with the bot COZE_BOT_ID. Without -addr the program plays two visitors itself, and ends.
package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"time"

	"github.com/cozekit/cozekit/examples/internal/connect"
	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/cozekit/cozekit/pkg/coze/webchat"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	addr := flag.String("addr", "", "host and port to serve at until Ctrl-C")
	lang := flag.String("lang", "en", "language of the page, en or zh-CN")
	flag.Parse()
	if err := run(ctx, *addr, *lang); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, addr, lang string) error {
	client, closeServer, err := connect.Open()
	if err != nil {
		return err
	}
	defer closeServer()
	bot, err := connect.Bot()
	if err != nil {
		return err
	}
	site, err := newSite(client, bot, lang)
	if err != nil {
		return err
	}
	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", cmp.Or(addr, "127.0.0.1:0"))
	if err != nil {
		return err
	}
	web := &http.Server{Handler: site, ReadHeaderTimeout: 10 * time.Second}
	defer func() { _ = web.Close() }()
	go func() { _ = web.Serve(ln) }()
	home := "http://" + ln.Addr().String() + "/chat/"
	if addr != "" {
		fmt.Println("open", home)
		<-ctx.Done()
		return nil
	}
	if err := twoVisitors(ctx, home, bot); err != nil {
		return err
	}
	fmt.Println("see it with: go run ./examples/webchat -addr 127.0.0.1:8080")
	return nil
}

// newSite is the website. The chat is one handler; the other pages of a site of your own stand beside it.
func newSite(client *coze.Client, bot, lang string) (http.Handler, error) {
	chat, err := webchat.Handler(client, webchat.Config{
		ProxyConfig: webchat.ProxyConfig{
			Bots: []string{bot},
			// Give the cookies a key that outlives the process, or tell visitors by the login of your site.
			Visitor: webchat.CookieVisitor(webchat.CookieConfig{}),
			Inject: func(context.Context, string) (webchat.Injection, error) {
				return webchat.Injection{Variables: map[string]string{"website": "cozekit"}}, nil
			},
		},
		Page: webchat.Page{Title: "cozekit", Lang: lang, Attributes: map[string]string{"conversations": "", "feedback": ""}},
	})
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/chat/", http.StripPrefix("/chat", chat))
	mux.Handle("GET /{$}", http.RedirectHandler("/chat/", http.StatusFound))
	return mux, nil
}
