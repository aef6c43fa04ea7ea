// Command dependencies writes the list of the modules that the packages of this repository compile, with versions and licences,
// into docs/dependencies.md, or with -check tells whether the list there is up to date.
//
//	go run ./dependencies -root .. [-check]
package main

import (
	"bytes"
	"context"
	"flag"
	"log"
	"os"
	"path/filepath"

	"github.com/cozekit/cozekit/tools/dependencies/inventory"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("dependencies: ")
	root := flag.String("root", "..", "folder of the repository")
	check := flag.Bool("check", false, "only compare")
	flag.Parse()
	modules, err := inventory.Read(context.Background(), *root)
	if err != nil {
		log.Fatal(err)
	}
	file := filepath.Join(*root, "docs", "dependencies.md")
	old, err := os.ReadFile(file)
	if err != nil {
		log.Fatal(err)
	}
	page, err := inventory.Insert(old, modules)
	if err != nil {
		log.Fatalf("%s: %v", file, err)
	}
	switch {
	case bytes.Equal(old, page):
		log.Printf("%d modules, all in the list", len(modules))
	case *check:
		log.Fatalf("%s is out of date; run: go -C tools run ./dependencies", file)
	default:
		if err := os.WriteFile(file, page, 0o644); err != nil {
			log.Fatal(err)
		}
	}
}
