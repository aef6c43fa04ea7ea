package patch

import (
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// envelope is the schema around nearly every answer: what it lacks is never its fault alone.
const envelope = "#/components/schemas/BaseResponse"

// addField adds a property to a schema, behind its last.
func addField(t *text, f *fault) error {
	switch {
	case f.field == "" || f.field == "?":
		return refuse("the name of the field may be content, so it was not told")
	case f.document == envelope:
		return refuse("the envelope is shared: give these operations an answer of their own")
	}
	_, schema := t.find(f.document)
	if schema == nil {
		return refuse("the document has no such schema now")
	}
	key, properties := child(schema, "properties")
	switch {
	case properties == nil:
		return refuse("the schema has no properties")
	case isFlow(properties) || isFlow(schema):
		return refuse("the properties are written on one line")
	}
	if _, there := child(properties, f.field); there != nil {
		return errDone
	}
	kind, err := inferKind(f)
	if err != nil {
		return err
	}
	pad := strings.Repeat(" ", properties.Column-1)
	lines := []string{pad + quoted(f.field) + ":"}
	for _, l := range kind {
		lines = append(lines, pad+"  "+l)
	}
	lines = append(lines, pad+"  description: "+f.describe(kind))
	t.insertLines(t.blockEnd(key), lines...)
	return nil
}

// describe is a description that nobody can take for a finished one.
func (f *fault) describe(kind []string) string {
	s := "Seen in " + f.places() + " as " + strings.Join(f.got, " and ") + "; what it means must be written here."
	switch {
	case slices.Contains(kind, "format: unix-seconds"):
		s += " Unix seconds, by its size."
	case slices.Contains(kind, "format: unix-millis"):
		s += " Unix milliseconds, by its size."
	}
	return "'" + strings.ReplaceAll(s, "'", "''") + "'"
}

// inferKind writes the schema of a field by what came.
func inferKind(f *fault) ([]string, error) {
	var kind []string
	for _, got := range f.got {
		k := kindOf(got, f.field)
		switch {
		case kind == nil || slices.Equal(kind, emptyList) && k[0] == emptyList[0]:
			kind = k
		case k == nil || slices.Equal(k, kind) || slices.Equal(k, emptyList) && kind[0] == emptyList[0]:
		case isNumber(k) && isNumber(kind):
			kind = []string{"type: number", "format: double"}
		default:
			return nil, refuse("different kinds came: %s", strings.Join(f.got, ", "))
		}
	}
	return kind, nil
}

var emptyList = []string{"type: array", "items: {}"}

func isNumber(kind []string) bool { return kind[0] == "type: integer" || kind[0] == "type: number" }

// kindOf writes the schema of a shape, as a contract check writes those; nil for null, which tells nothing.
func kindOf(shape, name string) []string {
	word := strings.TrimSpace(shape)
	if i := strings.IndexAny(word, "({ "); i >= 0 {
		word = word[:i]
	}
	switch word {
	case "string", "boolean":
		return []string{"type: " + word}
	case "number":
		return []string{"type: number", "format: double"}
	case "integer":
		return []string{"type: integer", "format: " + integerFormat(shape, name)}
	case "object":
		return []string{"type: object", "additionalProperties: {}"}
	case "list":
		_, element, ok := strings.Cut(shape, " of ")
		items := kindOf(element, name)
		if !ok || items == nil {
			return emptyList
		}
		return []string{"type: array", "items: {" + strings.Join(items, ", ") + "}"}
	}
	return nil
}

// integerFormat tells times by their names and sizes.
func integerFormat(shape, name string) string {
	isTime := strings.HasSuffix(name, "_at") || strings.HasSuffix(name, "_time") || strings.HasSuffix(name, "time")
	switch {
	case isTime && strings.HasPrefix(shape, "integer(10)"):
		return "unix-seconds"
	case isTime && strings.HasPrefix(shape, "integer(13)"):
		return "unix-millis"
	}
	return "int64"
}

// makeOptional takes a field out of the required ones of a schema.
func makeOptional(t *text, f *fault) error {
	if f.document == envelope {
		return refuse("the envelope is shared: something other than an answer of the platform came")
	}
	_, schema := t.find(f.document)
	if schema == nil {
		return refuse("the document has no such schema now")
	}
	key, required := child(schema, "required")
	if required == nil {
		return errDone
	}
	i := slices.IndexFunc(required.Content, func(n *yaml.Node) bool { return n.Value == f.field })
	switch {
	case i < 0:
		return errDone
	case isFlow(schema):
		return refuse("the schema is written on one line")
	case len(required.Content) == 1:
		t.removeLines(key.Line-1, t.blockEnd(key))
		return nil
	case !isFlow(required):
		t.removeLines(required.Content[i].Line-1, required.Content[i].Line)
		return nil
	}
	return t.removeElement(required, i)
}

func (t *text) removeLines(from, to int) { t.lines = append(t.lines[:from:from], t.lines[to:]...) }

// removeElement takes an element out of a list in brackets, with the comma before it, or behind it if it is the first.
func (t *text) removeElement(list *yaml.Node, i int) error {
	n := list.Content[i]
	line := t.lines[n.Line-1]
	end, err := t.scalarEnd(n)
	if err != nil {
		return err
	}
	from, to := byteOffset(line, n.Column), end
	switch before := strings.TrimRight(line[:from], " "); {
	case strings.HasSuffix(before, ","):
		from = len(before) - 1
	case strings.HasPrefix(line[to:], ","):
		to += len(line[to:]) - len(strings.TrimLeft(line[to:], ", "))
	default:
		return fmt.Errorf("line %d: there is no comma beside %s", n.Line, n.Value)
	}
	t.lines[n.Line-1] = line[:from] + line[to:]
	if strings.TrimSpace(t.lines[n.Line-1]) == "" {
		t.removeLines(n.Line-1, n.Line)
	}
	return nil
}
