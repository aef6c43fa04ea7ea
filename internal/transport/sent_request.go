package transport

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/cozekit/cozekit/pkg/call"
)

const typeJSON = "application/json"

// The longest bodies that errors keep: of a call, and of a stream, which may be one of thousands.
const (
	maxSentBody       = 16 << 10
	maxStreamSentBody = 2 << 10
)

// sent describes the request without its secrets. It is made for errors only.
func (x *exchange) sent() *call.SentRequest {
	if x.url == nil {
		return nil
	}
	u := *x.url
	u.User = nil
	if u.RawQuery != "" {
		u.RawQuery = redactedQuery(u.RawQuery)
	}
	secrets := x.secrets()
	r := &call.SentRequest{
		Method: x.op.Method, URL: string(withoutSecrets([]byte(u.String()), secrets)), Header: http.Header{},
		Token: x.header["Authorization"] != nil,
	}
	for name, values := range x.header {
		switch {
		case name == "Authorization" || name == "X-Coze-Client-User-Agent" || name == "User-Agent":
		case x.isPlain(name):
			r.Header[name] = values
		default:
			r.Header[name] = []string{redacted}
		}
	}
	r.Body, r.Left = x.sentBody(secrets)
	return r
}

// isPlain tells a header that is no secret: one that the SDK or the document sets.
func (x *exchange) isPlain(name string) bool {
	if name == "Accept" || name == "Content-Type" {
		return true
	}
	for i := 0; i+1 < len(x.op.Header); i += 2 {
		if http.CanonicalHeaderKey(x.op.Header[i]) == name {
			return true
		}
	}
	_, known := x.params[name]
	return known && x.settings.Header[name] == nil && !isSensitive(inRequests, name)
}

// sentBody is the body, if it is JSON and small, or a word on what it was.
func (x *exchange) sentBody(secrets []string) (body, left string) {
	b := x.body
	if b == nil {
		return "", x.bodyLeft
	}
	if kind, _, _ := strings.Cut(b.contentType, ";"); kind != typeJSON || b.size > maxSentBody {
		return "", leftOut(b)
	}
	rc, err := b.open()
	if err != nil {
		return "", leftOut(b)
	}
	defer rc.Close()
	raw, err := io.ReadAll(rc)
	if err == nil {
		raw, err = RedactRequest(raw)
	}
	if err != nil {
		return "", leftOut(b)
	}
	return string(withoutSecrets(bytes.TrimSpace(raw), secrets)), ""
}

func leftOut(b *encoded) string {
	kind, _, _ := strings.Cut(b.contentType, ";")
	if b.size < 0 {
		return "[" + kind + ", left out]"
	}
	return "[" + kind + " of " + strconv.FormatInt(b.size, 10) + " bytes, left out]"
}

func redactedQuery(raw string) string {
	q, err := url.ParseQuery(raw)
	if err != nil {
		return redacted
	}
	changed := false
	for name, values := range q {
		if isSensitive(inRequests, name) {
			for i := range values {
				values[i], changed = redacted, true
			}
		}
	}
	if !changed {
		return raw
	}
	return q.Encode()
}

// forgetBody lets go of what a stream does not need, and keeps what its errors may show.
func (x *exchange) forgetBody() {
	if x.body != nil && x.body.size > maxStreamSentBody {
		x.body, x.bodyLeft = nil, leftOut(x.body)
	}
}
