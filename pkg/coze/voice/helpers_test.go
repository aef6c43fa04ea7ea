package voice_test

import (
	"encoding/base64"
	"encoding/json"
	"testing"
)

func mustUnmarshal(t *testing.T, b []byte, v any) {
	t.Helper()
	if err := json.Unmarshal(b, v); err != nil {
		t.Error(err)
	}
}

func b64(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
