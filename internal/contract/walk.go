package contract

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/cozekit/cozekit/pkg/call"
)

// The limits of looking at one message.
const (
	maxBytes    = 1 << 20 // longer messages are not looked at
	maxDepth    = 64      // what is nested deeper is not looked at
	maxFindings = 32
)

// firstMillis tells seconds from milliseconds, as package call does.
const firstMillis = 253_402_300_800

// finding is a place where a message and the document do not agree.
type finding struct {
	rule       call.DriftRule
	pointer    string
	node       *node // schema that was not kept to; nil = none
	field      string
	want, got  string
	value      string
	collective string // pointer with * for the positions in lists: what is the same for the same fault
}

// step is one step of the way from the message to a value.
type step struct {
	name  string // of a field; * for members of maps
	index int    // in a list; -1 for a field
}

// walker compares one JSON text with a schema. It does not build the values.
type walker struct {
	dec     *jsontext.Decoder
	path    []step
	found   []finding
	refused bool // the text is an object with a code that says no
}

// walk returns where text and n do not agree, and whether text is a refusal. The error says that it is not JSON.
func walk(n *node, text []byte) (found []finding, refused bool, err error) {
	w := walker{dec: jsontext.NewDecoder(bytes.NewBuffer(text), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))}
	err = w.value(n)
	return w.found, w.refused, err
}

// pointer is the JSON pointer of where the walker is.
func (w *walker) pointer(positions bool) string {
	var b strings.Builder
	for _, s := range w.path {
		b.WriteByte('/')
		switch {
		case s.index < 0:
			b.WriteString(escape(s.name))
		case positions:
			b.WriteString(strconv.Itoa(s.index))
		default:
			b.WriteByte('*')
		}
	}
	return b.String()
}

// add adds a finding about where the walker is.
func (w *walker) add(f finding) {
	if len(w.found) == maxFindings {
		return
	}
	f.pointer, f.collective = w.pointer(true), w.pointer(false)
	w.found = append(w.found, f)
}

// addField adds a finding about a field of the object where the walker is.
func (w *walker) addField(f finding) {
	w.path = append(w.path, step{f.field, -1})
	w.add(f)
	w.path = w.path[:len(w.path)-1]
}

// inside walks into a part of the current value.
func (w *walker) inside(n *node, s step) error {
	w.path = append(w.path, s)
	err := w.value(n)
	w.path = w.path[:len(w.path)-1]
	return err
}

func (w *walker) value(n *node) error {
	if n.kinds == 0 && n.fields == nil || len(w.path) > maxDepth {
		return w.dec.SkipValue()
	}
	switch k := w.dec.PeekKind(); {
	case k == '{' && n.kinds&kindObject != 0:
		return w.object(n)
	case k == '[' && n.kinds&kindArray != 0:
		return w.list(n)
	}
	v, err := w.dec.ReadValue()
	if err != nil || v.Kind() == 'n' {
		return err
	}
	w.scalar(n, v)
	return nil
}

func (w *walker) object(n *node) error {
	if _, err := w.dec.ReadToken(); err != nil {
		return err
	}
	seen, null := uint64(0), uint64(0)
	for w.dec.PeekKind() != '}' {
		quoted, err := w.dec.ReadValue()
		if err != nil {
			return err
		}
		name, f, ok := n.findQuoted(quoted)
		if len(w.path) == 0 && (name == "code" || name == "error_code") {
			w.noteCode()
		}
		if !ok {
			if err := w.unlisted(n, name); err != nil {
				return err
			}
			continue
		}
		if w.dec.PeekKind() == 'n' {
			null |= f.bit
		} else {
			seen |= f.bit
		}
		if err := w.inside(f.node, step{name, -1}); err != nil {
			return err
		}
	}
	for i, r := range n.required {
		bit := uint64(1) << i
		if seen&bit != 0 {
			continue
		}
		got := "nothing"
		if null&bit != 0 {
			got = "null"
		}
		w.addField(finding{
			rule: call.DriftMissingField, node: r.by, field: r.name, want: n.fields[r.name].node.want(), got: got,
		})
	}
	_, err := w.dec.ReadToken()
	return err
}

// noteCode looks at the value that comes next, without reading it.
func (w *walker) noteCode() {
	kind := w.dec.PeekKind()
	rest := bytes.TrimLeft(w.dec.UnreadBuffer(), " \t\r\n:")
	switch kind {
	case '"':
		w.refused = w.refused || !bytes.HasPrefix(rest, []byte(`""`)) && !bytes.HasPrefix(rest, []byte(`"0"`))
	case '0':
		w.refused = w.refused || !bytes.HasPrefix(rest, []byte("0"))
	default:
	}
}

// unlisted looks at a field that the schema does not list.
func (w *walker) unlisted(n *node, name string) error {
	switch {
	case n.extra != nil:
		return w.inside(n.extra, step{"*", -1}) // its name is content
	case n.open:
		return w.dec.SkipValue()
	}
	v, err := w.dec.ReadValue()
	if err != nil {
		return err
	}
	w.addField(finding{rule: call.DriftUnknownField, node: n.home, field: visibleName(name), want: "nothing", got: shape(v)})
	return nil
}

func (w *walker) list(n *node) error {
	if _, err := w.dec.ReadToken(); err != nil {
		return err
	}
	for i := 0; w.dec.PeekKind() != ']'; i++ {
		var err error
		if n.items == nil {
			err = w.dec.SkipValue()
		} else {
			err = w.inside(n.items, step{"", i})
		}
		if err != nil {
			return err
		}
	}
	_, err := w.dec.ReadToken()
	return err
}

// scalar looks at a value that is not walked into: a scalar, or an object or a list in the place of something else.
func (w *walker) scalar(n *node, v jsontext.Value) {
	f := finding{node: n}
	switch v.Kind() {
	case '"':
		if n.kinds&kindString == 0 {
			f.rule = call.DriftWrongKind
		} else if n.enum != nil {
			f.rule, f.value = n.newWord(v)
		}
	case '0':
		f.rule, f.value = n.number(string(v))
	case 't', 'f':
		if n.kinds&kindBoolean == 0 {
			f.rule = call.DriftWrongKind
		}
	default:
		f.rule = call.DriftWrongKind
	}
	if f.rule != "" {
		f.want, f.got = n.want(), shape(v)
		w.add(f)
	}
}

// newWord tells whether a text is none of an enum's, and shows it if it looks like one. An empty text is no value at all.
func (n *node) newWord(v jsontext.Value) (call.DriftRule, string) {
	text, err := jsontext.AppendUnquote(nil, v)
	if err != nil || len(text) == 0 || n.lists(string(text)) {
		return "", ""
	}
	return call.DriftNewEnumValue, visibleWord(string(text))
}

func (n *node) lists(text string) bool {
	for _, e := range n.enum {
		if e == text {
			return true
		}
	}
	return false
}

// maxShownDigits keeps ids out of what is shown of an enum of numbers.
const maxShownDigits = 6

func (n *node) number(text string) (call.DriftRule, string) {
	whole := !strings.ContainsAny(text, ".eE")
	switch {
	case n.kinds&kindInteger == 0 && n.kinds&kindNumber != 0:
		return "", ""
	case n.kinds&kindInteger == 0 || !whole:
		return call.DriftWrongKind, ""
	}
	i, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n.format == "int32" && int64(int32(i)) != i {
		return call.DriftWrongKind, ""
	}
	millis := i >= firstMillis || i <= -firstMillis
	switch {
	case n.format == "unix-seconds" && millis, n.format == "unix-millis" && !millis && i != 0:
		return call.DriftWrongUnit, ""
	case n.enum == nil || n.lists(text):
		return "", ""
	case len(text) > maxShownDigits:
		return call.DriftNewEnumValue, ""
	}
	return call.DriftNewEnumValue, text
}
