package reference

import (
	"errors"
	"fmt"
	"go/ast"
	"go/format"
	"go/types"
	"os"
	"regexp"
	"strings"

	"golang.org/x/tools/go/packages"
)

const module = "github.com/cozekit/cozekit"

// methods knows the methods of the client as they are compiled.
type methods struct {
	coze     *types.Package
	names    map[*types.TypeName]string // of types that package coze gives a name to
	required map[string]map[string]bool // operation id -> fields of its request that must not be empty
}

// readMethods type-checks the client of the repository at root.
func readMethods(root string) (*methods, error) {
	found, err := packages.Load(&packages.Config{
		Dir: root, Env: append(os.Environ(), "GOWORK=off"),
		Mode: packages.NeedName | packages.NeedTypes | packages.NeedImports | packages.NeedExportFile | packages.NeedSyntax,
	}, module+"/pkg/coze", module+"/gen/cozeapi")
	if err != nil {
		return nil, err
	}
	m := &methods{names: map[*types.TypeName]string{}, required: map[string]map[string]bool{}}
	for _, p := range found {
		for _, e := range p.Errors {
			err = errors.Join(err, e)
		}
		if p.PkgPath == module+"/pkg/coze" {
			m.coze = p.Types
			continue
		}
		for _, f := range p.Syntax {
			for _, d := range f.Decls {
				if fn, ok := d.(*ast.FuncDecl); ok {
					m.readRequired(fn)
				}
			}
		}
	}
	if err != nil || m.coze == nil {
		return nil, errors.Join(errors.New("the client does not compile"), err)
	}
	for _, name := range m.coze.Scope().Names() {
		if t, ok := m.coze.Scope().Lookup(name).(*types.TypeName); ok && t.IsAlias() && t.Exported() && name != "Option" {
			if named, ok := types.Unalias(t.Type()).(*types.Named); ok {
				m.names[named.Obj()] = name
			}
		}
	}
	return m, nil
}

// readRequired notes what a generated method demands: r.Require("space_id", req.SpaceID != "").
func (m *methods) readRequired(fn *ast.FuncDecl) {
	var id string
	fields := map[string]bool{}
	ast.Inspect(fn, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			if rest, ok := strings.CutPrefix(n.Name, "op"); ok && rest != "" && id == "" && strings.ToUpper(rest[:1]) == rest[:1] {
				id = rest
			}
		case *ast.CallExpr:
			sel, ok := n.Fun.(*ast.SelectorExpr)
			if !ok || sel.Sel.Name != "Require" || len(n.Args) != 2 {
				return true
			}
			ast.Inspect(n.Args[1], func(n ast.Node) bool {
				if s, ok := n.(*ast.SelectorExpr); ok {
					if x, ok := s.X.(*ast.Ident); ok && x.Name == "req" {
						fields[s.Sel.Name] = true
					}
				}
				return true
			})
		}
		return true
	})
	if id != "" {
		m.required[id] = fields
	}
}

// call writes a call of the method of an operation with what it demands, below its signature.
func (m *methods) call(o *operation) (string, error) {
	signature, err := m.lookUp(o)
	if err != nil {
		return "", err
	}
	w := &valueWriter{methods: m, required: m.required[o.id]}
	args := []string{}
	params := signature.Params()
	for i := range params.Len() {
		p := params.At(i)
		switch {
		case signature.Variadic() && i == params.Len()-1:
		case p.Name() == "ctx":
			args = append(args, "ctx")
		default:
			args = append(args, w.value(p.Name(), p.Type(), 0))
		}
	}
	call := "client." + o.chain() + "(" + strings.Join(args, ", ") + ")"
	text := fmt.Sprintf("// %s%s\n%s", o.goMethod, m.short(signature), results(signature, call))
	out, err := format.Source([]byte(text))
	return string(out), err
}

// results assigns what a call returns.
func results(s *types.Signature, call string) string {
	const check = "if err != nil {\n\treturn err\n}\n"
	switch n := s.Results().Len(); {
	case n == 0:
		return call + "\n"
	case n == 1 && s.Results().At(0).Type().String() == "error":
		return "if err := " + call + "; err != nil {\n\treturn err\n}\n"
	case n == 1:
		return "result := " + call + "\nfmt.Println(result)\n"
	default:
		return "result, err := " + call + "\n" + check + "fmt.Println(result)\n"
	}
}

func (m *methods) lookUp(o *operation) (*types.Signature, error) {
	t := m.coze.Scope().Lookup("Client").Type()
	for name := range strings.SplitSeq(o.chain(), ".") {
		member, _, _ := types.LookupFieldOrMethod(t, true, m.coze, name)
		if member == nil {
			return nil, fmt.Errorf("%s: there is no method client.%s", o.id, o.chain())
		}
		t = member.Type()
	}
	s, ok := t.(*types.Signature)
	if !ok {
		return nil, fmt.Errorf("%s: client.%s is no method", o.id, o.chain())
	}
	return s, nil
}

// short is a signature as programs read it: with the names that package coze gives, without func.
func (m *methods) short(s *types.Signature) string {
	return strings.TrimPrefix(m.typeName(s), "func")
}

// typeName is a type as programs that import package coze write it.
func (m *methods) typeName(t types.Type) string {
	text := types.TypeString(t, func(p *types.Package) string { return p.Name() })
	for obj, name := range m.names {
		if p := obj.Pkg(); p != nil {
			text = replaceWord(text, p.Name()+"."+obj.Name(), "coze."+name)
		}
	}
	return text
}

// replaceWord replaces a name where it is not the beginning of a longer one.
func replaceWord(s, old, now string) string {
	if !strings.Contains(s, old) {
		return s
	}
	return regexp.MustCompile(regexp.QuoteMeta(old)+`\b`).ReplaceAllLiteralString(s, now)
}
