package patch

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// maxColumn is where a list in brackets goes on in the next line.
const maxColumn = 130

// addValue adds a value to an enum, behind its last, and a name where its values have names.
func addValue(t *text, f *fault) error {
	if f.value == "" {
		return refuse("the value does not look like one of an enum, so it was not told")
	}
	_, schema := t.find(f.document)
	if schema == nil {
		return refuse("the document has no such schema now")
	}
	_, values := child(schema, "enum")
	switch {
	case values == nil:
		return refuse("the schema is no enum now")
	case len(values.Content) == 0:
		return refuse("the enum has no values")
	}
	for _, v := range values.Content {
		if v.Value == f.value {
			return errDone
		}
	}
	_, names := child(schema, "x-enum-varnames")
	lists := []addition{{values, quoted(f.value)}}
	if names != nil && len(names.Content) > 0 {
		lists = append(lists, addition{names, constant(f.value)})
	}
	// The list that stands below goes first, because the positions below a change move.
	slices.SortFunc(lists, func(a, b addition) int { return cmp.Compare(b.list.Line, a.list.Line) })
	for _, l := range lists {
		if err := t.appendElement(l.list, l.element); err != nil {
			return err
		}
	}
	return nil
}

type addition struct {
	list    *yaml.Node
	element string
}

// appendElement puts an element behind the last one of a list.
func (t *text) appendElement(list *yaml.Node, element string) error {
	last := list.Content[len(list.Content)-1]
	if !isFlow(list) {
		t.insertLines(last.Line, strings.Repeat(" ", list.Column-1)+"- "+element)
		return nil
	}
	end, err := t.scalarEnd(last)
	if err != nil {
		return err
	}
	line := t.lines[last.Line-1]
	if len(line)+len(element)+2 <= maxColumn {
		t.lines[last.Line-1] = line[:end] + ", " + element + line[end:]
		return nil
	}
	pad := strings.Repeat(" ", t.indent(last.Line-1)+2)
	if last.Line > list.Line {
		pad = strings.Repeat(" ", t.indent(last.Line-1)) // the list goes over several lines already
	}
	t.lines[last.Line-1] = line[:end] + ","
	t.insertLines(last.Line, pad+element+line[end:])
	return nil
}

var (
	plainWord = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_./-]*$|^-?(0|[1-9][0-9]*)$`)
	notPlain  = regexp.MustCompile(`(?i)^(true|false|null|yes|no|on|off|y|n)$`)
	wordEnds  = regexp.MustCompile(`[^A-Za-z0-9]+`)
)

// quoted is a scalar as YAML writes it.
func quoted(s string) string {
	if plainWord.MatchString(s) && !notPlain.MatchString(s) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", "''") + "'"
}

// constant is a Go name for a value, that a person may want to better.
func constant(value string) string {
	if n, err := strconv.Atoi(value); err == nil {
		if n < 0 {
			return "UnknownMinus" + strconv.Itoa(-n)
		}
		return "Unknown" + value
	}
	var b strings.Builder
	for _, part := range wordEnds.Split(value, -1) {
		if part != "" {
			b.WriteString(strings.ToUpper(part[:1]) + part[1:])
		}
	}
	return b.String()
}
