package transport

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/cozekit/cozekit/pkg/call"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

var errNoJSONBody = errors.New("WithExtraField needs a request with a JSON body; this one has none")

// setField puts a field into a JSON object, in place of one of the same name.
func setField(object []byte, f call.ExtraField) ([]byte, error) {
	value, err := Marshal(f.Value)
	if err != nil {
		return nil, fmt.Errorf("encode field %s: %w", f.Name, err)
	}
	name, err := Marshal(f.Name)
	if err != nil {
		return nil, fmt.Errorf("field name %q: %w", f.Name, err)
	}
	object = bytes.TrimSpace(object)
	if len(object) < 2 || object[0] != '{' {
		return nil, fmt.Errorf("field %s: the request body is no JSON object", f.Name)
	}
	if bytes.Contains(object, name) {
		if object, err = dropField(object, f.Name); err != nil {
			return nil, err
		}
	}
	out := make([]byte, 0, len(object)+len(name)+len(value)+2)
	out = append(out, object[:len(object)-1]...)
	if len(bytes.TrimSpace(object[1:len(object)-1])) > 0 {
		out = append(out, ',')
	}
	out = append(append(append(out, name...), ':'), value...)
	return append(out, '}'), nil
}

// dropField removes a top-level field and keeps the rest as it is.
func dropField(object []byte, name string) ([]byte, error) {
	dec := jsontext.NewDecoder(bytes.NewReader(object), decodeOptions)
	if _, err := dec.ReadToken(); err != nil {
		return nil, fmt.Errorf("request body: %w", err)
	}
	out := []byte{'{'}
	for dec.PeekKind() != '}' {
		var key string
		if err := json.UnmarshalDecode(dec, &key); err != nil {
			return nil, fmt.Errorf("request body: %w", err)
		}
		value, err := dec.ReadValue()
		if err != nil {
			return nil, fmt.Errorf("request body: %w", err)
		}
		if key == name {
			continue
		}
		if len(out) > 1 {
			out = append(out, ',')
		}
		quoted, _ := Marshal(key)
		out = append(append(append(out, quoted...), ':'), value...)
	}
	return append(out, '}'), nil
}
