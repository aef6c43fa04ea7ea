package patch

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/cozekit/cozekit/pkg/call"
	"github.com/cozekit/cozekit/tools/speclint/rules"
)

// Result is a patched document, and what is to be said about it. The lists are in the order of the document's pointers.
type Result struct {
	Source  []byte   // the document as it is now
	Patched []string // what was changed
	Known   []string // what the document has already, because it was changed since
	Human   []string // what a person has to do, and why
	Lint    []string // what speclint has against the patched document and had not against the one before
}

// refusal is the reason why a person has to do something.
type refusal struct{ reason string }

func (r *refusal) Error() string { return r.reason }

func refuse(format string, args ...any) error { return &refusal{fmt.Sprintf(format, args...)} }

// errDone says that there is nothing to do.
var errDone = errors.New("the document has it already")

// edits are what changes the document for a rule.
var edits = map[call.DriftRule]func(*text, *fault) error{
	call.DriftUnknownField: addField,
	call.DriftMissingField: makeOptional,
	call.DriftNewEnumValue: addValue,
	call.DriftWrongKind:    widen,
	call.DriftWrongUnit:    note,
	call.DriftUnknownEvent: func(_ *text, f *fault) error {
		return refuse("write a schema for its data, %s, and add it to the events under x-coze-streams or x-coze-sockets",
			strings.Join(f.got, " or "))
	},
}

// Apply changes a document by what a log says. The error is that the document cannot be read.
func Apply(source []byte, drifts []call.Drift) (*Result, error) {
	r := &Result{Source: source}
	t, err := parseText(source)
	if err != nil {
		return nil, err
	}
	for _, f := range gather(drifts) {
		edit := edits[f.rule]
		if edit == nil {
			r.Human = append(r.Human, f.String()+": the document cannot say this")
			continue
		}
		r.apply(t, edit, f)
		// Every edit finds its place by the positions of the nodes, so they are read anew.
		if t, err = parseText(r.Source); err != nil {
			return nil, fmt.Errorf("after %s: %w", f, err)
		}
	}
	return r, nil
}

func (r *Result) apply(t *text, edit func(*text, *fault) error, f *fault) {
	err := edit(t, f)
	var human *refusal
	switch {
	case err == nil:
		r.Patched = append(r.Patched, f.String())
	case errors.Is(err, errDone):
		r.Known = append(r.Known, f.String())
		return
	case errors.As(err, &human):
		r.Human = append(r.Human, f.String()+": "+human.reason)
		if err != errComment { //nolint:errorlint // this very one
			return
		}
	default:
		r.Human = append(r.Human, f.String()+": "+err.Error())
		return
	}
	r.Source = t.bytes()
}

// CheckRules fills r.Lint: what the rules of speclint find in the patched document and not in the one before. codes is
// api/errors.yaml.
func (r *Result) CheckRules(before, codes []byte) error {
	old, err := findings(before, codes)
	if err != nil {
		return err
	}
	now, err := findings(r.Source, codes)
	if err != nil {
		return err
	}
	known := map[string]int{}
	for _, f := range old {
		known[f.Rule+f.Message]++
	}
	for _, f := range now {
		if known[f.Rule+f.Message]--; known[f.Rule+f.Message] < 0 {
			r.Lint = append(r.Lint, f.String())
		}
	}
	return nil
}

func findings(source, codes []byte) ([]rules.Finding, error) {
	d, err := rules.Parse("api/openapi.yaml", source, codes)
	if err != nil {
		return nil, err
	}
	return rules.Check(d), nil
}

// WriteReport writes what was done and what is left, for people.
func (r *Result) WriteReport(w io.Writer) error {
	for _, part := range []struct {
		title string
		lines []string
	}{
		{"patched", r.Patched},
		{"in the document already", r.Known},
		{"for you to do", r.Human},
		{"speclint wants a person for", r.Lint},
	} {
		if len(part.lines) == 0 {
			continue
		}
		if _, err := fmt.Fprintf(w, "%s: %d\n", part.title, len(part.lines)); err != nil {
			return err
		}
		for _, l := range part.lines {
			if _, err := fmt.Fprintf(w, "  %s\n", l); err != nil {
				return err
			}
		}
	}
	return nil
}
