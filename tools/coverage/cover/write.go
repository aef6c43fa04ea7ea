package cover

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

var columns = []string{"service", "operations", "methods", "docs links", "catalogue entries", "examples", "tests"}

func (n *numbers) cells() []string {
	out := []string{n.Name}
	for _, v := range []int{n.Operations, n.Methods, n.Links, n.Entries, n.Examples, n.Tests} {
		out = append(out, fmt.Sprint(v))
	}
	return out
}

// WriteText writes a table with a line for each service, the totals, and what fell behind.
func (r *Report) WriteText(w io.Writer) error {
	services, all := r.services()
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, strings.Join(columns, "\t"))
	for _, s := range append(services, all) {
		fmt.Fprintln(t, strings.Join(s.cells(), "\t"))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	lines := append([]string{""}, r.Totals()...)
	_, err := fmt.Fprintln(w, strings.Join(append(lines, r.Problems...), "\n"))
	return err
}

// WriteMarkdown writes the page of docs/: the same table, and what there is for each operation.
func (r *Report) WriteMarkdown(w io.Writer) error {
	services, all := r.services()
	var b strings.Builder
	b.WriteString("# Coverage\n\n<!-- Written by tools/coverage; make coverage brings it up to date. -->\n\n")
	fmt.Fprintf(&b, "![%s](coverage.svg)\n\n", r.badgeText())
	b.WriteString("The document, the catalogue of the official documentation, the methods of the client, the examples and the tests,\n" +
		"side by side. An operation counts for examples and tests where a program or a test names one of its methods.\n\n")
	for _, line := range r.Totals() {
		fmt.Fprintf(&b, "- %s\n", line)
	}
	fmt.Fprintf(&b, "\n| %s |\n|---|%s\n", strings.Join(columns, " | "), strings.Repeat("--:|", len(columns)-1))
	for _, s := range services {
		cells := s.cells()
		cells[0] = fmt.Sprintf("[%s](#%s)", s.Name, strings.ToLower(s.Name))
		fmt.Fprintf(&b, "| %s |\n", strings.Join(cells, " | "))
	}
	fmt.Fprintf(&b, "| **%s** |\n", strings.Join(all.cells(), "** | **"))
	if len(r.Problems) > 0 {
		fmt.Fprintf(&b, "\n## Behind\n\n- %s\n", strings.Join(r.Problems, "\n- "))
	}
	r.writeGaps(&b)
	r.writeOperations(&b)
	_, err := io.WriteString(w, b.String())
	return err
}

func (r *Report) writeGaps(b *strings.Builder) {
	for _, gap := range []struct{ what, ids string }{
		{"an example", r.without(func(o *Operation) bool { return len(o.Examples) == 0 })},
		{"a test that calls its method", r.without(func(o *Operation) bool { return len(o.Tests) == 0 })},
	} {
		if gap.ids != "" {
			fmt.Fprintf(b, "\nWithout %s: %s.\n", gap.what, gap.ids)
		}
	}
}

func (r *Report) writeOperations(b *strings.Builder) {
	group := ""
	for _, o := range r.Operations {
		if o.group() != group {
			group = o.group()
			fmt.Fprintf(b, "\n## %s\n\n| operation | API | method of the client | examples | tests |\n|---|---|---|---|---|\n", group)
		}
		id := o.ID
		if o.Link != "" {
			id = fmt.Sprintf("[%s](%s)", o.ID, o.Link)
		}
		fmt.Fprintf(b, "| %s | `%s` | %s | %s | %s |\n", id, o.API, code(o.Chains), code(o.Examples), code(o.Tests))
	}
}

// code is a list of names in Markdown.
func code(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return "`" + strings.Join(names, "` `") + "`"
}
