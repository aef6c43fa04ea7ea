package patch

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/cozekit/cozekit/pkg/call"
)

// fault is the same drift in any number of lines of a log.
type fault struct {
	rule     call.DriftRule
	document string // pointer of the schema
	field    string
	value    string
	event    string   // of an unknown event
	want     string   // as the line that came first has it
	got      []string // sorted
	seenIn   []string // operations, with the event where there is one; sorted
}

// maxLine is how long a line of a log may be, in bytes.
const maxLine = 1 << 20

// ReadLog reads a log of drifts, a JSON object a line. Empty lines are skipped.
func ReadLog(r io.Reader) ([]call.Drift, error) {
	var out []call.Drift
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxLine)
	for n := 1; lines.Scan(); n++ {
		line := bytes.TrimSpace(lines.Bytes())
		if len(line) == 0 {
			continue
		}
		var d call.Drift
		if err := json.Unmarshal(line, &d); err != nil {
			return nil, fmt.Errorf("line %d of the log: %w", n, err)
		}
		if d.Rule == "" {
			return nil, fmt.Errorf("line %d of the log: it has no rule, so it is no drift", n)
		}
		out = append(out, d)
	}
	return out, lines.Err()
}

// gather joins drifts that are the same fault of the document, in a stable order.
func gather(drifts []call.Drift) []*fault {
	type key struct {
		rule                          call.DriftRule
		document, field, value, event string
	}
	faults := map[key]*fault{}
	for _, d := range drifts {
		clean(&d)
		k := key{rule: d.Rule, document: d.Document, field: d.Field, value: d.Value}
		if d.Document == "" {
			k.event = d.Operation + " " + d.Event // nothing else tells them apart
		}
		f := faults[k]
		if f == nil {
			f = &fault{rule: d.Rule, document: d.Document, field: d.Field, value: d.Value, event: d.Event, want: d.Want}
			faults[k] = f
		}
		where := d.Operation
		if d.Event != "" {
			where += " (" + d.Event + ")"
		}
		f.got, f.seenIn = insert(f.got, d.Got), insert(f.seenIn, where)
	}
	var out []*fault
	for _, f := range faults {
		out = append(out, f)
	}
	slices.SortFunc(out, func(a, b *fault) int {
		return cmp.Or(cmp.Compare(a.document, b.document), cmp.Compare(a.rule, b.rule), cmp.Compare(a.field, b.field),
			cmp.Compare(a.value, b.value), cmp.Compare(a.event, b.event), slices.Compare(a.seenIn, b.seenIn))
	})
	return out
}

var (
	fieldName = regexp.MustCompile(`^[A-Za-z_$][A-Za-z0-9_.$:/-]{0,63}$`)
	enumValue = regexp.MustCompile(`^(-?[0-9]{1,18}|[A-Za-z][A-Za-z0-9_.$:/-]{0,63})$`)
)

// maxText is how much of a text of the log gets into the document, in bytes.
const maxText = 120

// clean keeps a log that somebody else wrote from writing anything but what a contract check would into the document.
func clean(d *call.Drift) {
	if !fieldName.MatchString(d.Field) && d.Field != "" {
		d.Field = "?"
	}
	if !enumValue.MatchString(d.Value) {
		d.Value = ""
	}
	for _, s := range []*string{&d.Operation, &d.Event, &d.Want, &d.Got} {
		*s = strings.Map(func(r rune) rune {
			if r < ' ' || r >= 0x7f {
				return -1
			}
			return r
		}, *s)
		if len(*s) > maxText {
			*s = (*s)[:maxText] + "..."
		}
	}
}

// insert puts s into a sorted list that does not have it.
func insert(list []string, s string) []string {
	i, found := slices.BinarySearch(list, s)
	if found || s == "" {
		return list
	}
	return slices.Insert(list, i, s)
}

// maxPlaces is how many operations a text names.
const maxPlaces = 3

// places says where the fault was seen.
func (f *fault) places() string {
	if n := len(f.seenIn); n > maxPlaces {
		return fmt.Sprintf("%s and %d more", strings.Join(f.seenIn[:maxPlaces], ", "), n-maxPlaces)
	}
	return strings.Join(f.seenIn, ", ")
}

// String says what the fault is, on one line.
func (f *fault) String() string {
	s := string(f.rule)
	if f.document != "" {
		s += " at " + f.document
	}
	for _, word := range []string{f.field, f.value} {
		if word != "" {
			s += " " + word
		}
	}
	if f.rule == call.DriftWrongKind || f.rule == call.DriftWrongUnit {
		s += ": " + f.want + ", but " + strings.Join(f.got, " and ") + " came"
	}
	return s + " (in " + f.places() + ")"
}
