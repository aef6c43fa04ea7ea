package reference

import (
	"bytes"
	"cmp"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/ast/astutil"

	"github.com/cozekit/cozekit/tools/coverage/cover"
)

const (
	maxSample  = 30 // lines of a sample that is cut out of an example
	maxContext = 12 // lines of it that come before the call
	maxShared  = 3  // operations behind a method that is still shown for each of them
)

// sample is a piece of an example that calls an operation.
type sample struct {
	file   string // examples/bot/main.go
	source string
	direct bool // it calls the method that the document names, not a twin of it
	shared int  // operations that the method leads to
}

// examples finds for each operation the best piece of an example that calls it.
func examples(root string, operations []*operation) (map[string]sample, error) {
	finder, err := cover.NewFinder(root)
	if err != nil {
		return nil, err
	}
	chains := map[string]string{}
	for _, o := range operations {
		chains[o.id] = o.chain()
	}
	files, err := filepath.Glob(filepath.Join(root, "examples", "*", "*.go"))
	if err != nil {
		return nil, err
	}
	found := map[string][]sample{}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		source, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		f := &exampleFile{source: source, fset: token.NewFileSet()}
		if f.syntax, err = parser.ParseFile(f.fset, name, source, parser.SkipObjectResolution|parser.ParseComments); err != nil {
			return nil, err
		}
		rel := "examples/" + filepath.Base(filepath.Dir(name)) + "/" + filepath.Base(name)
		finder.Find(f.syntax, func(at *ast.SelectorExpr, chain string, ids []string) {
			cut := f.cut(at)
			if cut == "" || len(ids) > maxShared {
				return
			}
			for _, id := range ids {
				found[id] = append(found[id], sample{rel, cut, chain == chains[id], len(ids)})
			}
		})
	}
	best := map[string]sample{}
	for id, list := range found {
		best[id] = slices.MinFunc(list, compareSamples)
	}
	return best, nil
}

// compareSamples puts what tells most first: a call whose result is used, the method itself, a method of this operation
// alone, a short piece.
func compareSamples(a, b sample) int {
	return cmp.Or(cmp.Compare(a.rank(), b.rank()), cmp.Compare(a.shared, b.shared),
		cmp.Compare(strings.Count(a.source, "\n"), strings.Count(b.source, "\n")),
		cmp.Compare(a.file, b.file), cmp.Compare(a.source, b.source))
}

func (s sample) rank() int {
	rank := 0
	if strings.Contains(s.source, "_, err") {
		rank += 2
	}
	if !s.direct {
		rank++
	}
	return rank
}

type exampleFile struct {
	source []byte
	fset   *token.FileSet
	syntax *ast.File
}

// cut returns the statement around a call, the check of its error, and what is set before for it alone; it is empty where
// that would be too long.
func (f *exampleFile) cut(at *ast.SelectorExpr) string {
	path, _ := astutil.PathEnclosingInterval(f.syntax, at.Pos(), at.End())
	for i := range path {
		if i == 0 {
			continue
		}
		if list := statements(path[i]); list != nil {
			index := slices.IndexFunc(list, func(s ast.Stmt) bool { return s == path[i-1] })
			if index >= 0 {
				return f.around(list, index)
			}
		}
	}
	return ""
}

func statements(n ast.Node) []ast.Stmt {
	switch n := n.(type) {
	case *ast.BlockStmt:
		return n.List
	case *ast.CaseClause:
		return n.Body
	case *ast.CommClause:
		return n.Body
	default:
		return nil
	}
}

func (f *exampleFile) around(list []ast.Stmt, index int) string {
	last := index
	if index+1 < len(list) && checksError(list[index+1]) {
		last++
	}
	used := map[string]bool{}
	names(list[index], used)
	first, context := index, 0
	for i := index - 1; i >= 0; i-- {
		if !sets(list[i], used) {
			if first == i+1 && checksError(list[i]) { // it may belong to what is set before it
				continue
			}
			break
		}
		lines := f.line(list[i+1].Pos()) - f.line(list[i].Pos())
		if context += lines; context > maxContext {
			break
		}
		names(list[i], used)
		first = i
	}
	start, end := list[first].Pos(), list[last].End()
	if f.line(end)-f.line(start) >= maxSample {
		return ""
	}
	return dedent(f.source[f.lineStart(start):f.fset.Position(end).Offset])
}

func (f *exampleFile) line(p token.Pos) int { return f.fset.Position(p).Line }

func (f *exampleFile) lineStart(p token.Pos) int {
	return bytes.LastIndexByte(f.source[:f.fset.Position(p).Offset], '\n') + 1
}

// names adds the variables that a statement reads.
func names(n ast.Node, into map[string]bool) {
	ast.Inspect(n, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			into[id.Name] = true
		}
		return true
	})
	for _, everywhere := range []string{"client", "ctx", "err", "_"} {
		delete(into, everywhere)
	}
}

// sets says whether a statement declares a variable that is used later.
func sets(s ast.Stmt, used map[string]bool) bool {
	switch s := s.(type) {
	case *ast.AssignStmt:
		return s.Tok == token.DEFINE && slices.ContainsFunc(s.Lhs, func(e ast.Expr) bool {
			id, ok := e.(*ast.Ident)
			return ok && used[id.Name]
		})
	case *ast.DeclStmt:
		found := false
		ast.Inspect(s, func(n ast.Node) bool {
			if v, ok := n.(*ast.ValueSpec); ok {
				found = found || slices.ContainsFunc(v.Names, func(id *ast.Ident) bool { return used[id.Name] })
			}
			return true
		})
		return found
	default:
		return false
	}
}

// checksError recognises if err != nil { ... }.
func checksError(s ast.Stmt) bool {
	i, ok := s.(*ast.IfStmt)
	if !ok || i.Init != nil || i.Else != nil {
		return false
	}
	b, ok := i.Cond.(*ast.BinaryExpr)
	if !ok || b.Op != token.NEQ {
		return false
	}
	id, ok := b.X.(*ast.Ident)
	return ok && id.Name == "err"
}

func dedent(source []byte) string {
	out, err := format.Source(bytes.TrimSpace(source)) // a part of a file is formatted as one that begins at the margin
	if err != nil {
		out = bytes.TrimSpace(source)
	}
	return string(out) + "\n"
}
