// Command releasecheck looks whether the repository could be released: changelog, version constant and tags fit together,
// the version fits what changed for users, the module holds nothing but what they need, and the examples build outside of
// the repository with the module as it would be downloaded. It exits with 1 where something is not right.
//
//	go run ./releasecheck -root .. -specdiff ../.bin/specdiff [-base v0.1.0]
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/cozekit/cozekit/tools/releasecheck/release"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("releasecheck: ")
	var o release.Options
	flag.StringVar(&o.Root, "root", "..", "folder of the repository")
	flag.StringVar(&o.Base, "base", "", "revision to compare with; the newest tag by default")
	flag.StringVar(&o.SpecDiff, "specdiff", "../.bin/specdiff", "the program specdiff")
	flag.Parse()
	var err error
	for _, path := range []*string{&o.Root, &o.SpecDiff} {
		if *path == "" {
			continue
		}
		if *path, err = filepath.Abs(*path); err != nil {
			log.Fatal(err)
		}
	}
	r, err := release.Check(context.Background(), o)
	if err != nil {
		log.Fatal(err)
	}
	for _, n := range r.Notes {
		fmt.Println(n)
	}
	for _, p := range r.Problems {
		fmt.Fprintln(os.Stderr, "PROBLEM:", p)
	}
	if len(r.Problems) > 0 {
		log.Fatalf("%d problems", len(r.Problems))
	}
}
