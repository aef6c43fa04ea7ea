package rules

import (
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

var socketRules = []Rule{
	{
		Name:   "sockets",
		Reason: "x-coze-sockets is to websockets what paths is to calls: id, path, page, codes, parameters and events in both directions.",
		check:  checkSockets,
	},
}

var socketKeys = []string{
	"operationId", "path", "description", "docs", "docs_events", "permission", "errors", "query", "client", "server",
}

func checkSockets(d *Document, report reporter) {
	seen := map[string]bool{}
	for _, o := range d.all() {
		seen[o.id] = true
	}
	for name, socket := range fields(get(d.root, "x-coze-sockets")) {
		for k := range fields(socket) {
			if !slices.Contains(socketKeys, k.Value) {
				report(k, "%s: a socket has no %s", name.Value, k.Value)
			}
		}
		if !sentenceIn(socket) {
			report(name, "%s: the description is missing or does not end with a period", name.Value)
		}
		// The messages in a room have neither: they are no connection of their own.
		path, id := get(socket, "path"), text(socket, "operationId")
		if path != nil && (!strings.HasPrefix(path.Value, "/") || !strings.HasPrefix(id, "Connect") || seen[id]) {
			report(name, "%s: a path begins with a slash, and its operationId with Connect, and nothing else has it", name.Value)
		}
		seen[id] = true
		d.checkSocketLinks(name.Value, socket, report)
		d.checkSocketQuery(name.Value, get(socket, "query"), report)
		for _, side := range []string{"client", "server"} {
			for k, event := range fields(get(socket, side)) {
				if !sentenceIn(event) {
					report(k, "%s %s: the description is missing or does not end with a period", name.Value, k.Value)
				}
			}
		}
	}
}

func (d *Document) checkSocketLinks(name string, socket *yaml.Node, report reporter) {
	links := list(get(socket, "docs_events"))
	if docs := get(socket, "docs"); docs != nil {
		links = append(links, docs)
	} else if !noPage.MatchString(text(socket, "description")) {
		report(socket, "%s has no docs, and its description does not say why", name)
	}
	for _, n := range links {
		if !docsPage.MatchString(n.Value) {
			report(n, "%s: %q is no page under https://www.coze.cn/open/docs/", name, n.Value)
		}
	}
	if p := get(socket, "permission"); p != nil && (!isString(p) || !permission.MatchString(p.Value)) {
		report(p, "%s: the permission is not a name or names joined with \" + \"", name)
	}
	if codes := get(socket, "errors"); codes != nil {
		d.checkCodes(name, codes, report)
	}
}

func (d *Document) checkSocketQuery(name string, query *yaml.Node, report reporter) {
	for _, p := range list(query) {
		if text(p, "name") == "" || get(p, "schema") == nil || get(p, "required") == nil || !sentenceIn(p) {
			report(p, "%s: a parameter has name, required, description and schema", name)
		}
	}
}

// sentenceIn tells whether the description of something is there and ends as a sentence does.
func sentenceIn(n *yaml.Node) bool {
	s := get(n, "description")
	return s != nil && isSentence(s.Value)
}
