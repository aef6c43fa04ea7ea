package cover

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// countCalls notes for each operation which examples and which packages' tests refer to one of its methods.
func countCalls(root string, c chains, operations map[string]*Operation) error {
	return filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		if entry.IsDir() {
			if rel != "." && skipped(rel, entry.Name()) {
				return fs.SkipDir
			}
			return nil
		}
		test, example := strings.HasSuffix(rel, "_test.go"), strings.HasPrefix(rel, "examples/")
		if !strings.HasSuffix(rel, ".go") || !test && !example {
			return nil
		}
		used, err := usedOperations(name, c)
		if err != nil {
			return err
		}
		for id := range used {
			switch o := operations[id]; {
			case o == nil:
			case test:
				add(&o.Tests, path.Dir(rel))
			default:
				add(&o.Examples, strings.Split(rel, "/")[1])
			}
		}
		return nil
	})
}

// skipped names folders without examples and tests of the SDK.
func skipped(rel, name string) bool {
	return rel == "tools" || rel == "examples/internal" || name == "testdata" || name == "node_modules" || strings.HasPrefix(name, ".")
}

func add(list *[]string, s string) {
	if i, found := slices.BinarySearch(*list, s); !found {
		*list = slices.Insert(*list, i, s)
	}
}

// usedOperations lists the operations whose methods a file names.
func usedOperations(name string, c chains) (set, error) {
	f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	out := set{}
	c.find(f, func(_ *ast.SelectorExpr, _ string, ids set) { maps.Copy(out, ids) })
	return out, nil
}

// find visits what names a method of an operation: client.Bots.List, or list := client.Bots and list.List.
func (c chains) find(f *ast.File, visit func(at *ast.SelectorExpr, chain string, ids set)) {
	aliases := map[string][]string{}
	ast.Inspect(f, func(n ast.Node) bool {
		a, ok := n.(*ast.AssignStmt)
		if !ok || len(a.Lhs) != len(a.Rhs) {
			return true
		}
		for i, rhs := range a.Rhs {
			if id, ok := a.Lhs[i].(*ast.Ident); ok {
				if sel, ok := rhs.(*ast.SelectorExpr); ok {
					aliases[id.Name] = selectors(sel, nil)
				}
			}
		}
		return true
	})
	ast.Inspect(f, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if chain, ids := c.match(selectors(sel, aliases)); ids != nil {
				visit(sel, chain, ids)
			}
		}
		return true
	})
}

// Finder finds the calls of operations in Go code.
type Finder struct{ chains chains }

// NewFinder reads the methods of the client from the repository at root.
func NewFinder(root string) (*Finder, error) {
	c, err := readChains(root)
	return &Finder{c}, err
}

// Find visits every place of a file that names a method, with what stands behind the client there (Bots.List) and the ids
// of the operations that it leads to, sorted.
func (f *Finder) Find(file *ast.File, visit func(at *ast.SelectorExpr, chain string, ids []string)) {
	f.chains.find(file, func(at *ast.SelectorExpr, chain string, ids set) { visit(at, chain, sorted(ids)) })
}

// selectors are the names of a.b.c without a variable at the beginning, or with what it was set to in its place.
func selectors(e *ast.SelectorExpr, aliases map[string][]string) []string {
	names := []string{e.Sel.Name}
	switch x := e.X.(type) {
	case *ast.SelectorExpr:
		return append(selectors(x, aliases), names...)
	case *ast.Ident:
		return append(slices.Clone(aliases[x.Name]), names...)
	}
	return names
}

// match finds the longest end of the names that is a method of an operation.
func (c chains) match(names []string) (string, set) {
	for i := range names {
		chain := strings.Join(names[i:], ".")
		if ops := c[chain]; ops != nil {
			return chain, ops
		}
	}
	return "", nil
}
