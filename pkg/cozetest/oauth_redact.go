package cozetest

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"

	"github.com/getkin/kin-openapi/openapi3"
)

const redacted = "REDACTED"

// secretParameters are the query parameters that a recorded call does not tell. A plain code_challenge is the verifier itself.
var secretParameters = []string{"authorization", "authorize_key", "code_challenge", "user_code"}

func redactQuery(query url.Values) {
	for _, name := range secretParameters {
		if query.Has(name) {
			query.Set(name, redacted)
		}
	}
}

// secretFields are the fields of bodies that the document marks with x-coze-sensitive.
func secretFields(bodies map[string]*openapi3.Schema) map[string]bool {
	fields := map[string]bool{}
	for _, schema := range bodies {
		properties, _ := propertiesOf(schema)
		for name, p := range properties {
			if p.Extensions["x-coze-sensitive"] == true {
				fields[name] = true
			}
		}
	}
	return fields
}

// readSecretBody reads a body that holds secrets, and records it without them.
func (x *exchange) readSecretBody() bool {
	body, err := io.ReadAll(http.MaxBytesReader(x.w, x.r.Body, maxBody))
	if err != nil {
		x.refuse(refuse(codeInvalidParameter, "the body cannot be read: %v", err))
		return false
	}
	x.body = body
	var fields map[string]any
	clean := []byte(redacted)
	if json.Unmarshal(body, &fields) == nil {
		for name := range fields {
			if x.op.secrets[name] {
				fields[name] = redacted
			}
		}
		clean, _ = encodeJSON(fields)
	}
	_, _ = bodyRecorder{&x.srv.journal, x.call}.Write(clean)
	return true
}
