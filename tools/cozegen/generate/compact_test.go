package generate_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/cozekit/cozekit/tools/cozegen/generate"
	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"
)

func TestCompactKeepsWhatIsNoProse(t *testing.T) {
	t.Parallel()
	const doc = `
openapi: 3.1.0
info: {title: T, version: '1', description: prose, license: {name: MIT}}
servers: [{url: 'https://example.com', description: prose}]
x-coze-sockets:
  description: {path: /v1/x, description: prose, docs: prose, client: {title: {$ref: '#/components/schemas/S', description: prose}}}
paths:
  /summary:
    post:
      summary: prose
      externalDocs: {url: prose}
      x-coze-errors: [4000]
      parameters: [{name: title, in: query, description: prose, schema: {type: string, example: {description: data}}}]
      responses: {'200': {description: prose, content: {a/b: {schema: {$ref: '#/components/schemas/S', description: prose}}}}}
components:
  parameters: {description: {name: d, in: query, description: prose, schema: {type: string}}}
  schemas:
    S:
      title: prose
      type: object
      description: prose
      required: [description]
      default: {summary: data}
      x-enum-varnames: [prose]
      properties:
        description: {type: string, description: prose}
        properties: {type: object, properties: {title: {type: integer, maximum: 9007199254740993}}}
        enum: {type: array, items: {type: string, enum: [title], description: prose}}
        responses: {type: string}
`
	const want = `{
"components":{
"parameters":{
"description":{"in":"query","name":"d","schema":{"type":"string"}}
},
"schemas":{
"S":{"default":{"summary":"data"},"properties":{"description":{"type":"string"},` +
		`"enum":{"items":{"enum":["title"],"type":"string"},"type":"array"},` +
		`"properties":{"properties":{"title":{"maximum":9007199254740993,"type":"integer"}},"type":"object"},` +
		`"responses":{"type":"string"}},"required":["description"],"type":"object"}
}
},
"info":{
"title":"T",
"version":"1"
},
"openapi":"3.1.0",
"paths":{
"/summary":{
"post":{"parameters":[{"in":"query","name":"title","schema":{"example":{"description":"data"},"type":"string"}}],` +
		`"responses":{"200":{"content":{"a/b":{"schema":{"$ref":"#/components/schemas/S"}}},"description":""}},"x-coze-errors":[4000]}
}
},
"servers":[{"url":"https://example.com"}],
"x-coze-sockets":{
"description":{
"client":{"title":{"$ref":"#/components/schemas/S"}},
"path":"/v1/x"
}
}
}
`
	name := filepath.Join(t.TempDir(), "doc.yaml")
	if err := os.WriteFile(name, []byte(doc), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := generate.Compact(name)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, string(got)); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// TestCompactIsValid also holds that the file in api/ is the one that the document gives.
func TestCompactIsValid(t *testing.T) {
	t.Parallel()
	api := filepath.Join("..", "..", "..", "api")
	got, err := generate.Compact(filepath.Join(api, "openapi.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if have, err := os.ReadFile(filepath.Join(api, "openapi.gen.json")); err != nil || string(have) != string(got) {
		t.Errorf("api/openapi.gen.json is not up to date (%v): run make generate", err)
	}
	spec, err := openapi3.NewLoader().LoadFromData(got)
	if err != nil {
		t.Fatal(err)
	}
	if err := spec.Validate(context.Background()); err != nil {
		t.Error(err)
	}
	if !json.Valid(got) || len(got) > 300_000 {
		t.Errorf("got %d bytes", len(got))
	}
}
