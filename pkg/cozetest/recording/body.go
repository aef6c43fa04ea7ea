package recording

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The limits of what is kept, in bytes.
const (
	maxBody   = 16 << 20 // of one body
	maxUpload = 64 << 10 // of one file of an upload
	maxInline = 64 << 10 // of bytes in a file of an exchange; more go into a file beside it
)

// body is a body as a file holds it: one of JSON, Text, Base64, File and Parts, or nothing but a size if it was too long.
type body struct {
	JSON   json.RawMessage `json:"json,omitempty"`
	Text   string          `json:"text,omitempty"`
	Base64 []byte          `json:"base64,omitempty"`
	File   string          `json:"file,omitempty"` // name of the file beside this one that holds the bytes
	Parts  []part          `json:"parts,omitempty"`
	Size   int64           `json:"size,omitempty"`   // of the whole body, where a part of it or nothing is here
	SHA256 string          `json:"sha256,omitempty"` // of the whole body, dito
}

// part is a part of a multipart body.
type part struct {
	Name        string `json:"name"`
	FileName    string `json:"file_name,omitempty"`
	ContentType string `json:"content_type,omitempty"`
	Text        string `json:"text,omitempty"`
	Base64      []byte `json:"base64,omitempty"` // the beginning of it, if it is a file
	Size        int64  `json:"size"`
	SHA256      string `json:"sha256"`
}

// captured is the beginning of a body, and what is to be known of the whole.
type captured struct {
	data []byte
	size int64
	hash [sha256.Size]byte
}

// capture keeps up to a limit of what is written to it, and counts and hashes all.
type capture struct {
	limit int
	data  []byte
	size  int64
	sum   interface {
		io.Writer
		Sum([]byte) []byte
	}
}

func newCapture(limit int) *capture { return &capture{limit: limit, sum: sha256.New()} }

func (c *capture) Write(p []byte) (int, error) {
	c.data = append(c.data, p[:min(len(p), c.limit-len(c.data))]...)
	c.size += int64(len(p))
	return c.sum.Write(p)
}

func (c *capture) captured() captured {
	out := captured{data: c.data, size: c.size}
	c.sum.Sum(out.hash[:0])
	return out
}

func (c *captured) whole() bool { return c.size == int64(len(c.data)) }

// describe makes a body of what was captured, without secrets; nil if it is empty.
func describe(contentType string, c captured, r *redactor, d direction) *body {
	kind, _, _ := mime.ParseMediaType(contentType)
	switch {
	case c.size == 0:
		return nil
	case !c.whole():
		return &body{Size: c.size, SHA256: hex.EncodeToString(c.hash[:])}
	case isJSON(kind) || kind == "" && json.Valid(c.data):
		if clean, _, err := r.json(c.data, d); err == nil {
			return &body{JSON: clean}
		}
	case kind == "application/x-www-form-urlencoded":
		if form, err := url.ParseQuery(string(c.data)); err == nil {
			r.values(form, d)
			return &body{Text: form.Encode()}
		}
	}
	if printable(c.data) {
		return &body{Text: r.text(string(c.data))}
	}
	return &body{Base64: c.data}
}

func isJSON(kind string) bool { return kind == "application/json" || strings.HasSuffix(kind, "+json") }

// printable tells whether bytes are a text that people can read in a file.
func printable(b []byte) bool {
	return utf8.Valid(b) && bytes.IndexFunc(b, func(r rune) bool {
		return unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t'
	}) < 0
}

// bytes is the body as it is sent again. dir is where its file is.
func (b *body) bytes(readFile func(name string) ([]byte, error)) ([]byte, error) {
	switch {
	case b == nil:
		return nil, nil
	case b.JSON != nil:
		var compact bytes.Buffer
		err := json.Compact(&compact, b.JSON)
		return compact.Bytes(), err
	case b.Text != "":
		return []byte(b.Text), nil
	case b.File != "":
		return readFile(b.File)
	case b.Base64 != nil:
		return b.Base64, nil
	case b.Size > 0:
		return nil, fmt.Errorf("the body of %d bytes was too long to be recorded", b.Size)
	}
	return nil, errors.New("the body is empty")
}

// canonical is a text that is the same for bodies that mean the same.
func (b *body) canonical(ignore map[string]bool) string {
	switch {
	case b == nil:
		return ""
	case b.JSON != nil:
		v, err := parseJSON(b.JSON)
		if err != nil {
			return string(b.JSON)
		}
		text, err := json.Marshal(without(v, ignore))
		if err != nil {
			return string(b.JSON)
		}
		return string(text)
	case b.Parts != nil:
		var out strings.Builder
		for _, p := range b.Parts {
			fmt.Fprintf(&out, "%q %q %s %d %s\n", p.Name, p.FileName, p.Text, p.Size, p.SHA256)
		}
		return out.String()
	}
	return b.Text + string(b.Base64) + b.SHA256
}

func parseJSON(text []byte) (v any, err error) {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	err = dec.Decode(&v)
	return v, err
}

// without takes ignored fields out of a value, at any depth.
func without(v any, ignore map[string]bool) any {
	switch v := v.(type) {
	case map[string]any:
		for name, e := range v {
			if ignore[name] {
				delete(v, name)
			} else {
				v[name] = without(e, ignore)
			}
		}
	case []any:
		for i, e := range v {
			v[i] = without(e, ignore)
		}
	}
	return v
}
