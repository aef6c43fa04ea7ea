// Command specdiff tells what a change of the document means for users: patch, minor or major; what breaks on the wire,
// what breaks at compile time, what behaves differently and what is new.
//
//	go run . [-base HEAD~1] [-format text|markdown|json] [-fail-on minor]
//	go run . -old before.yaml -new after.yaml
//
// The exit status is 0 for none and patch, 10 for minor, 20 for major, and 1 for an error; with -fail-on it is 0 below
// the given level. (go run turns every status into 1; build the program to see them.)
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"

	"github.com/cozekit/cozekit/tools/specdiff/verdict"
)

type options struct{ root, base, from, to, format, failOn string }

func main() {
	log.SetFlags(0)
	log.SetPrefix("specdiff: ")
	var o options
	flag.StringVar(&o.root, "root", "", "folder of the repository; by default the one that the current folder is in")
	flag.StringVar(&o.base, "base", "HEAD~1", "revision to compare the working tree with")
	flag.StringVar(&o.from, "old", "", "compare this document, with -new, instead of two states of the repository")
	flag.StringVar(&o.to, "new", "", "the document that replaces the old one")
	flag.StringVar(&o.format, "format", "text", "text, markdown (a comment of a pull request) or json")
	flag.StringVar(&o.failOn, "fail-on", "minor", "lowest level that is an exit status: minor, major or never")
	flag.Parse()
	status, err := run(os.Stdout, o)
	if err != nil {
		log.Fatal(err)
	}
	os.Exit(status)
}

// run writes the report and returns the exit status.
func run(w io.Writer, o options) (int, error) {
	write := verdict.Writers[o.format]
	lowest, err := lowestLevel(o.failOn)
	switch {
	case err != nil:
		return 0, err
	case write == nil:
		return 0, fmt.Errorf("there is no format %q", o.format)
	case (o.from == "") != (o.to == ""):
		return 0, errors.New("-old and -new go together")
	}
	if o.root == "" {
		if o.root, err = findRoot(); err != nil {
			return 0, err
		}
	}
	r, err := compare(o)
	if err != nil {
		return 0, err
	}
	if err := write(w, r); err != nil || r.Level < lowest {
		return 0, err
	}
	return r.Level.ExitStatus(), nil
}

func lowestLevel(failOn string) (verdict.Level, error) {
	if failOn == "never" {
		return verdict.Major + 1, nil
	}
	return verdict.ParseLevel(failOn)
}

func compare(o options) (*verdict.Report, error) {
	if o.from != "" {
		return verdict.Files(o.root, o.from, o.to)
	}
	return verdict.Revisions(context.Background(), o.root, o.base)
}

func findRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, filepath.FromSlash(verdict.DocumentPath))); err == nil {
			return dir, nil
		}
		if parent := filepath.Dir(dir); parent != dir {
			dir = parent
			continue
		}
		return "", fmt.Errorf("no folder above has %s; use -root", verdict.DocumentPath)
	}
}
