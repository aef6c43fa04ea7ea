package cover

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// chains maps what stands behind the client in a call, such as Conversations.Messages.List, to the operations it leads to.
type chains map[string]set

type set map[string]bool

// goTypes are the types of a package with what their methods use.
type goTypes struct {
	ops      map[string]string              // variable of a transport.Op -> operationId
	fields   map[string]map[string]string   // type -> field -> type it points to
	embedded map[string]string              // type -> generated type that it embeds
	methods  map[string]map[string]*goUsage // type -> method
}

// goUsage is what the body of a method refers to.
type goUsage struct {
	ops  set // operations
	self set // methods and fields of its receiver
}

// readChains finds the methods that lead to operations: those that can be reached from the Services of gen/cozeapi by its
// fields, and those that pkg/coze adds to a service by embedding it.
func readChains(root string) (chains, error) {
	gen := newTypes()
	if err := gen.read(filepath.Join(root, "gen", "cozeapi", "*.go")); err != nil {
		return nil, err
	}
	paths := map[string]string{} // type -> where it is below the client
	gen.walk("Services", "", paths)
	out := chains{}
	for typ, path := range paths {
		gen.resolve(typ, path, nil, out)
	}
	hand := newTypes()
	if err := hand.read(filepath.Join(root, "pkg", "coze", "*.go")); err != nil {
		return nil, err
	}
	for typ, generated := range hand.embedded {
		if path, ok := paths[generated]; ok {
			hand.resolve(typ, path, out, out)
		}
	}
	return out, nil
}

func newTypes() *goTypes {
	return &goTypes{
		ops: map[string]string{}, fields: map[string]map[string]string{}, embedded: map[string]string{},
		methods: map[string]map[string]*goUsage{},
	}
}

func (t *goTypes) read(pattern string) error {
	files, err := filepath.Glob(pattern)
	if err != nil {
		return err
	}
	var parsed []*ast.File
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		parsed = append(parsed, f)
		t.declarations(f)
	}
	for _, f := range parsed {
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok {
				t.method(fn)
			}
		}
	}
	return nil
}

func (t *goTypes) declarations(f *ast.File) {
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			return false
		case *ast.TypeSpec:
			if s, ok := n.Type.(*ast.StructType); ok {
				t.structType(n.Name.Name, s)
			}
		case *ast.ValueSpec:
			for i, v := range n.Values {
				if id := operationOf(v); id != "" {
					t.ops[n.Names[i].Name] = id
				}
			}
		}
		return true
	})
}

func (t *goTypes) structType(name string, s *ast.StructType) {
	t.fields[name] = map[string]string{}
	for _, f := range s.Fields.List {
		star, ok := f.Type.(*ast.StarExpr)
		if !ok {
			continue
		}
		switch x := star.X.(type) {
		case *ast.Ident:
			for _, field := range f.Names {
				t.fields[name][field.Name] = x.Name
			}
		case *ast.SelectorExpr:
			if pkg, ok := x.X.(*ast.Ident); ok && pkg.Name == "cozeapi" && len(f.Names) == 0 {
				t.embedded[name] = x.Sel.Name
			}
		}
	}
}

// operationOf is the ID of a transport.Op literal.
func operationOf(e ast.Expr) string {
	lit, ok := e.(*ast.CompositeLit)
	if !ok {
		return ""
	}
	if typ, ok := lit.Type.(*ast.SelectorExpr); !ok || typ.Sel.Name != "Op" {
		return ""
	}
	for _, elt := range lit.Elts {
		kv, ok := elt.(*ast.KeyValueExpr)
		if !ok {
			continue
		}
		key, _ := kv.Key.(*ast.Ident)
		value, _ := kv.Value.(*ast.BasicLit)
		if key != nil && value != nil && key.Name == "ID" {
			id, _ := strconv.Unquote(value.Value)
			return id
		}
	}
	return ""
}

func (t *goTypes) method(fn *ast.FuncDecl) {
	if fn.Recv == nil || fn.Body == nil || len(fn.Recv.List[0].Names) == 0 {
		return
	}
	star, ok := fn.Recv.List[0].Type.(*ast.StarExpr)
	if !ok {
		return
	}
	typ, ok := star.X.(*ast.Ident)
	if !ok {
		return
	}
	self := fn.Recv.List[0].Names[0].Name
	u := &goUsage{ops: set{}, self: set{}}
	ast.Inspect(fn.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			if id := t.ops[n.Name]; id != "" {
				u.ops[id] = true
			}
		case *ast.SelectorExpr:
			x := n.X
			if embedded, ok := x.(*ast.SelectorExpr); ok { // s.ChatService.Create
				x = embedded.X
			}
			if id, ok := x.(*ast.Ident); ok && id.Name == self {
				u.self[n.Sel.Name] = true
			}
		}
		return true
	})
	if t.methods[typ.Name] == nil {
		t.methods[typ.Name] = map[string]*goUsage{}
	}
	t.methods[typ.Name][fn.Name.Name] = u
}

// walk notes where each type is, going from field to field.
func (t *goTypes) walk(typ, path string, paths map[string]string) {
	for field, next := range t.fields[typ] {
		if ast.IsExported(field) && t.fields[next] != nil {
			paths[next] = strings.TrimPrefix(path+"."+field, ".")
			t.walk(next, paths[next], paths)
		}
	}
}

// resolve adds the methods of a type, with the operations that they use themselves or by other methods of the type. below
// are the methods of the type that this one embeds.
func (t *goTypes) resolve(typ, path string, below, out chains) {
	methods := t.methods[typ]
	for changed := true; changed; {
		changed = false
		for _, u := range methods {
			before := len(u.ops)
			for name := range u.self {
				if other := methods[name]; other != nil {
					maps.Copy(u.ops, other.ops)
				} else {
					maps.Copy(u.ops, below[path+"."+name])
				}
			}
			changed = changed || len(u.ops) > before
		}
	}
	for name, u := range methods {
		if ast.IsExported(name) && len(u.ops) > 0 {
			out[path+"."+name] = maps.Clone(u.ops)
		}
	}
}

func sorted[T any](m map[string]T) []string { return slices.Sorted(maps.Keys(m)) }
