package rules

import (
	"slices"

	"gopkg.in/yaml.v3"
)

var streamRules = []Rule{
	{
		Name:   "sse",
		Reason: "x-coze-sse ties an answer of events to the stream that decodes it; with a switch there is a JSON answer too.",
		check:  checkSSE,
	},
	{
		Name:   "streams",
		Reason: "Aliases, ends and keep-alives of a stream name its events; without an end a cut connection looks like success.",
		check:  checkStreams,
	},
}

const (
	jsonMedia = "application/json"
	sseMedia  = "text/event-stream"
)

func checkSSE(d *Document, report reporter) {
	for _, o := range d.Operations {
		sse, at := get(o.node, "x-coze-sse"), keyOf(o.node, "x-coze-sse")
		r := d.success(o)
		events, plain := get(r, "content", sseMedia) != nil, get(r, "content", jsonMedia) != nil
		switch {
		case sse == nil && events:
			report(keyOf(get(r, "content"), sseMedia), "%s answers with events and has no x-coze-sse", o)
		case sse == nil:
		case !events:
			report(at, "%s has x-coze-sse and no answer of %s", o, sseMedia)
		default:
			d.checkSwitch(o, sse, plain, report)
		}
	}
}

func (d *Document) checkSwitch(o *operation, sse *yaml.Node, plain bool, report reporter) {
	for k := range fields(sse) {
		if !slices.Contains([]string{"stream", "switch", "method"}, k.Value) {
			report(k, "%s: x-coze-sse has no %s", o, k.Value)
		}
	}
	if name := text(sse, "stream"); get(d.root, "x-coze-streams", name) == nil {
		report(sse, "%s: x-coze-streams has no %q", o, name)
	}
	field := get(sse, "switch")
	if field == nil {
		if plain {
			report(sse, "%s also answers with JSON, so x-coze-sse needs the switch and the method", o)
		}
		return
	}
	_, body := d.body(o)
	p := d.property(get(body, "schema"), field.Value)
	switch {
	case p == nil:
		report(field, "%s: the body has no field %q", o, field.Value)
	case !hasType(d.resolve(p), "boolean"):
		report(field, "%s: %s is not a boolean", o, field.Value)
	case !plain:
		report(field, "%s: with a switch there must be an answer of %s too", o, jsonMedia)
	}
}

func checkStreams(d *Document, report reporter) {
	for name, stream := range fields(get(d.root, "x-coze-streams")) {
		events := get(stream, "events")
		known := func(n *yaml.Node) {
			if get(events, n.Value) == nil {
				report(n, "%s has no event %q", name.Value, n.Value)
			}
		}
		for k, event := range fields(events) {
			if get(event, "$ref") == nil {
				report(k, "%s: the payload of %s is not a reference to a schema", name.Value, k.Value)
			}
		}
		for _, key := range []string{"complete", "end", "hot", "skip"} {
			for _, item := range list(get(stream, key)) {
				known(item)
			}
		}
		for alias, event := range fields(get(stream, "aliases")) {
			known(event)
			if get(events, alias.Value) != nil {
				report(alias, "%s: %s is an event and an alias", name.Value, alias.Value)
			}
		}
		if len(list(get(stream, "complete")))+len(list(get(stream, "end"))) == 0 {
			report(name, "%s has neither complete nor end", name.Value)
		}
		for k := range fields(stream) {
			if !slices.Contains([]string{"description", "events", "aliases", "complete", "end", "hot", "skip"}, k.Value) {
				report(k, "%s: a stream has no %s", name.Value, k.Value)
			}
		}
	}
}
