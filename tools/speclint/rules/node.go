package rules

import (
	"iter"
	"strings"

	"gopkg.in/yaml.v3"
)

// get follows keys through mappings; it is nil where one is missing.
func get(n *yaml.Node, keys ...string) *yaml.Node {
	for _, key := range keys {
		var next *yaml.Node
		for k, v := range fields(n) {
			if k.Value == key {
				next = v
			}
		}
		n = next
	}
	return n
}

// keyOf is the node of a key itself, or n where there is no such key: where a finding about it belongs.
func keyOf(n *yaml.Node, key string) *yaml.Node {
	for k := range fields(n) {
		if k.Value == key {
			return k
		}
	}
	return n
}

// fields walks the keys and values of a mapping, in their order.
func fields(n *yaml.Node) iter.Seq2[*yaml.Node, *yaml.Node] {
	return func(yield func(k, v *yaml.Node) bool) {
		if n == nil || n.Kind != yaml.MappingNode {
			return
		}
		for i := 0; i+1 < len(n.Content); i += 2 {
			if !yield(n.Content[i], n.Content[i+1]) {
				return
			}
		}
	}
}

// list is the content of a sequence.
func list(n *yaml.Node) []*yaml.Node {
	if n == nil || n.Kind != yaml.SequenceNode {
		return nil
	}
	return n.Content
}

// texts is the content of a sequence of scalars.
func texts(n *yaml.Node) []string {
	var out []string
	for _, item := range list(n) {
		out = append(out, item.Value)
	}
	return out
}

// text is the value of the scalar under a key, without line breaks.
func text(n *yaml.Node, keys ...string) string {
	if n = get(n, keys...); n == nil || n.Kind != yaml.ScalarNode {
		return ""
	}
	return strings.Join(strings.Fields(n.Value), " ")
}

// isString tells a text from a number, a bool and null.
func isString(n *yaml.Node) bool { return n != nil && n.Kind == yaml.ScalarNode && n.Tag == "!!str" }

func isInteger(n *yaml.Node) bool { return n != nil && n.Kind == yaml.ScalarNode && n.Tag == "!!int" }

func isTrue(n *yaml.Node) bool { return n != nil && n.Tag == "!!bool" && n.Value == "true" }

// everyNode walks n and all below it.
func everyNode(n *yaml.Node, visit func(*yaml.Node)) {
	if n == nil {
		return
	}
	visit(n)
	for _, c := range n.Content {
		everyNode(c, visit)
	}
}
