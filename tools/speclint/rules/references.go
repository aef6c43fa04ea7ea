package rules

import (
	"context"
	"errors"
	"reflect"
	"regexp"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"gopkg.in/yaml.v3"
)

var documentRules = []Rule{
	{
		Name:   "openapi",
		Reason: "The document is valid OpenAPI 3.1; kin-openapi, which the fake server validates with, says so.",
		check:  checkOpenAPI,
	},
	{
		Name:   "reference",
		Reason: "A $ref that names nothing stops every tool, and most of them do not say where it stands.",
		check:  checkReferences,
	},
	{
		Name:    "unused",
		Reason:  "A schema that no operation, stream, webhook or socket reaches is no Go type that anybody meets.",
		Warning: true,
		check:   checkUnused,
	},
}

func checkOpenAPI(d *Document, report reporter) {
	if len(d.danglingReferences()) > 0 {
		return // the loader stops at the first one; reference reports all
	}
	if d.repeatedKeys(report) {
		return
	}
	loader := openapi3.NewLoader()
	loader.IncludeOrigin = true
	t, err := loader.LoadFromData(d.source)
	if err != nil {
		report(nil, "%s", firstLine(err))
		return
	}
	err = t.Validate(context.Background(), openapi3.DisableExamplesValidation(), openapi3.EnableMultiError())
	for _, e := range flatten(err) {
		if strings.Contains(e.Error(), "have the same operation id") {
			continue // operation-id says it too, at the right line and for webhooks
		}
		report(originOf(e), "%s", firstLine(e))
	}
}

// repeatedKeys reports keys that stand twice in a mapping; the loader finds them too, but not where.
func (d *Document) repeatedKeys(report reporter) bool {
	found := false
	everyNode(d.root, func(n *yaml.Node) {
		seen := map[string]bool{}
		for k := range fields(n) {
			if seen[k.Value] {
				report(k, "key %s stands twice", k.Value)
				found = true
			}
			seen[k.Value] = true
		}
	})
	return found
}

// flatten lists the errors inside a multi error.
func flatten(err error) []error {
	var several openapi3.MultiError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &several):
		var out []error
		for _, e := range several {
			out = append(out, flatten(e)...)
		}
		return out
	}
	return []error{err}
}

// originOf is where kin-openapi found an error, nil where it does not say. Many of its error types have a field Origin and
// no method for it; the innermost one is the closest.
func originOf(err error) *yaml.Node {
	var at *yaml.Node
	for ; err != nil; err = errors.Unwrap(err) {
		v := reflect.Indirect(reflect.ValueOf(err))
		if v.Kind() != reflect.Struct || !v.FieldByName("Origin").IsValid() {
			continue
		}
		if o, _ := v.FieldByName("Origin").Interface().(*openapi3.Origin); o != nil && o.Key != nil {
			at = &yaml.Node{Line: o.Key.Line, Column: o.Key.Column}
		}
	}
	return at
}

func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}

func (d *Document) danglingReferences() []*yaml.Node {
	var out []*yaml.Node
	everyNode(d.root, func(n *yaml.Node) {
		if ref := get(n, "$ref"); isString(ref) && d.target(ref.Value) == nil {
			out = append(out, ref)
		}
	})
	return out
}

func checkReferences(d *Document, report reporter) {
	for _, ref := range d.danglingReferences() {
		report(ref, "%s names nothing in this document", ref.Value)
	}
}

// compound is a name of two words or more: one that stands in a text by intention, as Message might not.
var compound = regexp.MustCompile(`\b[A-Z][a-z0-9]+[A-Z]\w+\b`)

// checkUnused takes for used what a $ref names and what a text names: the form of a JSON text inside a string has no
// other way.
func checkUnused(d *Document, report reporter) {
	used := map[string]bool{}
	var visit func(n *yaml.Node)
	use := func(ref string) {
		if !used[ref] {
			used[ref] = true
			visit(d.target(ref))
		}
	}
	visit = func(n *yaml.Node) {
		everyNode(n, func(n *yaml.Node) {
			if ref := get(n, "$ref"); ref != nil {
				use(ref.Value)
			}
			for _, name := range compound.FindAllString(text(n, "description"), -1) {
				use(schemaPrefix + name)
			}
		})
	}
	for k, v := range fields(d.root) {
		if k.Value != "components" {
			visit(v)
		}
	}
	for _, s := range d.sites {
		if s.kind == component && !used[schemaPrefix+s.name] {
			report(s.at, "nothing uses %s", s.name)
		}
	}
}
