package generate

import (
	_ "embed"
	"maps"
	"slices"
	"strings"
	"text/template"
)

//go:embed redaction.tmpl
var redactionText string

var redactionTemplate = template.Must(template.New("redaction").Parse(redactionText))

// secretType is a model with fields that must not be printed.
type secretType struct {
	Type   string
	Fields []secretField
}

// secretField is left out of text: a string is replaced, anything else dropped.
type secretField struct {
	Name string
	Text bool
}

// writeRedaction gives every model with x-coze-sensitive fields methods that keep them out of logs and formatted text.
func writeRedaction(d *document, pkg string, out Files) error {
	var types []secretType
	for _, name := range slices.Sorted(maps.Keys(d.Components.Schemas)) {
		s := d.Components.Schemas[name].Value
		t := secretType{Type: typeName(name)}
		for _, field := range propertiesInOrder(s) {
			f := s.Properties[field]
			if isSensitive(f.Extensions) || isSensitive(f.Value.Extensions) {
				t.Fields = append(t.Fields, secretField{fieldName(field), f.Value.Type.Is("string")})
			}
		}
		if len(t.Fields) > 0 {
			types = append(types, t)
		}
	}
	if len(types) == 0 {
		return nil
	}
	var b strings.Builder
	if err := redactionTemplate.Execute(&b, types); err != nil {
		return err
	}
	var err error
	out["redaction"+suffix], err = format("redaction"+suffix, pkg, b.String())
	return err
}

func isSensitive(ext map[string]any) bool {
	v, _ := ext["x-coze-sensitive"].(bool)
	return v
}
