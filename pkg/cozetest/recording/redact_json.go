package recording

import (
	"bytes"
	"encoding/json"
	"errors"
)

var (
	errMoreJSON = errors.New("there is more behind the JSON value")
	errTooDeep  = errors.New("the JSON value is nested too deeply")
)

const maxDepth = 1000

// jsonRedactor copies a JSON value without its secrets.
type jsonRedactor struct {
	*redactor
	direction direction
	dec       *json.Decoder
	out       bytes.Buffer
	changed   bool
}

func (w *jsonRedactor) value(depth int) error {
	tok, err := w.dec.Token()
	if err != nil {
		return err
	}
	return w.copy(tok, depth)
}

func (w *jsonRedactor) copy(tok json.Token, depth int) error {
	if depth > maxDepth {
		return errTooDeep
	}
	switch tok := tok.(type) {
	case json.Delim:
		if tok == '{' {
			return w.object(depth)
		}
		return w.list(depth)
	case string:
		return w.write(w.string(tok, depth))
	}
	return w.write(tok)
}

// string looks for secrets in a text, and in the JSON that a text may hold.
func (w *jsonRedactor) string(s string, depth int) string {
	clean := s
	if len(s) > 1 && (s[0] == '{' || s[0] == '[') && json.Valid([]byte(s)) {
		inner := jsonRedactor{redactor: w.redactor, direction: w.direction, dec: json.NewDecoder(bytes.NewReader([]byte(s)))}
		inner.dec.UseNumber()
		if err := inner.value(depth + 1); err == nil && inner.changed {
			clean = inner.out.String()
		}
	} else {
		clean = w.text(s)
	}
	w.changed = w.changed || clean != s
	return clean
}

func (w *jsonRedactor) object(depth int) error {
	w.out.WriteByte('{')
	for n := 0; w.dec.More(); n++ {
		if n > 0 {
			w.out.WriteByte(',')
		}
		key, err := w.dec.Token()
		if err != nil {
			return err
		}
		name, ok := key.(string)
		if !ok {
			return errors.New("a name of a field is no text")
		}
		if err := w.write(w.text(name)); err != nil {
			return err
		}
		w.out.WriteByte(':')
		if err := w.field(name, depth); err != nil {
			return err
		}
	}
	w.out.WriteByte('}')
	_, err := w.dec.Token()
	return err
}

// field copies the value of a field, or leaves it out if it is a secret. Numbers, booleans, null and "" are none.
func (w *jsonRedactor) field(name string, depth int) error {
	tok, err := w.dec.Token()
	if err != nil || !w.secret(name, w.direction) {
		if err != nil {
			return err
		}
		return w.copy(tok, depth+1)
	}
	switch tok := tok.(type) {
	case string:
		if tok == "" {
			return w.write(tok)
		}
		w.learn(tok)
	case json.Delim:
		if err := w.skip(); err != nil {
			return err
		}
	default:
		return w.write(tok)
	}
	w.changed = true
	return w.write(redacted)
}

// skip reads to the end of the object or list that has begun.
func (w *jsonRedactor) skip() error {
	for depth := 1; depth > 0; {
		tok, err := w.dec.Token()
		if err != nil {
			return err
		}
		if d, ok := tok.(json.Delim); ok {
			if depth++; d == '}' || d == ']' {
				depth -= 2
			}
		}
	}
	return nil
}

func (w *jsonRedactor) list(depth int) error {
	w.out.WriteByte('[')
	for n := 0; w.dec.More(); n++ {
		if n > 0 {
			w.out.WriteByte(',')
		}
		if err := w.value(depth + 1); err != nil {
			return err
		}
	}
	w.out.WriteByte(']')
	_, err := w.dec.Token()
	return err
}

func (w *jsonRedactor) write(v any) error {
	enc := json.NewEncoder(&w.out)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	if w.out.Len() > 0 {
		w.out.Truncate(w.out.Len() - 1) // the line feed
	}
	return err
}
