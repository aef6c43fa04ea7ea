package main

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	yaml "github.com/oasdiff/yaml3"
)

// parser turns nodes into steps. It keeps the first error and goes on with zero values.
type parser struct {
	file  string
	table map[string]stepParser // steps of what is being read
	err   error
}

// stepParser makes a step of what stands after its name.
type stepParser func(p *parser, n *yaml.Node) step

func (p *parser) fail(n *yaml.Node, format string, args ...any) {
	if p.err == nil {
		p.err = fmt.Errorf("%s:%d: %s", p.file, n.Line, fmt.Sprintf(format, args...))
	}
}

// entries calls f for each entry of a map, and refuses keys that come twice.
func (p *parser) entries(n *yaml.Node, f func(key, value *yaml.Node)) {
	if n.Kind != yaml.MappingNode {
		p.fail(n, "want a map, got %s", kindOf(n))
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if key := n.Content[i]; seen[key.Value] {
			p.fail(key, "%q is here twice", key.Value)
		}
		seen[n.Content[i].Value] = true
		f(n.Content[i], n.Content[i+1])
	}
}

func kindOf(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.MappingNode:
		return "a map"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case n.Kind == yaml.AliasNode:
		return "an alias, which scripts do not have"
	case n.Tag == "!!null":
		return "nothing"
	default:
		return strconv.Quote(n.Value)
	}
}

// items calls f for each item of a list.
func (p *parser) items(n *yaml.Node, f func(item *yaml.Node)) {
	if n.Kind != yaml.SequenceNode {
		p.fail(n, "want a list, got %s", kindOf(n))
		return
	}
	for _, item := range n.Content {
		f(item)
	}
}

// steps reads a list of steps. Each is a map of one entry, or a name alone.
func (p *parser) steps(n *yaml.Node) []step {
	var steps []step
	p.items(n, func(item *yaml.Node) {
		var name, value *yaml.Node
		switch {
		case item.Kind == yaml.MappingNode && len(item.Content) == 2:
			name, value = item.Content[0], item.Content[1]
		case item.Kind == yaml.MappingNode:
			p.fail(item, "a step has one entry, this one has %d", len(item.Content)/2)
			return
		case item.Kind == yaml.ScalarNode:
			name, value = item, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Line: item.Line}
		default:
			p.fail(item, "want a step, got %s", kindOf(item))
			return
		}
		parse := p.table[name.Value]
		if parse == nil {
			p.fail(name, "unknown step %q; there are %s", name.Value, strings.Join(slices.Sorted(maps.Keys(p.table)), ", "))
			return
		}
		steps = append(steps, parse(p, value))
	})
	return steps
}

// fields reads a map of these names into functions, and refuses others.
func (p *parser) fields(n *yaml.Node, readers map[string]func(*yaml.Node)) {
	p.entries(n, func(key, value *yaml.Node) {
		read := readers[key.Value]
		if read == nil {
			p.fail(key, "unknown field %q; there are %s", key.Value, strings.Join(slices.Sorted(maps.Keys(readers)), ", "))
			return
		}
		read(value)
	})
}

func (p *parser) text(n *yaml.Node) string {
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
		p.fail(n, "want a text, got %s", kindOf(n))
	}
	return n.Value
}

func (p *parser) number(n *yaml.Node) int {
	v, err := strconv.Atoi(n.Value)
	if err != nil || n.Kind != yaml.ScalarNode {
		p.fail(n, "want a whole number, got %s", kindOf(n))
	}
	return v
}

func (p *parser) duration(n *yaml.Node) time.Duration {
	d, err := time.ParseDuration(n.Value)
	if err != nil || d < 0 || n.Kind != yaml.ScalarNode {
		p.fail(n, "want a duration such as 300ms or 2s, got %s", kindOf(n))
	}
	return d
}

// value reads anything, as JSON has it.
func (p *parser) value(n *yaml.Node) any {
	var v any
	if err := n.Decode(&v); err != nil {
		p.fail(n, "%v", err)
	}
	return v
}

// nothing refuses a value.
func (p *parser) nothing(n *yaml.Node) {
	if n.Tag != "!!null" {
		p.fail(n, "this step takes no value, got %s", kindOf(n))
	}
}
