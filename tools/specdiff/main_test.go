package main

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/cozekit/cozekit/tools/specdiff/verdict"
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

// comment is the script of the workflow that writes the comment, in the job that may.
func comment(t *testing.T) string {
	t.Helper()
	source, err := os.ReadFile(filepath.Join("..", "..", ".github", "workflows", "spec-diff.yml"))
	if err != nil {
		t.Fatal(err)
	}
	var workflow struct {
		Jobs map[string]struct {
			Steps []struct {
				If  string `yaml:"if"`
				Run string `yaml:"run"`
			} `yaml:"steps"`
		} `yaml:"jobs"`
	}
	if err := yaml.Unmarshal(source, &workflow); err != nil {
		t.Fatal(err)
	}
	label := workflow.Jobs["label"].Steps[0]
	if !strings.Contains(label.If, "'"+strconv.Itoa(verdict.Major.ExitStatus())+"'") || !strings.Contains(label.If, "'breaking'") ||
		!strings.Contains(label.Run, "exit 1") {
		t.Errorf("a breaking change without the label passes: %+v", label)
	}
	for _, step := range workflow.Jobs["comment"].Steps {
		if step.Run != "" {
			return step.Run
		}
	}
	t.Fatal("there is no script")
	return ""
}

// TestWorkflow runs the script that comments on a pull request, with a gh that only writes down what it is asked for: there is
// one comment, which is updated, and none while there was never anything to tell.
func TestWorkflow(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("bash is not installed")
	}
	script := comment(t)
	for _, test := range []struct {
		name  string
		level verdict.Level
		found string // id of the comment that is there
		want  string
	}{
		{"the first", verdict.Minor, "", "-X POST comments -F body=@comment.md --silent"},
		{"updated", verdict.Major, "42", "-X PATCH comment/42 -F body=@comment.md --silent"},
		{"nothing any more", verdict.None, "42", "-X PATCH comment/42 -F body=@comment.md --silent"},
		{"never anything", verdict.None, "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			var text bytes.Buffer
			if err := verdict.WriteMarkdown(&text, &verdict.Report{Base: "main", Level: test.level}); err != nil {
				t.Fatal(err)
			}
			gh := "#!/bin/sh\nshift\ncase \"$*\" in\n--paginate*) echo \"$*\" >asked; printf '%s' \"$FOUND\" ;;\n*) echo \"$*\" >>written ;;\nesac\n"
			for name, content := range map[string]string{"comment.md": text.String(), "gh": gh, "written": ""} {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			cmd := exec.CommandContext(t.Context(), bash, "-e", "-c", script)
			cmd.Dir = dir
			cmd.Env = append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"), "COMMENTS=comments", "COMMENT=comment", "FOUND="+test.found)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			got, err := os.ReadFile(filepath.Join(dir, "written"))
			if err != nil || strings.TrimSpace(string(got)) != test.want {
				t.Errorf("%v, gh was asked for %q, want %q", err, got, test.want)
			}
			asked, err := os.ReadFile(filepath.Join(dir, "asked"))
			if err != nil || !strings.Contains(string(asked), verdict.Marker) {
				t.Errorf("%v, it looks for another comment: %s", err, asked)
			}
		})
	}
}
