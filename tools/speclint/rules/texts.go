package rules

import (
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

var textRules = []Rule{
	{
		Name:   "description",
		Reason: "Descriptions are the comments of the Go code and the text of the reference: each thing has one, in full sentences.",
		check:  checkDescriptions,
	},
	{
		Name:   "schema-description",
		Reason: `The description of a schema follows its Go name and "is": it begins with A, An, The or One.`,
		check:  checkSchemaDescriptions,
	},
	{
		Name:   "unit",
		Reason: "A number named after a time, a duration or a size says nothing without its unit; seconds and milliseconds look alike.",
		check:  checkUnits,
	},
	{
		Name:   "docs-link",
		Reason: "Every operation links its page of the Coze documentation, or says that it has none.",
		check:  checkLinks,
	},
}

func checkDescriptions(d *Document, report reporter) {
	check := func(at *yaml.Node, what string, holder *yaml.Node) {
		s := get(holder, "description")
		switch {
		case s == nil || strings.TrimSpace(s.Value) == "":
			report(at, "%s has no description", what)
		case !isSentence(s.Value):
			report(at, "%s: the description does not end with a period", what)
		}
	}
	for _, o := range d.all() {
		check(keyOf(o.node, "operationId"), o.String(), o.node)
		for status, r := range fields(get(o.node, "responses")) {
			check(status, o.String()+" "+status.Value, d.resolve(r))
		}
		for _, p := range list(get(o.node, "parameters")) {
			check(p, o.String()+" "+text(p, "name"), d.resolve(p))
		}
	}
	for _, s := range d.sites {
		if s.kind == component || s.kind == property {
			check(s.at, s.path, s.node)
		}
	}
	for name, stream := range fields(get(d.root, "x-coze-streams")) {
		check(name, name.Value, stream)
		for k, event := range fields(get(stream, "events")) {
			check(k, name.Value+" "+k.Value, event)
		}
	}
}

// isSentence tells whether a text ends as one does. The items of a list may go without.
func isSentence(s string) bool {
	s = strings.TrimSpace(s)
	last := strings.TrimSpace(s[strings.LastIndexByte(s, '\n')+1:])
	return strings.HasSuffix(s, ".") || strings.HasPrefix(last, "- ") || strings.HasPrefix(last, "|") || last == "```"
}

var nounPhrase = regexp.MustCompile(`^(A|An|The|One) `)

func checkSchemaDescriptions(d *Document, report reporter) {
	for _, s := range d.sites {
		if s.kind == component && s.text != "" && !nounPhrase.MatchString(s.text) {
			report(s.at, "%s: the description must begin with A, An, The or One: %q", s.path, s.text)
		}
	}
}

var (
	measured = regexp.MustCompile(`(^|_)(at|time|timestamp|ms|seconds|duration|size|bytes|(sample|bit)_?rate|timeout|ttl|interval|delay|` +
		`latency|expires_in)$`)
	unit = regexp.MustCompile(`(?i)\b(unix|(milli|micro)?seconds?|ms|minutes?|hours?|days?|weeks?|months?|years?|bytes?|[kmg]i?b|` +
		`k?hz|hertz|k?bits?|k?bps|pixels?|points?|tokens?|characters?|percent|units?)\b`)
	humps = regexp.MustCompile(`([a-z0-9])([A-Z])`)
)

// snake brings createdAt, Created-At and created_at to one form.
func snake(name string) string {
	return strings.ToLower(strings.ReplaceAll(humps.ReplaceAllString(name, "${1}_$2"), "-", "_"))
}

func checkUnits(d *Document, report reporter) {
	sizes := []string{"page_size"} // a number of things
	for _, o := range d.Operations {
		sizes = append(sizes, text(o.node, "x-coze-paging", "size"))
	}
	for _, s := range d.sites {
		number := hasType(s.node, "integer") || hasType(s.node, "number")
		name := snake(s.name)
		if !number || slices.Contains(sizes, s.name) || !measured.MatchString(name) || unit.MatchString(s.text) {
			continue
		}
		if s.text != "" {
			report(s.at, "%s: the description names no unit: %q", s.path, s.text)
		}
	}
}

var (
	docsPage = regexp.MustCompile(`^https://www\.coze\.cn/open/docs/[\w/.-]+$`)
	noPage   = regexp.MustCompile(`not in the current catalogue|Undocumented|API reference document`)
)

func checkLinks(d *Document, report reporter) {
	for _, o := range d.all() {
		link := get(o.node, "externalDocs")
		url := text(link, "url")
		excused := isTrue(get(o.node, "deprecated")) || noPage.MatchString(text(o.node, "description"))
		switch {
		case link == nil && !excused:
			report(keyOf(o.node, "operationId"), "%s has no externalDocs, and its description does not say why", o)
		case link != nil && !docsPage.MatchString(url):
			report(keyOf(o.node, "externalDocs"), "%s: %q is no page under https://www.coze.cn/open/docs/", o, url)
		}
	}
}
