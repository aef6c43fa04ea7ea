package verdict

import (
	"maps"
	"reflect"
	"slices"
)

// eventChanges compares the events of streams and sockets, which stand at the root of the document under our extensions.
func eventChanges(from, to *Document) []Change {
	var out []Change
	for _, e := range []struct {
		extension, service string
		lists              []string
	}{
		{"x-coze-streams", "Streams", []string{"events"}},
		{"x-coze-sockets", "Sockets", []string{"client", "server"}},
	} {
		old, _ := from.spec.Spec.Extensions[e.extension].(map[string]any)
		now, _ := to.spec.Spec.Extensions[e.extension].(map[string]any)
		add := func(kind Kind, level Level, name, text string) {
			out = append(out, Change{Kind: kind, Level: level, Service: e.service, Name: name, Text: text, Rule: e.extension})
		}
		for _, name := range union(old, now) {
			a, _ := old[name].(map[string]any)
			b, _ := now[name].(map[string]any)
			switch {
			case a == nil:
				add(New, Minor, name, "added")
			case b == nil:
				add(Wire, Major, name, "removed")
			default:
				compareEvents(a, b, e.lists, func(kind Kind, level Level, text string) { add(kind, level, name, text) })
			}
		}
	}
	return out
}

func compareEvents(a, b map[string]any, lists []string, add func(Kind, Level, string)) {
	for _, list := range lists {
		old, _ := a[list].(map[string]any)
		now, _ := b[list].(map[string]any)
		for _, event := range union(old, now) {
			was, is := field(old[event], "$ref"), field(now[event], "$ref")
			switch {
			case old[event] == nil:
				add(New, Minor, list+": "+event+" added")
			case now[event] == nil:
				add(Wire, Major, list+": "+event+" removed")
			case was != is:
				add(Wire, Major, list+": "+event+" carries "+orNothing(is)+", was "+orNothing(was))
			}
		}
	}
	for _, key := range union(a, b) {
		if !slices.Contains(lists, key) && key != "description" && !reflect.DeepEqual(a[key], b[key]) {
			add(Behaviour, Patch, key+" is "+shown(b[key])+", was "+shown(a[key]))
		}
	}
}

func orNothing(ref string) string {
	if ref == "" {
		return "nothing"
	}
	return ref[len("#/components/schemas/"):]
}

func union(a, b map[string]any) []string {
	all := maps.Clone(a)
	if all == nil {
		all = map[string]any{}
	}
	maps.Copy(all, b)
	return slices.Sorted(maps.Keys(all))
}
