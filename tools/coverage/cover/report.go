package cover

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Report is how far document, catalogue, methods, examples and tests go together.
type Report struct {
	Operations []*Operation // by service and id
	Catalogue  Entries
	Problems   []string // what fell behind; empty when all is well
}

// Make reads the repository at root.
func Make(root string) (*Report, error) {
	d, err := readDocument(root)
	if err != nil {
		return nil, err
	}
	c, err := readChains(root)
	if err != nil {
		return nil, err
	}
	for _, chain := range sorted(c) {
		for id := range c[chain] {
			if o := d.operations[id]; o != nil {
				o.Chains = append(o.Chains, chain)
			}
		}
	}
	if err := countCalls(root, c, d.operations); err != nil {
		return nil, err
	}
	r := &Report{Operations: slices.Collect(maps.Values(d.operations))}
	slices.SortFunc(r.Operations, func(a, b *Operation) int {
		return cmp.Or(cmp.Compare(a.Service, b.Service), cmp.Compare(a.ID, b.ID))
	})
	problem := func(format string, args ...any) { r.Problems = append(r.Problems, fmt.Sprintf(format, args...)) }
	for _, o := range r.Operations {
		if want := o.chain(); !slices.Contains(o.Chains, want) {
			problem("api/openapi.yaml:%d: %s: there is no method client.%s", o.Line, o.ID, want)
		}
		if o.Link == "" && !o.Excused {
			problem("api/openapi.yaml:%d: %s: no page of the documentation is linked, and no reason given", o.Line, o.ID)
		}
	}
	r.Catalogue, err = checkCatalogue(root, d, problem)
	return r, err
}

// chain is the method that the document asks for.
func (o *Operation) chain() string { return o.Service + "." + o.Method }

func (o *Operation) reachable() bool { return slices.Contains(o.Chains, o.chain()) }

// numbers are the counts of a service, or of all.
type numbers struct {
	Name                                                 string
	Operations, Methods, Links, Entries, Examples, Tests int
	Excused                                              int // operations without a link and with a reason
}

func (n *numbers) add(o *Operation) {
	n.Operations++
	count := func(into *int, yes bool) {
		if yes {
			*into++
		}
	}
	count(&n.Methods, o.reachable())
	count(&n.Links, o.Link != "")
	count(&n.Excused, o.Link == "" && o.Excused)
	count(&n.Examples, len(o.Examples) > 0)
	count(&n.Tests, len(o.Tests) > 0)
	n.Entries += o.Entries
}

// services counts by service, and all together.
func (r *Report) services() (list []numbers, all numbers) {
	all.Name = "all"
	for _, o := range r.Operations {
		if len(list) == 0 || list[len(list)-1].Name != o.group() {
			list = append(list, numbers{Name: o.group()})
		}
		list[len(list)-1].add(o)
		all.add(o)
	}
	return list, all
}

// Totals are the closing lines.
func (r *Report) Totals() []string {
	_, n := r.services()
	links := fmt.Sprintf("%d/%d linked to the Coze documentation", n.Links, n.Operations)
	if n.Excused > 0 {
		links += fmt.Sprintf(" and %d with a reason why not", n.Excused)
	}
	c := r.Catalogue
	return []string{
		fmt.Sprintf("%d/%d operations reachable as methods, %s", n.Methods, n.Operations, links),
		fmt.Sprintf("catalogue %d/%d entries covered (%d of them guides, %d left to another API)",
			c.Covered, c.All, c.Guide, c.Elsewhere),
		fmt.Sprintf("%d/%d operations called in examples, %d/%d in tests", n.Examples, n.Operations, n.Tests, n.Operations),
	}
}

// without lists the operations that something is missing for.
func (r *Report) without(missing func(*Operation) bool) string {
	var out []string
	for _, o := range r.Operations {
		if missing(o) {
			out = append(out, o.ID)
		}
	}
	return strings.Join(out, ", ")
}
