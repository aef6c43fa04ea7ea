package generate

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// document is the loaded OpenAPI document with its operations in the order of the file.
type document struct {
	*openapi3.T
	ops []*operation
}

// operation is one operation with what its x-coze extensions say.
type operation struct {
	*openapi3.Operation
	method, path string
	service      string // dotted, as x-coze-service has it
	name         string // Go method
	paging       *paging
	sse          *sse
}

// paging is x-coze-paging: wire names of what pages a list.
type paging struct {
	Style   string `json:"style"` // page, token or id
	Page    string `json:"page"`
	Token   string `json:"token"`
	After   string `json:"after"`
	Before  string `json:"before"`
	Size    string `json:"size"`
	Items   string `json:"items"`
	HasMore string `json:"has_more"`
	Total   string `json:"total"`
	Next    string `json:"next"`
	First   string `json:"first"`
	Last    string `json:"last"`
}

// sse is x-coze-sse: which stream the operation answers with.
type sse struct {
	Stream string `json:"stream"` // name under x-coze-streams
	Switch string `json:"switch"` // body field that asks for the stream, if the operation can answer with JSON too
	Method string `json:"method"` // Go method that streams, where there is a switch
}

func load(file string) (*document, error) {
	loader := openapi3.NewLoader()
	loader.IncludeOrigin = true
	t, err := loader.LoadFromFile(file)
	if err != nil {
		return nil, err
	}
	d := &document{T: t}
	for path, item := range t.Paths.Map() {
		for method, op := range item.Operations() {
			o, err := newOperation(method, path, op)
			if err != nil {
				return nil, fmt.Errorf("%s %s: %w", method, path, err)
			}
			d.ops = append(d.ops, o)
		}
	}
	slices.SortFunc(d.ops, func(a, b *operation) int { return cmp.Compare(a.line(), b.line()) })
	return d, nil
}

func newOperation(method, path string, op *openapi3.Operation) (*operation, error) {
	o := &operation{Operation: op, method: method, path: path}
	o.service, _ = op.Extensions["x-coze-service"].(string)
	o.name, _ = op.Extensions["x-coze-method"].(string)
	if op.OperationID == "" || o.service == "" || o.name == "" {
		return nil, fmt.Errorf("operationId, x-coze-service and x-coze-method are required")
	}
	if err := decodeExtension(op.Extensions, "x-coze-paging", &o.paging); err != nil {
		return nil, err
	}
	return o, decodeExtension(op.Extensions, "x-coze-sse", &o.sse)
}

// decodeExtension decodes an extension strictly into *T; it stays nil when there is none.
func decodeExtension[T any](ext map[string]any, name string, into **T) error {
	v, ok := ext[name]
	if !ok {
		return nil
	}
	raw, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	dec := json.NewDecoder(strings.NewReader(string(raw)))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

func (o *operation) line() int {
	if o.Origin != nil && o.Origin.Key != nil {
		return o.Origin.Key.Line
	}
	return 0
}

func (o *operation) ext(name string) string {
	s, _ := o.Extensions[name].(string)
	return s
}

// params lists the parameters that are sent in a place, in the order of the document.
func (o *operation) params(in string) []*openapi3.Parameter {
	var out []*openapi3.Parameter
	for _, p := range o.Parameters {
		if p.Value.In == in {
			out = append(out, p.Value)
		}
	}
	return out
}

// body returns the content type and the schema of the request body.
func (o *operation) body() (string, *openapi3.SchemaRef) {
	if o.RequestBody == nil {
		return "", nil
	}
	content := o.RequestBody.Value.Content
	for _, kind := range slices.Sorted(maps.Keys(content)) {
		return kind, content[kind].Schema
	}
	return "", nil
}

// response is the successful answer: 200, or the redirect of an operation that answers with one.
func (o *operation) response() *openapi3.Response {
	for _, status := range []int{http.StatusOK, http.StatusCreated, http.StatusFound} {
		if r := o.Responses.Status(status); r != nil {
			return r.Value
		}
	}
	return nil
}

// fixedHeader tells a header parameter that has one value only.
func fixedHeader(p *openapi3.Parameter) (string, bool) {
	if p.In != "header" || !p.Required || len(p.Schema.Value.Enum) != 1 {
		return "", false
	}
	v, ok := p.Schema.Value.Enum[0].(string)
	return v, ok
}
