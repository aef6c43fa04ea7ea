package release

import (
	"fmt"
	"regexp"
	"strings"

	"golang.org/x/mod/semver"
)

// Facts are what the version is judged by.
type Facts struct {
	Constant  string   // Version of package coze, without v
	Tags      []string // versions that are tagged and part of the history, the newest first: v0.2.0
	Tagged    bool     // the commit itself has the newest tag
	Changelog Changelog
	Level     string // what changed for users since the newest tag: none, patch, minor or major; empty if that is not known
	Touched   bool   // files that users get changed since the newest tag
}

var constant = regexp.MustCompile(`(?m)^const Version = "([^"]+)"$`)

// ReadConstant finds the version in the source of package coze.
func ReadConstant(source string) (string, error) {
	m := constant.FindStringSubmatch(source)
	if m == nil {
		return "", fmt.Errorf("there is no line const Version = \"...\"")
	}
	return m[1], nil
}

// Versions returns what does not fit. The constant names the release that the tree is, or is about to become: that of the
// newest heading of the changelog, and of the tag of the commit. Until the first release only the constant is there.
func (f *Facts) Versions() (problems []string) {
	report := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	v := "v" + f.Constant
	if !semver.IsValid(v) || semver.Canonical(v) != v {
		report("the constant Version is %s, no semantic version", f.Constant)
		return problems
	}
	if list := f.Changelog.Versions; len(list) > 0 && list[0] != v {
		report("the constant Version is %s, the newest heading of the changelog %s", f.Constant, strings.TrimPrefix(list[0], "v"))
	}
	headings := map[string]bool{}
	for _, h := range f.Changelog.Versions {
		headings[h] = true
	}
	for _, tag := range f.Tags {
		if !headings[tag] {
			report("the changelog has no heading for the tag %s", tag)
		}
	}
	if len(f.Tags) == 0 {
		return problems
	}
	last := f.Tags[0]
	switch {
	case f.Tagged && v != last:
		report("this commit is tagged %s, but the constant Version is %s", last, f.Constant)
	case semver.Compare(v, last) < 0:
		report("the constant Version is %s, older than the tag %s", f.Constant, last)
	case v == last && !f.Tagged && f.Touched && !f.Changelog.Unreleased:
		report("code changed since %s, but nothing stands under Unreleased", last)
	case v != last && f.Level != "" && semver.Compare(v, Next(last, f.Level)) < 0:
		report("the changes since %s are %s for users: the next version is %s, not %s", last, f.Level, Next(last, f.Level), v)
	}
	return problems
}

// Next is the lowest version that may follow one with changes of a level. Before 1.0 a minor version may break.
func Next(last, level string) string {
	var major, minor, patch int
	if _, err := fmt.Sscanf(semver.Canonical(last), "v%d.%d.%d", &major, &minor, &patch); err != nil {
		return last
	}
	switch {
	case level == "major" && major > 0:
		return fmt.Sprintf("v%d.0.0", major+1)
	case level == "major" || level == "minor" && major > 0:
		return fmt.Sprintf("v%d.%d.0", major, minor+1)
	default:
		return fmt.Sprintf("v%d.%d.%d", major, minor, patch+1)
	}
}
