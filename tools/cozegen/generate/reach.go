package generate

import (
	"maps"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

const schemaPrefix = "#/components/schemas/"

// reachable returns the components that can be reached from the named ones, themselves included.
func reachable(d *document, from []string) map[string]bool {
	seen := map[string]bool{}
	var visit func(name string)
	visit = func(name string) {
		ref := d.Components.Schemas[name]
		if ref == nil || seen[name] {
			return
		}
		seen[name] = true
		for _, next := range references(&openapi3.SchemaRef{Value: ref.Value}) {
			visit(next)
		}
	}
	for _, name := range from {
		visit(name)
	}
	return seen
}

// references lists the components that a schema names.
func references(s *openapi3.SchemaRef) []string {
	if s == nil || s.Value == nil {
		return nil
	}
	if name, ok := strings.CutPrefix(s.Ref, schemaPrefix); ok {
		return []string{name}
	}
	var out []string
	for _, name := range slices.Sorted(maps.Keys(s.Value.Properties)) {
		out = append(out, references(s.Value.Properties[name])...)
	}
	out = append(out, references(s.Value.Items)...)
	out = append(out, references(s.Value.AdditionalProperties.Schema)...)
	for _, part := range s.Value.AllOf {
		out = append(out, references(part)...)
	}
	return out
}

func requestSchemas(d *document) []string {
	var out []string
	for _, o := range d.ops {
		out = append(out, o.requestName())
	}
	return out
}

// envelopeSchemas describe what the transport takes care of; they are no Go types unless a result uses them.
var envelopeSchemas = []string{"BaseResponse", "ResponseDetail", "ErrorReply"}

// pruneEnvelope removes the schemas of the envelope.
func pruneEnvelope(d *document, results []string) {
	used := reachable(d, results)
	for _, name := range envelopeSchemas {
		if !used[name] {
			delete(d.Components.Schemas, name)
		}
	}
}
