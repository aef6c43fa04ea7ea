// Command apidocs writes docs/api.html, a reference of the platform to browse without a network: every operation of the
// document with a Go call beside it, the events of streams and sockets, and the webhooks. With -browser it opens the page
// and fails where something does not appear, the page complains, or it tries to fetch anything.
//
//	go run ./apidocs -root .. -renderer npm/node_modules/redoc -out docs/api.html [-browser chromium]
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/cozekit/cozekit/tools/apidocs/reference"
)

type options struct{ root, renderer, out, browser string }

func main() {
	log.SetFlags(0)
	log.SetPrefix("apidocs: ")
	var o options
	flag.StringVar(&o.root, "root", "..", "folder of the repository")
	flag.StringVar(&o.renderer, "renderer", "npm/node_modules/redoc", "folder of the npm package redoc")
	flag.StringVar(&o.out, "out", "docs/api.html", "the page, below the root")
	flag.StringVar(&o.browser, "browser", "", "a Chromium that opens the page and checks it")
	flag.Parse()
	if err := run(o); err != nil {
		log.Fatal(err)
	}
}

func run(o options) error {
	p, err := reference.Make(o.root, o.renderer)
	if err != nil {
		return err
	}
	out := filepath.Join(o.root, o.out)
	if err := os.WriteFile(out, p.HTML, 0o644); err != nil {
		return err
	}
	fmt.Printf("%s: %d KB, %d operations, %d of them with a sample from examples/, %d events, %d webhooks\n",
		o.out, len(p.HTML)>>10, len(p.Operations), p.Examples, len(p.Events), len(p.Webhooks))
	if o.browser == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	start := time.Now()
	problems, err := p.Check(ctx, o.browser, out)
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		return fmt.Errorf("the page is not as it should be:\n%s", strings.Join(problems, "\n"))
	}
	fmt.Printf("%s: everything is drawn, nothing is fetched, no complaint (%.1f s)\n", o.out, time.Since(start).Seconds())
	return nil
}
