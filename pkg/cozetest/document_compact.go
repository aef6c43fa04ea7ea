package cozetest

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/cozekit/cozekit/api"
)

// The types of this file read [api.Compact] in a tenth of the time that the loader of kin-openapi takes, because a server must start
// at once. They know the subset of OpenAPI that the document keeps to; a test holds the result against that loader's.

type compactDocument struct {
	Components struct {
		Schemas         map[string]*compactSchema           `json:"schemas"`
		Responses       map[string]*compactResponse         `json:"responses"`
		SecuritySchemes map[string]*openapi3.SecurityScheme `json:"securitySchemes"`
	} `json:"components"`
	Info     *openapi3.Info                          `json:"info"`
	Paths    map[string]map[string]*compactOperation `json:"paths"`
	Security openapi3.SecurityRequirements           `json:"security"`
	Streams  map[string]any                          `json:"x-coze-streams"`
	Sockets  map[string]any                          `json:"x-coze-sockets"`
}

type compactOperation struct {
	ID          string                         `json:"operationId"`
	Parameters  []*compactParameter            `json:"parameters"`
	Body        *compactBody                   `json:"requestBody"`
	Responses   map[string]*compactResponse    `json:"responses"`
	Security    *openapi3.SecurityRequirements `json:"security"`
	Permission  string                         `json:"x-coze-permission"`
	EventStream map[string]any                 `json:"x-coze-sse"`
}

type compactParameter struct {
	Name     string         `json:"name"`
	In       string         `json:"in"`
	Required bool           `json:"required"`
	Style    string         `json:"style"`
	Explode  *bool          `json:"explode"`
	Schema   *compactSchema `json:"schema"`
}

type compactBody struct {
	Required bool                     `json:"required"`
	Content  map[string]*compactMedia `json:"content"`
}

type compactResponse struct {
	Ref     string                   `json:"$ref"`
	Content map[string]*compactMedia `json:"content"`
}

type compactMedia struct {
	Schema *compactSchema `json:"schema"`
}

type compactSchema struct {
	Ref                  string                    `json:"$ref"`
	Type                 *openapi3.Types           `json:"type"`
	Format               string                    `json:"format"`
	ContentEncoding      string                    `json:"contentEncoding"`
	Enum                 []any                     `json:"enum"`
	Default              any                       `json:"default"`
	Min                  *float64                  `json:"minimum"`
	Max                  *float64                  `json:"maximum"`
	MinLength            uint64                    `json:"minLength"`
	MaxLength            *uint64                   `json:"maxLength"`
	Pattern              string                    `json:"pattern"`
	MinItems             uint64                    `json:"minItems"`
	MaxItems             *uint64                   `json:"maxItems"`
	Items                *compactSchema            `json:"items"`
	Required             []string                  `json:"required"`
	Properties           map[string]*compactSchema `json:"properties"`
	MinProperties        uint64                    `json:"minProperties"`
	MaxProperties        *uint64                   `json:"maxProperties"`
	AdditionalProperties *compactSchema            `json:"additionalProperties"`
	AllOf                []*compactSchema          `json:"allOf"`
	OneOf                []*compactSchema          `json:"oneOf"`
	AnyOf                []*compactSchema          `json:"anyOf"`
	Sensitive            bool                      `json:"x-coze-sensitive"`
}

// compactLoader gives the schemas of the components an address before they are filled in, so that they can refer to each other.
type compactLoader struct {
	schemas   map[string]*openapi3.Schema
	responses map[string]*openapi3.Response
	err       error
}

// loadCompact reads [api.Compact].
func loadCompact() (*openapi3.T, error) {
	var doc compactDocument
	if err := json.Unmarshal(api.Compact, &doc); err != nil {
		return nil, fmt.Errorf("api/openapi.gen.json: %w", err)
	}
	l := &compactLoader{schemas: map[string]*openapi3.Schema{}, responses: map[string]*openapi3.Response{}}
	spec := &openapi3.T{
		Info: doc.Info, Security: doc.Security, Paths: openapi3.NewPathsWithCapacity(len(doc.Paths)),
		Components: &openapi3.Components{Schemas: openapi3.Schemas{}, SecuritySchemes: openapi3.SecuritySchemes{}},
		Extensions: map[string]any{"x-coze-streams": doc.Streams, "x-coze-sockets": doc.Sockets},
	}
	for name, s := range doc.Components.SecuritySchemes {
		spec.Components.SecuritySchemes[name] = &openapi3.SecuritySchemeRef{Value: s}
	}
	for name := range doc.Components.Schemas {
		l.schemas[name] = &openapi3.Schema{}
		spec.Components.Schemas[name] = &openapi3.SchemaRef{Value: l.schemas[name]}
	}
	for name, s := range doc.Components.Schemas {
		l.fill(l.schemas[name], s)
	}
	for name, r := range doc.Components.Responses {
		l.responses[name] = &openapi3.Response{Content: l.content(r.Content)}
	}
	for path, methods := range doc.Paths {
		item := &openapi3.PathItem{}
		for method, op := range methods {
			item.SetOperation(strings.ToUpper(method), l.operation(op))
		}
		spec.Paths.Set(path, item)
	}
	if l.err != nil {
		return nil, fmt.Errorf("api/openapi.gen.json: %w", l.err)
	}
	return spec, nil
}

func (l *compactLoader) operation(c *compactOperation) *openapi3.Operation {
	op := &openapi3.Operation{
		OperationID: c.ID, Security: c.Security, Responses: openapi3.NewResponsesWithCapacity(len(c.Responses)),
		Extensions: map[string]any{"x-coze-permission": c.Permission, "x-coze-sse": c.EventStream},
	}
	for _, p := range c.Parameters {
		op.Parameters = append(op.Parameters, &openapi3.ParameterRef{Value: &openapi3.Parameter{
			Name: p.Name, In: p.In, Required: p.Required, Style: p.Style, Explode: p.Explode, Schema: l.schema(p.Schema),
		}})
	}
	if c.Body != nil {
		body := &openapi3.RequestBody{Required: c.Body.Required, Content: l.content(c.Body.Content)}
		op.RequestBody = &openapi3.RequestBodyRef{Value: body}
	}
	for status, r := range c.Responses {
		response := &openapi3.Response{Content: l.content(r.Content)}
		if r.Ref != "" {
			if response = l.responses[strings.TrimPrefix(r.Ref, "#/components/responses/")]; response == nil {
				l.err = fmt.Errorf("there is no %s", r.Ref)
			}
		}
		op.Responses.Set(status, &openapi3.ResponseRef{Ref: r.Ref, Value: response})
	}
	return op
}

func (l *compactLoader) content(media map[string]*compactMedia) openapi3.Content {
	content := openapi3.Content{}
	for name, m := range media {
		content[name] = &openapi3.MediaType{Schema: l.schema(m.Schema)}
	}
	return content
}

func (l *compactLoader) schema(c *compactSchema) *openapi3.SchemaRef {
	if c == nil {
		return nil
	}
	if c.Ref == "" {
		s := &openapi3.Schema{}
		l.fill(s, c)
		return &openapi3.SchemaRef{Value: s}
	}
	s := l.schemas[strings.TrimPrefix(c.Ref, "#/components/schemas/")]
	if s == nil {
		l.err = fmt.Errorf("there is no %s", c.Ref)
	}
	return &openapi3.SchemaRef{Ref: c.Ref, Value: s}
}

func (l *compactLoader) list(all []*compactSchema) openapi3.SchemaRefs {
	var refs openapi3.SchemaRefs
	for _, c := range all {
		refs = append(refs, l.schema(c))
	}
	return refs
}

func (l *compactLoader) fill(s *openapi3.Schema, c *compactSchema) {
	*s = openapi3.Schema{
		Type: c.Type, Format: c.Format, ContentEncoding: c.ContentEncoding, Enum: c.Enum, Default: c.Default, Min: c.Min, Max: c.Max,
		MinLength: c.MinLength, MaxLength: c.MaxLength, Pattern: c.Pattern, MinItems: c.MinItems, MaxItems: c.MaxItems,
		Items: l.schema(c.Items), Required: c.Required, MinProps: c.MinProperties, MaxProps: c.MaxProperties,
		AllOf: l.list(c.AllOf), OneOf: l.list(c.OneOf), AnyOf: l.list(c.AnyOf),
	}
	s.AdditionalProperties.Schema = l.schema(c.AdditionalProperties)
	if c.Properties != nil {
		s.Properties = openapi3.Schemas{}
		for name, p := range c.Properties {
			s.Properties[name] = l.schema(p)
		}
	}
	if c.Sensitive {
		s.Extensions = map[string]any{"x-coze-sensitive": true}
	}
}
