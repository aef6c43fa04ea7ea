package corpus_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cozekit/cozekit/tools/fuzzcorpus/corpus"
)

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func input(text string) string { return fmt.Sprintf("go test fuzz v1\nstring(%q)\n", text) }

// TestRoundTrip: what one machine has found is there for the next, beside what that one finds.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	root, first, second := t.TempDir(), t.TempDir(), t.TempDir()
	write(t, filepath.Join(root, "pkg/a/a_test.go"), "package a\n\nfunc FuzzA(f *testing.F) {}\n")
	folder := filepath.Join("pkg", "a", "FuzzA")
	write(t, filepath.Join(first, folder, "1"), input("one\n-- not a file --\n"))
	write(t, filepath.Join(first, folder, "2"), input("two"))
	write(t, filepath.Join(first, folder, "3"), "no input")
	write(t, filepath.Join(first, folder, "4"), input(strings.Repeat("x", 5000)))
	write(t, filepath.Join(first, "pkg/a/FuzzGone/1"), input("of a target that is no more"))
	write(t, filepath.Join(second, folder, "5"), input("three"))

	for _, tt := range []struct {
		name  string
		move  func(root, cache string) (corpus.Count, error)
		cache string
		want  corpus.Count
	}{
		{"pack", corpus.Pack, first, corpus.Count{Targets: 1, Inputs: 2}},
		{"unpack", corpus.Unpack, second, corpus.Count{Targets: 1, Inputs: 2}},
		{"pack more", corpus.Pack, second, corpus.Count{Targets: 1, Inputs: 3}},
		{"pack the same", corpus.Pack, second, corpus.Count{Targets: 1, Inputs: 3}},
		{"nothing there", corpus.Pack, filepath.Join(root, "no-cache"), corpus.Count{}},
	} {
		if got, err := tt.move(root, tt.cache); err != nil || got != tt.want {
			t.Fatalf("%s: got %+v, %v, want %+v", tt.name, got, err, tt.want)
		}
	}
	files, err := os.ReadDir(filepath.Join(second, folder))
	if err != nil || len(files) != 3 {
		t.Errorf("the second cache has %d files, %v", len(files), err)
	}
	text, err := os.ReadFile(filepath.Join(root, "pkg/a/testdata/corpus/FuzzA.txtar"))
	if err != nil || strings.Count(string(text), "go test fuzz v1\n") != 3 {
		t.Errorf("got %s, %v", text, err)
	}
}

// TestBound: the shortest inputs are kept.
func TestBound(t *testing.T) {
	t.Parallel()
	root, cache := t.TempDir(), t.TempDir()
	write(t, filepath.Join(root, "a_test.go"), "func FuzzA(f *testing.F) {")
	for i := range 500 {
		write(t, filepath.Join(cache, "FuzzA", fmt.Sprint(i)), input(strings.Repeat("x", i)))
	}
	if got, err := corpus.Pack(root, cache); err != nil || got.Inputs != 400 {
		t.Fatalf("got %+v, %v", got, err)
	}
	text, err := os.ReadFile(filepath.Join(root, "testdata/corpus/FuzzA.txtar"))
	if err != nil || strings.Contains(string(text), strings.Repeat("x", 400)) || !strings.Contains(string(text), strings.Repeat("x", 399)) {
		t.Errorf("%d bytes, %v", len(text), err)
	}
}
