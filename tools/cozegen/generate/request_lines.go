package generate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// requestLines are the statements that put the caller's request into r.
func requestLines(o *operation) ([]string, error) {
	lines := requireLines(o)
	for _, p := range o.params("query") {
		line, err := paramLine(p, "Query")
		if err != nil {
			return nil, err
		}
		lines = append(lines, line)
	}
	for _, p := range o.params("header") {
		if _, fixed := fixedHeader(p); fixed {
			continue
		}
		line, err := paramLine(p, "Header")
		if err != nil {
			return nil, err
		}
		lines = append(lines, line)
	}
	body, err := bodyLines(o)
	return append(lines, body...), err
}

// requireLines check what must be set and has a zero value that says it is not: strings, lists, maps and objects.
func requireLines(o *operation) []string {
	var lines []string
	add := func(name string, s *openapi3.SchemaRef) {
		if test := isSet(s); test != "" {
			lines = append(lines, fmt.Sprintf("r.Require(%q, req.%s %s)", name, fieldName(name), test))
		}
	}
	for _, p := range requestParams(o) {
		if p.Required && p.In != "path" {
			add(p.Name, p.Schema)
		}
	}
	if _, body := o.body(); body != nil {
		for _, name := range propertiesInOrder(body.Value) {
			if slices.Contains(body.Value.Required, name) {
				add(name, body.Value.Properties[name])
			}
		}
	}
	return lines
}

// isSet is the Go test for a value that was set, "" where every value is one.
func isSet(s *openapi3.SchemaRef) string {
	t := s.Value.Type
	switch {
	case t.Includes("null"):
		return ""
	case t.Is("string") && s.Value.Format == "binary":
		return "" // Multipart.File checks the reader
	case t.Is("string"):
		return `!= ""`
	case t.Is("integer") && s.Value.Min != nil && *s.Value.Min >= 1:
		return "!= 0"
	case t.Is("array"), t.Is("object") && len(s.Value.Properties) == 0, t == nil && len(s.Value.AllOf) == 0:
		return "!= nil"
	}
	return ""
}

// paramLine sends one parameter in the query or as a header.
func paramLine(p *openapi3.Parameter, where string) (string, error) {
	s, v := p.Schema, "req."+fieldName(p.Name)
	t := s.Value.Type
	pointer := v
	if p.Required {
		pointer = "&" + v
	}
	switch {
	case t.Is("string"):
		return fmt.Sprintf("r.%s(%q, %s)", where, p.Name, asString(s, v)), nil
	case t.Is("integer"):
		return fmt.Sprintf("transport.%sInt(r, %q, %s)", where, p.Name, pointer), nil
	case where == "Query" && t.Is("boolean"):
		return fmt.Sprintf("r.QueryBool(%q, %s)", p.Name, pointer), nil
	case where == "Query" && t.Is("number"):
		return fmt.Sprintf("r.QueryFloat(%q, %s)", p.Name, pointer), nil
	case where == "Query" && t.Is("array") && s.Value.Items.Value.Type.Is("string"):
		explode := p.Explode == nil || *p.Explode
		return fmt.Sprintf("transport.QueryList(r, %q, %s, %t)", p.Name, v, explode), nil
	}
	return "", fmt.Errorf("parameter %s: a %s parameter of this type is not supported", p.Name, strings.ToLower(where))
}

// asString converts an enum to a string.
func asString(s *openapi3.SchemaRef, v string) string {
	if s.Ref != "" || len(s.Value.Enum) > 0 {
		return "string(" + v + ")"
	}
	return v
}

func bodyLines(o *operation) ([]string, error) {
	kind, body := o.body()
	switch {
	case body == nil:
		return nil, nil
	case len(body.Value.Properties) == 0:
		return []string{"r.JSON(nil)"}, nil
	case kind == jsonMedia:
		return []string{"r.JSON(&req)"}, nil
	case kind == "multipart/form-data":
		return multipartLines(body)
	case kind == "application/x-www-form-urlencoded":
		return formLines(body)
	}
	return nil, fmt.Errorf("a request body of %s is not supported", kind)
}

func multipartLines(body *openapi3.SchemaRef) ([]string, error) {
	lines := []string{"m := r.Multipart()"}
	for _, name := range propertiesInOrder(body.Value) {
		s := body.Value.Properties[name]
		t, v := s.Value.Type, "req."+fieldName(name)
		required := slices.Contains(body.Value.Required, name)
		pointer := v
		if required {
			pointer = "&" + v
		}
		switch {
		case s.Value.Format == "binary":
			lines = append(lines, fmt.Sprintf("m.File(%q, %s, %t)", name, v, required))
		case t.Is("string"):
			lines = append(lines, fmt.Sprintf("m.Field(%q, %s)", name, asString(s, v)))
		case t.Is("integer"):
			lines = append(lines, fmt.Sprintf("transport.FieldInt(m, %q, %s)", name, pointer))
		case t.Is("boolean"):
			lines = append(lines, fmt.Sprintf("m.FieldBool(%q, %s)", name, pointer))
		default:
			return nil, fmt.Errorf("part %s: this type is not supported in a multipart body", name)
		}
	}
	return lines, nil
}

func formLines(body *openapi3.SchemaRef) ([]string, error) {
	var pairs []string
	for _, name := range propertiesInOrder(body.Value) {
		s := body.Value.Properties[name]
		if !s.Value.Type.Is("string") {
			return nil, fmt.Errorf("field %s: only strings are supported in a form", name)
		}
		pairs = append(pairs, fmt.Sprintf("%q, %s", name, asString(s, "req."+fieldName(name))))
	}
	return []string{"r.Form(" + strings.Join(pairs, ", ") + ")"}, nil
}
