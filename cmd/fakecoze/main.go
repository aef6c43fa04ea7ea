// Command fakecoze serves the fake Coze platform of package cozetest to curl, browsers and SDKs of other languages.
//
//	fakecoze -addr 127.0.0.1:8089
//
// It prints its address, the token it accepts and a curl line that streams a chat, and serves until it is interrupted.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/cozekit/cozekit/pkg/cozetest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, "fakecoze:", err)
		os.Exit(1)
	}
}

// run serves until ctx ends.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("fakecoze", flag.ContinueOnError)
	flags.SetOutput(stderr)
	addr := flags.String("addr", "127.0.0.1:8089", "host and port to listen on; port 0 picks a free one")
	token := flags.String("token", "", "bearer token to accept (default: made from the seed, and printed)")
	seed := flags.Uint64("seed", 0, "seed of ids and sample values")
	pause := flags.Duration("delta-pause", 40*time.Millisecond, "pause between the pieces of an answer")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	logger := slog.New(slog.NewTextHandler(stderr, nil))
	opts := []cozetest.Option{
		cozetest.WithSeed(*seed), cozetest.WithDeltaPause(*pause), cozetest.WithLogger(logger), cozetest.AllowNullFields(),
	}
	if *token != "" {
		opts = append(opts, cozetest.WithToken(*token))
	}
	srv, err := cozetest.Start(*addr, opts...)
	if err != nil {
		return err
	}
	greet(stdout, srv)
	<-ctx.Done()
	return srv.Close()
}

// greet prints how to reach the server.
func greet(w io.Writer, srv *cozetest.Server) {
	_, _ = fmt.Fprintf(w, `url:   %s
token: %s
try:
curl -N %s/v3/chat -H 'Authorization: Bearer %s' -H 'Content-Type: application/json' -d '{"bot_id":"%s","user_id":"me",`+
		`"stream":true,"additional_messages":[{"role":"user","content":"Hello, who are you?","content_type":"text"}]}'
`, srv.URL(), srv.Token(), srv.URL(), srv.Token(), cozetest.DefaultBotID)
}
