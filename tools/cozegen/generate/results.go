package generate

import (
	"errors"
	"fmt"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"
)

// resultKind is how a method gets its result out of the answer; the names are those of the transport's functions.
type resultKind string

const (
	resultData     resultKind = "Data"     // pointer to the object under data
	resultValue    resultKind = "Value"    // list, map or scalar under data
	resultFlat     resultKind = "Flat"     // fields beside code and msg
	resultRaw      resultKind = "Raw"      // no envelope
	resultNone     resultKind = "Exec"     // envelope without data
	resultBinary   resultKind = "Binary"   // bytes
	resultLocation resultKind = "Location" // redirect
	resultStream   resultKind = "Stream"   // server-sent events
)

const (
	baseResponse = schemaPrefix + "BaseResponse"
	jsonMedia    = "application/json"
	sseMedia     = "text/event-stream"
)

// result finds out, from the schema of the answer, what it carries. An operation that answers with JSON or with a stream
// is JSON here.
func (o *operation) result() (resultKind, *openapi3.SchemaRef, error) {
	r := o.response()
	if r == nil {
		return "", nil, errors.New("there is no 200, 201 or 302 response")
	}
	media := r.Content.Get(jsonMedia)
	switch {
	case r.Headers["Location"] != nil:
		return resultLocation, nil, nil
	case media == nil && r.Content.Get(sseMedia) != nil:
		return resultStream, nil, nil
	case media == nil && len(r.Content) > 0:
		return resultBinary, nil, nil
	case media == nil:
		return "", nil, errors.New("the response has no content")
	}
	return envelope(media.Schema)
}

func envelope(s *openapi3.SchemaRef) (resultKind, *openapi3.SchemaRef, error) {
	parts := s.Value.AllOf
	switch {
	case s.Ref == baseResponse:
		return resultNone, nil, nil
	case len(parts) == 0 || parts[0].Ref != baseResponse:
		return resultRaw, s, nil
	case len(parts) == 2 && parts[1].Ref != "":
		return resultFlat, parts[1], nil
	case len(parts) == 2 && parts[1].Value.Properties["data"] != nil:
		data := parts[1].Value.Properties["data"]
		if isObject(data) {
			return resultData, data, nil
		}
		return resultValue, data, nil
	}
	return "", nil, errors.New("the envelope must be BaseResponse and data, or BaseResponse and a reference")
}

// isObject tells a struct from a list, a map and a scalar.
func isObject(s *openapi3.SchemaRef) bool {
	return s.Ref != "" && (len(s.Value.Properties) > 0 || len(s.Value.AllOf) > 0)
}

// resultSchemas lists the components that answers use.
func resultSchemas(d *document) ([]string, error) {
	var out []string
	for _, o := range d.ops {
		_, s, err := o.result()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", o.OperationID, err)
		}
		out = append(out, references(s)...)
	}
	return out, nil
}

// goTypeOf is the Go type that models gave a schema.
func goTypeOf(s *openapi3.SchemaRef) (string, error) {
	g, err := codegen.GenerateGoSchema(s, []string{"result"})
	if err != nil {
		return "", err
	}
	t := strings.ReplaceAll(g.TypeDecl(), "interface{}", "any")
	if t == "any" {
		t = "json.RawMessage"
	}
	return t, nil
}
