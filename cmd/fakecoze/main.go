// Command fakecoze serves the fake Coze platform of package cozetest to curl, browsers and SDKs of other languages.
//
//	fakecoze -addr 127.0.0.1:8089 -script bots.yaml -tls
//
// It prints its address, the token it accepts and a curl line that streams a chat, and serves until it is interrupted. /_fake/ below
// its address shows what it does and lets it misbehave; docs/testing.md describes that, and the form of scripts.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
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
	f, err := parseFlags(args, stderr)
	if err != nil {
		return err
	}
	s, err := start(ctx, f, stderr)
	if err != nil {
		return err
	}
	s.greet(stdout)
	<-ctx.Done()
	return s.close()
}
