package generate

import (
	"fmt"
	"maps"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
)

// maxPathArguments is how many path ids a method takes as arguments; further ones are fields of the request.
const maxPathArguments = 2

// buildRequests gives each operation one request schema that holds its parameters and the fields of its body. Parameters
// get a json tag of "-", so that the struct encodes as the body.
func buildRequests(d *document) error {
	for _, o := range d.ops {
		if err := buildRequest(d, o); err != nil {
			return fmt.Errorf("%s: %w", o.OperationID, err)
		}
	}
	return nil
}

func buildRequest(d *document, o *operation) error {
	name := o.requestName()
	s, err := ownBody(o, name)
	if err != nil {
		return err
	}
	for i, p := range requestParams(o) {
		if s.Properties[p.Name] != nil {
			return fmt.Errorf("parameter %s has the name of a body field", p.Name)
		}
		s.Properties[p.Name] = paramField(p, i)
		if p.Required {
			s.Required = append(s.Required, p.Name)
		}
	}
	if o.sse != nil && o.sse.Switch != "" {
		delete(s.Properties, o.sse.Switch)
	}
	if len(s.Properties) > 0 {
		d.Components.Schemas[name] = &openapi3.SchemaRef{Value: s}
	}
	return nil
}

func (o *operation) requestName() string { return o.OperationID + "Request" }

// ownBody is a copy of the body's schema, or an empty object for an operation without a body.
func ownBody(o *operation, name string) (*openapi3.Schema, error) {
	_, body := o.body()
	if body == nil {
		s := openapi3.NewObjectSchema()
		s.Properties = openapi3.Schemas{}
		s.Description = "The parameters of " + o.OperationID + "."
		return s, nil
	}
	if want := "#/components/schemas/" + name; body.Ref != want {
		return nil, fmt.Errorf("the body must be $ref: %s", want)
	}
	s := *body.Value
	s.Properties = maps.Clone(s.Properties)
	if s.Properties == nil {
		s.Properties = openapi3.Schemas{}
	}
	s.Required = slices.Clone(s.Required)
	return &s, nil
}

// requestParams are the parameters that become fields: query, header and the path ids beyond the arguments.
func requestParams(o *operation) []*openapi3.Parameter {
	var out []*openapi3.Parameter
	if path := o.params("path"); len(path) > maxPathArguments {
		out = append(out, path[maxPathArguments:]...)
	}
	out = append(out, o.params("query")...)
	for _, p := range o.params("header") {
		if _, fixed := fixedHeader(p); !fixed {
			out = append(out, p)
		}
	}
	return out
}

func paramField(p *openapi3.Parameter, index int) *openapi3.SchemaRef {
	ref := &openapi3.SchemaRef{Ref: p.Schema.Ref, Value: p.Schema.Value, Extensions: maps.Clone(p.Schema.Extensions)}
	if ref.Ref == "" {
		s := *p.Schema.Value
		ref.Value = &s
	}
	setField(ref, "x-oapi-codegen-extra-tags", map[string]any{"json": "-"})
	setField(ref, orderKey, float64(index-1000)) // before the fields of the body
	describe(ref, p.Description)
	return ref
}
