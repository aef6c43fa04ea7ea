package contract

import (
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

const schemaPrefix = "#/components/schemas/"

// rawSchema is a schema of the subset that the document keeps to.
type rawSchema struct {
	Ref        string                `json:"$ref"`
	Type       jsontext.Value        `json:"type"` // a name, or a list of a name and null
	Format     string                `json:"format"`
	Enum       []jsontext.Value      `json:"enum"`
	Items      *rawSchema            `json:"items"`
	Properties map[string]*rawSchema `json:"properties"`
	Required   []string              `json:"required"`
	Additional jsontext.Value        `json:"additionalProperties"` // a schema or a boolean
	AllOf      []*rawSchema          `json:"allOf"`
}

// builder makes nodes of schemas.
type builder struct {
	raw     *rawDocument
	named   map[string]*node
	doc     *document
	missing string // a schema that is referred to and not there
}

func (b *builder) operation(path, method string, text jsontext.Value, streams map[string]*family) error {
	if text.Kind() != '{' {
		return nil // parameters of the path
	}
	var raw rawOperation
	if err := json.Unmarshal(text, &raw); err != nil || raw.ID == "" {
		return err
	}
	op := &operation{stream: streams[raw.SSE.Stream]}
	if s := raw.Responses["200"].Content[jsonMedia].Schema; s != nil {
		op.answer = b.node(s, nil, "#/paths/"+escape(path)+"/"+method+"/responses/200/content/"+escape(jsonMedia)+"/schema")
	}
	b.doc.operations[raw.ID] = op
	return nil
}

func (b *builder) stream(name string, s rawStream) *family {
	f := &family{events: map[string]*node{}, aliases: s.Aliases, ends: map[string]bool{}}
	for event, schema := range s.Events {
		f.events[event] = b.node(schema, nil, "#/x-coze-streams/"+escape(name)+"/events/"+escape(event))
	}
	for _, event := range s.End {
		f.ends[event] = true
	}
	return f
}

// socket prepares the events that a server sends. A frame is an envelope around the data of the event.
func (b *builder) socket(name string, s rawSocket) *family {
	f := &family{events: map[string]*node{}}
	detail := b.schema(frameDetail)
	for event, schema := range s.Server {
		at := "#/x-coze-sockets/" + escape(name) + "/server/" + escape(event)
		frame := &node{segment: at, kinds: kindObject}
		text := &node{parent: frame, kinds: kindString}
		data := &node{parent: frame, kinds: kindObject} // of an event without data, which servers may write as {}
		if schema.Ref != "" {
			data = b.node(schema, nil, at)
		}
		frame.home, data.home = frame, or(data.home, data)
		frame.fields = map[string]field{}
		for name, n := range map[string]*node{"event_type": text, "id": text, "data": data, "detail": detail} {
			frame.fields[name] = field{name: name, node: n}
		}
		f.events[event] = frame
	}
	return f
}

func or(n, other *node) *node {
	if n != nil {
		return n
	}
	return other
}

// schema is the node of a schema with a name. It may still be in the making: schemas refer to themselves.
func (b *builder) schema(name string) *node {
	if n := b.named[name]; n != nil {
		return n
	}
	raw := b.raw.Components.Schemas[name]
	if raw == nil {
		b.missing = name
		return &node{}
	}
	n := &node{segment: schemaPrefix + escape(name)}
	b.named[name] = n
	b.fill(n, raw)
	return n
}

func (b *builder) node(raw *rawSchema, parent *node, segment string) *node {
	if raw.Ref != "" {
		return b.schema(strings.TrimPrefix(raw.Ref, schemaPrefix))
	}
	n := &node{parent: parent, segment: segment}
	b.fill(n, raw)
	return n
}

func (b *builder) fill(n *node, raw *rawSchema) {
	n.kinds, n.format, n.home = kindsOf(raw.Type), raw.Format, n
	for _, v := range raw.Enum {
		text, err := jsontext.AppendUnquote(nil, v)
		if err != nil {
			text = v // a number
		}
		n.enum = append(n.enum, string(text))
	}
	if raw.Items != nil {
		n.items = b.node(raw.Items, n, "/items")
	}
	b.fields(n, raw)
	for i, part := range raw.AllOf {
		n.merge(b.node(part, n, "/allOf/"+string(rune('0'+i))))
	}
	n.open = n.open || len(n.fields) == 0 && n.extra == nil
}

func (b *builder) fields(n *node, raw *rawSchema) {
	if len(raw.Properties) > 0 {
		n.fields = make(map[string]field, len(raw.Properties))
	}
	for name, p := range raw.Properties {
		n.fields[name] = field{name: name, node: b.node(p, n, "/properties/"+escape(name))}
	}
	for _, name := range raw.Required {
		n.require(name, n)
	}
	switch raw.Additional.Kind() {
	case 't':
		n.open = true
	case '{':
		var extra rawSchema
		if json.Unmarshal(raw.Additional, &extra) != nil || string(raw.Additional) == "{}" {
			n.open = true
			return
		}
		n.extra = b.node(&extra, n, "/additionalProperties")
	default:
	}
}

// maxRequired is how many fields a schema can require: there is a bit for each.
const maxRequired = 64

func (n *node) require(name string, by *node) {
	f, ok := n.fields[name]
	if !ok || f.bit != 0 || len(n.required) == maxRequired {
		return
	}
	f.bit = 1 << len(n.required)
	n.fields[name] = f
	n.required = append(n.required, requirement{name, by})
}

// merge adds a part of an allOf, which is complete by now: envelopes are made of them, and no schema is an envelope.
func (n *node) merge(part *node) {
	if n.fields == nil {
		n.fields = map[string]field{}
	}
	n.kinds |= part.kinds
	n.open = n.open || part.open && len(part.fields) > 0
	n.home = part.home
	for name, f := range part.fields {
		n.fields[name] = field{name: name, node: f.node, bit: n.fields[name].bit}
	}
	for _, r := range part.required {
		n.require(r.name, r.by)
	}
}

func kindsOf(types jsontext.Value) (k kind) {
	var names []string
	if types.Kind() == '"' {
		names = []string{""}
		_ = json.Unmarshal(types, &names[0])
	} else if types.Kind() == '[' {
		_ = json.Unmarshal(types, &names)
	}
	for _, name := range names {
		k |= kindOf(name)
	}
	return k
}

func escape(segment string) string {
	return strings.ReplaceAll(strings.ReplaceAll(segment, "~", "~0"), "/", "~1")
}
