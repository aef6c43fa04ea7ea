package rules

import (
	"slices"

	"gopkg.in/yaml.v3"
)

// siteKind is the place that a schema is written at.
type siteKind int

const (
	component   siteKind = iota // under components.schemas
	property                    // a property of an object
	element                     // items of a list, values of a map, parts of allOf
	parameter                   // schema of a parameter or a header
	media                       // schema of a body
	envelope                    // second part of the envelope
	envelopeKey                 // data in it
)

// site is a schema where it is written.
type site struct {
	kind siteKind
	at   *yaml.Node // key or node that a finding points to
	node *yaml.Node
	name string // of the component, property or parameter
	path string // how messages call it: Bot.name, ListBots page_num
	text string // its description; that of the parameter for a parameter
}

func (d *Document) findSites() {
	for k, s := range fields(get(d.root, "components", "schemas")) {
		d.Schemas++
		d.addSite(site{kind: component, at: k, node: s, name: k.Value, path: k.Value})
	}
	for _, group := range []string{"parameters", "headers"} {
		for k, p := range fields(get(d.root, "components", group)) {
			d.addParameter(k, p, k.Value)
		}
	}
	for _, group := range []string{"responses", "requestBodies"} {
		for k, r := range fields(get(d.root, "components", group)) {
			d.addContent(r, k.Value)
		}
	}
	for name, socket := range fields(get(d.root, "x-coze-sockets")) {
		for _, p := range list(get(socket, "query")) {
			d.addParameter(p, p, name.Value+" "+text(p, "name"))
		}
	}
	for _, o := range d.all() {
		for _, p := range list(get(o.node, "parameters")) {
			d.addParameter(p, p, o.String()+" "+text(p, "name"))
		}
		d.addContent(get(o.node, "requestBody"), o.String()+" body")
		for status, r := range fields(get(o.node, "responses")) {
			d.addContent(r, o.String()+" "+status.Value)
			for k, h := range fields(get(r, "headers")) {
				d.addParameter(k, h, o.String()+" "+k.Value)
			}
		}
	}
}

func (d *Document) addParameter(at, p *yaml.Node, path string) {
	if s := get(p, "schema"); s != nil {
		name := text(p, "name")
		if name == "" {
			name = at.Value
		}
		d.addSite(site{kind: parameter, at: at, node: s, name: name, path: path, text: text(p, "description")})
	}
}

func (d *Document) addContent(n *yaml.Node, path string) {
	for _, m := range fields(get(n, "content")) {
		if s := get(m, "schema"); s != nil {
			d.addSite(site{kind: media, at: keyOf(m, "schema"), node: s, path: path})
		}
	}
}

// addSite keeps a schema and the ones written inside it.
func (d *Document) addSite(s site) {
	if s.kind != parameter {
		s.text = text(s.node, "description")
	}
	d.sites = append(d.sites, &s)
	child := property
	if s.kind == envelope {
		child = envelopeKey
	}
	for k, p := range fields(get(s.node, "properties")) {
		d.addSite(site{kind: child, at: k, node: p, name: k.Value, path: s.path + "." + k.Value})
	}
	if items := get(s.node, "items"); items != nil {
		d.addSite(site{kind: element, at: keyOf(s.node, "items"), node: items, path: s.path + "[]"})
	}
	if values := get(s.node, "additionalProperties"); values != nil {
		d.addSite(site{kind: element, at: keyOf(s.node, "additionalProperties"), node: values, path: s.path + "{}"})
	}
	for i, part := range list(get(s.node, "allOf")) {
		kind := element
		if s.kind == media && i == 1 && isEnvelope(s.node) {
			kind = envelope
		}
		d.addSite(site{kind: kind, at: part, node: part, path: s.path})
	}
}

const baseResponse = schemaPrefix + "BaseResponse"

// isEnvelope tells whether a schema begins with the envelope.
func isEnvelope(s *yaml.Node) bool {
	parts := list(get(s, "allOf"))
	return len(parts) > 0 && text(parts[0], "$ref") == baseResponse
}

// types are the types that a schema names, as one or as a list.
func types(s *yaml.Node) []string {
	t := get(s, "type")
	if t != nil && t.Kind == yaml.ScalarNode {
		return []string{t.Value}
	}
	return texts(t)
}

func hasType(s *yaml.Node, t string) bool { return slices.Contains(types(s), t) }

// property finds a property of a schema, through references and allOf.
func (d *Document) property(s *yaml.Node, name string) *yaml.Node {
	s = d.resolve(s)
	if p := get(s, "properties", name); p != nil {
		return p
	}
	for _, part := range list(get(s, "allOf")) {
		if p := d.property(part, name); p != nil {
			return p
		}
	}
	return nil
}
