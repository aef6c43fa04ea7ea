package rules_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cozekit/cozekit/tools/speclint/rules"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestRules breaks the good document in one place at a time: exactly the rule for it must notice. What the rules say is in
// testdata/findings.golden.
func TestRules(t *testing.T) {
	t.Parallel()
	good := read(t, "good.yaml")
	var golden strings.Builder
	tested := map[string]bool{}
	for _, tt := range breaks {
		tested[tt.rule] = true
		if strings.Count(good, tt.old) == 0 {
			t.Errorf("%s: the good document has no %q", tt.rule, tt.old)
			continue
		}
		places := 1
		if tt.rule == "schema-name" {
			places = -1 // where it is used too
		}
		findings := check(t, strings.Replace(good, tt.old, tt.new, places))
		if len(findings) == 0 {
			t.Errorf("%s: %q instead of %q is not noticed", tt.rule, tt.new, tt.old)
		}
		fmt.Fprintf(&golden, "# %q\n", strings.TrimSpace(tt.new))
		for _, f := range findings {
			if f.Rule != tt.rule {
				t.Errorf("%s: another rule notices %q: %s", tt.rule, tt.new, f)
			}
			fmt.Fprintln(&golden, f)
		}
	}
	for _, r := range rules.All() {
		if !tested[r.Name] {
			t.Errorf("no document breaks the rule %s", r.Name)
		}
	}
	compare(t, "findings.golden", golden.String())
}

func TestGoodDocument(t *testing.T) {
	t.Parallel()
	for _, f := range check(t, read(t, "good.yaml")) {
		t.Error(f)
	}
}

// TestLinesMissing puts something else for one line after the other: whatever is left, the rules cope with it.
func TestLinesMissing(t *testing.T) {
	t.Parallel()
	lines := strings.SplitAfter(read(t, "good.yaml"), "\n")
	codes := []byte(read(t, "errors.yaml"))
	for i := range lines {
		indent := len(lines[i]) - len(strings.TrimLeft(lines[i], " "))
		source := strings.Join(lines[:i], "") + strings.Repeat(" ", indent) + "x: 1\n" + strings.Join(lines[i+1:], "")
		if d, err := rules.Parse("api/openapi.yaml", []byte(source), codes); err == nil {
			rules.Check(d)
		}
	}
}

func TestReasons(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, r := range rules.All() {
		if r.Reason == "" || strings.Contains(r.Reason, "\n") || !strings.HasSuffix(r.Reason, ".") {
			t.Errorf("%s: the reason is not a sentence on one line: %q", r.Name, r.Reason)
		}
		if seen[r.Name] {
			t.Errorf("two rules are called %s", r.Name)
		}
		seen[r.Name] = true
	}
}

func TestNoDocument(t *testing.T) {
	t.Parallel()
	for _, source := range []string{"", "- a", "a: [", "text"} {
		if _, err := rules.Parse("api/openapi.yaml", []byte(source), nil); err == nil {
			t.Errorf("%q is taken for a document", source)
		}
	}
}

func TestFormats(t *testing.T) {
	t.Parallel()
	source := strings.Replace(read(t, "good.yaml"), "summary: Creates a note", "summary: Creates a note.", 1)
	source = strings.Replace(source, "with the form of a NoteExtra as", "as", 1)
	d, err := rules.Parse("api/openapi.yaml", []byte(source), []byte(read(t, "errors.yaml")))
	if err != nil {
		t.Fatal(err)
	}
	findings := rules.Check(d)
	var b strings.Builder
	for _, err := range []error{rules.WriteText(&b, findings), rules.WriteGitHub(&b, findings), rules.WriteSARIF(&b, findings)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	fmt.Fprintln(&b, rules.Summary(d, findings))
	compare(t, "formats.golden", b.String())
}

func check(t *testing.T, source string) []rules.Finding {
	t.Helper()
	d, err := rules.Parse("api/openapi.yaml", []byte(source), []byte(read(t, "errors.yaml")))
	if err != nil {
		t.Fatal(err)
	}
	return rules.Check(d)
}

func read(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func compare(t *testing.T, name, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(filepath.Join("testdata", name), []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if d := cmp.Diff(read(t, name), got); d != "" {
		t.Errorf("%s (-golden +got):\n%s", name, d)
	}
}
