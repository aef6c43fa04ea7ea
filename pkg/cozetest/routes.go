package cozetest

import (
	"net/url"
	"strings"
)

// routeNode is a place in the tree of path templates.
type routeNode struct {
	literals map[string]*routeNode
	param    *routeNode // any segment
	methods  map[string]*operation
}

func (n *routeNode) add(template []string, method string, o *operation) {
	if len(template) == 0 {
		if n.methods == nil {
			n.methods = map[string]*operation{}
		}
		n.methods[method] = o
		return
	}
	next := n.param
	if isParam(template[0]) {
		if next == nil {
			next = &routeNode{}
			n.param = next
		}
	} else if next = n.literals[template[0]]; next == nil {
		if n.literals == nil {
			n.literals = map[string]*routeNode{}
		}
		next = &routeNode{}
		n.literals[template[0]] = next
	}
	next.add(template[1:], method, o)
}

// find matches segments, a literal one before any.
func (n *routeNode) find(segments []string, method string) *operation {
	if len(segments) == 0 {
		return n.methods[method]
	}
	if next := n.literals[segments[0]]; next != nil {
		if o := next.find(segments[1:], method); o != nil {
			return o
		}
	}
	if n.param != nil && segments[0] != "" {
		return n.param.find(segments[1:], method)
	}
	return nil
}

// match finds the operation of a request and the values in its path. An escaped slash stays inside its segment.
func (d *document) match(method string, u *url.URL) (*operation, map[string]string) {
	segments := strings.Split(strings.TrimPrefix(u.EscapedPath(), "/"), "/")
	for i, s := range segments {
		plain, err := url.PathUnescape(s)
		if err != nil {
			return nil, nil
		}
		segments[i] = plain
	}
	o := d.routes.find(segments, method)
	if o == nil {
		return nil, nil
	}
	values := map[string]string{}
	for i, t := range o.template {
		if isParam(t) {
			values[t[1:len(t)-1]] = segments[i]
		}
	}
	return o, values
}

func isParam(segment string) bool {
	return strings.HasPrefix(segment, "{") && strings.HasSuffix(segment, "}")
}
