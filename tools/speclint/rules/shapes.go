package rules

import (
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

var schemaRules = []Rule{
	{
		Name:   "inline",
		Reason: "Objects and enums are components: inline ones get invented Go names. Only the envelope and fixed headers are inline.",
		check:  checkInline,
	},
	{
		Name:   "schema-name",
		Reason: "A schema name is its Go name: CamelCase, and not ending in Response, which only the envelope does.",
		check:  checkSchemaNames,
	},
	{
		Name:   "enum",
		Reason: "An enum is of strings or integers; integers say nothing without names and an explanation of each.",
		check:  checkEnums,
	},
	{
		Name:   "subset",
		Reason: "The generator and the validators share a part of OpenAPI 3.1; what is outside fails late or is silently ignored.",
		check:  checkSubset,
	},
	{
		Name:   "format",
		Reason: "The format chooses the Go type: int32, int64, unix-seconds or unix-millis; double; binary.",
		check:  checkFormats,
	},
}

func checkInline(d *Document, report reporter) {
	fixed := map[*yaml.Node]bool{}
	for _, o := range d.all() {
		for _, p := range d.parameters(o) {
			if s := get(p, "schema"); text(p, "in") == "header" && len(list(get(s, "enum"))) == 1 {
				fixed[s] = true
			}
		}
	}
	for _, s := range d.sites {
		if s.kind != component && s.kind != envelope && get(s.node, "properties") != nil {
			report(s.at, "%s is an object without a name; make it a component", s.path)
		}
		if s.kind != component && get(s.node, "enum") != nil && !fixed[s.node] {
			report(s.at, "%s is an enum without a name; make it a component", s.path)
		}
	}
}

func checkSchemaNames(d *Document, report reporter) {
	for _, s := range d.sites {
		switch {
		case s.kind != component:
		case !exported.MatchString(s.name):
			report(s.at, "%s is not CamelCase", s.name)
		case strings.HasSuffix(s.name, "Response") && s.name != "BaseResponse":
			report(s.at, "%s ends in Response; say what it is: a List, a Result", s.name)
		}
	}
}

func checkEnums(d *Document, report reporter) {
	for _, s := range d.sites {
		values := list(get(s.node, "enum"))
		if s.kind != component || get(s.node, "enum") == nil {
			continue
		}
		integers := slices.Equal(types(s.node), []string{"integer"})
		if !integers && !slices.Equal(types(s.node), []string{"string"}) {
			report(s.at, "%s: an enum is of type string or integer", s.path)
			continue
		}
		seen := map[string]bool{}
		for _, v := range values {
			if integers != isInteger(v) || !integers && !isString(v) {
				report(v, "%s: value %s is not of the type of the enum", s.path, v.Value)
			}
			if seen[v.Value] {
				report(v, "%s: value %s stands twice", s.path, v.Value)
			}
			seen[v.Value] = true
			explained := s.text == "" || unit.MatchString(s.text) // 16000 Hz needs no more words
			if integers && !explained && !regexp.MustCompile(`(^|[^\d])`+v.Value+`($|[^\d])`).MatchString(s.text) {
				report(v, "%s: the description does not explain %s", s.path, v.Value)
			}
		}
		checkVarnames(s, integers, len(values), report)
	}
}

func checkVarnames(s *site, integers bool, want int, report reporter) {
	names := get(s.node, "x-enum-varnames")
	if names == nil {
		if integers {
			report(s.at, "%s: an enum of integers needs x-enum-varnames", s.path)
		}
		return
	}
	if len(list(names)) != want {
		report(names, "%s: %d values have %d names", s.path, want, len(list(names)))
	}
	seen := map[string]bool{}
	for _, n := range list(names) {
		if !exported.MatchString(n.Value) || seen[n.Value] {
			report(n, "%s: %s is not a CamelCase name of its own", s.path, n.Value)
		}
		seen[n.Value] = true
	}
}

// keywords are those of the subset. Others may be good JSON Schema, but nothing here was tested with them.
var keywords = []string{
	"$ref", "type", "format", "description", "enum", "default", "example", "examples", "const", "properties", "required", "items",
	"additionalProperties", "allOf", "minLength", "maxLength", "pattern", "minItems", "maxItems", "uniqueItems", "minimum", "maximum",
	"deprecated", "readOnly", "writeOnly", "contentEncoding",
}

func checkSubset(d *Document, report reporter) {
	if v := text(d.root, "openapi"); v != "3.1.0" {
		report(keyOf(d.root, "openapi"), "the version is %q, not 3.1.0", v)
	}
	everyNode(d.root, func(n *yaml.Node) {
		if n.Kind == yaml.AliasNode {
			report(n, "a YAML alias; not every reader follows it, and $ref does the same")
		}
	})
	for _, s := range d.sites {
		if s.node.Kind != yaml.MappingNode {
			report(s.at, "%s: a schema is a mapping; write {} for any value", s.path)
			continue
		}
		for k := range fields(s.node) {
			if !slices.Contains(keywords, k.Value) && !strings.HasPrefix(k.Value, "x-") {
				report(k, "%s: %s is outside of the subset", s.path, k.Value)
			}
		}
		t := types(s.node)
		if len(t) > 2 || len(t) == 2 && !slices.Contains(t, "null") || slices.Equal(t, []string{"null"}) {
			report(keyOf(s.node, "type"), "%s: type %v; the only second type is null", s.path, t)
		}
		if e := get(s.node, "contentEncoding"); e != nil && (e.Value != "base64" || !hasType(s.node, "string")) {
			report(e, "%s: contentEncoding is base64 and for strings only", s.path)
		}
		if get(s.node, "const") != nil && len(t) == 0 {
			report(keyOf(s.node, "const"), "%s: const needs a type", s.path)
		}
	}
}

var formats = map[string][]string{
	"integer": {"int32", "int64", "unix-seconds", "unix-millis"},
	"number":  {"double"},
	"string":  {"", "binary"},
	"boolean": {""}, "array": {""}, "object": {""},
}

func checkFormats(d *Document, report reporter) {
	for _, s := range d.sites {
		if get(s.node, "enum") != nil {
			continue
		}
		for _, t := range types(s.node) {
			if f := text(s.node, "format"); formats[t] != nil && !slices.Contains(formats[t], f) {
				report(keyOf(s.node, "type"), "%s: a schema of type %s has format %q, and must have one of %q", s.path, t, f, formats[t])
			}
		}
	}
}
