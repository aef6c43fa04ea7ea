package release_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/module"

	"github.com/cozekit/cozekit/tools/releasecheck/release"
)

const good = `# Changelog

[Unreleased]: https://example.com/compare/v0.2.0...main
[0.2.0]: https://example.com/compare/v0.1.0...v0.2.0
[0.1.0]: https://example.com/v0.1.0

## [Unreleased]

### Fixed
- A line
  that goes on.

## [0.2.0] - 2026-02-01

### Added
- Another line.
### Removed
- A third line.

## [0.1.0] - 2026-01-01

### Added
- Everything.
`

func TestChangelog(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, old, new, want string }{
		{"good", "", "", ""},
		{"no Unreleased", "## [Unreleased]", "## [Unreleased] - soon", "CHANGELOG.md:7: a heading is"},
		{"version without brackets", "## [0.2.0]", "## 0.2.0", "CHANGELOG.md:13: a heading is"},
		{"not a version", "## [0.2.0]", "## [0.2]", "0.2 is no semantic version"},
		{"no date", "## [0.2.0] - 2026-02-01", "## [0.2.0]", "0.2.0 has no date"},
		{"impossible date", "2026-02-01", "2026-02-31", "0.2.0 has no date"},
		{"younger below", "2026-01-01", "2026-03-01", "0.1.0 is younger"},
		{"wrong order", "## [0.1.0]", "## [0.3.0]", "0.3.0 is not below 0.2.0"},
		{"twice", "## [0.1.0]", "## [0.2.0]", "0.2.0 has two headings"},
		{"unknown section", "### Fixed", "### Repaired", "a section is one of"},
		{"section twice", "### Removed", "### Added", "0.2.0 has two sections Added"},
		{"empty section", "- A third line.\n", "", "the section Removed of 0.2.0 is empty"},
		{"text without a section", "### Fixed\n", "", "stands in no section"},
		{"loose text", "  that goes on", "that goes on", "a line begins with"},
		{"no link", "[0.1.0]: https://example.com/v0.1.0\n", "", "[0.1.0] has no link"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if !strings.Contains(good, tt.old) {
				t.Fatalf("there is no %q", tt.old)
			}
			got := strings.Join(release.ReadChangelog(strings.Replace(good, tt.old, tt.new, 1)).Problems, "\n")
			if (tt.want == "") != (got == "") || !strings.Contains(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
	c := release.ReadChangelog(good)
	if !c.Unreleased || strings.Join(c.Versions, " ") != "v0.2.0 v0.1.0" {
		t.Errorf("got %+v", c)
	}
}

func TestVersions(t *testing.T) {
	t.Parallel()
	log := func(unreleased bool, versions ...string) release.Changelog {
		return release.Changelog{Unreleased: unreleased, Versions: versions}
	}
	tests := []struct {
		name  string
		facts release.Facts
		want  string
	}{
		{"before the first release", release.Facts{Constant: "0.1.0", Changelog: log(true)}, ""},
		{"the first release", release.Facts{Constant: "0.1.0", Tags: []string{"v0.1.0"}, Tagged: true, Changelog: log(false, "v0.1.0")}, ""},
		{"work goes on", release.Facts{Constant: "0.1.0", Tags: []string{"v0.1.0"}, Touched: true, Changelog: log(true, "v0.1.0")}, ""},
		{"the next one is prepared", release.Facts{Constant: "0.2.0", Tags: []string{"v0.1.0"}, Touched: true, Level: "major",
			Changelog: log(false, "v0.2.0", "v0.1.0")}, ""},
		{"no version", release.Facts{Constant: "next"}, "no semantic version"},
		{"constant forgotten", release.Facts{Constant: "0.1.0", Tags: []string{"v0.1.0"}, Changelog: log(false, "v0.2.0", "v0.1.0")},
			"the newest heading of the changelog 0.2.0"},
		{"tag without heading", release.Facts{Constant: "0.2.0", Tags: []string{"v0.1.0"}, Changelog: log(false, "v0.2.0")},
			"no heading for the tag v0.1.0"},
		{"wrong tag", release.Facts{Constant: "0.2.0", Tags: []string{"v0.2.1"}, Tagged: true, Changelog: log(false, "v0.2.0")},
			"this commit is tagged v0.2.1"},
		{"back in time", release.Facts{Constant: "0.2.0", Tags: []string{"v0.3.0"}, Changelog: log(false, "v0.2.0", "v0.3.0")},
			"older than the tag v0.3.0"},
		{"nothing told", release.Facts{Constant: "0.1.0", Tags: []string{"v0.1.0"}, Touched: true, Changelog: log(false, "v0.1.0")},
			"nothing stands under Unreleased"},
		{"too small a step", release.Facts{Constant: "0.1.1", Tags: []string{"v0.1.0"}, Level: "major", Changelog: log(false, "v0.1.1", "v0.1.0")},
			"the next version is v0.2.0, not v0.1.1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := strings.Join(tt.facts.Versions(), "\n")
			if (tt.want == "") != (got == "") || !strings.Contains(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
	for _, tt := range []struct{ last, level, want string }{
		{"v0.3.4", "patch", "v0.3.5"}, {"v0.3.4", "none", "v0.3.5"}, {"v0.3.4", "minor", "v0.3.5"}, {"v0.3.4", "major", "v0.4.0"},
		{"v1.3.4", "minor", "v1.4.0"}, {"v1.3.4", "major", "v2.0.0"}, {"nothing", "major", "nothing"},
	} {
		if got := release.Next(tt.last, tt.level); got != tt.want {
			t.Errorf("after %s with %s: %s, want %s", tt.last, tt.level, got, tt.want)
		}
	}
	if _, err := release.ReadConstant("package coze\n"); err == nil {
		t.Error("a version was found where there is none")
	}
	if got, err := release.ReadConstant("// Version ...\nconst Version = \"1.2.3\"\n"); got != "1.2.3" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
}

var self = module.Version{Path: "github.com/cozekit/cozekit", Version: "v0.1.0"}

// repository is a small module with one example, committed.
func repository(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, "go.mod", "module github.com/cozekit/cozekit\n\ngo 1.25.0\n")
	write(t, dir, "pkg/coze/user_agent.go", "// Package coze greets.\npackage coze\n\nconst Version = \"0.1.0\"\n\nfunc Greet() string { return \"hello\" }\n")
	write(t, dir, "CHANGELOG.md", "[Unreleased]: https://example.com\n\n## [Unreleased]\n\n### Added\n- Greetings.\n")
	write(t, dir, "examples/internal/connect/connect.go", "package connect\n\nconst Name = \"x\"\n")
	write(t, dir, "examples/quickstart/main.go", `package main

import (
	"fmt"

	"github.com/cozekit/cozekit/examples/internal/connect"
	"github.com/cozekit/cozekit/pkg/coze"
)

func main() { fmt.Println(coze.Greet(), connect.Name) }
`)
	write(t, dir, ".gitignore", ".bin/\n")
	write(t, dir, ".bin/big.exe", "not tracked")
	git(t, dir, "init", "-q")
	git(t, dir, "add", "-A")
	git(t, dir, "commit", "-q", "-m", "first")
	return dir
}

func TestCheck(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, file, content, want string }{
		{"good", "README.md", "Read me.\n", ""},
		{"junk", "notes.orig", "x", "notes.orig is nothing that users need"},
		{"a program", "tool", "\x7fELF\x02", "tool is nothing that users need"},
		{"a big file", "big.txt", strings.Repeat("x", release.MaxFile+1), "big.txt has 1024 KB"},
		{"an example that only compiles here", "pkg/coze/user_agent.go", "package coze\n\nconst Version = \"0.1.0\"\n", "undefined: coze.Greet"},
		{"a bad changelog", "CHANGELOG.md", "## [Unreleased]\n", "[Unreleased] has no link"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := repository(t)
			write(t, dir, tt.file, tt.content)
			git(t, dir, "add", "-A")
			r, err := release.Check(t.Context(), release.Options{Root: dir})
			if err != nil {
				t.Fatal(err)
			}
			got := strings.Join(r.Problems, "\n")
			if (tt.want == "") != (got == "") || !strings.Contains(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if notes := strings.Join(r.Notes, "\n"); !strings.Contains(notes, "there is no tag yet") {
				t.Errorf("it is not said that there is no tag: %s", notes)
			}
		})
	}
}

// TestCheckTag compares with a tag; a script stands in for specdiff.
func TestCheckTag(t *testing.T) {
	t.Parallel()
	dir := repository(t)
	log := "[Unreleased]: https://example.com\n[0.1.0]: https://example.com\n\n## [Unreleased]\n\n## [0.1.0] - 2026-01-01\n\n### Added\n- Greetings.\n"
	write(t, dir, "CHANGELOG.md", log)
	git(t, dir, "commit", "-q", "-a", "-m", "release")
	git(t, dir, "tag", "v0.1.0")
	specdiff := filepath.Join(t.TempDir(), "specdiff")
	if err := os.WriteFile(specdiff, []byte("#!/bin/sh\n[ \"$4\" = v0.1.0 ] && echo '{\"level\": \"major\"}'\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	o := release.Options{Root: dir, SpecDiff: specdiff}
	r, err := release.Check(t.Context(), o)
	if err != nil || len(r.Problems) > 0 {
		t.Fatalf("%v, %q", err, r.Problems)
	}
	if notes := strings.Join(r.Notes, "\n"); !strings.Contains(notes, "major since v0.1.0, so the next version is v0.2.0") {
		t.Errorf("notes: %s", notes)
	}
	write(t, dir, "pkg/coze/more.go", "package coze\n")
	git(t, dir, "add", "-A")
	git(t, dir, "commit", "-q", "-m", "more")
	if r, err = release.Check(t.Context(), o); err != nil || !strings.Contains(strings.Join(r.Problems, ""), "nothing stands under Unreleased") {
		t.Errorf("%v, %q", err, r.Problems)
	}
	o.SpecDiff = ""
	if r, err = release.Check(t.Context(), o); err != nil || !strings.Contains(strings.Join(r.Notes, ""), "specdiff needs a newer Go") {
		t.Errorf("%v, %q", err, r.Notes)
	}
	o.SpecDiff = "/nowhere/specdiff"
	if _, err := release.Check(t.Context(), o); err == nil {
		t.Error("a program that does not exist was run")
	}
}

// TestCheckBesideGit: another git process holds the lock of the index. The tracked files are looked at as they are, staged or not, and
// the index stays as it is.
func TestCheckBesideGit(t *testing.T) {
	t.Parallel()
	dir := repository(t)
	write(t, dir, "tool", "\x7fELF\x02")
	git(t, dir, "add", "tool")
	write(t, dir, "pkg/coze/user_agent.go", "package coze\n\nconst Version = \"0.1.0\"\n")
	write(t, dir, "untracked.orig", "x")
	if err := os.Remove(filepath.Join(dir, ".gitignore")); err != nil {
		t.Fatal(err)
	}
	write(t, dir, ".git/index.lock", "")
	index := filepath.Join(dir, ".git", "index")
	before, err := os.ReadFile(index)
	if err != nil {
		t.Fatal(err)
	}
	r, err := release.Check(t.Context(), release.Options{Root: dir})
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Join(r.Problems, "\n")
	for _, want := range []string{"tool is nothing that users need", "undefined: coze.Greet"} {
		if !strings.Contains(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if strings.Contains(got, "untracked") {
		t.Errorf("a file that is not tracked counts: %q", got)
	}
	if after, err := os.ReadFile(index); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the index changed: %v", err)
	}
}

func TestUnreadable(t *testing.T) {
	t.Parallel()
	if _, err := release.Check(t.Context(), release.Options{Root: t.TempDir()}); err == nil {
		t.Error("an empty folder was taken for the repository")
	}
	if _, err := release.MakeZip(t.Context(), t.TempDir(), "HEAD", t.TempDir(), self); err == nil {
		t.Error("a folder without git was packed")
	}
}

func write(t *testing.T, dir, name, content string) {
	t.Helper()
	name = filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func git(t *testing.T, dir string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "git", append([]string{"-c", "user.name=t", "-c", "user.email=t@example.com"}, args...)...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}
