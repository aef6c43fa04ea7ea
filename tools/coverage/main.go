// Command coverage shows, service by service, how far the document, the catalogue of the official documentation, the
// methods of the client, the examples and the tests go together, and exits with 1 where something fell behind.
//
//	go run ./coverage -root .. [-write docs/coverage.md] [-badge docs/coverage.svg]
package main

import (
	"bytes"
	"flag"
	"io"
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
	badge := flag.String("badge", "", "also draw the two numbers that count into this file below the root")
	flag.Parse()
	r, err := cover.Make(*root)
	if err != nil {
		log.Fatal(err)
	}
	if err := r.WriteText(os.Stdout); err != nil {
		log.Fatal(err)
	}
	for file, write := range map[string]func(io.Writer) error{*page: r.WriteMarkdown, *badge: r.WriteBadge} {
		if file == "" {
			continue
		}
		if err := writeFile(filepath.Join(*root, file), write); err != nil {
			log.Fatal(err)
		}
	}
	if n := len(r.Problems); n > 0 {
		log.Fatalf("%d things fell behind", n)
	}
}

func writeFile(name string, write func(io.Writer) error) error {
	var b bytes.Buffer
	if err := write(&b); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	return os.WriteFile(name, b.Bytes(), 0o644)
}
