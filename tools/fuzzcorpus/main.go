// Command fuzzcorpus keeps what fuzzing has found: the inputs that reach code which the seeds do not. go test leaves them in the build
// cache, which is lost with the machine; in the repository they are one text file a fuzz target, testdata/corpus/NAME.txtar.
//
//	fuzzcorpus -root .. unpack    put them into the build cache, from which go test -fuzz starts
//	fuzzcorpus -root .. pack      add what the build cache has to the files
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/cozekit/cozekit/tools/fuzzcorpus/corpus"
)

func main() {
	root := flag.String("root", ".", "the repository")
	flag.Parse()
	if err := run(*root, flag.Arg(0)); err != nil {
		fmt.Fprintln(os.Stderr, "fuzzcorpus:", err)
		os.Exit(1)
	}
}

func run(root, verb string) error {
	out, err := exec.Command("go", "env", "GOCACHE").Output() //nolint:noctx // it answers at once
	if err != nil {
		return err
	}
	move := map[string]func(root, cache string) (corpus.Count, error){"pack": corpus.Pack, "unpack": corpus.Unpack}[verb]
	if move == nil {
		return fmt.Errorf("say pack or unpack, not %q", verb)
	}
	n, err := move(root, filepath.Join(strings.TrimSpace(string(out)), "fuzz", filepath.FromSlash(corpus.Module)))
	if err != nil {
		return err
	}
	fmt.Printf("%sed %d inputs of %d fuzz targets\n", verb, n.Inputs, n.Targets)
	return nil
}
