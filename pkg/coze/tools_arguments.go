package coze

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// ToolFunc makes an entry of [Tools] from a function that takes its arguments as a struct. Fields are named by their json tags;
// one that is a pointer or has omitempty or omitzero is optional. Arguments that are unknown, missing (null counts as missing)
// or of another type, at any depth, are refused with a message that the model can read and act upon, and f is not called.
func ToolFunc[In, Out any](f func(context.Context, In) (Out, error)) func(context.Context, json.RawMessage) (any, error) {
	return func(ctx context.Context, args json.RawMessage) (any, error) {
		var in In
		if err := decodeArguments(args, &in); err != nil {
			return nil, err
		}
		return f(ctx, in)
	}
}

func decodeArguments(args []byte, into any) error {
	if len(bytes.TrimSpace(args)) == 0 {
		args = []byte("{}") // models write nothing for a tool without arguments
	}
	if !json.Valid(args) {
		return errors.New("the arguments are not valid JSON")
	}
	t := reflect.TypeOf(into).Elem()
	problems := checkArguments(t, args, "")
	if len(problems) == 0 {
		err := json.Unmarshal(args, into)
		var mismatch *json.UnmarshalTypeError
		switch {
		case err == nil:
			return nil
		case errors.As(err, &mismatch):
			problems = []string{fmt.Sprintf("%q must be %s, not %s", mismatch.Field, mismatch.Type, mismatch.Value)}
		default:
			problems = []string{err.Error()}
		}
	}
	return fmt.Errorf("wrong arguments: %s%s", strings.Join(problems, "; "), describeArguments(t))
}

// argument is a field of a struct as JSON knows it.
type argument struct {
	name     string
	kind     reflect.Type
	optional bool
}

var unmarshaler = reflect.TypeFor[json.Unmarshaler]()

// argumentsOf lists the arguments that t takes; ok is false if t is no struct, or decodes itself.
func argumentsOf(t reflect.Type) (list []argument, ok bool) {
	if t.Kind() != reflect.Struct || reflect.PointerTo(t).Implements(unmarshaler) {
		return nil, false
	}
	for _, f := range reflect.VisibleFields(t) {
		tag := f.Tag.Get("json")
		name, flags, _ := strings.Cut(tag, ",")
		if !f.IsExported() || tag == "-" || f.Anonymous && name == "" {
			continue
		}
		if name == "" {
			name = f.Name
		}
		optional := f.Type.Kind() == reflect.Pointer || strings.Contains(flags, "omitempty") || strings.Contains(flags, "omitzero")
		list = append(list, argument{name, f.Type, optional})
	}
	return list, true
}

// checkArguments finds what is unknown or missing in args, a valid JSON text, below path.
func checkArguments(t reflect.Type, args []byte, path string) (problems []string) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() == reflect.Slice {
		var elements []json.RawMessage
		_ = json.Unmarshal(args, &elements) // another type is found later
		for i, e := range elements {
			problems = append(problems, checkArguments(t.Elem(), e, fmt.Sprintf("%s[%d]", path, i))...)
		}
		return problems
	}
	known, ok := argumentsOf(t)
	var given map[string]json.RawMessage
	if !ok || json.Unmarshal(args, &given) != nil {
		return nil
	}
	if path != "" {
		path += "."
	}
	for _, a := range known {
		v, found := given[a.name]
		for name, other := range given { // as encoding/json takes names
			if !found && strings.EqualFold(name, a.name) {
				v, found = other, true
			}
		}
		if isNull := string(v) == "null"; !a.optional && (!found || isNull) {
			problems = append(problems, fmt.Sprintf("%q is missing", path+a.name))
		} else if found && !isNull {
			problems = append(problems, checkArguments(a.kind, v, path+a.name)...)
		}
	}
	var unknown []string
	for name := range given {
		if !slices.ContainsFunc(known, func(a argument) bool { return strings.EqualFold(a.name, name) }) {
			unknown = append(unknown, fmt.Sprintf("%q is unknown", path+name))
		}
	}
	slices.Sort(unknown)
	return append(problems, unknown...)
}

// describeArguments tells the model what would have been right.
func describeArguments(t reflect.Type) string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	known, ok := argumentsOf(t)
	switch {
	case !ok:
		return ""
	case len(known) == 0:
		return ". The tool takes no arguments"
	}
	var texts []string
	for _, a := range known {
		text := fmt.Sprintf("%q", a.name)
		if a.optional {
			text += " (optional)"
		}
		texts = append(texts, text)
	}
	return ". The tool takes " + strings.Join(texts, ", ")
}
