// Package inventory lists the modules that this repository's packages compile.
package inventory

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// Module is a module that is compiled into something.
type Module struct {
	Path, Version, Licence string
	Into                   string // what inherits it first: client, fake server, tests, otel
}

// sets are what inherits modules, those first that concern most users.
var sets = []struct {
	name, dir string
	args      []string
}{
	{"client", ".", []string{"./pkg/coze/...", "./pkg/call", "./pkg/stream"}},
	{"fake server", ".", []string{"./pkg/...", "./cmd/..."}},
	{"tests", ".", []string{"-test", "./..."}},
	{"otel", "otel", []string{"."}},
	{"otel, tests", "otel", []string{"-test", "./..."}},
}

// Read lists the modules of the repository at root by the go command, which must have downloaded them.
func Read(ctx context.Context, root string) ([]Module, error) {
	found := map[string]Module{}
	for _, set := range sets {
		args := append([]string{"list", "-deps", "-f", "{{with .Module}}{{.Path}}|{{.Version}}|{{.Dir}}{{end}}"}, set.args...)
		list := exec.CommandContext(ctx, "go", args...)
		list.Dir = filepath.Join(root, set.dir)
		out, err := list.Output()
		if err != nil {
			var exit *exec.ExitError
			if errors.As(err, &exit) {
				err = fmt.Errorf("%w: %s", err, exit.Stderr)
			}
			return nil, fmt.Errorf("go list in %s: %w", set.dir, err)
		}
		for line := range strings.Lines(string(out)) {
			parts := strings.Split(strings.TrimSpace(line), "|")
			if len(parts) != 3 || parts[1] == "" || strings.HasPrefix(parts[0], "github.com/cozekit/cozekit") {
				continue // the standard library and ourselves
			}
			key := parts[0] + "@" + parts[1]
			if _, has := found[key]; has {
				continue
			}
			licence, err := licenceIn(parts[2])
			if err != nil {
				return nil, fmt.Errorf("%s: %w", key, err)
			}
			found[key] = Module{parts[0], parts[1], licence, set.name}
		}
	}
	return slices.SortedFunc(maps.Values(found), func(a, b Module) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.Path, b.Path), cmp.Compare(a.Version, b.Version))
	}), nil
}

func rank(m Module) int {
	for i, set := range sets {
		if set.name == m.Into {
			return i
		}
	}
	return len(sets)
}

const begin, end = "<!-- modules: written by tools/dependencies -->\n", "<!-- end of modules -->\n"

// Insert puts the table of modules between the marks of page.
func Insert(page []byte, modules []Module) ([]byte, error) {
	before, rest, ok := bytes.Cut(page, []byte(begin))
	_, after, closed := bytes.Cut(rest, []byte(end))
	if !ok || !closed {
		return nil, errors.New("the marks of the list are missing")
	}
	var b bytes.Buffer
	b.Write(before)
	b.WriteString(begin + "| Module | Version | Licence | Compiled into |\n|---|---|---|---|\n")
	for _, m := range modules {
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", m.Path, m.Version, m.Licence, m.Into)
	}
	b.WriteString(end)
	b.Write(after)
	return b.Bytes(), nil
}
