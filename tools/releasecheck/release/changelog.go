package release

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/semver"
)

// Changelog is CHANGELOG.md as far as its form goes.
type Changelog struct {
	Unreleased bool     // there are lines under Unreleased
	Versions   []string // v0.2.0, the newest first
	Problems   []string // with the number of the line
}

var (
	heading    = regexp.MustCompile(`^## \[([^\]]+)\](?: - (\d{4}-\d{2}-\d{2}))?$`)
	definition = regexp.MustCompile(`^\[([^\]]+)\]: (https://\S+)$`)
	sections   = []string{"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
)

type changelogReader struct {
	Changelog
	line, lines       int // of the file; of the section
	version, section  string
	seen              []string // sections of the version
	date              time.Time
	names             []string // of the headings
	links             map[string]string
	unreleasedHeading bool
}

// ReadChangelog reads the form that Keep a Changelog asks for: Unreleased first, then dated versions, the newest first, with
// known sections that hold lines, and a link for each heading.
func ReadChangelog(source string) Changelog {
	r := &changelogReader{links: map[string]string{}}
	for i, line := range strings.Split(source, "\n") {
		r.line = i + 1
		switch {
		case strings.HasPrefix(line, "## "):
			r.endSection()
			r.startVersion(line)
		case strings.HasPrefix(line, "### "):
			r.endSection()
			r.startSection(strings.TrimPrefix(line, "### "))
		case definition.MatchString(line):
			m := definition.FindStringSubmatch(line)
			r.links[m[1]] = m[2]
		case strings.TrimSpace(line) == "":
		case r.version != "":
			r.content(line)
		}
	}
	r.endSection()
	if !r.unreleasedHeading {
		r.problem("there is no heading ## [Unreleased]")
	}
	for _, name := range r.names {
		if r.links[name] == "" {
			r.problem("[%s] has no link: add [%s]: https://...", name, name)
		}
	}
	return r.Changelog
}

func (r *changelogReader) problem(format string, args ...any) {
	r.Problems = append(r.Problems, fmt.Sprintf("CHANGELOG.md:%d: %s", r.line, fmt.Sprintf(format, args...)))
}

func (r *changelogReader) startVersion(line string) {
	r.version, r.section, r.seen = "?", "", nil
	m := heading.FindStringSubmatch(line)
	if m == nil {
		r.problem("a heading is ## [Unreleased] or ## [1.2.3] - 2026-01-02, not %q", line)
		return
	}
	r.version = m[1]
	if slices.Contains(r.names, r.version) {
		r.problem("%s has two headings", r.version)
	}
	r.names = append(r.names, r.version)
	if r.version == "Unreleased" {
		r.unreleasedHeading = true
		if len(r.names) > 1 || m[2] != "" {
			r.problem("Unreleased comes first, and without a date")
		}
		return
	}
	v := "v" + r.version
	date, err := time.Parse(time.DateOnly, m[2])
	switch {
	case !semver.IsValid(v) || semver.Canonical(v) != v:
		r.problem("%s is no semantic version", r.version)
		return
	case err != nil:
		r.problem("%s has no date", r.version)
	case !r.date.IsZero() && date.After(r.date):
		r.problem("%s is younger than the version above", r.version)
	}
	if n := len(r.Versions); n > 0 && semver.Compare(v, r.Versions[n-1]) >= 0 {
		r.problem("%s is not below %s", r.version, strings.TrimPrefix(r.Versions[n-1], "v"))
	}
	r.date = date
	r.Versions = append(r.Versions, v)
}

func (r *changelogReader) startSection(name string) {
	switch {
	case r.version == "":
		r.problem("the section %s belongs to no version", name)
	case !slices.Contains(sections, name):
		r.problem("a section is one of %s, not %s", strings.Join(sections, ", "), name)
	case slices.Contains(r.seen, name):
		r.problem("%s has two sections %s", r.version, name)
	}
	r.section, r.lines = name, 0
	r.seen = append(r.seen, name)
}

func (r *changelogReader) content(line string) {
	switch {
	case r.section == "":
		r.problem("%q stands in no section", line)
	case strings.HasPrefix(line, "- "):
		r.lines++
		r.Unreleased = r.Unreleased || r.version == "Unreleased"
	case !strings.HasPrefix(line, "  ") || r.lines == 0:
		r.problem("a line begins with \"- \", and goes on after two spaces")
	}
}

// endSection complains of an empty section.
func (r *changelogReader) endSection() {
	if r.section != "" && r.lines == 0 {
		r.problem("the section %s of %s is empty", r.section, r.version)
	}
	r.section = ""
}
