package cozetest

import (
	"bytes"
	"encoding/json"
	"maps"
	"mime"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

func (x *exchange) mediaType() string {
	media, _, err := mime.ParseMediaType(x.r.Header.Get("Content-Type"))
	if err != nil {
		return ""
	}
	return media
}

// isUpload tells whether the operation takes a multipart body and gets one.
func (x *exchange) isUpload() bool {
	return x.op.bodies["multipart/form-data"] != nil && x.mediaType() == "multipart/form-data"
}

// checkBody checks the body of a request that is no upload.
func (x *exchange) checkBody() *finding {
	if len(x.op.bodies) == 0 {
		if b := string(bytes.TrimSpace(x.body)); b != "" && b != "{}" && b != "null" && !x.srv.cfg.unknownFields && !x.alias() {
			return &finding{"/body", "unknown", "the operation has no body"}
		}
		return nil
	}
	if len(bytes.TrimSpace(x.body)) == 0 {
		if x.op.bodyRequired && !x.deviates("/body", "required") {
			return &finding{"/body", "required", "the body is missing"}
		}
		return nil
	}
	media := x.mediaType()
	schema := x.op.bodies[media]
	if schema == nil {
		return &finding{"/header/Content-Type", "media-type", "want " + strings.Join(sortedKeys(x.op.bodies), " or ")}
	}
	value, f := decodeBody(media, schema, x.body)
	if f != nil {
		return f
	}
	value = x.withoutDeviations(value)
	if err := schema.VisitJSON(value); err != nil {
		return describe("/body", err)
	}
	if fields, ok := value.(map[string]any); ok {
		for _, name := range sortedKeys(fields) {
			if fields[name] == "" && strings.HasSuffix(name, "_id") {
				return &finding{"/body/" + name, "empty", "leave an unset id out instead of sending it empty"}
			}
		}
	}
	if x.srv.cfg.unknownFields {
		return nil
	}
	return unknownField("/body", schema, value)
}

// alias tells whether the request came by a method that the document does not have; see [document.acceptDeviations].
func (x *exchange) alias() bool { return x.r.Method != x.op.route.Method }

func decodeBody(media string, schema *openapi3.Schema, body []byte) (any, *finding) {
	if media == "application/x-www-form-urlencoded" {
		form, err := url.ParseQuery(string(body))
		if err != nil {
			return nil, &finding{"/body", "form", err.Error()}
		}
		return formValues(schema, form), nil
	}
	var value any
	if err := json.Unmarshal(body, &value); err != nil {
		return nil, &finding{"/body", "json", err.Error()}
	}
	return value, nil
}

// formValues gives the texts of a form the types of a schema, where they have that form.
func formValues(schema *openapi3.Schema, form url.Values) map[string]any {
	properties, _ := propertiesOf(schema)
	m := map[string]any{}
	for name, texts := range form {
		m[name] = texts[0]
		p := properties[name]
		if p == nil || p.Type == nil {
			continue
		}
		switch {
		case p.Type.Includes("integer"), p.Type.Includes("number"):
			if n, err := strconv.ParseFloat(texts[0], 64); err == nil {
				m[name] = n
			}
		case p.Type.Includes("boolean"):
			if b, err := strconv.ParseBool(texts[0]); err == nil {
				m[name] = b
			}
		case p.Type.Includes("array"):
			list := make([]any, len(texts))
			for i, t := range texts {
				list[i] = t
			}
			m[name] = list
		}
	}
	return m
}

// withoutNulls takes the fields that are null out of an object, at any depth.
func withoutNulls(v any) any {
	switch v := v.(type) {
	case map[string]any:
		maps.DeleteFunc(v, func(_ string, e any) bool { return e == nil })
		for name, e := range v {
			v[name] = withoutNulls(e)
		}
	case []any:
		for i, e := range v {
			v[i] = withoutNulls(e)
		}
	}
	return v
}

// decode reads the JSON body into v. The contract has been checked, so that what is left to fail is a mistake of the document.
func (x *exchange) decode(v any) error {
	if len(bytes.TrimSpace(x.body)) == 0 {
		return nil
	}
	if err := json.Unmarshal(x.body, v); err != nil {
		return refuse(codeInvalidParameter, "/body: %v", err)
	}
	return nil
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
