package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestRun is the exit status by level and by -fail-on.
func TestRun(t *testing.T) {
	old := filepath.Join("verdict", "testdata", "openapi.yaml")
	source, err := os.ReadFile(old)
	if err != nil {
		t.Fatal(err)
	}
	file := func(from, to string) string {
		name := filepath.Join(t.TempDir(), "new.yaml")
		if err := os.WriteFile(name, []byte(strings.Replace(string(source), from, to, 1)), 0o644); err != nil {
			t.Fatal(err)
		}
		return name
	}
	words, value, field := file("Reads a bot", "Reads one"), file("[published_online", "[new, published_online"), file("icon_url:", "icon:")
	for _, test := range []struct {
		new, failOn string
		want        int
	}{
		{words, "minor", 0}, {value, "minor", 10}, {value, "major", 0}, {field, "major", 20}, {field, "never", 0},
	} {
		o := options{from: old, to: test.new, format: "text", failOn: test.failOn}
		if got, err := run(io.Discard, o); got != test.want || err != nil {
			t.Errorf("%s, -fail-on %s: %d, %v, want %d", filepath.Base(test.new), test.failOn, got, err, test.want)
		}
	}
	for _, o := range []options{
		{format: "xml", failOn: "minor"}, {format: "text", failOn: "often"}, {from: old, format: "text", failOn: "minor"},
		{from: old, to: "nowhere.yaml", format: "text", failOn: "minor"},
	} {
		if _, err := run(io.Discard, o); err == nil {
			t.Errorf("%+v was accepted", o)
		}
	}
}
