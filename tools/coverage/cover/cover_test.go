package cover_test

import (
	"bytes"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cozekit/cozekit/tools/coverage/cover"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden files")

const repo = "testdata/repo"

// TestReport shows both forms of the report of a small repository where nothing fell behind.
func TestReport(t *testing.T) {
	t.Parallel()
	r, err := cover.Make(repo)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range r.Problems {
		t.Error(p)
	}
	compare(t, "report.txt", r.WriteText)
	compare(t, "report.md", r.WriteMarkdown)
	compare(t, "badge.svg", r.WriteBadge)
}

// TestBehind breaks the repository in one place at a time.
func TestBehind(t *testing.T) {
	t.Parallel()
	tests := []struct{ file, old, new, want string }{
		{"gen/cozeapi/services.gen.go", "\tTalks *TalksService\n", "", "CreateTalk: there is no method client.Talks.Create"},
		{"gen/cozeapi/services.gen.go", `ID: "CreateTalk"`, `ID: "StartTalk"`, "CreateTalk: there is no method client.Talks.Create"},
		{"gen/cozeapi/services.gen.go", "TalksService) Create", "TalksService) Start", "CreateTalk: there is no method client.Talks.Create"},
		{"gen/cozeapi/services.gen.go", "Covers *", "covers *", "UploadCover: there is no method client.Notes.Covers.Upload"},
		{"api/openapi.yaml", "It is not in", "It is in", "api/openapi.yaml:20: UploadCover: no page"},
		{"api/catalogue.yaml", "operations: [CreateTalk]", "operations: [EndTalk]", "api/catalogue.yaml:33: 对话 / 发起对话: the document has no operation EndTalk"},
		{"api/catalogue.yaml", "operations: [CreateTalk]", "operations: [CreateNote]", "CreateTalk: the catalogue has no entry for it"},
		{"api/catalogue.yaml", "objects: [Note]", "objects: [Book]", "the document has no schema Book"},
		{"api/catalogue.yaml", "webhook: note.created", "webhook: note.deleted", "the document has no webhook note.deleted"},
		{"api/catalogue.yaml", "socket: ConnectNotes", "socket: ConnectTalks", "the document has no socket ConnectTalks"},
		{"api/catalogue.yaml", "channel: ConnectNotes", "channel: ConnectTalks", "the document has no socket ConnectTalks"},
		{"api/catalogue.yaml", "from: [client, server]", "from: [moon]", "not from moon"},
		{"api/catalogue.yaml", "errors: [4000]", "errors: [4999]", "api/errors.yaml has no code 4999"},
		{"api/catalogue.yaml", "errors: all", "errors: some", "errors is all or a list of codes"},
		{"api/catalogue.yaml", "guide: What", "text: What", "0 things stand for it"},
		{"api/catalogue.yaml", "webhook: note.created", "webhook: note.created\n        guide: Text.", "2 things stand for it"},
		{"api/catalogue.yaml", "reason: Seen in an SDK.", "reason: ''", "UploadCover is no operation of the document, or has no reason"},
		{"api/catalogue.yaml", "operation: UploadCover", "operation: DropCover", "DropCover is no operation of the document"},
	}
	for _, tt := range tests {
		t.Run(tt.new, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if err := os.CopyFS(dir, os.DirFS(repo)); err != nil {
				t.Fatal(err)
			}
			replace(t, filepath.Join(dir, tt.file), tt.old, tt.new)
			r, err := cover.Make(dir)
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(r.Problems, "\n"); !strings.Contains(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			var badge strings.Builder
			if err := r.WriteBadge(&badge); err != nil || !strings.Contains(badge.String(), "#b3261e") {
				t.Errorf("%v, the badge is not red: %s", err, badge.String())
			}
		})
	}
}

// TestUnreadable: what cannot be read is an error, not a gap.
func TestUnreadable(t *testing.T) {
	t.Parallel()
	for file, content := range map[string]string{
		"api/openapi.yaml":            "paths: [",
		"api/catalogue.yaml":          "sections: 1",
		"api/errors.yaml":             "codes: 1",
		"gen/cozeapi/services.gen.go": "package",
		"examples/notes/main.go":      "package main; func {",
	} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if err := os.CopyFS(dir, os.DirFS(repo)); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, file), []byte(content), 0o644); err != nil {
				t.Fatal(err)
			}
			if _, err := cover.Make(dir); err == nil {
				t.Error("no error")
			}
		})
	}
}

func replace(t *testing.T, file, before, after string) {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(content), before) {
		t.Fatalf("%s has no %q", file, before)
	}
	if err := os.WriteFile(file, []byte(strings.Replace(string(content), before, after, 1)), 0o644); err != nil {
		t.Fatal(err)
	}
}

func compare(t *testing.T, name string, write func(io.Writer) error) {
	t.Helper()
	var got bytes.Buffer
	if err := write(&got); err != nil {
		t.Fatal(err)
	}
	golden := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got.String()); d != "" {
		t.Errorf("%s (-golden +got):\n%s", golden, d)
	}
}
