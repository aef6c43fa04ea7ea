package verdict

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// Writers are the formats in which a report is written.
var Writers = map[string]func(io.Writer, *Report) error{"text": WriteText, "json": WriteJSON, "markdown": WriteMarkdown}

// WriteJSON writes the report for programs.
func WriteJSON(w io.Writer, r *Report) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(r)
}

// WriteText writes the report for a terminal.
func WriteText(w io.Writer, r *Report) error {
	var b strings.Builder
	for _, g := range r.Groups {
		fmt.Fprintf(&b, "%s: %s (%s)\n", g.Service, g.Level, counts(g))
		for _, k := range kinds {
			if g.count(k.kind) == 0 {
				continue
			}
			fmt.Fprintf(&b, "  %s\n", k.title)
			for _, c := range g.Changes {
				if c.Kind == k.kind {
					fmt.Fprintf(&b, "    %s [%s]\n", strings.ReplaceAll(headline(c), "`", ""), c.Rule)
				}
			}
		}
	}
	if len(r.Changelog) > 0 {
		fmt.Fprintf(&b, "\nproposed for CHANGELOG.md:\n%s\n\n", strings.Join(r.Changelog, "\n"))
	}
	fmt.Fprintf(&b, "since %s: %s: %s\n", r.Base, r.Level, counts(r.Groups...))
	_, err := io.WriteString(w, b.String())
	return err
}
