package generate

import (
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/template"
)

//go:embed sockets.tmpl
var socketsText string

var socketsTemplate = template.Must(template.New("sockets").Parse(socketsText))

// socketSpec is the part of an entry of x-coze-sockets that becomes Go.
type socketSpec struct {
	Path   string
	Client map[string]eventSpec // what clients send, by name
	Server map[string]eventSpec // what servers send, by name
}

// socketsView is what the template needs.
type socketsView struct {
	Paths, Events []constView
}

type constView struct{ Name, Value, Doc string }

// writeSockets generates the names of websocket events; their payloads are ordinary schemas.
func writeSockets(sockets map[string]socketSpec, pkg string, out Files) error {
	v := socketsView{}
	events := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(sockets)) {
		s := sockets[name]
		for _, side := range []map[string]eventSpec{s.Client, s.Server} {
			for event, e := range side {
				events[event] = e.Description
			}
		}
		if s.Path != "" {
			v.Paths = append(v.Paths, constView{"SocketPath" + eventConst(name), s.Path, "socket " + name})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(events)) {
		v.Events = append(v.Events, constView{"SocketEvent" + socketConst(name), name, firstSentence(events[name])})
	}
	if len(v.Events) == 0 {
		return nil
	}
	var b strings.Builder
	if err := socketsTemplate.Execute(&b, v); err != nil {
		return err
	}
	var err error
	out["sockets"+suffix], err = format("sockets"+suffix, pkg, b.String())
	return err
}

func loadSockets(d *document) (map[string]socketSpec, error) {
	out := map[string]socketSpec{}
	all, _ := d.Extensions["x-coze-sockets"].(map[string]any)
	for name, v := range all {
		entry, ok := v.(map[string]any)
		if !ok {
			return nil, fmt.Errorf("x-coze-sockets: %s is no object", name)
		}
		s := socketSpec{Client: map[string]eventSpec{}, Server: map[string]eventSpec{}}
		s.Path, _ = entry["path"].(string)
		for side, into := range map[string]map[string]eventSpec{"client": s.Client, "server": s.Server} {
			events, _ := entry[side].(map[string]any)
			for event, v := range events {
				fields, _ := v.(map[string]any)
				var e eventSpec
				e.Ref, _ = fields["$ref"].(string)
				e.Description, _ = fields["description"].(string)
				if e.Ref != "" && d.Components.Schemas[strings.TrimPrefix(e.Ref, schemaPrefix)] == nil {
					return nil, fmt.Errorf("x-coze-sockets: %s: event %s: there is no schema %q", name, event, e.Ref)
				}
				into[event] = e
			}
		}
		out[name] = s
	}
	return out, nil
}

// sentBy lists the schemas that clients send on sockets.
func sentBy(sockets map[string]socketSpec) []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(sockets)) {
		for _, event := range slices.Sorted(maps.Keys(sockets[name].Client)) {
			if ref := sockets[name].Client[event].Ref; ref != "" {
				out = append(out, strings.TrimPrefix(ref, schemaPrefix))
			}
		}
	}
	return out
}

// socketConst is the Go name of an event, whole: input_text_buffer.append becomes InputTextBufferAppend.
func socketConst(event string) string {
	if rest, ok := strings.CutPrefix(event, "conversation."); ok {
		return "Conversation" + eventConst(rest)
	}
	return eventConst(event)
}

func firstSentence(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if i := strings.Index(text, ". "); i > 0 {
		return text[:i+1]
	}
	return text
}
