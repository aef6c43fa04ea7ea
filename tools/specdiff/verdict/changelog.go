package verdict

import (
	"fmt"
	"slices"
	"strings"
)

const maxChangelog = 60 // lines; whoever changes more writes a summary

// changelog proposes lines under the headings of Keep a Changelog. People shorten them.
func changelog(r *Report) []string {
	var out []string
	for _, section := range []struct {
		title string
		lines func(Group) []string
	}{{"Added", addedLines}, {"Changed", changedLines}, {"Removed", removedLines}} {
		var lines []string
		for _, g := range r.Groups {
			lines = append(lines, section.lines(g)...)
		}
		if len(lines) > 0 {
			out = append(append(out, "### "+section.title), slices.Compact(lines)...)
		}
	}
	if len(out) > maxChangelog {
		out = append(out[:maxChangelog], fmt.Sprintf("- … %d lines more", len(out)-maxChangelog))
	}
	return out
}

// addedLines tell of methods, and of the fields and values of what was there before; new types come with their methods.
func addedLines(g Group) []string {
	var lines []string
	members := map[string][]string{}
	for _, c := range g.Changes {
		if c.Kind != New {
			continue
		}
		switch {
		case c.declares == "type" && !strings.HasPrefix(g.Service, "package"):
		case c.declares != "" && strings.Contains(c.Name, ".") && !strings.HasPrefix(c.Name, "client."):
			i := strings.LastIndex(c.Name, ".")
			if len(members[c.Name[:i]]) == 0 {
				lines = append(lines, c.Name[:i]) // completed below
			}
			members[c.Name[:i]] = append(members[c.Name[:i]], c.Name[i+1:])
		case c.Rule == apidiffRule || strings.HasPrefix(c.Rule, "x-coze-") && c.Rule != "x-coze-paging": // its All is told
			lines = append(lines, fmt.Sprintf("- `%s`: %s", c.Name, c.Text))
		}
	}
	for i, line := range lines {
		if m := members[line]; m != nil {
			lines[i] = fmt.Sprintf("- `%s`: `%s`", line, strings.Join(m, "`, `"))
		}
	}
	return lines
}

func changedLines(g Group) []string {
	var lines []string
	for _, c := range g.Changes {
		switch {
		case isRemoval(c):
		case c.Kind == Wire && g.count(Go) > 0 && strings.Contains(c.Rule, "type-changed"): // Go tells it better
		case c.Kind == Wire:
			lines = append(lines, "- **Breaking on the wire:** "+headline(c))
		case c.Kind == Go:
			lines = append(lines, "- **Breaking:** "+headline(c))
		case c.Kind == Behaviour && c.Level >= Minor && (!strings.Contains(c.Rule, "removed") || g.count(Go) == 0):
			lines = append(lines, "- "+headline(c))
		}
	}
	return lines
}

func removedLines(g Group) []string {
	var lines []string
	for _, c := range g.Changes {
		if isRemoval(c) && (c.Kind == Go || g.count(Go) == 0) {
			lines = append(lines, "- **Breaking:** "+strings.TrimSuffix(headline(c), ": removed"))
		}
	}
	return lines
}

func isRemoval(c Change) bool {
	return c.Kind == Go && c.Text == "removed" || c.Kind == Wire && strings.Contains(c.Rule, "removed")
}

// headline is a change on one line: its name in Go, what happened, and the operations where the name does not tell them.
func headline(c Change) string {
	var b strings.Builder
	if c.Name != "" {
		fmt.Fprintf(&b, "`%s`: ", c.Name)
	}
	text := c.Text
	if c.Kind == Go && strings.HasPrefix(text, "changed from ") {
		text = "changed from `" + strings.Replace(strings.TrimPrefix(text, "changed from "), " to ", "` to `", 1) + "`"
	}
	b.WriteString(text)
	if c.Name == "" && len(c.Operations) > 0 {
		b.WriteString(" (" + some(c.Operations) + ")")
	}
	return b.String()
}

const maxOperations = 4

func some(names []string) string {
	if len(names) <= maxOperations {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:maxOperations], ", "), len(names)-maxOperations)
}

func plural(n int, what string) string {
	if n == 1 {
		what = strings.TrimSuffix(what, "s")
	}
	return fmt.Sprintf("%d %s", n, what)
}
