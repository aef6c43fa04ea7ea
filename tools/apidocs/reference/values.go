package reference

import (
	"fmt"
	"go/types"
	"reflect"
	"strconv"
	"strings"
)

const someID = "7400000000000000042"

// valueWriter writes values that a reader replaces.
type valueWriter struct {
	*methods
	required map[string]bool // fields of the request
}

const maxDepth = 3 // of objects inside the request

func (w *valueWriter) value(name string, t types.Type, depth int) string {
	typ := w.typeName(t)
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return w.basic(name, typ, t, u)
	case *types.Pointer:
		if s, ok := u.Elem().Underlying().(*types.Struct); ok {
			return "&" + w.object(w.typeName(u.Elem()), s, depth)
		}
		if b, ok := u.Elem().(*types.Basic); ok && b.Info()&types.IsNumeric != 0 {
			return "coze.Ptr(" + b.Name() + "(1))"
		}
		return "coze.Ptr(" + w.value(name, u.Elem(), depth) + ")"
	case *types.Slice:
		if b, ok := u.Elem().Underlying().(*types.Basic); ok && b.Kind() == types.Byte {
			return typ + "(`{}`)"
		}
		element := w.value(strings.TrimSuffix(name, "s"), u.Elem(), depth)
		return typ + "{" + strings.TrimPrefix(element, w.typeName(u.Elem())) + "}"
	case *types.Map:
		return typ + `{"name": ` + w.value("", u.Elem(), depth) + "}"
	case *types.Struct:
		return w.object(typ, u, depth)
	default:
		return `"..."`
	}
}

func (w *valueWriter) basic(name, typ string, t types.Type, u *types.Basic) string {
	named, ok := t.(*types.Named)
	if ok {
		if c := w.firstConstant(named); c != "" {
			return c
		}
	}
	value := strconv.Quote("...")
	switch {
	case u.Info()&types.IsBoolean != 0:
		value = "true"
	case u.Info()&types.IsNumeric != 0:
		value = "1"
	case strings.HasSuffix(strings.ToLower(name), "id"):
		value = strconv.Quote(someID)
	}
	if ok {
		return typ + "(" + value + ")"
	}
	return value
}

// firstConstant is a constant of package coze that has an enum's type.
func (w *valueWriter) firstConstant(t *types.Named) string {
	best := ""
	var at types.Object
	for _, name := range w.coze.Scope().Names() {
		c, ok := w.coze.Scope().Lookup(name).(*types.Const)
		if ok && c.Exported() && types.Identical(c.Type(), t) && (at == nil || c.Pos() < at.Pos()) {
			best, at = "coze."+name, c
		}
	}
	return best
}

// object writes a struct with the fields that it cannot do without.
func (w *valueWriter) object(typ string, s *types.Struct, depth int) string {
	if typ == "coze.Upload" {
		return `coze.Upload{Name: "picture.png", Reader: file}`
	}
	var b strings.Builder
	b.WriteString(typ + "{")
	for i := range s.NumFields() {
		f := s.Field(i)
		needed := w.required[f.Name()]
		if depth > 0 {
			tag, ok := reflect.StructTag(s.Tag(i)).Lookup("json")
			needed = ok && f.Exported() && tag != "-" && !strings.Contains(tag, ",omit")
		}
		if needed && depth < maxDepth {
			fmt.Fprintf(&b, "\n\t%s: %s,", f.Name(), w.value(f.Name(), f.Type(), depth+1))
		}
	}
	if strings.HasSuffix(b.String(), ",") {
		b.WriteString("\n")
	}
	return b.String() + "}"
}
