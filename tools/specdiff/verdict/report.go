package verdict

import (
	"cmp"
	"slices"
	"strings"
)

// Kind says where a change is noticed.
type Kind string

// The kinds, in the order in which reports show them.
const (
	Wire      Kind = "wire"      // requests that were accepted are refused, or answers hold less
	Go        Kind = "go"        // programs no longer compile
	Behaviour Kind = "behaviour" // everything goes through and compiles, and does something else
	New       Kind = "new"
)

var kinds = []struct {
	kind          Kind
	title, column string
}{
	{Wire, "Breaks on the wire", "wire breaks"},
	{Go, "Breaks at compile time", "Go breaks"},
	{Behaviour, "Behaves differently", "behaviour"},
	{New, "New", "new"},
}

// Change is one thing that users may notice.
type Change struct {
	Kind       Kind     `json:"kind"`
	Level      Level    `json:"level"`
	Service    string   `json:"service"`
	Name       string   `json:"name,omitempty"` // as Go programs write it, such as client.Bots.Get or coze.Bot.Name
	Text       string   `json:"text"`
	Rule       string   `json:"rule"`                 // rule of oasdiff, apidiff, or name of the extension
	Operations []string `json:"operations,omitempty"` // operation ids that it concerns

	declares string // what is new: "type", "const", "method", "field" or ""
}

// Group is the changes of one service or package.
type Group struct {
	Service string   `json:"service"`
	Level   Level    `json:"level"`
	Changes []Change `json:"changes"`
}

// Report is what changed between two states of the document and of the Go packages.
type Report struct {
	Base      string   `json:"base"` // what was compared with
	Level     Level    `json:"level"`
	Groups    []Group  `json:"groups"`
	Changelog []string `json:"changelog"` // proposed lines, with the headings of Keep a Changelog
}

// report sorts the changes into groups, the gravest first. A document that differs only in words is a patch.
func report(base string, changes []Change, differs bool) *Report {
	r := &Report{Base: base}
	if differs {
		r.Level = Patch
	}
	byService := map[string][]Change{}
	for _, c := range changes {
		byService[c.Service] = append(byService[c.Service], c)
		r.Level = max(r.Level, c.Level)
	}
	for service, list := range byService {
		slices.SortStableFunc(list, func(a, b Change) int {
			return cmp.Or(cmp.Compare(rank(a.Kind), rank(b.Kind)), -cmp.Compare(a.Level, b.Level),
				strings.Compare(a.Name, b.Name), strings.Compare(a.Text, b.Text), strings.Compare(a.Rule, b.Rule))
		})
		g := Group{Service: service, Changes: list}
		for _, c := range list {
			g.Level = max(g.Level, c.Level)
		}
		r.Groups = append(r.Groups, g)
	}
	slices.SortFunc(r.Groups, func(a, b Group) int {
		return cmp.Or(-cmp.Compare(a.Level, b.Level), strings.Compare(a.Service, b.Service))
	})
	r.Changelog = changelog(r)
	return r
}

func rank(k Kind) int {
	for i, e := range kinds {
		if e.kind == k {
			return i
		}
	}
	return len(kinds)
}

// count is the number of changes of a kind.
func (g Group) count(k Kind) (n int) {
	for _, c := range g.Changes {
		if c.Kind == k {
			n++
		}
	}
	return n
}

// counts says how many changes of each kind there are: "1 wire breaks, 2 new".
func counts(groups ...Group) string {
	var parts []string
	for _, k := range kinds {
		n := 0
		for _, g := range groups {
			n += g.count(k.kind)
		}
		if n > 0 {
			parts = append(parts, plural(n, k.column))
		}
	}
	if len(parts) == 0 {
		return "nothing that a program notices"
	}
	return strings.Join(parts, ", ")
}
