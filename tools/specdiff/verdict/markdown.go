package verdict

import (
	"fmt"
	"io"
	"strings"
)

// Marker is the first line of the comment, by which the workflow finds the one to update.
const Marker = "<!-- cozekit spec-diff -->"

const (
	maxComment = 60_000 // bytes; GitHub takes 65,536 characters
	tailRoom   = 1_000  // for what is said after the limit
)

var meanings = map[Level]string{
	None:  "nothing changes for users.",
	Patch: "programs go on as they are.",
	Minor: "there is something new or something that behaves differently; programs still compile and their requests are accepted.",
	Major: "programs no longer compile, their requests are refused, or answers lack what they read. It needs the label `breaking`.",
}

// WriteMarkdown writes the report as a comment for a pull request. What does not fit is left out, and that is said.
func WriteMarkdown(w io.Writer, r *Report) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n## Spec diff: %s\n\n**%s** since `%s`: %s\n", Marker, r.Level, r.Level, r.Base, meanings[r.Level])
	writeTable(&b, r)
	proposal := ""
	if len(r.Changelog) > 0 {
		proposal = "\n<details><summary>Proposed lines for CHANGELOG.md</summary>\n\n```markdown\n" +
			strings.ReplaceAll(clip(strings.Join(r.Changelog, "\n"), maxComment/4), "```", "") + "\n```\n</details>\n"
	}
	left := 0
	for _, g := range r.Groups {
		left += writeGroup(&b, g, maxComment-tailRoom-len(proposal))
	}
	if left > 0 {
		fmt.Fprintf(&b, "\n**Truncated:** %s left out to fit into a comment; `make spec-diff BASE=%s` shows them.\n",
			plural(left, "changes"), r.Base)
	}
	b.WriteString(proposal)
	_, err := io.WriteString(w, b.String())
	return err
}

func writeTable(b *strings.Builder, r *Report) {
	if len(r.Groups) == 0 {
		return
	}
	b.WriteString("\n| | level |")
	for _, k := range kinds {
		fmt.Fprintf(b, " %s |", k.column)
	}
	b.WriteString("\n|---|---|" + strings.Repeat("--:|", len(kinds)) + "\n")
	for _, g := range r.Groups {
		fmt.Fprintf(b, "| %s | %s |", g.Service, g.Level)
		for _, k := range kinds {
			if n := g.count(k.kind); n > 0 {
				fmt.Fprintf(b, " %d |", n)
			} else {
				b.WriteString(" |")
			}
		}
		b.WriteString("\n")
	}
}

// writeGroup writes the changes of a group, folded up, as long as b stays below the limit. It returns how many did not fit.
func writeGroup(b *strings.Builder, g Group, limit int) (left int) {
	const frame = 200
	if b.Len()+frame > limit {
		return len(g.Changes)
	}
	fmt.Fprintf(b, "\n<details><summary><b>%s</b>: %s, %s</summary>\n", g.Service, g.Level, counts(g))
	title := ""
	for i, c := range g.Changes {
		line := "- " + escape(headline(c)) + "\n"
		if k := kinds[rank(c.Kind)].title; k != title {
			title = k
			line = "\n**" + title + "**\n\n" + line
		}
		if b.Len()+len(line)+frame > limit {
			left = len(g.Changes) - i
			fmt.Fprintf(b, "- … and %d more, left out\n", left)
			break
		}
		b.WriteString(line)
	}
	b.WriteString("</details>\n")
	return left
}

// escape keeps a text from ending the <details> that it stands in, or from calling people.
func escape(text string) string {
	parts := strings.Split(text, "`")
	for i := 0; i < len(parts); i += 2 { // the others are code
		parts[i] = strings.NewReplacer("<", "&lt;", "@", "@\u200b", "\n", " ").Replace(parts[i])
	}
	return strings.Join(parts, "`")
}

// clip cuts a text at the end of a line.
func clip(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	return text[:strings.LastIndex(text[:limit], "\n")+1] + "- …"
}
