package transport

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
)

const logIDHeader = "X-Tt-Logid"

// setHeader joins, each over the one before: the client's header, the operation's fixed ones, the header parameters of
// the request, and those of the call's options.
func (x *exchange) setHeader(client, params http.Header) error {
	h := make(http.Header, len(client)+4)
	for name, values := range client {
		h[name] = values
	}
	h["Accept"] = accept[x.want]
	if x.body != nil {
		h["Content-Type"] = []string{x.body.contentType}
	}
	for i := 0; i+1 < len(x.op.Header); i += 2 {
		h.Set(x.op.Header[i], x.op.Header[i+1])
	}
	for _, list := range []http.Header{params, x.settings.Header} {
		for name, values := range list {
			if err := CheckHeader(name, values[0]); err != nil {
				return err
			}
			h[name] = values
		}
	}
	x.header = h
	return nil
}

var accept = [...][]string{
	wantJSON:     {"application/json"},
	wantStream:   {"text/event-stream, application/json"},
	wantBinary:   {"*/*"},
	wantLocation: {"*/*"},
}

// CheckHeader refuses header names and values that HTTP does not allow, and Authorization, which belongs to the token
// source.
func CheckHeader(name, value string) error {
	if name == "" || strings.ContainsFunc(name, notInHeaderName) {
		return fmt.Errorf("header name %q is not allowed in HTTP", name)
	}
	if http.CanonicalHeaderKey(name) == "Authorization" {
		return errors.New("set the access token by a token source, not by the Authorization header")
	}
	if !validHeaderValue(value) {
		return fmt.Errorf("the value of header %s has control characters", name)
	}
	return nil
}

func notInHeaderName(r rune) bool {
	return r <= ' ' || r >= 0x7f || strings.ContainsRune(`()<>@,;:\"/[]?={}`, r)
}

func validHeaderValue(value string) bool {
	return !strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f })
}
