// Command speclint checks api/openapi.yaml against the rules by which it is written, and exits with 1 where one is broken.
//
//	go run ./speclint [-format text|github|sarif] ../api/openapi.yaml
//	go run ./speclint -rules
package main

import (
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"strings"

	"github.com/cozekit/cozekit/tools/speclint/rules"
)

var writers = map[string]func(io.Writer, []rules.Finding) error{
	"text": rules.WriteText, "github": rules.WriteGitHub, "sarif": rules.WriteSARIF,
}

func main() {
	log.SetFlags(0)
	log.SetPrefix("speclint: ")
	format := flag.String("format", "text", "text, github (annotations) or sarif")
	explain := flag.Bool("rules", false, "list the rules and their reasons")
	flag.Parse()
	write := writers[*format]
	switch {
	case *explain:
		for _, r := range rules.All() {
			fmt.Printf("%-18s %s\n", r.Name, r.Reason)
		}
		return
	case write == nil:
		log.Fatalf("there is no format %q", *format)
	case flag.NArg() != 1:
		log.Fatal("name one document, such as ../api/openapi.yaml")
	}
	errors, err := check(flag.Arg(0), write)
	if err != nil {
		log.Fatal(err)
	}
	if errors > 0 {
		os.Exit(1)
	}
}

func check(file string, write func(io.Writer, []rules.Finding) error) (errors int, err error) {
	// The tools run in tools/, but people and GitHub look for the file from the root of the repository.
	name := filepath.ToSlash(file)
	for strings.HasPrefix(name, "../") {
		name = name[len("../"):]
	}
	d, err := rules.Load(file, name)
	if err != nil {
		return 0, err
	}
	findings := rules.Check(d)
	if err := write(os.Stdout, findings); err != nil {
		return 0, err
	}
	fmt.Fprintln(os.Stderr, rules.Summary(d, findings))
	errors, _ = rules.Count(findings)
	return errors, nil
}
