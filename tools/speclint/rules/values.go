package rules

import (
	"encoding/json"
	"regexp"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"gopkg.in/yaml.v3"
)

var valueRules = []Rule{
	{
		Name:   "sensitive",
		Reason: "What is marked x-coze-sensitive is kept out of logs; a secret that is not marked is printed.",
		check:  checkSensitive,
	},
	{
		Name:   "example",
		Reason: "Examples are copied by readers and sent by tests, so each is valid against its schema.",
		check:  checkExamples,
	},
}

var (
	secretName = regexp.MustCompile(`(^|_)(token|secret|password|passwd|(private|access|api|secret|encrypt|aes)_key|code_verifier|` +
		`device_code|assertion|credentials?)$`)
	notSecret = regexp.MustCompile(`(^|_)(page|next|prev|cursor|input|output|total)_(page_)?token$`) // a place in a list, a number
	oauthPart = regexp.MustCompile(`OAuth\w*(Request)?\.code$`)
)

func checkSensitive(d *Document, report reporter) {
	holders := map[*yaml.Node]*yaml.Node{} // of schemas of parameters, whose mark stands beside them
	for _, o := range d.all() {
		for _, p := range d.parameters(o) {
			holders[get(p, "schema")] = p
		}
	}
	for _, s := range d.sites {
		holder := s.node
		if p := holders[s.node]; p != nil {
			holder = p
		}
		mark := get(holder, "x-coze-sensitive")
		if mark != nil && !isTrue(mark) {
			report(mark, "%s: x-coze-sensitive is true or left out", s.path)
		}
		if s.kind != property && s.kind != parameter || mark != nil {
			continue
		}
		name := snake(s.name)
		secret := secretName.MatchString(name) && !notSecret.MatchString(name) || oauthPart.MatchString(s.path)
		if secret && !strings.HasPrefix(s.text, "Number of ") && hasType(d.resolve(s.node), "string") {
			report(s.at, "%s looks like a secret and is not marked x-coze-sensitive", s.path)
		}
	}
}

func checkExamples(d *Document, report reporter) {
	check := func(path string, schema, holder *yaml.Node) {
		if example := get(holder, "example"); example != nil {
			d.checkExample(path, schema, example, report)
		}
		for _, example := range list(get(holder, "examples")) {
			d.checkExample(path, schema, example, report)
		}
		for _, named := range fields(get(holder, "examples")) {
			if value := get(named, "value"); value != nil {
				d.checkExample(path, schema, value, report)
			}
		}
	}
	for _, s := range d.sites {
		check(s.path, s.node, s.node)
	}
	for _, o := range d.all() {
		for _, p := range d.parameters(o) {
			check(o.String()+" "+text(p, "name"), get(p, "schema"), p)
		}
		_, m := d.body(o)
		check(o.String()+" body", get(m, "schema"), m)
		for status, r := range fields(get(o.node, "responses")) {
			for _, m := range fields(get(d.resolve(r), "content")) {
				check(o.String()+" "+status.Value, get(m, "schema"), m)
			}
		}
	}
}

func (d *Document) checkExample(path string, schema, example *yaml.Node, report reporter) {
	compiled, err := d.compile(schema, 0)
	if err != nil {
		return // reported by openapi
	}
	var value any
	if err := example.Decode(&value); err != nil {
		report(example, "%s: %v", path, err)
		return
	}
	if value, err = throughJSON(value); err == nil {
		err = compiled.VisitJSON(value)
	}
	if err != nil {
		first, _, _ := strings.Cut(err.Error(), "\n")
		report(example, "%s: the example does not fit its schema: %s", path, first)
	}
}

const maxDepth = 12 // of a schema inside schemas: deeper parts of an example are not checked

// compile makes a schema that kin-openapi can validate with, references replaced by what they name.
func (d *Document) compile(n *yaml.Node, depth int) (*openapi3.Schema, error) {
	n = d.resolve(n)
	if depth > maxDepth || n == nil {
		return openapi3.NewSchema(), nil
	}
	flat := &yaml.Node{Kind: yaml.MappingNode}
	for k, v := range fields(n) {
		switch k.Value {
		case "properties", "items", "allOf", "additionalProperties":
		default:
			flat.Content = append(flat.Content, k, v)
		}
	}
	var value any
	if err := flat.Decode(&value); err != nil {
		return nil, err
	}
	raw, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	s := openapi3.NewSchema()
	if err := json.Unmarshal(raw, s); err != nil {
		return nil, err
	}
	return s, d.compileParts(s, n, depth)
}

func (d *Document) compileParts(s *openapi3.Schema, n *yaml.Node, depth int) error {
	part := func(n *yaml.Node) (*openapi3.SchemaRef, error) {
		c, err := d.compile(n, depth+1)
		return openapi3.NewSchemaRef("", c), err
	}
	var err error
	for k, p := range fields(get(n, "properties")) {
		if s.Properties == nil {
			s.Properties = openapi3.Schemas{}
		}
		if s.Properties[k.Value], err = part(p); err != nil {
			return err
		}
	}
	if items := get(n, "items"); items != nil {
		if s.Items, err = part(items); err != nil {
			return err
		}
	}
	if values := get(n, "additionalProperties"); values != nil && values.Kind == yaml.MappingNode {
		if s.AdditionalProperties.Schema, err = part(values); err != nil {
			return err
		}
	}
	for _, p := range list(get(n, "allOf")) {
		ref, err := part(p)
		if err != nil {
			return err
		}
		s.AllOf = append(s.AllOf, ref)
	}
	return nil
}

// throughJSON gives a value the types that JSON has.
func throughJSON(v any) (any, error) {
	raw, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	var out any
	return out, json.Unmarshal(raw, &out)
}
