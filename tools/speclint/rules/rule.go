package rules

import (
	"cmp"
	"fmt"
	"slices"

	"gopkg.in/yaml.v3"
)

// Rule is one thing that must hold for the document.
type Rule struct {
	Name    string
	Reason  string // one line: what goes wrong without it
	Warning bool   // its findings do not fail the check

	check func(d *Document, report reporter)
}

// Finding is a place where a rule does not hold.
type Finding struct {
	File         string
	Line, Column int
	Rule         string
	Message      string
	Warning      bool
}

// String is the finding on one line, as compilers write theirs.
func (f Finding) String() string {
	warning := ""
	if f.Warning {
		warning = "warning: "
	}
	return fmt.Sprintf("%s:%d: %s: %s%s", f.File, f.Line, f.Rule, warning, f.Message)
}

// reporter takes a finding at a node.
type reporter func(at *yaml.Node, format string, args ...any)

// All lists the rules, in the order in which they are explained.
func All() []Rule {
	return slices.Concat(documentRules, operationRules, textRules, extensionRules, listRules, streamRules, socketRules,
		messageRules, schemaRules, valueRules)
}

// Check applies all rules and sorts what they find by place.
func Check(d *Document) []Finding {
	var out []Finding
	for _, r := range All() {
		r.check(d, func(at *yaml.Node, format string, args ...any) {
			f := Finding{File: d.Name, Line: 1, Column: 1, Rule: r.Name, Message: fmt.Sprintf(format, args...), Warning: r.Warning}
			if at != nil && at.Line > 0 {
				f.Line, f.Column = at.Line, max(at.Column, 1)
			}
			out = append(out, f)
		})
	}
	slices.SortStableFunc(out, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Message, b.Message))
	})
	return slices.Compact(out)
}
