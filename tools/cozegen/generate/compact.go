package generate

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// compact is where the document of the repository stands in that form.
const compact = "api/openapi.gen.json"

// Compact is the document at spec as JSON for programs that check and serve by it: everything that has a meaning for them, $ref
// included, and nothing that only people and code generators read. Paths, schemas and the like have a line each, in the order of
// their names, so that a change of the document is a small change of this too.
func Compact(spec string) ([]byte, error) {
	text, err := os.ReadFile(spec)
	if err != nil {
		return nil, err
	}
	var doc map[string]any
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return nil, fmt.Errorf("%s: %w", spec, err)
	}
	var b strings.Builder
	if err := writeLines(&b, compactKeywords(doc), 3); err != nil {
		return nil, fmt.Errorf("%s: %w", spec, err)
	}
	b.WriteByte('\n')
	return []byte(b.String()), nil
}

// prose are the keywords that say nothing to a machine.
var prose = []string{
	"description", "summary", "title", "externalDocs", "docs", "docs_events", "x-enum-varnames", "x-go-type", "x-go-type-import",
}

// verbatim are the keywords whose values are data.
var verbatim = []string{"const", "default", "enum", "example", "examples", "required"}

// named are the keywords whose values are maps from names, which can be any word: below them no key is a keyword.
var named = []string{
	"aliases", "callbacks", "client", "content", "events", "headers", "mapping", "paths", "patternProperties", "properties", "responses",
	"schemas", "securitySchemes", "requestBodies", "server", "webhooks", "x-coze-sockets", "x-coze-streams",
}

// compactKeywords leaves the prose out of an object of the document.
func compactKeywords(object map[string]any) map[string]any {
	out := map[string]any{}
	for key, v := range object {
		names, isMap := v.(map[string]any)
		switch {
		case key == "info": // must be there, with its title
			out[key] = map[string]any{"title": names["title"], "version": names["version"]}
		case slices.Contains(verbatim, key):
			out[key] = v
		case slices.Contains(prose, key):
		case key == "responses" && isMap:
			out[key] = describedResponses(compactNamed(names))
		case isMap && (slices.Contains(named, key) || key == "parameters"):
			out[key] = compactNamed(names)
		default:
			out[key] = compactValue(v)
		}
	}
	return out
}

func compactValue(v any) any {
	switch v := v.(type) {
	case map[string]any:
		return compactKeywords(v)
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = compactValue(e)
		}
		return out
	default:
		return v
	}
}

func compactNamed(names map[string]any) map[string]any {
	out := map[string]any{}
	for name, v := range names {
		out[name] = compactValue(v)
	}
	return out
}

// describedResponses gives responses an empty description, without which the document would not be valid.
func describedResponses(responses map[string]any) map[string]any {
	for _, v := range responses {
		if r, ok := v.(map[string]any); ok && r["$ref"] == nil {
			r["description"] = ""
		}
	}
	return responses
}

// writeLines writes JSON in which each entry of the outer maps has a line.
func writeLines(b *strings.Builder, v any, levels int) error {
	m, ok := v.(map[string]any)
	if levels == 0 || !ok || len(m) == 0 {
		text, err := json.Marshal(v)
		b.Write(text)
		return err
	}
	open := "{\n"
	for _, key := range slices.Sorted(maps.Keys(m)) {
		name, err := json.Marshal(key)
		if err != nil {
			return err
		}
		fmt.Fprintf(b, "%s%s:", open, name)
		if err := writeLines(b, m[key], levels-1); err != nil {
			return err
		}
		open = ",\n"
	}
	b.WriteString("\n}")
	return nil
}
