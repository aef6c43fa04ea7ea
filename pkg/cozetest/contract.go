package cozetest

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
)

var filterOptions = &openapi3filter.Options{
	ExcludeRequestBody:  true, // see body.go
	SkipSettingDefaults: true,
	AuthenticationFunc:  openapi3filter.NoopAuthenticationFunc, // see auth.go
}

// finding is a place where the document is not kept to.
type finding struct{ pointer, rule, message string }

// checkRequest refuses a request that breaks the document, and records that.
func (x *exchange) checkRequest() bool {
	f := x.checkParameters()
	if f == nil && !x.isUpload() {
		f = x.checkBody()
	}
	if f == nil {
		return true
	}
	code := businessCode(*f)
	if code == codeInvalidParameter {
		x.violate(f.pointer, f.rule, f.message)
	}
	x.refuse(refuse(code, "%s: %s (rule %s)", f.pointer, f.message, f.rule))
	return false
}

// businessCode is the code for a limit of the document which the platform has a code of its own for. Meeting it is no violation.
func businessCode(f finding) int {
	switch {
	case f.pointer == "/body/additional_messages" && f.rule == "maxItems":
		return codeTooManyMessages
	case strings.Contains(f.pointer, "/meta_data") && (f.rule == "maxProperties" || f.rule == "maxLength" || f.rule == "minLength"):
		return codeMetaDataTooLarge
	}
	return codeInvalidParameter
}

func (x *exchange) checkParameters() *finding {
	for name, values := range x.query {
		p := x.op.query[name]
		switch {
		case p == nil && !x.srv.cfg.unknownFields:
			return &finding{"/query/" + name, "unknown", "the document has no such query parameter"}
		case p != nil && len(values) > 0 && values[0] == "" && !x.deviates("/query/"+name, "empty"):
			return &finding{"/query/" + name, "empty", "leave an unset parameter out instead of sending it empty"}
		}
	}
	err := openapi3filter.ValidateRequest(x.r.Context(), &openapi3filter.RequestValidationInput{
		Request: x.r, PathParams: x.path, QueryParams: x.query, Route: x.op.route, Options: filterOptions,
	})
	if err == nil {
		return nil
	}
	pointer := "/query"
	var re *openapi3filter.RequestError
	if errors.As(err, &re) && re.Parameter != nil {
		pointer = "/" + re.Parameter.In + "/" + re.Parameter.Name
	}
	f := describe(pointer, err)
	if f.rule == "required" && x.deviates(pointer, f.rule) {
		return nil // the validator stops there; a known deviation must be the last parameter of its operation
	}
	return f
}

// describe turns an error of the validator into a finding below a pointer.
func describe(pointer string, err error) *finding {
	var se *openapi3.SchemaError
	if errors.As(err, &se) {
		for {
			var inner *openapi3.SchemaError
			if se.Origin == nil || !errors.As(se.Origin, &inner) {
				break
			}
			se = inner // of the part of an allOf that failed
		}
		for _, p := range se.JSONPointer() {
			pointer += "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(p)
		}
		return &finding{pointer, se.SchemaField, oneLine(se.Reason)}
	}
	rule := "format"
	if errors.Is(err, openapi3filter.ErrInvalidRequired) {
		rule = "required"
	}
	var re *openapi3filter.RequestError
	if errors.As(err, &re) {
		msg := re.Reason
		if re.Err != nil {
			msg = strings.TrimPrefix(msg+": "+re.Err.Error(), ": ")
		}
		return &finding{pointer, rule, oneLine(msg)}
	}
	return &finding{pointer, rule, oneLine(err.Error())}
}

// checkAnswer records where a JSON answer of the fake breaks the document. That is a mistake of the fake or of the document.
func (x *exchange) checkAnswer(status, code int, text []byte) {
	if x.op == nil {
		return
	}
	schema := x.op.answers["application/json"]
	if status != http.StatusOK || code != 0 {
		schema = x.op.refusal
	}
	if schema == nil {
		x.violate("/answer", "media-type", "the document has no JSON answer for this")
		return
	}
	if f := checkValue("/answer", schema, text); f != nil {
		x.violate(f.pointer, f.rule, f.message)
	}
}

// checkEvent records where the data of an event breaks the document.
func (s *Server) checkEvent(op *operation, name string, data []byte) {
	if op.stream == nil || op.stream.events[name] == nil {
		s.violate(Violation{Operation: op.id, Pointer: "/event/" + name, Rule: "unknown", Message: "the document has no such event"})
		return
	}
	if name == "done" && string(data) == doneText {
		return // bots end a stream with a text where the document has an object
	}
	if f := checkValue("/event/"+name, op.stream.events[name], data); f != nil {
		s.violate(Violation{Operation: op.id, Pointer: f.pointer, Rule: f.rule, Message: f.message})
	}
}

func checkValue(pointer string, schema *openapi3.Schema, text []byte) *finding {
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		return &finding{pointer, "json", err.Error()}
	}
	if err := schema.VisitJSON(v); err != nil {
		return describe(pointer, err)
	}
	return unknownField(pointer, schema, v)
}

// unknownField finds a field that a schema does not have, at any depth. A schema without properties takes all.
func unknownField(pointer string, schema *openapi3.Schema, v any) *finding {
	switch v := v.(type) {
	case map[string]any:
		properties, open := propertiesOf(schema)
		for _, name := range sortedKeys(v) {
			p := properties[name]
			if p == nil && !open {
				return &finding{pointer + "/" + name, "unknown", "the document has no such field"}
			}
			if p != nil {
				if f := unknownField(pointer+"/"+name, p, v[name]); f != nil {
					return f
				}
			}
		}
	case []any:
		for i, e := range v {
			if schema.Items == nil {
				break
			}
			if f := unknownField(fmt.Sprintf("%s/%d", pointer, i), schema.Items.Value, e); f != nil {
				return f
			}
		}
	}
	return nil
}

// propertiesOf gathers the properties of a schema and of what it is made of, and tells whether it takes others too.
func propertiesOf(schema *openapi3.Schema) (all map[string]*openapi3.Schema, open bool) {
	all = map[string]*openapi3.Schema{}
	extra := schema.AdditionalProperties
	open = extra.Schema != nil || extra.Has != nil && *extra.Has
	for _, a := range schema.AllOf {
		more, moreOpen := propertiesOf(a.Value)
		maps.Copy(all, more)
		open = open || moreOpen && len(more) > 0
	}
	for name, p := range schema.Properties {
		all[name] = p.Value
	}
	return all, open || len(all) == 0
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
