package coze_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const repository = "../.."

func read(t *testing.T, elem ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(append([]string{repository}, elem...)...))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

var (
	codeBlock    = regexp.MustCompile("(?ms)^```.*?^```$|`[^`\n]*`")
	relativeLink = regexp.MustCompile(`\]\(([^)\s:]+)\)`)
	target       = regexp.MustCompile(`(?m)^([a-z-]+):.* ## `)
	requirement  = regexp.MustCompile(`(?m)^\t(\S+) v\S+$`)
)

// TestLinksResolve: every relative link of a page leads to a file.
func TestLinksResolve(t *testing.T) {
	t.Parallel()
	links := 0
	err := filepath.WalkDir(repository, func(path string, d fs.DirEntry, err error) error {
		name := d.Name()
		switch {
		case err != nil:
			return err
		case d.IsDir() && (name == "node_modules" || name == "testdata" || strings.HasPrefix(name, ".") && path != repository):
			return filepath.SkipDir
		case d.IsDir() || filepath.Ext(name) != ".md":
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, link := range relativeLink.FindAllStringSubmatch(codeBlock.ReplaceAllString(string(text), ""), -1) {
			links++
			file, _, _ := strings.Cut(link[1], "#")
			if _, err := os.Stat(filepath.Join(filepath.Dir(path), file)); err != nil {
				t.Errorf("%s: %v", path, err)
			}
		}
		return nil
	})
	if err != nil || links < 100 {
		t.Errorf("%d links, %v", links, err)
	}
}

// TestExamplesAreListed: the page of the examples names each, and the READMEs stay short.
func TestExamplesAreListed(t *testing.T) {
	t.Parallel()
	page := read(t, "examples", "README.md")
	dirs, err := os.ReadDir(filepath.Join(repository, "examples"))
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range dirs {
		if d.IsDir() && d.Name() != "internal" && strings.Count(page, "\n| ["+d.Name()+"](") != 1 {
			t.Errorf("examples/README.md does not have one row of %s", d.Name())
		}
	}
	for _, name := range []string{"README.md", "README.zh-CN.md"} {
		if n := strings.Count(read(t, name), "\n"); n > 200 {
			t.Errorf("%s has %d lines", name, n)
		}
	}
}

// TestTargetsAreTold: the contribution guide names every target that make help lists, but help.
func TestTargetsAreTold(t *testing.T) {
	t.Parallel()
	guide, targets := read(t, "CONTRIBUTING.md"), target.FindAllStringSubmatch(read(t, "Makefile"), -1)
	if len(targets) < 20 {
		t.Errorf("the Makefile has %d targets", len(targets))
	}
	for _, m := range targets {
		if m[1] != "help" && !strings.Contains(guide, "`"+m[1]+"`") {
			t.Errorf("CONTRIBUTING.md does not tell of make %s", m[1])
		}
	}
}

// TestDependenciesHaveReasons: each module that users inherit has one row that says why, and there are no rows of others.
func TestDependenciesHaveReasons(t *testing.T) {
	t.Parallel()
	reasons, _, ok := strings.Cut(read(t, "docs", "dependencies.md"), "<!-- modules")
	direct := requirement.FindAllStringSubmatch(read(t, "go.mod"), -1)
	if !ok || len(direct) == 0 {
		t.Fatal("docs/dependencies.md or go.mod cannot be read")
	}
	for _, m := range direct {
		if strings.Count(reasons, "\n| "+m[1]+" |") != 1 {
			t.Errorf("docs/dependencies.md does not have one row that says why %s is there", m[1])
		}
	}
	if rows := strings.Count(reasons, "\n| ") - 1; rows != len(direct) {
		t.Errorf("docs/dependencies.md has %d rows for %d modules", rows, len(direct))
	}
}
