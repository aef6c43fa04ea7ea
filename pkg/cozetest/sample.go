package cozetest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// sample answers an operation that has no code of its own, from the schema of its answer.
func (x *exchange) sample() {
	if x.isUpload() {
		parts, err := x.readParts()
		if err == nil {
			err = x.checkParts(parts)
		}
		if no, ok := err.(*refusal); ok { //nolint:errorlint // both return refusals only
			x.refuse(no)
			return
		}
	}
	m := sampler{seed: x.srv.cfg.seed, now: x.srv.cfg.clock().Unix(), name: x.op.id}
	schema := x.op.answers["application/json"]
	switch {
	case x.op.stream != nil && (x.op.choice == "" || x.wants(x.op.choice)):
		x.sampleStream(&m)
	case schema != nil:
		fields, ok := m.value(schema, "").(map[string]any)
		if !ok {
			fields = map[string]any{}
		}
		x.sendSample(schema, fields)
	case x.op.redirects:
		x.w.Header().Set("Location", x.srv.URL()+"/redirected")
		x.finish(http.StatusFound)
	default:
		for _, media := range sortedKeys(x.op.answers) {
			x.w.Header().Set("Content-Type", media)
			break
		}
		x.finish(http.StatusOK)
		_, _ = x.w.Write(m.bytes(4 << 10))
	}
}

// sendSample sends fields in the envelope, or as they are where the operation has none.
func (x *exchange) sendSample(schema *openapi3.Schema, fields map[string]any) {
	properties, _ := propertiesOf(schema)
	if properties["code"] != nil && properties["msg"] != nil {
		fields["code"], fields["msg"] = 0, ""
		x.send(http.StatusOK, fields)
		return
	}
	text, err := encodeJSON(fields)
	if err != nil {
		x.violate("/answer", "json", err.Error())
	}
	x.checkAnswer(http.StatusOK, 0, text)
	x.w.Header().Set("Content-Type", "application/json")
	x.finish(http.StatusOK)
	_, _ = x.w.Write(text)
}

// finish notes the status in the call and sends the header.
func (x *exchange) finish(status int) {
	x.srv.journal.change(x.call, func(c *Call) { c.Status = status })
	x.w.WriteHeader(status)
}

// wants tells whether a field of the JSON body is true.
func (x *exchange) wants(field string) bool {
	var body map[string]json.RawMessage
	return json.Unmarshal(x.body, &body) == nil && string(body[field]) == "true"
}

// sampleStream sends one event of each kind that a good run can have, and the end.
func (x *exchange) sampleStream(m *sampler) {
	spec, form := x.op.stream, chatForm
	if x.op.choice == "" {
		form = workflowForm
	}
	names := sortedKeys(spec.events)
	names = slices.DeleteFunc(names, func(n string) bool { return slices.Contains(spec.complete, n) || slices.Contains(spec.end, n) })
	if len(spec.complete) > 0 {
		names = append(names, spec.complete[0])
	}
	for _, end := range spec.end {
		if strings.EqualFold(end, "done") {
			names = append(names, end)
		}
	}
	x.openStream()
	for i, name := range names {
		data, err := encodeJSON(m.value(spec.events[name], ""))
		if err != nil {
			x.violate("/event/"+name, "json", err.Error())
		}
		x.srv.checkEvent(x.op, name, data)
		if _, err := x.w.Write(form(i, name, data)); err != nil {
			return
		}
	}
}

// sampler makes values that a schema allows. The same seed and operation give the same values.
type sampler struct {
	seed  uint64
	now   int64 // Unix seconds
	name  string
	n     uint64
	depth int
}

// maxSampleDepth ends schemas that hold themselves: below it only what is required is filled in.
const maxSampleDepth = 8

func (m *sampler) next() uint64 {
	m.n++
	h := m.seed
	for _, c := range []byte(m.name) {
		h = mix(h, uint64(c))
	}
	return mix(h, m.n)
}

func (m *sampler) bytes(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(m.next())
	}
	return b
}

func (m *sampler) value(s *openapi3.Schema, field string) any {
	m.depth++
	defer func() { m.depth-- }()
	types := s.Type
	properties, _ := propertiesOf(s)
	switch {
	case len(s.Enum) > 0:
		return s.Enum[0]
	case len(properties) > 0 || types.Is("object"):
		return m.object(s, properties)
	case types.Includes("array"):
		list := make([]any, 0, 1)
		n := s.MinItems
		if n == 0 && m.depth < maxSampleDepth {
			n = 1
		}
		for range n {
			list = append(list, m.value(s.Items.Value, field))
		}
		return list
	case types.Includes("string"):
		return m.text(s, field)
	case types.Includes("integer"):
		return m.integer(s)
	case types.Includes("number"):
		return bounded(s, 1.5)
	case types.Includes("boolean"):
		return m.next()%2 == 0
	}
	return map[string]any{} // any value will do
}

func (m *sampler) object(s *openapi3.Schema, properties map[string]*openapi3.Schema) any {
	object := map[string]any{}
	for _, name := range sortedKeys(properties) {
		if m.depth < maxSampleDepth || requires(s, name) {
			object[name] = m.value(properties[name], name)
		}
	}
	if extra := s.AdditionalProperties.Schema; extra != nil && m.depth < maxSampleDepth {
		object["key"] = m.value(extra.Value, "key")
	}
	return object
}

// requires tells whether a schema, or one that it is made of, requires a property.
func requires(s *openapi3.Schema, name string) bool {
	return slices.Contains(s.Required, name) ||
		slices.ContainsFunc(s.AllOf, func(a *openapi3.SchemaRef) bool { return requires(a.Value, name) })
}

func (m *sampler) text(s *openapi3.Schema, field string) string {
	text := "sample of " + field
	switch {
	case field == "id" || strings.HasSuffix(field, "_id") || strings.HasSuffix(field, "_ids"):
		text = fmt.Sprint(firstID + m.next()%idSpan)
	case strings.HasSuffix(field, "url") || s.Format == "uri":
		text = "https://example.com/" + field
	case field == "":
		text = "sample"
	}
	if s.MaxLength != nil && uint64(len(text)) > *s.MaxLength {
		text = text[:*s.MaxLength]
	}
	for uint64(len(text)) < s.MinLength {
		text += "x"
	}
	return text
}

func (m *sampler) integer(s *openapi3.Schema) any {
	switch s.Format {
	case "unix-seconds":
		return m.now
	case "unix-millis":
		return m.now * 1000
	}
	return int64(bounded(s, float64(1+m.next()%100)))
}

func bounded(s *openapi3.Schema, v float64) float64 {
	if s.Max != nil {
		v = min(v, *s.Max)
	}
	if s.Min != nil {
		v = max(v, *s.Min)
	}
	return v
}
