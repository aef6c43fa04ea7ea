package generate

import (
	"cmp"
	"maps"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
)

const (
	skipPointer = "x-go-type-skip-optional-pointer"
	orderKey    = "x-order"
	goType      = "x-go-type"
	goImport    = "x-go-type-import"
)

// applyPolicy decides, for the whole document, what optional fields look like in Go, so that the document needs no Go
// hints: nested objects are pointers; bools and numbers are pointers in requests, where false and 0 mean something, and
// values elsewhere; nullable fields are pointers; strings, lists and maps are values that are left out when empty.
// A field of any JSON is json.RawMessage in answers and any in requests. What sockets send (alsoSent) counts as a request.
// Fields keep the order of the document.
func applyPolicy(d *document, alsoSent []string) {
	p := policy{requests: reachable(d, append(requestSchemas(d), alsoSent...))}
	for _, name := range slices.Sorted(maps.Keys(d.Components.Schemas)) {
		p.object(d.Components.Schemas[name].Value, p.requests[name])
	}
}

type policy struct {
	requests map[string]bool // components that a request uses
}

func (p policy) object(s *openapi3.Schema, request bool) {
	for i, name := range propertiesInOrder(s) {
		f := s.Properties[name]
		setField(f, orderKey, float64(i+1))
		p.field(f, slices.Contains(s.Required, name), request)
	}
	if s.Items != nil && s.Items.Ref == "" {
		p.anyJSON(s.Items, request)
	}
}

func (p policy) field(f *openapi3.SchemaRef, required, request bool) {
	v := f.Value
	t := v.Type
	scalar := t.Includes("boolean") || t.Includes("integer") || t.Includes("number")
	switch {
	case v.Extensions[goType] == "json.RawMessage":
		setField(f, skipPointer, true)
	case t == nil && len(v.AllOf) == 0:
		p.anyJSON(f, request)
	case t.Includes("null"):
		setField(f, skipPointer, false)
	case required:
	case len(v.Properties) > 0, scalar && request:
		setField(f, skipPointer, false)
	}
}

func (p policy) anyJSON(f *openapi3.SchemaRef, request bool) {
	if f.Value.Type != nil || len(f.Value.AllOf) > 0 || request {
		return
	}
	setField(f, goType, "json.RawMessage")
	setField(f, goImport, map[string]any{"path": "encoding/json"})
	setField(f, skipPointer, true)
}

// setField sets a Go hint on a field unless the document has it already. A reference carries its own hints.
func setField(f *openapi3.SchemaRef, key string, value any) {
	target := &f.Extensions
	if f.Ref == "" {
		target = &f.Value.Extensions
	}
	if _, has := (*target)[key]; has {
		return
	}
	*target = maps.Clone(*target)
	if *target == nil {
		*target = map[string]any{}
	}
	(*target)[key] = value
}

// describe gives a field a description of its own, also beside a reference.
func describe(f *openapi3.SchemaRef, text string) {
	if f.Ref == "" {
		f.Value.Description = text
		return
	}
	s := *f.Value
	s.Description = text
	f.Value = &s
}

func propertiesInOrder(s *openapi3.Schema) []string {
	return slices.SortedFunc(maps.Keys(s.Properties), func(a, b string) int {
		fa, fb := s.Properties[a], s.Properties[b]
		return cmp.Or(cmp.Compare(orderOf(fa), orderOf(fb)), cmp.Compare(lineOf(fa), lineOf(fb)), cmp.Compare(a, b))
	})
}

// orderOf is negative for the parameters that buildRequest put before the body.
func orderOf(f *openapi3.SchemaRef) float64 {
	ext := f.Extensions
	if f.Ref == "" {
		ext = f.Value.Extensions
	}
	n, _ := ext[orderKey].(float64)
	return min(n, 0)
}

func lineOf(f *openapi3.SchemaRef) int {
	switch {
	case f.Origin != nil && f.Origin.Key != nil:
		return f.Origin.Key.Line
	case f.Ref == "" && f.Value.Origin != nil && f.Value.Origin.Key != nil:
		return f.Value.Origin.Key.Line
	}
	return 0
}
