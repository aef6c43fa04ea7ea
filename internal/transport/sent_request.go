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
		Method: x.op.Method, URL: string(withoutSecrets([]byte(u.String()), secrets)), Header: x.sentHeader(), Token: x.token != "",
	}
	r.Body, r.Left = x.sentBody(secrets)
	if r.Body+r.Left != "" && x.bodyType != "" {
		r.Header.Set("Content-Type", x.bodyType)
	}
	return r
}

// sentHeader is what [exchange.setHeader] joins. The headers of the client and of the call may hold anything; those of the
// document are told.
func (x *exchange) sentHeader() http.Header {
	h := http.Header{}
	for name := range x.common {
		if name != "User-Agent" && name != "X-Coze-Client-User-Agent" {
			h[name] = []string{redacted}
		}
	}
	if x.want != wantForward { // what is passed on has the header of its sender, which may hold anything
		h["Accept"] = accept[x.want]
	}
	for i := 0; i+1 < len(x.op.Header); i += 2 {
		h.Set(x.op.Header[i], x.op.Header[i+1])
	}
	for name, values := range x.params {
		if h[name] = values; isSensitive(inRequests, name) {
			h[name] = []string{redacted}
		}
	}
	for name := range x.settings.Header {
		h[name] = []string{redacted}
	}
	return h
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

// forgetRequest lets go of what a stream does not need, and keeps what its errors may show.
func (x *exchange) forgetRequest() {
	x.header = nil
	if x.body != nil && x.body.size > maxStreamSentBody {
		x.body, x.bodyLeft = nil, leftOut(x.body)
	}
}
