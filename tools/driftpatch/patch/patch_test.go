package patch_test

import (
	"bytes"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"

	"github.com/cozekit/cozekit/pkg/call"
	"github.com/cozekit/cozekit/tools/driftpatch/patch"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func read(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(filepath.Join("testdata", name), got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(string(read(t, name)), string(got)); diff != "" {
		t.Errorf("%s: %s", name, diff)
	}
}

func drifts(t *testing.T) []call.Drift {
	t.Helper()
	d, err := patch.ReadLog(bytes.NewReader(read(t, "drift.jsonl")))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestGolden shows every edit, and everything that a person has to do.
func TestGolden(t *testing.T) {
	before, log := read(t, "before.yaml"), drifts(t)
	r, err := patch.Apply(before, log)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "after.yaml", r.Source)
	var diff, report bytes.Buffer
	if err := patch.WriteDiff(&diff, "before.yaml", before, r.Source); err != nil {
		t.Fatal(err)
	}
	golden(t, "after.diff", diff.Bytes())
	if err := r.WriteReport(&report); err != nil {
		t.Fatal(err)
	}
	golden(t, "report.txt", report.Bytes())

	t.Run("order of the log does not matter", func(t *testing.T) {
		for i, j := 0, len(log)-1; i < j; i, j = i+1, j-1 {
			log[i], log[j] = log[j], log[i]
		}
		again, err := patch.Apply(before, log)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(r.Source), string(again.Source)); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("a second time changes nothing", func(t *testing.T) {
		again, err := patch.Apply(r.Source, log)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(r.Source), string(again.Source)); diff != "" {
			t.Error(diff)
		}
		if len(again.Patched) != 0 {
			t.Errorf("patched %v", again.Patched)
		}
	})
	t.Run("the diff applies", func(t *testing.T) { applies(t, before, diff.Bytes(), r.Source) })
}

func applies(t *testing.T, before, diff, after []byte) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("there is no git")
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "before.yaml")
	if err := os.WriteFile(file, before, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "git", "apply", "-")
	cmd.Dir, cmd.Stdin = dir, bytes.NewReader(diff)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("git apply: %v\n%s", err, out)
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(after), string(got)); diff != "" {
		t.Error(diff)
	}
}

// TestRealDocument patches api/openapi.yaml itself; speclint says only what a person has to write.
func TestRealDocument(t *testing.T) {
	before, err := os.ReadFile("../../../api/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	codes, err := os.ReadFile("../../../api/errors.yaml")
	if err != nil {
		t.Fatal(err)
	}
	const schemas = "#/components/schemas/"
	r, err := patch.Apply(before, []call.Drift{
		{Rule: call.DriftUnknownField, Operation: "GetCurrentUser", Document: schemas + "User", Field: "mood", Got: "string(3)"},
		{Rule: call.DriftUnknownField, Operation: "RetrieveBot", Document: schemas + "Bot", Field: "labels", Got: "list(1) of string(3)"},
		{Rule: call.DriftNewEnumValue, Operation: "CreateChat", Document: schemas + "MessageType", Value: "thought", Got: "string(7)"},
		{Rule: call.DriftMissingField, Operation: "GetCurrentUser", Document: schemas + "User", Field: "nick_name", Got: "nothing"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.CheckRules(before, codes); err != nil {
		t.Fatal(err)
	}
	if len(r.Patched) != 4 || len(r.Lint) != 0 {
		var report strings.Builder
		_ = r.WriteReport(&report)
		t.Error(report.String())
	}
	r, err = patch.Apply(before, []call.Drift{
		{Rule: call.DriftNewEnumValue, Operation: "RetrieveBot", Document: schemas + "BotMode", Value: "7", Got: "integer(1)"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.CheckRules(before, codes); err != nil {
		t.Fatal(err)
	}
	t.Logf("lint: %q", r.Lint)
}

func TestBadLogs(t *testing.T) {
	for name, log := range map[string]string{"no JSON": "oops", "no drift": `{"level":"info"}`, "list": "[]"} {
		if _, err := patch.ReadLog(strings.NewReader("\n" + log + "\n")); err == nil || !strings.Contains(err.Error(), "line 2") {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if d, err := patch.ReadLog(strings.NewReader("\n\n")); err != nil || len(d) != 0 {
		t.Errorf("empty: got %v, %v", d, err)
	}
}

func TestBadDocuments(t *testing.T) {
	for _, text := range []string{"", "- a", "a: [", "a: b: c"} {
		if _, err := patch.Apply([]byte(text), nil); err == nil {
			t.Errorf("%q: got no error", text)
		}
	}
}

// FuzzApply: whatever a log says, the document stays readable, and all that was there stays there but what was asked for.
func FuzzApply(f *testing.F) {
	f.Add("unknown-field", "#/components/schemas/User", "mood", "string(3)", "")
	f.Add("new-enum-value", "#/components/schemas/Role", "", "string(3)", "a'b")
	f.Add("missing-field", "#/components/schemas/User", "role", "null", "")
	f.Add("wrong-kind", "#/components/schemas/User/properties/age", "", "integer(12)\n- x", "")
	f.Add("unknown-field", "#/components/schemas/User", "a: b\nc", "list(1) of list(2) of", "")
	before, err := os.ReadFile("testdata/before.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, rule, document, field, got, value string) {
		r, err := patch.Apply(before, []call.Drift{{
			Rule: call.DriftRule(rule), Document: document, Field: field, Got: got, Value: value, Operation: "GetCurrentUser",
		}})
		if err != nil {
			t.Fatal(err)
		}
		var v any
		if err := yaml.Unmarshal(r.Source, &v); err != nil {
			t.Errorf("%v\n%s", err, r.Source)
		}
	})
}
