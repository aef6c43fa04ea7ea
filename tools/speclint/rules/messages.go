package rules

import (
	"slices"

	"gopkg.in/yaml.v3"
)

var messageRules = []Rule{
	{
		Name:   "envelope",
		Reason: "There is one way to write each kind of answer, since the kind decides how the transport takes the result out of it.",
		check:  checkEnvelopes,
	},
	{
		Name:   "request-body",
		Reason: "A body is the component {operationId}Request, since it becomes the request type together with the parameters.",
		check:  checkBodies,
	},
	{
		Name:   "parameter",
		Reason: "A parameter says how it is sent: lists their style and explode, paths and fixed headers that they are required.",
		check:  checkParameters,
	},
}

func checkEnvelopes(d *Document, report reporter) {
	for _, o := range d.Operations {
		good := 0
		for status, r := range fields(get(o.node, "responses")) {
			switch status.Value {
			case "200", "201":
				good++
				d.checkContent(o, status, d.resolve(r), report)
			case "302":
				good++
				if d.resolve(get(d.resolve(r), "headers", "Location")) == nil {
					report(status, "%s: a redirect needs the header Location", o)
				}
			case "default":
				if text(r, "$ref") != "#/components/responses/Refusal" {
					report(status, "%s: the default answer is not $ref: '#/components/responses/Refusal'", o)
				}
			default:
				report(status, "%s: answers are 200, 201 or 302, and default for every refusal; not %s", o, status.Value)
			}
		}
		at := keyOf(o.node, "responses")
		if good != 1 {
			report(at, "%s has %d answers for success, and must have one", o, good)
		}
		if get(o.node, "responses", "default") == nil {
			report(at, "%s has no default answer", o)
		}
	}
}

func (d *Document) checkContent(o *operation, status, r *yaml.Node, report reporter) {
	content := get(r, "content")
	if content == nil {
		report(status, "%s %s has no content", o, status.Value)
	}
	for k, m := range fields(content) {
		schema := get(m, "schema")
		switch {
		case k.Value == jsonMedia:
			d.checkJSON(o, k, schema, report)
		case k.Value == sseMedia && (len(types(schema)) != 1 || !hasType(schema, "string")):
			report(k, "%s: the schema of %s is {type: string}", o, sseMedia)
		case k.Value != sseMedia && text(schema, "format") != "binary":
			report(k, "%s: the schema of %s is {type: string, format: binary}", o, k.Value)
		}
	}
}

// checkJSON knows the four forms: BaseResponse, BaseResponse and data, BaseResponse and a flat result, raw.
func (d *Document) checkJSON(o *operation, at, schema *yaml.Node, report reporter) {
	if get(schema, "$ref") != nil {
		return
	}
	parts := list(get(schema, "allOf"))
	if !isEnvelope(schema) || len(parts) != 2 || len(schema.Content) != 2 {
		report(at, "%s: the answer is not $ref, nor allOf of BaseResponse and one more", o)
		return
	}
	if get(parts[1], "$ref") != nil {
		for _, name := range []string{"code", "msg", "detail"} {
			if d.property(parts[1], name) != nil {
				report(parts[1], "%s: %s stands in BaseResponse and once more in the flat result", o, name)
			}
		}
		return
	}
	var names []string
	for k := range fields(get(parts[1], "properties")) {
		names = append(names, k.Value)
	}
	if !slices.Equal(names, []string{"data"}) {
		report(parts[1], "%s: beside BaseResponse stands an object with data alone, or a $ref", o)
	}
}

var bodyMedia = []string{jsonMedia, "multipart/form-data", "application/x-www-form-urlencoded"}

func checkBodies(d *Document, report reporter) {
	for _, o := range d.Operations {
		body, at := get(o.node, "requestBody"), keyOf(o.node, "requestBody")
		if body == nil {
			continue
		}
		kind, m := d.body(o)
		schema := get(m, "schema")
		want := schemaPrefix + o.id + "Request"
		switch {
		case d.mediaTypes(body) != 1 || !slices.Contains(bodyMedia, kind):
			report(at, "%s: a body has one media type, of %v", o, bodyMedia)
		case text(schema, "$ref") != want:
			report(at, "%s: the body is not $ref: '%s'", o, want)
		case !slices.Equal(types(d.resolve(schema)), []string{"object"}) && d.resolve(schema) != nil:
			report(at, "%s: %sRequest is not of type object", o, o.id)
		}
		for _, p := range d.parameters(o) {
			if name := text(p, "name"); d.property(schema, name) != nil {
				report(p, "%s: parameter %s has the name of a field of the body", o, name)
			}
		}
	}
}

func (d *Document) mediaTypes(body *yaml.Node) int {
	n := 0
	for range fields(get(d.resolve(body), "content")) {
		n++
	}
	return n
}

func checkParameters(d *Document, report reporter) {
	for _, o := range d.all() {
		for _, p := range d.parameters(o) {
			in, schema := text(p, "in"), d.resolve(get(p, "schema"))
			at := keyOf(p, "name")
			switch {
			case schema == nil:
				report(at, "%s: parameter %s has no schema", o, text(p, "name"))
			case in == "cookie":
				report(at, "%s: parameter %s is a cookie, which no call sends", o, text(p, "name"))
			case in == "query" && hasType(schema, "array") && (text(p, "style") != "form" || get(p, "explode") == nil):
				report(at, "%s: the list %s needs style: form and explode: true or false", o, text(p, "name"))
			case len(list(get(schema, "enum"))) == 1 && in == "header" && !isTrue(get(p, "required")):
				report(at, "%s: the fixed header %s is not required", o, text(p, "name"))
			}
		}
	}
}
