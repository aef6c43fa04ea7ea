package contract

import (
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// kind is a set of kinds of JSON values; 0 is any.
type kind uint8

const (
	kindObject kind = 1 << iota
	kindArray
	kindString
	kindInteger
	kindNumber
	kindBoolean
)

// The order is that of the constants.
var kindNames = [...]string{"object", "list", "string", "integer", "number", "boolean"}

func kindOf(name string) kind {
	switch name {
	case "array":
		return kindArray
	case "null":
		return 0
	}
	for i, n := range kindNames {
		if n == name {
			return 1 << i
		}
	}
	return 0
}

func (k kind) String() string {
	var names []string
	for i, n := range kindNames {
		if k&(1<<i) != 0 {
			names = append(names, n)
		}
	}
	if len(names) == 0 {
		return "anything"
	}
	return strings.Join(names, " or ")
}

// node is a schema, prepared for walking. It never changes once the document is read.
type node struct {
	parent  *node  // in the document; nil = segment is the whole pointer
	segment string // pointer from the parent

	kinds  kind
	format string
	enum   []string // texts of strings or integers; nil = no enum

	items    *node
	fields   map[string]field
	required []requirement
	extra    *node // schema of fields that are not listed
	open     bool  // other fields are allowed
	home     *node // schema that a new field would go into
}

type field struct {
	name string
	node *node
	bit  uint64 // of required; 0 = optional
}

type requirement struct {
	name string
	by   *node // schema that requires it
}

// place is the JSON pointer of n in the document.
func (n *node) place() string {
	if n.parent == nil {
		return n.segment
	}
	return n.parent.place() + n.segment
}

// want says what n asks for.
func (n *node) want() string {
	s := n.kinds.String()
	if n.format != "" {
		s += " " + n.format
	}
	if len(n.enum) > maxShownEnum {
		return s + " of " + strings.Join(n.enum[:maxShownEnum], ", ") + ", ..."
	}
	if n.enum != nil {
		s += " of " + strings.Join(n.enum, ", ")
	}
	return s
}

// maxShownEnum is how many values of an enum are told.
const maxShownEnum = 12

// hasCode tells whether an object of n can carry a code of its own.
func (n *node) hasCode() bool {
	_, code := n.fields["code"]
	_, errorCode := n.fields["error_code"]
	return code || errorCode
}

// findQuoted is the field of a name in JSON; servers may write it in another case or without underscores, and the codec takes
// that too. The name is the documented one if there is such a field.
func (n *node) findQuoted(quoted []byte) (name string, f field, ok bool) {
	plain := quoted[1 : len(quoted)-1]
	if f, ok = n.fields[string(plain)]; ok {
		return f.name, f, true
	}
	text, err := jsontext.AppendUnquote(nil, quoted)
	if err != nil {
		text = plain
	}
	for _, f := range n.fields {
		if sameName(f.name, string(text)) {
			return f.name, f, true
		}
	}
	return string(text), field{}, false
}

// sameName compares names without case, underscores and dashes.
func sameName(a, b string) bool {
	i, j := 0, 0
	for {
		for i < len(a) && (a[i] == '_' || a[i] == '-') {
			i++
		}
		for j < len(b) && (b[j] == '_' || b[j] == '-') {
			j++
		}
		if i == len(a) || j == len(b) {
			return i == len(a) && j == len(b)
		}
		if lower(a[i]) != lower(b[j]) {
			return false
		}
		i++
		j++
	}
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
