// Command driftpatch turns a log of coze.DriftLog into a patch of api/openapi.yaml for review.
//
//	go run ./driftpatch [-write] [-spec ../api/openapi.yaml] drift.jsonl
//
// The patch goes to standard output as a unified diff, or with -write into the document; what was done, and what a person has to
// do, goes to standard error. A log named - is read from standard input.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/cozekit/cozekit/tools/driftpatch/patch"
)

func main() {
	err := run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, "driftpatch:", err)
		os.Exit(1)
	}
}

func run(args []string, stdin io.Reader, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("driftpatch", flag.ContinueOnError)
	flags.SetOutput(stderr)
	write := flags.Bool("write", false, "change the document in place of printing the patch")
	spec := flags.String("spec", "../api/openapi.yaml", "the document")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() != 1 {
		return errors.New("name one log of drifts, or - for standard input")
	}
	log, err := readFile(flags.Arg(0), stdin)
	if err != nil {
		return err
	}
	drifts, err := patch.ReadLog(bytes.NewReader(log))
	if err != nil {
		return err
	}
	before, err := os.ReadFile(*spec)
	if err != nil {
		return err
	}
	codes, err := os.ReadFile(filepath.Join(filepath.Dir(*spec), "errors.yaml"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	result, err := patch.Apply(before, drifts)
	if err != nil {
		return err
	}
	if err := result.CheckRules(before, codes); err != nil {
		return err
	}
	if *write {
		err = os.WriteFile(*spec, result.Source, 0o644) //nolint:gosec // a file of the repository
	} else {
		err = patch.WriteDiff(stdout, "api/openapi.yaml", before, result.Source)
	}
	if err != nil {
		return err
	}
	return result.WriteReport(stderr)
}

func readFile(name string, stdin io.Reader) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(stdin)
	}
	return os.ReadFile(name)
}
