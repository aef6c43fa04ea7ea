package reference

import (
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"
)

// section is a part of the page without operations: the events of a stream or of a socket.
type section struct{ name, text string }

// sections describes what OpenAPI has no place for: x-coze-streams and x-coze-sockets. Each event appears with its payload.
func (d *document) sections() (streams, sockets []section) {
	for name, family := range pairs(get(d.root, "x-coze-streams")) {
		var b strings.Builder
		fmt.Fprintf(&b, "%s\n\nServer-sent events. Operations that stream them: %s.\n", text(family, "description"), d.streaming(name))
		d.writeEvents(&b, "Events", get(family, "events"))
		streams = append(streams, section{name, b.String()})
	}
	for name, socket := range pairs(get(d.root, "x-coze-sockets")) {
		var b strings.Builder
		if path := text(socket, "path"); path != "" {
			fmt.Fprintf(&b, "`%s`: `wss://ws.coze.cn%s`\n\n", text(socket, "operationId"), path)
		}
		fmt.Fprintf(&b, "%s\n\n", text(socket, "description"))
		if url := text(socket, "docs"); url != "" {
			fmt.Fprintf(&b, "[Coze documentation](%s)\n\n", url)
		}
		writeQuery(&b, get(socket, "query"))
		d.writeEvents(&b, "Events from the client", get(socket, "client"))
		d.writeEvents(&b, "Events from the server", get(socket, "server"))
		sockets = append(sockets, section{"Socket " + name, b.String()})
	}
	return streams, sockets
}

// streaming lists the operations that answer with a family of events, with the Go method that opens the stream.
func (d *document) streaming(family string) string {
	var out []string
	for _, o := range d.operations {
		if o.streamed != family {
			continue
		}
		method := o.goMethod
		if o.streamingTwin != "" {
			method = o.streamingTwin
		}
		out = append(out, fmt.Sprintf("[%s](#%s) (`client.%s.%s`)", o.id, o.anchor(), o.service, method))
	}
	return strings.Join(out, ", ")
}

// anchor is where the page has the operation.
func (o *operation) anchor() string { return "tag/" + o.tag + "/operation/" + o.id }

func writeQuery(b *strings.Builder, parameters *yaml.Node) {
	if parameters == nil || len(parameters.Content) == 0 {
		return
	}
	b.WriteString("## Query parameters\n\n")
	for _, p := range parameters.Content {
		fmt.Fprintf(b, "- `%s`: %s\n", text(p, "name"), oneLine(text(p, "description")))
	}
	b.WriteString("\n")
}

func (d *document) writeEvents(b *strings.Builder, title string, events *yaml.Node) {
	if events == nil || len(events.Content) == 0 {
		return
	}
	fmt.Fprintf(b, "\n## %s\n", title)
	for name, event := range pairs(events) {
		fmt.Fprintf(b, "\n### `%s`\n\n%s\n", name, oneLine(text(event, "description")))
		ref := text(event, "$ref")
		schema, ok := strings.CutPrefix(ref, "#/components/schemas/")
		if !ok || get(d.root, "components", "schemas", schema, "properties") == nil {
			continue // a payload without fields has nothing to show
		}
		fmt.Fprintf(b, "\n<SchemaDefinition schemaRef=%q />\n", ref)
	}
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
