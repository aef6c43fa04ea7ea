// Command wasm compiles package coze for browsers and serves a page in which it streams a chat, through a proxy that keeps the
// token.
//
//	go run ./examples/wasm -addr 127.0.0.1:8080
//
// It needs the go command, and is run inside this repository. Open the address that it prints. Without COZE_API_TOKEN a fake Coze
// server inside the program answers; with it the platform does, with the bot COZE_BOT_ID. Without -addr the program checks that
// everything is served, and ends.
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
	files, err := buildPage(ctx, bot)
	if err != nil {
		return err
	}
	proxy, err := coze.NewProxy(client, coze.ProxyConfig{
		Allow: []coze.ProxyRoute{"CreateChat"},
		// It serves this machine only. A website of your own asks who the visitor is; see package webchat.
		Authorize: func(*http.Request) error { return nil },
	})
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("/api/", http.StripPrefix("/api", proxy))
	mux.Handle("/", files)

	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", cmp.Or(addr, "127.0.0.1:0"))
	if err != nil {
		return err
	}
	web := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	defer func() { _ = web.Close() }()
	go func() { _ = web.Serve(ln) }()
	home := "http://" + ln.Addr().String() + "/"
	if addr != "" {
		fmt.Println("open", home)
		<-ctx.Done()
		return nil
	}
	if err := check(ctx, home, bot); err != nil {
		return err
	}
	fmt.Println("see it with: go run ./examples/wasm -addr 127.0.0.1:8080")
	return nil
}
