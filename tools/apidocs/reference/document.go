package reference

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

var httpMethods = []string{"get", "put", "post", "delete", "options", "head", "patch", "trace"}

// document is a copy of the document that is changed for readers.
type document struct {
	root       *yaml.Node
	operations []*operation
}

type operation struct {
	node *yaml.Node
	id   string

	service, goMethod  string // Conversations.Messages, List
	streamed           string // family of its events; empty if it has none
	tag, streamingTwin string
}

func (o *operation) chain() string { return o.service + "." + o.goMethod }

// description adds to what the document says in words what its extensions say, which renderers do not show.
func (o *operation) description() string {
	parts := []string{text(o.node, "description"), "Go: `client." + o.chain() + "`"}
	for _, e := range []struct{ title, key string }{{"Permission", "x-coze-permission"}, {"Retries", "x-coze-retry"}} {
		if v := text(o.node, e.key); v != "" {
			parts = append(parts, e.title+": `"+v+"`")
		}
	}
	var servers, codes []string
	for name, state := range pairs(get(o.node, "x-coze-profiles")) {
		servers = append(servers, name+" "+state.Value)
	}
	if n := get(o.node, "x-coze-errors"); n != nil {
		for _, code := range n.Content {
			codes = append(codes, "`"+code.Value+"`")
		}
	}
	if len(servers) > 0 {
		parts = append(parts, "Servers: "+strings.Join(servers, ", "))
	}
	if len(codes) > 0 {
		parts = append(parts, "Known refusals: "+strings.Join(codes, ", "))
	}
	return strings.TrimSpace(parts[0] + "\n\n" + strings.Join(parts[1:], "  \n"))
}

func readDocument(root string) (*document, error) {
	source, err := os.ReadFile(filepath.Join(root, "api", "openapi.yaml"))
	if err != nil {
		return nil, err
	}
	var file yaml.Node
	if err := yaml.Unmarshal(source, &file); err != nil {
		return nil, err
	}
	if len(file.Content) != 1 || file.Content[0].Kind != yaml.MappingNode {
		return nil, errors.New("api/openapi.yaml is not a mapping")
	}
	d := &document{root: file.Content[0]}
	for _, item := range pairs(get(d.root, "paths")) {
		for method, n := range pairs(item) {
			if !slices.Contains(httpMethods, method) {
				continue
			}
			o := &operation{
				node: n, id: text(n, "operationId"),
				service: text(n, "x-coze-service"), goMethod: text(n, "x-coze-method"),
				streamed: text(n, "x-coze-sse", "stream"), streamingTwin: text(n, "x-coze-sse", "method"),
			}
			if tags := get(n, "tags"); tags != nil && len(tags.Content) > 0 {
				o.tag = tags.Content[0].Value
			}
			d.operations = append(d.operations, o)
		}
	}
	if len(d.operations) == 0 {
		return nil, errors.New("api/openapi.yaml has no operations")
	}
	return d, nil
}

// get follows keys through mappings; nil where one is missing.
func get(n *yaml.Node, keys ...string) *yaml.Node {
	for _, key := range keys {
		var next *yaml.Node
		for k, v := range pairs(n) {
			if k == key {
				next = v
			}
		}
		n = next
	}
	return n
}

func text(n *yaml.Node, keys ...string) string {
	if n = get(n, keys...); n == nil || n.Kind != yaml.ScalarNode {
		return ""
	}
	return n.Value
}

// pairs walks a mapping in its order.
func pairs(n *yaml.Node) func(yield func(string, *yaml.Node) bool) {
	return func(yield func(string, *yaml.Node) bool) {
		if n == nil || n.Kind != yaml.MappingNode {
			return
		}
		for i := 0; i+1 < len(n.Content); i += 2 {
			if !yield(n.Content[i].Value, n.Content[i+1]) {
				return
			}
		}
	}
}

// set puts a value under a key of a mapping, in the place of what is there.
func set(n *yaml.Node, key string, value any) error {
	var v yaml.Node
	if err := v.Encode(value); err != nil {
		return err
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			n.Content[i+1] = &v
			return nil
		}
	}
	n.Content = append(n.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: key}, &v)
	return nil
}

// writeJSON writes a node as JSON and, unlike encoding/json, keeps the order of its keys.
func writeJSON(b *bytes.Buffer, n *yaml.Node) error {
	switch n.Kind {
	case yaml.MappingNode:
		return writeList(b, "{}", len(n.Content)/2, func(i int) error {
			if err := writeValue(b, n.Content[2*i].Value); err != nil { // keys such as 200 are texts in JSON
				return err
			}
			b.WriteByte(':')
			return writeJSON(b, n.Content[2*i+1])
		})
	case yaml.SequenceNode:
		return writeList(b, "[]", len(n.Content), func(i int) error { return writeJSON(b, n.Content[i]) })
	case yaml.ScalarNode:
		var v any
		if err := n.Decode(&v); err != nil {
			return err
		}
		return writeValue(b, v)
	default:
		return fmt.Errorf("line %d: aliases are not part of the document", n.Line)
	}
}

func writeList(b *bytes.Buffer, brackets string, n int, write func(int) error) error {
	b.WriteByte(brackets[0])
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		if err := write(i); err != nil {
			return err
		}
	}
	b.WriteByte(brackets[1])
	return nil
}

func writeValue(b *bytes.Buffer, v any) error {
	out, err := json.Marshal(v) // escapes <, so that no text ends the script that it stands in
	b.Write(out)
	return err
}
