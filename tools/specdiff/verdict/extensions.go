package verdict

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// aspect compares one extension of an operation. It returns a change with Kind, Level and Text.
type aspect struct {
	extension string
	compare   func(from, to any) Change
}

var aspects = []aspect{
	{"x-coze-paging", comparePaging},
	{"x-coze-sse", compareSSE},
	{"x-coze-retry", func(from, to any) Change {
		return Change{Kind: Behaviour, Level: Minor, Text: fmt.Sprintf("retry is %s, was %s", shown(to), shown(from))}
	}},
	{"x-coze-timeout", compareTimeouts},
	{"x-coze-profiles", compareProfiles},
	{"x-coze-permission", comparePermissions},
}

// extensionChanges compares what our extensions say of the operations that both documents have, and of their events.
func extensionChanges(from, to *Document) []Change {
	out := eventChanges(from, to)
	for _, key := range slices.Sorted(maps.Keys(from.operations)) {
		a, b := from.operations[key], to.operations[key]
		if b == nil {
			continue // oasdiff and apidiff tell of removed operations
		}
		add := func(extension string, c Change) {
			c.Service, c.Rule, c.Operations = b.section(), extension, []string{b.OperationID}
			c.Name = strings.TrimSpace(c.Name + " " + b.goName())
			out = append(out, c)
		}
		if a.goName() != b.goName() {
			add("x-coze-method", Change{Kind: Go, Level: Major, Name: a.goName() + " ->", Text: "renamed"})
		}
		known := map[string]bool{"x-coze-service": true, "x-coze-method": true}
		for _, s := range aspects {
			known[s.extension] = true
			if old, now := a.Extensions[s.extension], b.Extensions[s.extension]; !reflect.DeepEqual(old, now) {
				add(s.extension, s.compare(old, now))
			}
		}
		for _, name := range otherExtensions(a, b) {
			if !known[name] && !reflect.DeepEqual(a.Extensions[name], b.Extensions[name]) {
				add(name, Change{Kind: Behaviour, Level: Patch,
					Text: fmt.Sprintf("%s is %s, was %s", name, shown(b.Extensions[name]), shown(a.Extensions[name]))})
			}
		}
	}
	return out
}

func otherExtensions(a, b *operation) []string {
	names := map[string]bool{}
	for _, o := range []*operation{a, b} {
		for name := range o.Extensions {
			names[name] = strings.HasPrefix(name, "x-coze-")
		}
	}
	maps.DeleteFunc(names, func(_ string, ours bool) bool { return !ours })
	return slices.Sorted(maps.Keys(names))
}

func comparePaging(from, to any) Change {
	switch {
	case from == nil:
		return Change{Kind: New, Level: Minor, Text: "pages now, with a twin All: " + shown(to)}
	case to == nil:
		return Change{Kind: Go, Level: Major, Text: "no longer pages, and has no twin All: it was " + shown(from)}
	default:
		return Change{Kind: Behaviour, Level: Minor, Text: fmt.Sprintf("paging is %s, was %s", shown(to), shown(from))}
	}
}

func compareSSE(from, to any) Change {
	old, now := field(from, "stream")+" "+field(from, "method"), field(to, "stream")+" "+field(to, "method")
	switch {
	case from == nil:
		return Change{Kind: New, Level: Minor, Text: "streams: sse is " + shown(to)}
	case to == nil:
		return Change{Kind: Go, Level: Major, Text: "no longer streams: sse was " + shown(from)}
	case old != now:
		return Change{Kind: Go, Level: Major, Text: fmt.Sprintf("streams something else: sse is %s, was %s", shown(to), shown(from))}
	default:
		return Change{Kind: Behaviour, Level: Patch, Text: fmt.Sprintf("sse is %s, was %s", shown(to), shown(from))}
	}
}

const defaultTimeout = 30 // seconds, of internal/transport

func compareTimeouts(from, to any) Change {
	old, now := seconds(from), seconds(to)
	level := Patch
	if now < old {
		level = Minor // calls that were answered late are now given up
	}
	return Change{Kind: Behaviour, Level: level, Text: fmt.Sprintf("one try may take %v s, was %v s", now, old)}
}

func seconds(v any) float64 {
	switch v := v.(type) {
	case float64:
		return v
	case int:
		return float64(v)
	default:
		return defaultTimeout
	}
}

func compareProfiles(from, to any) Change {
	var parts []string
	level := Patch
	for _, server := range []string{"cn", "com", "studio"} {
		old, now := field(from, server), field(to, server)
		if old == now {
			continue
		}
		parts = append(parts, fmt.Sprintf("%s is %s, was %s", server, now, old))
		if now == "unserved" || old == "unserved" {
			level = Minor // calls to Coze Studio are refused, or no longer refused, before they are sent
		}
	}
	return Change{Kind: Behaviour, Level: level, Text: "servers: " + strings.Join(parts, "; ")}
}

func comparePermissions(from, to any) Change {
	level := Minor
	if to == nil {
		level = Patch
	}
	return Change{Kind: Behaviour, Level: level, Text: fmt.Sprintf("needs the permission %s, was %s", shown(to), shown(from))}
}

func field(v any, name string) string {
	m, _ := v.(map[string]any)
	s, _ := m[name].(string)
	return s
}

// shown writes a value of an extension as the document would.
func shown(v any) string {
	switch v := v.(type) {
	case nil:
		return "none"
	case map[string]any:
		var parts []string
		for _, k := range slices.Sorted(maps.Keys(v)) {
			parts = append(parts, k+": "+shown(v[k]))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case []any:
		var parts []string
		for _, e := range v {
			parts = append(parts, shown(e))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	default:
		return fmt.Sprint(v)
	}
}
