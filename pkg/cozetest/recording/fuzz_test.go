package recording_test

import (
	"encoding/json"
	"testing"

	"github.com/cozekit/cozekit/pkg/cozetest/recording"
)

// FuzzDecode: no file makes a replay panic, and what was read is written as it was.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"format":"cozekit-recording/1","recorded_at":"2026-11-21T00:00:00Z","request":{"method":"GET","url":"http://x/s"},
		"response":{"status":200,"header_ms":1,"end":"complete","events":[{"at_ms":5,"lines":["data:1","",""]}]}}`))
	f.Add([]byte(`{"format":"cozekit-recording/1","request":{"method":"POST","url":"/","body":{"json":{"a":[1.50]}}},"error":"x"}`))
	f.Add([]byte(`{"format":"cozekit-recording/1","request":{"method":"POST","url":"/","body":{"parts":[{"name":"f","size":1}]}},
		"response":{"status":200,"end":"closed","body":{"base64":"AAA="}}}`))
	f.Add([]byte(`{"format":"cozekit-recording/9"}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		if recording.Decode(text) != nil {
			return
		}
		first, second, err := recording.Again(text)
		if err != nil || string(first) != string(second) {
			t.Errorf("%v: %s and then %s", err, first, second)
		}
	})
}

// FuzzClean: what is JSON stays JSON without the secrets.
func FuzzClean(f *testing.F) {
	f.Add([]byte(`{"access_token":"topsecret","a":[{"token":{"x":"topsecret"}},1.50,null]}`))
	f.Add([]byte(`"{\"refresh_token\":\"topsecret\"}"`))
	f.Add([]byte("{\"token\":\"topsecret\xff\"}"))
	f.Fuzz(func(t *testing.T, text []byte) {
		clean, err := recording.Clean(text)
		if err != nil {
			return
		}
		if !json.Valid([]byte(clean)) {
			t.Errorf("%q became %q", text, clean)
		}
		var top map[string]any
		if json.Unmarshal([]byte(clean), &top) == nil {
			if s, ok := top["access_token"].(string); ok && s != "" && s != "[redacted]" {
				t.Errorf("%q became %q", text, clean)
			}
		}
	})
}
