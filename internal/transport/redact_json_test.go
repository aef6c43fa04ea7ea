package transport_test

import (
	"encoding/json"
	"testing"

	"github.com/cozekit/cozekit/internal/transport"
)

// TestRedact: what the document marks is replaced at any depth and in any spelling, and nothing else changes.
func TestRedact(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, in, request, answer string }{
		{"a token answer", `{"access_token":"s","refresh_token":"s","expires_in":7,"token_type":"Bearer"}`,
			`{"access_token":"[redacted]","refresh_token":"[redacted]","expires_in":7,"token_type":"Bearer"}`,
			`{"access_token":"[redacted]","refresh_token":"[redacted]","expires_in":7,"token_type":"Bearer"}`},
		{"a code is a secret in a request only", `{"code":"4013","msg":"m"}`, `{"code":"[redacted]","msg":"m"}`, `{"code":"4013","msg":"m"}`},
		{"a token is a secret in an answer only", `{"data":{"token":"s","token_count":3}}`,
			`{"data":{"token":"s","token_count":3}}`, `{"data":{"token":"[redacted]","token_count":3}}`},
		{"numbers, null and nothing stay", `{"token":7,"verify_token":null,"access_token":""}`,
			`{"token":7,"verify_token":null,"access_token":""}`, `{"token":7,"verify_token":null,"access_token":""}`},
		{"objects and lists go as a whole", `[{"open_search_config":{"a":"s"},"api_key":["s"]}]`,
			`[{"open_search_config":"[redacted]","api_key":"[redacted]"}]`, `[{"open_search_config":"[redacted]","api_key":"[redacted]"}]`},
		{"other spellings", ` { "AccessToken" : "s", "device-code":"s" , "n":1.50 }`,
			`{"AccessToken":"[redacted]","device-code":"[redacted]","n":1.50}`, `{"AccessToken":"[redacted]","device-code":"[redacted]","n":1.50}`},
		{"tokens that the document does not know", `{"session_token":"s","X-Security-Token":"s","page_token":"p","max_tokens":"9"}`,
			`{"session_token":"[redacted]","X-Security-Token":"[redacted]","page_token":"p","max_tokens":"9"}`,
			`{"session_token":"[redacted]","X-Security-Token":"[redacted]","page_token":"p","max_tokens":"9"}`},
		{"a value like a name", `["access_token","x"]`, `["access_token","x"]`, `["access_token","x"]`},
		{"twice the same name", `{"access_token":"s","access_token":"s"}`,
			`{"access_token":"[redacted]","access_token":"[redacted]"}`, `{"access_token":"[redacted]","access_token":"[redacted]"}`},
		{"a scalar", `"x"`, `"x"`, `"x"`},
	}
	for _, tt := range tests {
		check := func(what, want string, redact func([]byte) ([]byte, error)) {
			if got, err := redact([]byte(tt.in)); err != nil || string(got) != want {
				t.Errorf("%s, as %s: got %s, %v, want %s", tt.name, what, got, err, want)
			}
		}
		check("a request", tt.request, transport.RedactRequest)
		check("an answer", tt.answer, transport.RedactAnswer)
	}
	for _, broken := range []string{"", "{", `{"access_token":"s"`, `{"access_token":s}`, "<p>"} {
		if got, err := transport.RedactAnswer([]byte(broken)); err == nil {
			t.Errorf("%q became %q", broken, got)
		}
	}
}

// FuzzRedact: whatever comes, the result is JSON without the secret, or an error.
func FuzzRedact(f *testing.F) {
	for _, seed := range []string{
		`{"access_token":"s3cr3t","data":{"token":"s3cr3t"}}`, `[{"verify_token":["s3cr3t"]}]`, `{"a":{"b":[1,null,{"refresh_token":"s3cr3t"}]}}`,
		`{"Access_Token":"s3cr3t"}`, `"s3cr3t"`, "{}", "[[[", "\xff", `{"access_token"`, `{"\u0061ccess_token":"s3cr3t"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		got, err := transport.RedactAnswer(raw)
		if err != nil {
			return
		}
		if !json.Valid(got) {
			t.Fatalf("%q became %q, which is no JSON", raw, got)
		}
		again, err := transport.RedactAnswer(got)
		if err != nil || string(again) != string(got) {
			t.Errorf("%q became %q, and that %q, %v", raw, got, again, err)
		}
		var v struct {
			AccessToken any `json:"access_token"`
		}
		if json.Unmarshal(got, &v) != nil {
			return // no object
		}
		if text, ok := v.AccessToken.(string); ok && text != "" && text != "[redacted]" {
			t.Errorf("%q kept %q", raw, text)
		}
	})
}
