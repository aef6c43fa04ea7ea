package verdict

import (
	"errors"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/cozekit/cozekit/tools/cozegen/generate"
)

const (
	module  = "github.com/cozekit/cozekit"
	apiPath = module + "/gen/cozeapi"
)

// Packages are the public packages of one state, by import path.
type Packages map[string]*types.Package

// LoadTree loads the public packages of the repository at root: gen/cozeapi and those below pkg.
func LoadTree(root string) (Packages, error) {
	var patterns []string
	for _, p := range []struct{ dir, pattern string }{{"gen/cozeapi", "./gen/cozeapi"}, {"pkg", "./pkg/..."}} {
		if _, err := os.Stat(filepath.Join(root, p.dir)); err == nil {
			patterns = append(patterns, p.pattern)
		}
	}
	if len(patterns) == 0 {
		return Packages{}, nil // before the first commit of Go code everything is new
	}
	return loadPackages(root, patterns...)
}

// Generator makes gen/cozeapi of documents, without writing it anywhere.
type Generator struct {
	deps Packages
}

// NewGenerator returns a generator that type-checks against the hand-written packages of the repository at root.
func NewGenerator(root string) (*Generator, error) {
	deps, err := loadPackages(root, "context", "encoding/json", "iter", "strconv", "strings", "time",
		module+"/pkg/call", module+"/pkg/stream", module+"/internal/transport")
	return &Generator{deps}, err
}

var generating sync.Mutex // the generator keeps state in globals of oapi-codegen

// Generate writes the package of a document in memory and type-checks it.
func (g *Generator) Generate(d *Document) (Packages, generate.Files, error) {
	file, err := os.CreateTemp("", "specdiff-*.yaml")
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = os.Remove(file.Name()) }()
	_, err = file.Write(d.source)
	if err = errors.Join(err, file.Close()); err != nil {
		return nil, nil, err
	}
	generating.Lock()
	files, err := generate.API(file.Name(), "cozeapi")
	generating.Unlock()
	if err != nil {
		return nil, nil, err
	}
	pkg, err := g.check(files)
	return Packages{apiPath: pkg}, files, err
}

func (g *Generator) check(files generate.Files) (*types.Package, error) {
	fset := token.NewFileSet()
	var parsed []*ast.File
	for _, name := range slices.Sorted(maps.Keys(files)) {
		f, err := parser.ParseFile(fset, name, files[name], parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		parsed = append(parsed, f)
	}
	config := types.Config{Importer: g}
	return config.Check(apiPath, fset, parsed, nil)
}

// Import finds a package that generated code imports.
func (g *Generator) Import(path string) (*types.Package, error) {
	if p := g.deps[path]; p != nil {
		return p, nil
	}
	return importer.Default().Import(path)
}
