package contract

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// What is shown of a message: kinds, sizes, and names that look like names of fields.

const (
	maxNameBytes  = 48
	maxNameDigits = 5  // more in a row may be an id
	maxShapeNames = 12 // of one object
	maxShapeDepth = 3
)

// unnamed stands for the name of a field that may be content: a name that somebody gave, or an id.
const unnamed = "?"

// visibleName is name, unless it may be content.
func visibleName(name string) string {
	if visibleWord(name) == "" {
		return unnamed
	}
	return name
}

// secretPrefixes are how tokens and keys begin.
var secretPrefixes = [...]string{"pat_", "sat_", "czu_", "czs_", "code_", "cztei_", "Bearer", "-----"}

// visibleWord is text if it looks like a word of a program, else empty: ASCII letters, digits and a few signs, beginning with a
// letter, short, without long numbers.
func visibleWord(text string) string {
	if len(text) == 0 || len(text) > maxNameBytes || !isLetter(text[0]) {
		return ""
	}
	for _, prefix := range secretPrefixes {
		if strings.HasPrefix(text, prefix) {
			return ""
		}
	}
	digits := 0
	for i := range len(text) {
		c := text[i]
		switch {
		case '0' <= c && c <= '9':
			if digits++; digits > maxNameDigits {
				return ""
			}
			continue
		case isLetter(c), c == '_', c == '-', c == '.', c == '/', c == ':', c == '$':
		default:
			return ""
		}
		digits = 0
	}
	return text
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// shape says of what kind and size a value is.
func shape(v jsontext.Value) string {
	dec := jsontext.NewDecoder(bytes.NewBuffer(v), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	var b strings.Builder
	if shapeOf(&b, dec, 0) != nil {
		return "no JSON"
	}
	return b.String()
}

func shapeOf(b *strings.Builder, dec *jsontext.Decoder, depth int) error {
	switch dec.PeekKind() {
	case '{':
		return shapeOfObject(b, dec, depth)
	case '[':
		return shapeOfList(b, dec, depth)
	}
	v, err := dec.ReadValue()
	if err != nil {
		return err
	}
	switch v.Kind() {
	case '"':
		b.WriteString("string(" + strconv.Itoa(len(v)-2) + ")")
	case '0':
		name := "integer"
		if strings.ContainsAny(string(v), ".eE") {
			name = "number"
		}
		b.WriteString(name + "(" + strconv.Itoa(len(bytes.TrimPrefix(v, []byte("-")))) + ")")
	case 'n':
		b.WriteString("null")
	default:
		b.WriteString("boolean")
	}
	return nil
}

func shapeOfObject(b *strings.Builder, dec *jsontext.Decoder, depth int) error {
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	b.WriteString("object{")
	names := 0
	for ; dec.PeekKind() != '}'; names++ {
		tok, err := dec.ReadToken()
		if err != nil {
			return err
		}
		if depth < maxShapeDepth && names < maxShapeNames {
			if names > 0 {
				b.WriteByte(',')
			}
			b.WriteString(visibleName(tok.String()))
		}
		if err := dec.SkipValue(); err != nil {
			return err
		}
	}
	if names > maxShapeNames {
		b.WriteString(",...")
	}
	b.WriteByte('}')
	_, err := dec.ReadToken()
	return err
}

// shapeOfList takes the first element for all.
func shapeOfList(b *strings.Builder, dec *jsontext.Decoder, depth int) error {
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	var first strings.Builder
	n := 0
	for ; dec.PeekKind() != ']'; n++ {
		var err error
		if n == 0 && depth < maxShapeDepth {
			err = shapeOf(&first, dec, depth+1)
		} else {
			err = dec.SkipValue()
		}
		if err != nil {
			return err
		}
	}
	b.WriteString("list(" + strconv.Itoa(n) + ")")
	if first.Len() > 0 {
		b.WriteString(" of " + first.String())
	}
	_, err := dec.ReadToken()
	return err
}
