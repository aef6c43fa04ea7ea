package patch

import (
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// widen makes a kind wider where the document has a word for that, and else puts a comment above it: the document knows no
// values of two kinds.
func widen(t *text, f *fault) error {
	key, schema := t.find(f.document)
	if schema == nil {
		return refuse("the document has no such schema now")
	}
	_, kind := child(schema, "type")
	_, format := child(schema, "format")
	switch {
	case kind == nil || kind.Kind != yaml.ScalarNode:
	case kind.Value == "number" && allHave(f.got, "number", "integer"), kind.Value == "integer" && fits(format, f.got):
		return errDone
	case kind.Value == "integer" && format != nil && allHave(f.got, "number", "integer") && !allHave(f.got, "integer"):
		if err := t.replace(format, "double"); err != nil {
			return err
		}
		return t.replace(kind, "number")
	case kind.Value == "integer" && format != nil && format.Value == "int32" && allHave(f.got, "integer"):
		return t.replace(format, "int64")
	}
	return t.comment(f, key, schema)
}

// fits tells whether integers that did not fit into 32 bits do now. An integer of 64 bits has 19 digits at most.
func fits(format *yaml.Node, got []string) bool {
	return format != nil && format.Value == "int64" && allHave(got, "integer") && !slices.Contains(got, "integer(20)")
}

func allHave(got []string, kinds ...string) bool {
	for _, g := range got {
		word, _, _ := strings.Cut(g, "(")
		if !slices.Contains(kinds, word) {
			return false
		}
	}
	return len(got) > 0
}

// note puts a comment above a schema.
func note(t *text, f *fault) error {
	key, schema := t.find(f.document)
	if schema == nil {
		return refuse("the document has no such schema now")
	}
	return t.comment(f, key, schema)
}

// errComment says that a person has to go on.
var errComment = refuse("a comment was put there: decide, and remove it")

func (t *text) comment(f *fault, key, schema *yaml.Node) error {
	at := schema.Line - 1
	if key != nil {
		at = key.Line - 1
	}
	what := "Drift: " + strings.Join(f.got, " and ") + " came in place of " + f.want + " in " + f.places() + "."
	line := strings.Repeat(" ", max(t.indent(at), 0)) + "# " + what
	if at > 0 && t.lines[at-1] == line {
		return errDone
	}
	t.insertLines(at, line)
	return errComment
}

// replace writes another value in the place of a scalar.
func (t *text) replace(n *yaml.Node, value string) error {
	end, err := t.scalarEnd(n)
	if err != nil {
		return err
	}
	line := t.lines[n.Line-1]
	t.lines[n.Line-1] = line[:byteOffset(line, n.Column)] + value + line[end:]
	return nil
}
