// Command coverage shows, service by service, how far the document, the catalogue of the official documentation, the
// methods of the client, the examples and the tests go together, and exits with 1 where something fell behind.
//
//	go run ./coverage -root .. [-write docs/coverage.md]
package main

import (
	"bytes"
	"flag"
	"log"
	"os"
	"path/filepath"

	"github.com/cozekit/cozekit/tools/coverage/cover"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("coverage: ")
	root := flag.String("root", "..", "folder of the repository")
	page := flag.String("write", "", "also write the report as Markdown to this file below the root")
	flag.Parse()
	r, err := cover.Make(*root)
	if err != nil {
		log.Fatal(err)
	}
	if err := r.WriteText(os.Stdout); err != nil {
		log.Fatal(err)
	}
	if *page != "" {
		if err := write(r, filepath.Join(*root, *page)); err != nil {
			log.Fatal(err)
		}
	}
	if n := len(r.Problems); n > 0 {
		log.Fatalf("%d things fell behind", n)
	}
}

func write(r *cover.Report, file string) error {
	var b bytes.Buffer
	if err := r.WriteMarkdown(&b); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return os.WriteFile(file, b.Bytes(), 0o644)
}
