package verdict

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"os"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"
)

// loadPackages type-checks packages of the repository at root, and what they import of it. Bodies of functions are left out,
// which say nothing of what a package exports: compiling a state that nobody has compiled yet costs five times as much.
// Packages of others come from the build cache.
func loadPackages(root string, patterns ...string) (Packages, error) {
	found, err := list(root, packages.NeedName|packages.NeedFiles|packages.NeedImports|packages.NeedDeps|packages.NeedModule, patterns)
	if err != nil {
		return nil, err
	}
	c := typeChecker{fset: token.NewFileSet(), checked: Packages{}}
	compiled := map[string]bool{}
	packages.Visit(found, func(p *packages.Package) bool {
		if !ours(p) && p.PkgPath != "unsafe" {
			compiled[p.PkgPath] = true
		}
		return ours(p)
	}, func(p *packages.Package) {
		if ours(p) {
			c.order = append(c.order, p) // after all that it imports
		}
	})
	if c.compiled, err = exported(root, slices.Sorted(maps.Keys(compiled))); err != nil {
		return nil, err
	}
	if err := c.check(); err != nil {
		return nil, fmt.Errorf("%s does not compile: %w", root, err)
	}
	out := Packages{}
	for _, p := range found {
		if p.Name != "main" {
			out[p.PkgPath], err = c.Import(p.PkgPath)
			if err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

func ours(p *packages.Package) bool {
	return p.PkgPath == module || strings.HasPrefix(p.PkgPath, module+"/")
}

// exported reads what compiled packages export.
func exported(root string, paths []string) (Packages, error) {
	out := Packages{}
	if len(paths) == 0 {
		return out, nil // go list would take the folder for what is meant
	}
	found, err := list(root, packages.NeedName|packages.NeedTypes|packages.NeedImports|packages.NeedExportFile, paths)
	for _, p := range found {
		out[p.PkgPath] = p.Types
	}
	return out, err
}

func list(root string, mode packages.LoadMode, patterns []string) ([]*packages.Package, error) {
	found, err := packages.Load(&packages.Config{Dir: root, Mode: mode, Env: append(os.Environ(), "GOWORK=off")}, patterns...)
	if err != nil {
		return nil, err
	}
	packages.Visit(found, nil, func(p *packages.Package) {
		for _, e := range p.Errors {
			err = errors.Join(err, e)
		}
	})
	if err != nil {
		return nil, fmt.Errorf("%s does not compile: %w", root, err)
	}
	return found, nil
}

// typeChecker checks packages in their order.
type typeChecker struct {
	fset              *token.FileSet
	order             []*packages.Package
	compiled, checked Packages
}

func (c *typeChecker) check() error {
	for _, p := range c.order {
		var files []*ast.File
		for _, name := range p.GoFiles {
			f, err := parser.ParseFile(c.fset, name, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			files = append(files, f)
		}
		config := types.Config{Importer: c, IgnoreFuncBodies: true, Sizes: types.SizesFor(runtime.Compiler, runtime.GOARCH)}
		if p.Module != nil && p.Module.GoVersion != "" {
			config.GoVersion = "go" + p.Module.GoVersion
		}
		pkg, err := config.Check(p.PkgPath, c.fset, files, nil)
		if err != nil {
			return err
		}
		c.checked[p.PkgPath] = pkg
	}
	return nil
}

// Import finds a package that was checked or compiled before.
func (c *typeChecker) Import(path string) (*types.Package, error) {
	if path == "unsafe" {
		return types.Unsafe, nil
	}
	if p := c.checked[path]; p != nil {
		return p, nil
	}
	if p := c.compiled[path]; p != nil {
		return p, nil
	}
	return nil, fmt.Errorf("%s was not loaded", path)
}
