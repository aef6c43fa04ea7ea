package rules

import (
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

var listRules = []Rule{
	{
		Name:   "paging",
		Reason: "x-coze-paging makes List return a page and All walk them, so every field it names must be there, of a fitting type.",
		check:  checkPaging,
	},
	{
		Name:   "paging-missing",
		Reason: "A list with a page, a token or an id to go on from, but without x-coze-paging, has no All.",
		check:  checkMissingPaging,
	},
}

// pageField is a field that a style of paging names.
type pageField struct {
	key      string
	required bool
	request  bool // a field of the request, else of the answer
	kind     string
}

// pageStyles are the fields of each style of x-coze-paging.
var pageStyles = map[string][]pageField{
	"page": {
		{"page", true, true, "integer"}, {"size", true, true, "integer"}, {"items", true, false, "array"},
		{"has_more", false, false, "boolean"}, {"total", false, false, "integer"},
	},
	"token": {
		{"token", true, true, "string"}, {"size", false, true, "integer"}, {"items", true, false, "array"},
		{"next", true, false, "string"}, {"has_more", false, false, "boolean"}, {"total", false, false, "integer"},
	},
	"id": {
		{"after", true, true, "string"}, {"before", true, true, "string"}, {"size", false, true, "integer"},
		{"items", true, false, "array"}, {"first", true, false, "string"}, {"last", true, false, "string"},
		{"has_more", true, false, "boolean"},
	},
}

func checkPaging(d *Document, report reporter) {
	for _, o := range d.Operations {
		paging, at := get(o.node, "x-coze-paging"), keyOf(o.node, "x-coze-paging")
		if paging == nil {
			continue
		}
		style := text(paging, "style")
		known, ok := pageStyles[style]
		if !ok {
			report(at, "%s: style of x-coze-paging is %q, not page, token or id", o, style)
			continue
		}
		if d.resolve(d.result(o)) == nil {
			continue // reported by reference or envelope
		}
		for _, f := range known {
			d.checkPageField(o, f, paging, report)
		}
		for k := range fields(paging) {
			if k.Value != "style" && !slices.ContainsFunc(known, func(f pageField) bool { return f.key == k.Value }) {
				report(k, "%s: x-coze-paging of style %s has no %s", o, style, k.Value)
			}
		}
		if style == "page" && get(paging, "has_more") == nil && get(paging, "total") == nil {
			report(at, "%s: neither has_more nor total tells where the pages end", o)
		}
	}
}

func (d *Document) checkPageField(o *operation, f pageField, paging *yaml.Node, report reporter) {
	name := get(paging, f.key)
	if name == nil {
		if f.required {
			report(paging, "%s: x-coze-paging lacks %s", o, f.key)
		}
		return
	}
	where, schema := "answer", d.property(d.result(o), name.Value)
	if f.request {
		where, schema = "request", d.requestField(o, name.Value)
	}
	switch {
	case schema == nil:
		report(name, "%s: the %s has no field %q", o, where, name.Value)
	case !hasType(d.resolve(schema), f.kind):
		report(name, "%s: %s of the %s is not of type %s", o, name.Value, where, f.kind)
	}
}

// requestField finds a query parameter or a field of the body.
func (d *Document) requestField(o *operation, name string) *yaml.Node {
	for _, p := range d.parameters(o) {
		if text(p, "in") == "query" && text(p, "name") == name {
			return get(p, "schema")
		}
	}
	_, body := d.body(o)
	return d.property(get(body, "schema"), name)
}

// result is the schema of what a call returns: data of the envelope, or the whole answer.
func (d *Document) result(o *operation) *yaml.Node {
	r := d.success(o)
	schema := get(r, "content", "application/json", "schema")
	if !isEnvelope(schema) {
		return schema
	}
	parts := list(get(schema, "allOf"))
	if len(parts) != 2 {
		return nil
	}
	if data := get(parts[1], "properties", "data"); data != nil {
		return data
	}
	return parts[1]
}

var pageParameter = regexp.MustCompile(`^(page|page_(num|index|number|token)|(after|before)_id|cursor)$`)

func checkMissingPaging(d *Document, report reporter) {
	for _, o := range d.Operations {
		if !strings.HasPrefix(o.id, "List") || get(o.node, "x-coze-paging") != nil {
			continue
		}
		var names []string
		for _, p := range d.parameters(o) {
			names = append(names, text(p, "name"))
		}
		_, body := d.body(o)
		for k := range fields(get(d.resolve(get(body, "schema")), "properties")) {
			names = append(names, k.Value)
		}
		if i := slices.IndexFunc(names, pageParameter.MatchString); i >= 0 {
			report(keyOf(o.node, "operationId"), "%s takes %s and has no x-coze-paging", o, names[i])
		}
	}
}
