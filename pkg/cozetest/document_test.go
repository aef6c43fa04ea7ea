package cozetest_test

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"

	"github.com/cozekit/cozekit/api"
	"github.com/cozekit/cozekit/pkg/cozetest"
)

// TestCompactDocument holds what the server reads against the whole document as the loader of kin-openapi reads it.
func TestCompactDocument(t *testing.T) {
	t.Parallel()
	want, err := openapi3.NewLoader().LoadFromData(api.OpenAPI)
	if err != nil {
		t.Fatal(err)
	}
	got, err := cozetest.LoadCompact()
	if err != nil {
		t.Fatal(err)
	}
	compare := func(what string, want, got any) {
		if d := cmp.Diff(plainOf(t, want), plainOf(t, got)); d != "" {
			t.Errorf("%s (-whole +compact):\n%s", what, d)
		}
	}
	names := slices.Sorted(maps.Keys(want.Components.Schemas))
	if d := cmp.Diff(names, slices.Sorted(maps.Keys(got.Components.Schemas))); d != "" {
		t.Errorf("schemas (-whole +compact):\n%s", d)
	}
	for _, name := range names {
		compare(name, want.Components.Schemas[name].Value, got.Components.Schemas[name].Value)
	}
	compare("security", want.Security, got.Security)
	compare("x-coze-streams", want.Extensions["x-coze-streams"], got.Extensions["x-coze-streams"])
	if want.Paths.Len() != got.Paths.Len() {
		t.Errorf("%d paths, want %d", got.Paths.Len(), want.Paths.Len())
	}
	for path, item := range want.Paths.Map() {
		if len(item.Parameters) > 0 {
			t.Errorf("%s: the compact loader does not know parameters of paths", path)
		}
		for method, op := range item.Operations() {
			other := got.Paths.Value(path).GetOperation(method)
			if other == nil {
				t.Errorf("%s %s is missing", method, path)
				continue
			}
			compare(op.OperationID+" id", op.OperationID, other.OperationID)
			compare(op.OperationID+" parameters", op.Parameters, other.Parameters)
			compare(op.OperationID+" security", op.Security, other.Security)
			compare(op.OperationID+" body", op.RequestBody, other.RequestBody)
			compare(op.OperationID+" responses", contents(op), contents(other))
			for _, x := range []string{"x-coze-permission", "x-coze-sse"} {
				if want, ok := op.Extensions[x]; ok {
					compare(op.OperationID+" "+x, want, other.Extensions[x])
				}
			}
		}
	}
}

// contents are the media types of the responses of an operation, with references resolved.
func contents(op *openapi3.Operation) map[string]openapi3.Content {
	m := map[string]openapi3.Content{}
	for status, r := range op.Responses.Map() {
		if m[status] = r.Value.Content; len(r.Value.Content) == 0 {
			m[status] = nil
		}
	}
	return m
}

// plainOf is a value as JSON values without prose.
func plainOf(t *testing.T, v any) any {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var plain any
	if err := json.Unmarshal(text, &plain); err != nil {
		t.Fatal(err)
	}
	return withoutProse(plain)
}

func withoutProse(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for key, e := range v {
			_, isText := e.(string)
			prose := key == "description" && isText || key == "x-enum-varnames" || key == "x-go-type" || key == "x-go-type-import" ||
				key == "example" && v["schema"] != nil // of a media type
			if besideRef := v["$ref"] != nil && key == "default"; !prose && !besideRef { // nothing is checked by a default
				out[key] = withoutProse(e)
			}
		}
		return out
	case []any:
		for i, e := range v {
			v[i] = withoutProse(e)
		}
	}
	return v
}

func BenchmarkLoadCompact(b *testing.B) {
	for b.Loop() {
		if _, err := cozetest.LoadCompact(); err != nil {
			b.Fatal(err)
		}
	}
}
