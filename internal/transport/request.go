package transport

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// Request is one call of an operation on its way out: generated methods fill it.
type Request struct {
	op     *Op
	path   []string // values of the placeholders, in order
	query  []byte   // encoded
	header http.Header
	body   body
	err    error // first problem found while filling
}

// NewRequest starts a request of op with the values of the path placeholders, in order.
func NewRequest(op *Op, path ...string) *Request { return &Request{op: op, path: path} }

// NewRawRequest starts a request of an operation that the document does not have; the placeholders of path are filled in.
func NewRawRequest(op *Op, path string) *Request {
	r := &Request{op: op}
	op.Path = path
	for element := range strings.SplitSeq(path, "/") {
		if element == "." || element == ".." || strings.ContainsAny(element, "{}") {
			r.fail("path %s: element %q is not allowed", path, element)
		}
	}
	return r
}

func (r *Request) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf(format, args...)
	}
}

// Require refuses the request if a required value is not set.
func (r *Request) Require(name string, set bool) {
	if !set {
		r.fail("%s is required", name)
	}
}

// Query adds a query parameter unless value is empty.
func (r *Request) Query(name, value string) {
	if value != "" {
		r.addQuery(name, value)
	}
}

func (r *Request) addQuery(name, value string) {
	if len(r.query) > 0 {
		r.query = append(r.query, '&')
	}
	r.query = append(r.query, url.QueryEscape(name)...)
	r.query = append(r.query, '=')
	r.query = append(r.query, url.QueryEscape(value)...)
}

// QueryList adds an array: as one comma-joined value, or repeated when explode is set.
func QueryList[T ~string](r *Request, name string, values []T, explode bool) {
	if len(values) == 0 {
		return
	}
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = string(v)
		if !explode && strings.Contains(texts[i], ",") {
			r.fail("%s: %q has a comma, which the server would take as the end of an entry", name, texts[i])
			return
		}
		if explode {
			r.addQuery(name, texts[i])
		}
	}
	if !explode {
		r.addQuery(name, strings.Join(texts, ","))
	}
}

// QueryInt adds a number unless it is nil.
func QueryInt[T ~int | ~int32 | ~int64](r *Request, name string, v *T) {
	if v != nil {
		r.addQuery(name, strconv.FormatInt(int64(*v), 10))
	}
}

// QueryFloat adds a number unless it is nil.
func (r *Request) QueryFloat(name string, v *float64) {
	if v != nil {
		r.addQuery(name, strconv.FormatFloat(*v, 'g', -1, 64))
	}
}

// QueryBool adds true or false unless v is nil.
func (r *Request) QueryBool(name string, v *bool) {
	if v != nil {
		r.addQuery(name, strconv.FormatBool(*v))
	}
}

// Header adds a header parameter unless value is empty.
func (r *Request) Header(name, value string) {
	if value == "" {
		return
	}
	if r.header == nil {
		r.header = http.Header{}
	}
	r.header.Set(name, value)
}

// HeaderInt adds a number as a header parameter unless it is nil.
func HeaderInt[T ~int | ~int32 | ~int64](r *Request, name string, v *T) {
	if v != nil {
		r.Header(name, strconv.FormatInt(int64(*v), 10))
	}
}

// target is base with the operation's path, its placeholders filled in, and the query.
func (r *Request) target(base *url.URL, extra url.Values) (*url.URL, error) {
	raw := make([]byte, 0, 96)
	rest := r.op.Path
	for _, v := range r.path {
		i, j := strings.IndexByte(rest, '{'), strings.IndexByte(rest, '}')
		if i < 0 || j < i {
			return nil, fmt.Errorf("more path values than placeholders in %s", r.op.Path)
		}
		if err := checkPathValue(rest[i+1:j], v); err != nil {
			return nil, err
		}
		raw = append(raw, rest[:i]...)
		raw = append(raw, url.PathEscape(v)...)
		rest = rest[j+1:]
	}
	raw = append(raw, rest...)
	u := *base
	u.RawPath = base.EscapedPath() + string(raw)
	path, err := url.PathUnescape(u.RawPath)
	if err != nil {
		return nil, fmt.Errorf("path %s: %w", r.op.Path, err)
	}
	u.Path = path
	if u.RawPath == u.Path {
		u.RawPath = ""
	}
	u.RawQuery = mergeQuery(r.query, extra)
	return &u, nil
}

func checkPathValue(name, v string) error {
	switch v {
	case "":
		return fmt.Errorf("%s is required", name)
	case ".", "..":
		return fmt.Errorf("%s: %q is no id", name, v)
	}
	return nil
}

func mergeQuery(own []byte, extra url.Values) string {
	if len(extra) == 0 {
		return string(own)
	}
	q, _ := url.ParseQuery(string(own))
	for name, values := range extra {
		q[name] = values
	}
	return q.Encode()
}
