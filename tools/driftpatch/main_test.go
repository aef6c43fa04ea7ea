package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const line = `{"time":"2026-11-21T08:00:00Z","rule":"unknown-field","source":"answer","operation":"GetCurrentUser",` +
	`"pointer":"/data/mood","document":"#/components/schemas/User","field":"mood","want":"nothing","got":"string(12)"}` + "\n"

// TestRun: the patch is printed, or written; the log comes from a file or from standard input.
func TestRun(t *testing.T) {
	dir := t.TempDir()
	spec := filepath.Join(dir, "openapi.yaml")
	for _, name := range []string{"openapi.yaml", "errors.yaml"} {
		text, err := os.ReadFile("../../api/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var diff, report bytes.Buffer
	if err := run([]string{"-spec", spec, "-"}, strings.NewReader(line), &diff, &report); err != nil {
		t.Fatal(err)
	}
	want := "+        mood:\n+          type: string\n+          description: 'Seen in GetCurrentUser as string(12)"
	if !strings.Contains(diff.String(), want) || !strings.HasPrefix(report.String(), "patched: 1\n") || strings.Contains(report.String(), "speclint") {
		t.Errorf("got %s\n%s", diff.String(), report.String())
	}
	log := filepath.Join(dir, "drift.jsonl")
	if err := os.WriteFile(log, []byte(line), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := run([]string{"-write", "-spec", spec, log}, nil, io.Discard, io.Discard); err != nil {
		t.Fatal(err)
	}
	if text, _ := os.ReadFile(spec); !bytes.Contains(text, []byte("\n        mood:\n          type: string\n")) {
		t.Error("the document was not changed")
	}
	diff.Reset()
	report.Reset()
	if err := run([]string{"-spec", spec, log}, nil, &diff, &report); err != nil {
		t.Fatal(err)
	}
	if diff.Len() != 0 || !strings.HasPrefix(report.String(), "in the document already: 1\n") {
		t.Errorf("again: %s%s", diff.String(), report.String())
	}
}

func TestRefusals(t *testing.T) {
	for name, args := range map[string][]string{
		"no log": {}, "two logs": {"a", "b"}, "no such log": {"testdata/none"}, "no such flag": {"-x"}, "no such document": {"-spec", "none", "-"},
	} {
		if err := run(args, strings.NewReader(line), io.Discard, io.Discard); err == nil {
			t.Errorf("%s: got no error", name)
		}
	}
	if err := run([]string{"-"}, strings.NewReader("oops"), io.Discard, io.Discard); err == nil {
		t.Error("bad log: got no error")
	}
}
