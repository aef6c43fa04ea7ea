package generate_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/cozekit/cozekit/tools/cozegen/generate"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestSmallSocketEvents shows what the events of a socket become in package voice.
func TestSmallSocketEvents(t *testing.T) {
	spec := filepath.Join("testdata", "small", "openapi.yaml")
	if _, err := generate.API(spec, "small"); err != nil {
		t.Fatal(err)
	}
	got, err := generate.SocketEvents(spec, "voice")
	if err != nil {
		t.Fatal(err)
	}
	golden := filepath.Join("testdata", "small", "voice", "socket_events.gen.go")
	if *update {
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), string(got)); d != "" {
		t.Errorf("(-golden +generated):\n%s", d)
	}
}

// TestSmallDocument shows what each kind of operation becomes: the golden files are the whole package, nothing by hand.
func TestSmallDocument(t *testing.T) {
	dir := filepath.Join("testdata", "small")
	files, err := generate.API(filepath.Join(dir, "openapi.yaml"), "small")
	if err != nil {
		t.Fatal(err)
	}
	onDisk, _ := filepath.Glob(filepath.Join(dir, "*.gen.go"))
	if *update {
		for _, name := range onDisk {
			os.Remove(name)
		}
		for name, content := range files {
			if err := os.WriteFile(filepath.Join(dir, name), content, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		return
	}
	if len(onDisk) != len(files) {
		t.Errorf("%d golden files, %d generated ones", len(onDisk), len(files))
	}
	for name, got := range files {
		want, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Error(err)
		}
		if d := cmp.Diff(string(want), string(got)); d != "" {
			t.Errorf("%s (-golden +generated):\n%s", name, d)
		}
	}
}
