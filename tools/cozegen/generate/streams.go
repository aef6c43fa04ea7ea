package generate

import (
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/template"

	"github.com/getkin/kin-openapi/openapi3"
)

//go:embed streams.tmpl
var streamsText string

var streamsTemplate = template.Must(template.New("streams").Funcs(template.FuncMap{
	"lower": strings.ToLower, "join": strings.Join,
}).Parse(streamsText))

// streamSpec is one entry of x-coze-streams: a family of server-sent events.
type streamSpec struct {
	Description string               `json:"description"`
	Events      map[string]eventSpec `json:"events"`
	Aliases     map[string]string    `json:"aliases"`  // names that other servers give an event
	Complete    []string             `json:"complete"` // end of input after one of these is a normal end
	End         []string             `json:"end"`      // nothing is read after one of these
	Hot         []string             `json:"hot"`      // so frequent that their payload gets a decoder of its own
	Skip        []string             `json:"skip"`     // keep-alives
}

type eventSpec struct {
	Ref         string `json:"$ref"`
	Description string `json:"description"`
}

// streamView is what the template needs of a stream.
type streamView struct {
	Type, Doc           string
	Events              []eventView
	Payloads            []payloadView
	Aliases             []aliasView
	Complete, End, Skip []string // constants
	Schemas             []string
}

type eventView struct{ Const, Name, Doc string }

type payloadView struct {
	Field, Type string
	Consts      []string
	Names       []string
	Hot         bool
	Scan        []scanField // of a hot payload
}

// scanField is how a field of a hot payload is read.
type scanField struct{ JSON, Go, Kind string }

type aliasView struct{ Name, Const string }

func loadStreams(d *document) ([]streamView, error) {
	var specs *map[string]streamSpec
	if err := decodeExtension(d.Extensions, "x-coze-streams", &specs); err != nil || specs == nil {
		return nil, err
	}
	var out []streamView
	for _, name := range slices.Sorted(maps.Keys(*specs)) {
		v, err := newStream(d.T, name, (*specs)[name])
		if err != nil {
			return nil, fmt.Errorf("x-coze-streams: %s: %w", name, err)
		}
		out = append(out, v)
	}
	return out, nil
}

func newStream(t *openapi3.T, name string, spec streamSpec) (streamView, error) {
	v := streamView{Type: name, Doc: spec.Description}
	consts := map[string]string{}
	payloads := map[string]*payloadView{}
	for _, event := range slices.Sorted(maps.Keys(spec.Events)) {
		e := spec.Events[event]
		schema := strings.TrimPrefix(e.Ref, schemaPrefix)
		if t.Components.Schemas[schema] == nil {
			return v, fmt.Errorf("event %s: there is no schema %q", event, e.Ref)
		}
		consts[event] = name + eventConst(event)
		v.Events = append(v.Events, eventView{consts[event], event, e.Description})
		p := payloads[schema]
		if p == nil {
			p = &payloadView{Field: payloadField(name, schema), Type: schema}
			payloads[schema] = p
		}
		p.Consts = append(p.Consts, consts[event])
		p.Names = append(p.Names, event)
	}
	for _, schema := range slices.Sorted(maps.Keys(payloads)) {
		v.Payloads = append(v.Payloads, *payloads[schema])
	}
	for _, alias := range slices.Sorted(maps.Keys(spec.Aliases)) {
		v.Aliases = append(v.Aliases, aliasView{alias, consts[spec.Aliases[alias]]})
	}
	var err error
	pick := func(names []string) (list []string) {
		for _, n := range names {
			if consts[n] == "" {
				err = fmt.Errorf("there is no event %q", n)
			}
			list = append(list, consts[n])
		}
		return list
	}
	for i, p := range v.Payloads {
		for _, hot := range spec.Hot {
			if slices.Contains(p.Names, hot) {
				v.Payloads[i].Hot, v.Payloads[i].Scan = true, scanFields(t.Components.Schemas[p.Type].Value)
			}
		}
	}
	v.Complete, v.End, v.Skip = pick(spec.Complete), pick(spec.End), pick(spec.Skip)
	return v, err
}

// scanFields are the fields of a payload that [transport.Scanner] can read; another one that is not null makes it give up.
func scanFields(s *openapi3.Schema) []scanField {
	var out []scanField
	for _, name := range propertiesInOrder(s) {
		f := scanField{JSON: name, Kind: "null"}
		v := s.Properties[name].Value
		switch {
		case v.Type.Is("string") && v.Format == "" && len(v.Enum) == 0:
			f.Kind = "string"
		case v.Type.Is("string") && v.Format == "":
			f.Kind = "enum"
		case v.Type.Is("integer") && v.Format != "unix-millis":
			f.Kind = "int"
		case v.Type.Is("boolean") && !v.Nullable:
			f.Kind = "bool"
		}
		out = append(out, f)
	}
	return out
}

// eventConst is the Go name of an event: conversation.message.delta becomes MessageDelta.
func eventConst(event string) string {
	var b strings.Builder
	isSeparator := func(r rune) bool { return strings.ContainsRune("._-", r) }
	for part := range strings.FieldsFuncSeq(strings.TrimPrefix(event, "conversation."), isSeparator) {
		if part == strings.ToUpper(part) {
			part = strings.ToLower(part)
		}
		b.WriteString(strings.ToUpper(part[:1]) + part[1:])
	}
	return b.String()
}

// payloadField is the field of the event that holds a payload: its type without the stream's own prefix.
func payloadField(stream, schema string) string {
	prefix := strings.TrimSuffix(stream, "Event")
	for _, p := range []string{prefix + "Stream", prefix + "Event", "Stream", prefix} {
		if rest, ok := strings.CutPrefix(schema, p); ok && rest != "" {
			return rest
		}
	}
	return schema
}

func writeStreams(streams []streamView, pkg string, out Files) error {
	if len(streams) == 0 {
		return nil
	}
	for i := range streams {
		for j, p := range streams[i].Payloads {
			streams[i].Payloads[j].Type = typeName(p.Type)
			for k, f := range p.Scan {
				p.Scan[k].Go = fieldName(f.JSON) // the names are only known after the models
			}
		}
	}
	var b strings.Builder
	if err := streamsTemplate.Execute(&b, streams); err != nil {
		return err
	}
	var err error
	out["events"+suffix], err = format("events"+suffix, pkg, b.String())
	return err
}
