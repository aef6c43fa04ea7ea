package recording

import (
	"cmp"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// UnmatchedError says that a request is not in the recording, or was answered as often as it is there.
type UnmatchedError struct {
	Method  string   // of the request
	URL     string   // of the request, without secrets
	Nearest []string // the files that come nearest, at most three, and what differs
}

// Error tells all of it, a line for each file.
func (e *UnmatchedError) Error() string {
	s := fmt.Sprintf("recording: no recorded exchange is left for %s %s; the nearest:", e.Method, e.URL)
	for _, n := range e.Nearest {
		s += "\n  " + n
	}
	return s
}

// key is what a request is found by.
type key struct{ method, path, query, body string }

func (r *request) key(ignore map[string]bool) (key, error) {
	u, err := url.Parse(r.URL)
	if err != nil {
		return key{}, err
	}
	query := u.Query()
	for name := range ignore {
		query.Del(name)
	}
	return key{method: r.Method, path: u.EscapedPath(), query: query.Encode(), body: r.Body.canonical(ignore)}, nil
}

// recorded is an exchange of the recording at replay.
type recorded struct {
	*exchange
	key  key
	used bool
}

// maxNearest is how many files an error names.
const maxNearest = 3

// nearest says which exchanges come near a request, and what differs.
func nearest(all []*recorded, want key, ignore map[string]bool, body *body) []string {
	distance := func(x *recorded) int {
		switch {
		case x.key == want:
			return 0
		case x.key.path == want.path && x.key.method == want.method:
			return 1
		case x.key.path == want.path:
			return 2
		}
		return 1000 - commonPrefix(x.key.path, want.path)
	}
	near := slices.Clone(all)
	slices.SortStableFunc(near, func(a, b *recorded) int { return cmp.Compare(distance(a), distance(b)) })
	var out []string
	for _, x := range near[:min(len(near), maxNearest)] {
		out = append(out, x.name+": "+x.difference(want, ignore, body))
	}
	return out
}

func commonPrefix(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return min(n, 900)
}

func (x *recorded) difference(want key, ignore map[string]bool, body *body) string {
	switch {
	case x.key == want:
		return "it was replayed already"
	case x.key.method != want.method || x.key.path != want.path:
		return x.key.method + " " + x.key.path
	case x.key.query != want.query:
		return fmt.Sprintf("its query is %q, not %q", x.key.query, want.query)
	case x.Request.Body == nil || body == nil || x.Request.Body.JSON == nil || body.JSON == nil:
		return "its body is another"
	}
	a, errA := parseJSON(x.Request.Body.JSON)
	b, errB := parseJSON(body.JSON)
	if errA != nil || errB != nil {
		return "its body is another"
	}
	return "its body differs at " + firstDifference("", without(a, ignore), without(b, ignore))
}

// firstDifference is the JSON pointer of where two values differ. The values themselves may be what nobody should see in a log.
func firstDifference(at string, a, b any) string {
	switch a := a.(type) {
	case map[string]any:
		other, ok := b.(map[string]any)
		if !ok {
			break
		}
		names := maps.Clone(a)
		maps.Copy(names, other)
		for _, name := range slices.Sorted(maps.Keys(names)) {
			va, inA := a[name]
			vb, inB := other[name]
			here := at + "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
			switch {
			case !inA:
				return here + ", which the recording does not have"
			case !inB:
				return here + ", which only the recording has"
			}
			if d := firstDifference(here, va, vb); d != "" {
				return d
			}
		}
		return ""
	case []any:
		other, ok := b.([]any)
		if !ok {
			break
		}
		for i := range min(len(a), len(other)) {
			if d := firstDifference(at+"/"+strconv.Itoa(i), a[i], other[i]); d != "" {
				return d
			}
		}
		if len(a) != len(other) {
			return fmt.Sprintf("%s, a list of %d in the recording and of %d now", at, len(a), len(other))
		}
		return ""
	default:
		if a == b {
			return ""
		}
	}
	return cmp.Or(at, "/")
}
