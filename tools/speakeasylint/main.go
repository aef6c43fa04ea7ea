// Command speakeasylint checks api/openapi.yaml with the linter of Speakeasy and the rules that it recommends, and exits
// with 1 where it complains. What is wrong for this document is waived in the table below, each line with its reason.
//
//	go run ./speakeasylint ../api/openapi.yaml
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"regexp"

	"github.com/speakeasy-api/openapi/linter"
	"github.com/speakeasy-api/openapi/openapi"
	openapilinter "github.com/speakeasy-api/openapi/openapi/linter"
	"github.com/speakeasy-api/openapi/validation"
)

// waiver is a complaint that is not one here.
type waiver struct {
	rule   string
	match  *regexp.Regexp // of the text; nil for all
	reason string
}

var waived = []waiver{
	{"semantic-unused-component", nil, "payloads of streams and sockets are used by x-coze-streams and x-coze-sockets, which it does not " +
		"read; speclint's rule unused does"},
	{"owasp-no-credentials-in-url", regexp.MustCompile("`page_token`"), "it is a place in a list, no credential"},
}

func main() {
	log.SetFlags(0)
	log.SetPrefix("speakeasylint: ")
	if len(os.Args) != 2 {
		log.Fatal("name one document, such as ../api/openapi.yaml")
	}
	complaints, quiet, err := lint(context.Background(), os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	for _, c := range complaints {
		fmt.Println(c)
	}
	fmt.Printf("speakeasy, recommended rules: %d complaints, %d waived\n", len(complaints), quiet)
	if len(complaints) > 0 {
		os.Exit(1)
	}
}

// lint returns what the linter complains of, and how many complaints are waived.
func lint(ctx context.Context, name string) (complaints []string, quiet int, err error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, 0, err
	}
	defer file.Close()
	doc, invalid, err := openapi.Unmarshal(ctx, file)
	if err != nil {
		return nil, 0, fmt.Errorf("%s: %w", name, err)
	}
	config := linter.NewConfig()
	config.Extends = []string{"recommended"}
	l, err := openapilinter.NewLinter(config)
	if err != nil {
		return nil, 0, err
	}
	out, err := l.Lint(ctx, linter.NewDocumentInfo(doc, name), invalid, nil)
	if err != nil {
		return nil, 0, fmt.Errorf("%s: %w", name, err)
	}
	for _, r := range out.Results {
		if isWaived(r) {
			quiet++
		} else {
			complaints = append(complaints, name+": "+r.Error())
		}
	}
	return complaints, quiet, nil
}

func isWaived(complaint error) bool {
	var e *validation.Error
	if !errors.As(complaint, &e) {
		return false
	}
	for _, w := range waived {
		if w.rule == e.Rule && (w.match == nil || w.match.MatchString(e.Error())) {
			return true
		}
	}
	return false
}
