package verdict_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cozekit/cozekit/tools/cozegen/generate"
	"github.com/cozekit/cozekit/tools/specdiff/verdict"
)

var update = flag.Bool("update", false, "rewrite the golden files, docs/spec-diff-sample.md and the table of docs/regenerate.md")

const root = "../../.."

// generator and before are shared: what the hand-written packages export, and the document that the tests edit.
var generator = sync.OnceValues(func() (*verdict.Generator, error) { return verdict.NewGenerator(root) })

var before = sync.OnceValues(func() (*generated, error) {
	source, err := os.ReadFile(filepath.Join("testdata", "openapi.yaml"))
	if err != nil {
		return nil, err
	}
	return generateFrom(string(source))
})

type generated struct {
	verdict.State
	source string
	files  generate.Files
}

func generateFrom(source string) (*generated, error) {
	g, err := generator()
	if err != nil {
		return nil, err
	}
	d, err := verdict.ParseDocument("openapi.yaml", []byte(source))
	if err != nil {
		return nil, err
	}
	packages, files, err := g.Generate(d)
	return &generated{verdict.State{Document: d, Packages: packages}, source, files}, err
}

func edit(t *testing.T, source string, changes ...[2]string) string {
	t.Helper()
	for _, c := range changes {
		if n := strings.Count(source, c[0]); n != 1 {
			t.Fatalf("%d times in the document: %q", n, c[0])
		}
		source = strings.Replace(source, c[0], c[1], 1)
	}
	return source
}

// compare returns what an edited document becomes, and the report about it.
func compare(t *testing.T, changes ...[2]string) (from, to *generated, r *verdict.Report) {
	t.Helper()
	from, err := before()
	if err != nil {
		t.Fatal(err)
	}
	if to, err = generateFrom(edit(t, from.source, changes...)); err != nil {
		t.Fatal(err)
	}
	if r, err = verdict.Compare("main", from.State, to.State); err != nil {
		t.Fatal(err)
	}
	return from, to, r
}

// TestDrill shows a maintainer what each typical change of the document does: to the generated code, and to users.
func TestDrill(t *testing.T) {
	var table strings.Builder
	table.WriteString("| Change | Verdict | Exit status | Because |\n|---|---|--:|---|\n")
	var all [][2]string
	for i, e := range edits {
		from, to, r := compare(t, e.changes...)
		all = append(all, e.changes...)
		var b bytes.Buffer
		fmt.Fprintf(&b, "# %s\n\n## The document\n%s\n## The generated code\n%s\n## The verdict\n", e.name,
			unified(t, generate.Files{"openapi.yaml": []byte(from.source)}, generate.Files{"openapi.yaml": []byte(to.source)}),
			unified(t, from.files, to.files))
		if err := verdict.WriteText(&b, r); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "\n## The exit status\n%d\n", r.Level.ExitStatus())
		file := fmt.Sprintf("%d-%s.golden", i+1, strings.ReplaceAll(e.name, " ", "-"))
		golden(t, filepath.Join("testdata", "drill", file), b.String())
		fmt.Fprintf(&table, "| [%s](../tools/specdiff/verdict/testdata/drill/%s) | %s | %d | %s |\n",
			e.name, file, r.Level, r.Level.ExitStatus(), gravest(r))
	}
	between(t, filepath.Join(root, "docs", "regenerate.md"), "<!-- drill -->\n", "<!-- /drill -->", table.String())

	_, _, r := compare(t, all...)
	var b bytes.Buffer
	if err := verdict.WriteMarkdown(&b, r); err != nil {
		t.Fatal(err)
	}
	golden(t, filepath.Join(root, "docs", "spec-diff-sample.md"), b.String())
}

// gravest is why a report has its level, in the words that come first in it.
func gravest(r *verdict.Report) string {
	for _, g := range r.Groups {
		for _, c := range g.Changes {
			if c.Level != r.Level {
				continue
			}
			if c.Name == "" {
				return c.Text
			}
			return "`" + c.Name + "`: " + c.Text
		}
	}
	return ""
}

var (
	noise    = regexp.MustCompile(`(?m)^(diff --git|index|new file|deleted file) .*\n`)
	position = regexp.MustCompile(`(?m)^@@ .* @@`)
)

const maxDiff = 80 // lines

// unified is the difference of two sets of files as git shows it, with one line of context and without line numbers.
func unified(t *testing.T, from, to generate.Files) string {
	t.Helper()
	dir := t.TempDir()
	for side, files := range map[string]generate.Files{"a": from, "b": to} {
		for name, content := range files {
			if err := os.MkdirAll(filepath.Join(dir, side), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, side, name), content, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	cmd := exec.CommandContext(t.Context(), "git", "diff", "--no-index", "--no-color", "--no-ext-diff", "--no-prefix", "-U1", "a", "b")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1")
	out, err := cmd.Output()
	if err != nil && cmd.ProcessState.ExitCode() != 1 { // 1 says that they differ
		t.Fatal(err)
	}
	text := position.ReplaceAllString(noise.ReplaceAllString(string(out), ""), "@@")
	if lines := strings.SplitAfter(text, "\n"); len(lines) > maxDiff {
		text = strings.Join(lines[:maxDiff], "") + fmt.Sprintf("... %d lines more\n", len(lines)-maxDiff)
	}
	return text
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("%s (-golden +got; go test -update rewrites it):\n%s", name, d)
	}
}

// between compares, or rewrites, a part of a file between two marks.
func between(t *testing.T, name, start, end, got string) {
	t.Helper()
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok := strings.Cut(string(content), start)
	_, tail, closed := strings.Cut(rest, end)
	if !ok || !closed {
		t.Fatalf("%s has no %q", name, start)
	}
	golden(t, name, head+start+got+end+tail)
}
