package bundle_test

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"testing"

	"github.com/cozekit/cozekit/tools/webbundle/bundle"
)

const root = "../../.."

// maxGzip is the most that the script may have when it is compressed, in bytes.
const maxGzip = 120 << 10

func TestScript(t *testing.T) {
	t.Parallel()
	first, err := bundle.Make(root)
	if err != nil {
		t.Fatal(err)
	}
	second, err := bundle.Make(root)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(first, second) {
		t.Error("the same sources gave two different scripts")
	}
	committed, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(bundle.Script)))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(first, committed) {
		t.Errorf("%s is not what its sources give; run make generate", bundle.Script)
	}
	var packed bytes.Buffer
	w, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(first); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d bytes, %d compressed", len(first), packed.Len())
	if packed.Len() > maxGzip {
		t.Errorf("the script has %d bytes when compressed, at most %d are allowed", packed.Len(), maxGzip)
	}
}

func TestNoticesAndNoMachine(t *testing.T) {
	t.Parallel()
	script, err := bundle.Make(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"DO NOT EDIT", "Copyright (c) 2018+, MarkedJS", "@license DOMPurify"} {
		if !bytes.Contains(script, []byte(want)) {
			t.Errorf("the script does not say %q", want)
		}
	}
	here, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(script, []byte(here)) {
		t.Error("the script names the folder that it was made in")
	}
}

func TestMissingSources(t *testing.T) {
	t.Parallel()
	if _, err := bundle.Make(t.TempDir()); err == nil {
		t.Error("an empty folder gave a script")
	}
}
