package transport

import (
	"bytes"
	"strings"

	"github.com/cozekit/cozekit/pkg/call"
	"github.com/go-json-experiment/json"
)

const (
	redacted  = "[redacted]"
	oauthPath = "/api/permission/oauth2/"
)

// secrets is what the request carried that a server might repeat in its refusal: the access token, and the one-time
// values in the body of an OAuth request.
func (x *exchange) secrets() []string {
	var s []string
	if x.token != "" {
		s = append(s, x.token)
	}
	if x.body == nil || !strings.HasPrefix(x.op.Path, oauthPath) {
		return s
	}
	rc, err := x.body.open()
	if err != nil {
		return s
	}
	defer rc.Close()
	var sent struct {
		Code         string `json:"code"`
		CodeVerifier string `json:"code_verifier"`
		DeviceCode   string `json:"device_code"`
		RefreshToken string `json:"refresh_token"`
	}
	if json.UnmarshalRead(rc, &sent, laxOptions) != nil {
		return s
	}
	for _, v := range []string{sent.Code, sent.CodeVerifier, sent.DeviceCode, sent.RefreshToken} {
		if v != "" {
			s = append(s, v)
		}
	}
	return s
}

// redact takes secrets out of a refusal.
func redact(e *call.Error, secrets []string) {
	for _, s := range secrets {
		for _, text := range []*string{&e.Message, &e.CodeText, &e.DebugURL} {
			*text = strings.ReplaceAll(*text, s, redacted)
		}
		e.Detail = bytes.ReplaceAll(e.Detail, []byte(s), []byte(redacted))
	}
}

// withoutSecrets is redact for a raw body, of which an error may show a piece that ends within a secret.
func withoutSecrets(body []byte, secrets []string) []byte {
	for _, s := range secrets {
		body = bytes.ReplaceAll(body, []byte(s), []byte(redacted))
	}
	return body
}
