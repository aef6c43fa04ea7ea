package transport

import (
	"bytes"
	"fmt"
	"io"
	"net/url"
	"strings"

	"github.com/cozekit/cozekit/pkg/call"
)

// body is an encoded request body. open may be called again for a second try where replay is true.
type body interface {
	encode(extra []call.ExtraField) (encoded, error)
}

type encoded struct {
	contentType string
	size        int64 // -1 if unknown
	replay      bool
	open        func() (io.ReadCloser, error)
}

func inMemory(contentType string, b []byte) encoded {
	return encoded{contentType, int64(len(b)), true, func() (io.ReadCloser, error) {
		return &memory{Reader: bytes.NewReader(b)}, nil
	}}
}

type memory struct{ *bytes.Reader }

func (memory) Close() error { return nil }

type jsonBody struct {
	v     any
	extra []call.ExtraField
}

// JSON sends v, a pointer to a struct, as the JSON body.
func (r *Request) JSON(v any) { r.body = &jsonBody{v: v} }

// JSONField adds a field that the method sets itself to the JSON body.
func (r *Request) JSONField(name string, value any) {
	b, ok := r.body.(*jsonBody)
	if !ok {
		b = &jsonBody{}
		r.body = b
	}
	b.extra = append(b.extra, call.ExtraField{Name: name, Value: value})
}

func (b *jsonBody) encode(extra []call.ExtraField) (encoded, error) {
	raw := []byte("{}")
	if b.v != nil {
		var err error
		if raw, err = Marshal(b.v); err != nil {
			return encoded{}, fmt.Errorf("encode request: %w", err)
		}
	}
	for _, list := range [][]call.ExtraField{b.extra, extra} {
		for _, f := range list {
			var err error
			if raw, err = setField(raw, f); err != nil {
				return encoded{}, err
			}
		}
	}
	return inMemory(typeJSON, raw), nil
}

// Form sends the fields, name and value in turn, as a form; empty values are left out.
func (r *Request) Form(fields ...string) {
	v := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		if fields[i+1] != "" {
			v.Set(fields[i], fields[i+1])
		}
	}
	r.body = formBody(v.Encode())
}

type formBody string

func (b formBody) encode(extra []call.ExtraField) (encoded, error) {
	if len(extra) > 0 {
		return encoded{}, errNoJSONBody
	}
	size := int64(len(b))
	return encoded{"application/x-www-form-urlencoded", size, true, func() (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader(string(b))), nil
	}}, nil
}
