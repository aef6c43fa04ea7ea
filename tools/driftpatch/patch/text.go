package patch

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// text is a YAML file: its lines, and the nodes of what they say.
type text struct {
	lines []string // without line ends
	root  *yaml.Node
}

func parseText(source []byte) (*text, error) {
	var file yaml.Node
	if err := yaml.NewDecoder(bytes.NewReader(source)).Decode(&file); err != nil {
		return nil, err
	}
	if len(file.Content) != 1 || file.Content[0].Kind != yaml.MappingNode {
		return nil, errors.New("the document is not a mapping")
	}
	return &text{lines: strings.Split(string(source), "\n"), root: file.Content[0]}, nil
}

func (t *text) bytes() []byte { return []byte(strings.Join(t.lines, "\n")) }

// find is the node of a JSON pointer that begins with #/, and its key; nil if there is none.
func (t *text) find(pointer string) (key, node *yaml.Node) {
	rest, ok := strings.CutPrefix(pointer, "#/")
	if !ok {
		return nil, nil
	}
	node = t.root
	for segment := range strings.SplitSeq(rest, "/") {
		segment = strings.ReplaceAll(strings.ReplaceAll(segment, "~1", "/"), "~0", "~")
		if key, node = child(node, segment); node == nil {
			return nil, nil
		}
	}
	return key, node
}

// child is the value of a key of a mapping, or an element of a list.
func child(n *yaml.Node, segment string) (key, value *yaml.Node) {
	switch {
	case n == nil:
	case n.Kind == yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == segment {
				return n.Content[i], n.Content[i+1]
			}
		}
	case n.Kind == yaml.SequenceNode:
		if i, err := strconv.Atoi(segment); err == nil && 0 <= i && i < len(n.Content) {
			return nil, n.Content[i]
		}
	}
	return nil, nil
}

func isFlow(n *yaml.Node) bool { return n.Style&yaml.FlowStyle != 0 }

// indent is how far the line with this index is indented; -1 if it is empty or a comment.
func (t *text) indent(line int) int {
	rest := strings.TrimLeft(t.lines[line], " ")
	if rest == "" || rest[0] == '#' {
		return -1
	}
	return len(t.lines[line]) - len(rest)
}

// blockEnd is the index of the line after the block mapping or list that a key opens. Comments and empty lines behind it are not
// of it.
func (t *text) blockEnd(key *yaml.Node) int {
	end := key.Line // the index of the line after that of the key
	for i := key.Line; i < len(t.lines); i++ {
		in := t.indent(i)
		if in >= 0 && in < key.Column {
			break
		}
		if in >= 0 {
			end = i + 1
		}
	}
	return end
}

// insertLines puts lines before the line with this index.
func (t *text) insertLines(at int, lines ...string) {
	rest := append([]string(nil), t.lines[at:]...)
	t.lines = append(append(t.lines[:at:at], lines...), rest...)
}

// scalarEnd is the byte offset behind a scalar in its line. It must end in the line where it begins.
func (t *text) scalarEnd(n *yaml.Node) (int, error) {
	line := t.lines[n.Line-1]
	start := byteOffset(line, n.Column)
	switch rest := line[start:]; {
	case rest == "":
		return 0, fmt.Errorf("line %d: there is no value", n.Line)
	case rest[0] == '\'' || rest[0] == '"':
		quote := rest[0]
		for i := 1; i < len(rest); i++ {
			switch {
			case rest[i] == '\\' && quote == '"', rest[i] == quote && quote == '\'' && strings.HasPrefix(rest[i+1:], "'"):
				i++
			case rest[i] == quote:
				return start + i + 1, nil
			}
		}
		return 0, fmt.Errorf("line %d: a text goes on in the next line", n.Line)
	case strings.HasPrefix(rest, n.Value):
		return start + len(n.Value), nil
	}
	return 0, fmt.Errorf("line %d: the value %q is not written as it is", n.Line, n.Value)
}

// byteOffset is the offset of a column of the parser, which counts characters from 1.
func byteOffset(line string, column int) int {
	for i := range line {
		if column--; column == 0 {
			return i
		}
	}
	return len(line)
}
