// Package corpus moves inputs of fuzz targets between the build cache and the repository.
package corpus

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/txtar"
)

// Module is the path of the root module; the paths of the others begin with it and follow their folders.
const Module = "github.com/cozekit/cozekit"

// What is kept of a target: the shortest inputs, for they say the same with less.
const (
	maxInputs = 400
	maxBytes  = 4096 // of an input
	extension = ".txtar"
	folder    = "testdata/corpus"
	header    = "go test fuzz v1\n"
)

// Count is how much was moved.
type Count struct{ Targets, Inputs int }

// Pack adds the inputs of the cache, a folder for each target below that of its package, to the files of the repository. Targets that
// the repository does not have any more are passed over.
func Pack(root, cache string) (n Count, err error) {
	err = filepath.WalkDir(cache, func(path string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist) && path == cache:
			return nil
		case err != nil || !d.IsDir() || !strings.HasPrefix(d.Name(), "Fuzz"):
			return err
		}
		rel, err := filepath.Rel(cache, filepath.Dir(path))
		if err != nil {
			return err
		}
		dir := filepath.Join(root, rel)
		if known, err := hasTarget(dir, d.Name()); err != nil || !known {
			return err
		}
		inputs, err := readFolder(path)
		if err != nil {
			return err
		}
		count, err := add(filepath.Join(dir, filepath.FromSlash(folder), d.Name()+extension), inputs)
		n.Targets, n.Inputs = n.Targets+1, n.Inputs+count
		return err
	})
	return n, err
}

// hasTarget tells whether a package of the repository declares a fuzz target.
func hasTarget(dir, name string) (bool, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	if err != nil {
		return false, err
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			return false, err
		}
		if strings.Contains(string(text), "func "+name+"(f *testing.F)") {
			return true, nil
		}
	}
	return false, nil
}

func readFolder(path string) (map[string]bool, error) {
	files, err := os.ReadDir(path)
	if err != nil {
		return nil, err
	}
	inputs := map[string]bool{}
	for _, f := range files {
		text, err := os.ReadFile(filepath.Join(path, f.Name()))
		if err != nil {
			return nil, err
		}
		if strings.HasPrefix(string(text), header) && len(text) <= maxBytes {
			inputs[string(text)] = true
		}
	}
	return inputs, nil
}

// add writes the inputs of a file and more, and returns how many it has then.
func add(file string, more map[string]bool) (int, error) {
	old, err := readFile(file)
	if err != nil {
		return 0, err
	}
	maps.Copy(more, old)
	inputs := slices.SortedFunc(maps.Keys(more), func(a, b string) int {
		if len(a) != len(b) {
			return len(a) - len(b)
		}
		return strings.Compare(a, b)
	})
	inputs = inputs[:min(len(inputs), maxInputs)]
	archive := &txtar.Archive{Comment: []byte("Found by fuzzing; written by make fuzz-keep.\n")}
	for _, text := range inputs {
		archive.Files = append(archive.Files, txtar.File{Name: nameOf(text), Data: []byte(text)})
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return 0, err
	}
	return len(inputs), os.WriteFile(file, txtar.Format(archive), 0o644)
}

// nameOf names an input as go test does.
func nameOf(text string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(text)))[:16] }

// readFile reads a file of inputs; one that is not there has none.
func readFile(file string) (map[string]bool, error) {
	archive, err := txtar.ParseFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	inputs := map[string]bool{}
	for _, f := range archive.Files {
		inputs[string(f.Data)] = true
	}
	return inputs, nil
}

// Unpack writes the inputs of all files of the repository into the cache, from which go test -fuzz starts.
func Unpack(root, cache string) (n Count, err error) {
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name := d.Name(); d.IsDir() && path != root && (name == "node_modules" || strings.HasPrefix(name, ".")) {
			return fs.SkipDir
		}
		dir, target := filepath.Split(path)
		pkg, ok := strings.CutSuffix(filepath.ToSlash(filepath.Clean(dir)), "/"+folder)
		if !ok || filepath.Ext(target) != extension {
			return nil
		}
		inputs, err := readFile(path)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, filepath.FromSlash(pkg))
		if err != nil {
			return err
		}
		n.Targets, n.Inputs = n.Targets+1, n.Inputs+len(inputs)
		return writeFolder(filepath.Join(cache, rel, strings.TrimSuffix(target, extension)), inputs)
	})
	return n, err
}

func writeFolder(dir string, inputs map[string]bool) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for text := range inputs {
		if err := os.WriteFile(filepath.Join(dir, nameOf(text)), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}
