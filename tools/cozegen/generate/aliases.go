package generate

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Aliases generates the names by which package coze re-exports the models of gen/cozeapi and the types of pkg/call, so
// that one import is enough. A name that package coze declares by hand is left out: the hand-written one is meant.
func Aliases(root string, files Files) ([]byte, error) {
	taken, err := declaredBy(root, cozeDir, nil)
	if err != nil {
		return nil, err
	}
	var b strings.Builder
	for _, from := range []struct{ dir, pkg, what string }{
		{apiDir, "cozeapi", "objects, requests and events of the platform; see package cozeapi"},
		{callDir, "call", "what every call shares; see package call"},
	} {
		names, err := declaredBy(root, from.dir, files)
		if err != nil {
			return nil, err
		}
		for _, kind := range []token.Token{token.TYPE, token.CONST} {
			fmt.Fprintf(&b, "// The %s.\n%s (\n", from.what, kind)
			for _, name := range slices.Sorted(maps.Keys(names)) {
				if names[name] == kind && taken[name] == token.ILLEGAL && !strings.HasSuffix(name, "Service") && name != "Services" {
					fmt.Fprintf(&b, "\t%s = %s.%s\n", name, from.pkg, name)
				}
			}
			b.WriteString(")\n\n")
		}
	}
	return format("aliases"+suffix, "coze", b.String())
}

// declaredBy lists the exported types, constants, variables and functions of a package: of its hand-written files on
// disk, and of the generated ones in files.
func declaredBy(root, dir string, files Files) (map[string]token.Token, error) {
	names := map[string]token.Token{}
	parse := func(name string, src any) error {
		f, err := parser.ParseFile(token.NewFileSet(), name, src, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		collect(f, names)
		return nil
	}
	onDisk, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(dir), "*.go"))
	if err != nil {
		return nil, err
	}
	for _, name := range onDisk {
		if strings.HasSuffix(name, suffix) || strings.HasSuffix(name, "_test.go") {
			continue
		}
		src, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		if err := parse(name, src); err != nil {
			return nil, err
		}
	}
	for name, src := range files {
		if filepath.ToSlash(filepath.Dir(name)) == dir {
			if err := parse(name, src); err != nil {
				return nil, err
			}
		}
	}
	return names, nil
}

func collect(f *ast.File, names map[string]token.Token) {
	add := func(id *ast.Ident, kind token.Token) {
		if id.IsExported() {
			names[id.Name] = kind
		}
	}
	for _, decl := range f.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil {
				add(d.Name, token.FUNC)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch s := spec.(type) {
				case *ast.TypeSpec:
					if s.TypeParams == nil {
						add(s.Name, token.TYPE)
					} else {
						names[s.Name.Name] = token.FUNC
					}
				case *ast.ValueSpec:
					for _, id := range s.Names {
						add(id, d.Tok)
					}
				}
			}
		}
	}
}
