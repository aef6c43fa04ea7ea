package gate_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/cozekit/cozekit/internal/gate"
)

// TestSigner: a value counts for its purpose, its name and its key only.
func TestSigner(t *testing.T) {
	t.Parallel()
	key := bytes.Repeat([]byte{7}, gate.MinKey)
	s := gate.NewSigner("test", key)
	signed := s.Sign("a", "value")
	if v, ok := s.Open("a", signed); !ok || v != "value" {
		t.Errorf("%q, %v", v, ok)
	}
	if v, ok := s.Open("a", s.Sign("a", "")); !ok || v != "" {
		t.Errorf("%q, %v for the empty value", v, ok)
	}
	key[0]++ // the caller's
	if _, ok := s.Open("a", signed); !ok {
		t.Error("the key can be changed from outside")
	}
	for what, open := range map[string]func() (string, bool){
		"another name":    func() (string, bool) { return s.Open("b", signed) },
		"another purpose": func() (string, bool) { return gate.NewSigner("other", bytes.Repeat([]byte{7}, 32)).Open("a", signed) },
		"another key":     func() (string, bool) { return gate.NewSigner("test", key).Open("a", signed) },
		"another value":   func() (string, bool) { return s.Open("a", "x"+signed) },
		"no signature":    func() (string, bool) { return s.Open("a", "value") },
		"a longer one":    func() (string, bool) { return s.Open("a", signed+".") },
		"nothing":         func() (string, bool) { return s.Open("a", "") },
	} {
		if v, ok := open(); ok || v != "" {
			t.Errorf("%s: got %q, %v", what, v, ok)
		}
	}
	if text := fmt.Sprintf("%v %+v %#v", s, s, s); bytes.Contains([]byte(text), []byte("7, 0x7")) || bytes.Contains([]byte(text), []byte("7 7")) {
		t.Errorf("fmt shows %s", text)
	}
}
