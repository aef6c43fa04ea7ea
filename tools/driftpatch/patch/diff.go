package patch

import (
	"fmt"
	"io"
	"strings"
)

// contextLines is how many unchanged lines stand around a change.
const contextLines = 3

// change is a run of lines that differ: old[a0:a1] became new[b0:b1].
type change struct{ a0, a1, b0, b1 int }

// WriteDiff writes what changed from before to after as a unified diff that `git apply` and `patch -p1` take.
func WriteDiff(w io.Writer, name string, before, after []byte) error {
	a, b := strings.SplitAfter(string(before), "\n"), strings.SplitAfter(string(after), "\n")
	changes := diff(a, b)
	if len(changes) == 0 {
		return nil
	}
	var out strings.Builder
	fmt.Fprintf(&out, "--- a/%s\n+++ b/%s\n", name, name)
	for len(changes) > 0 {
		n := 1
		for n < len(changes) && changes[n].a0-changes[n-1].a1 <= 2*contextLines {
			n++
		}
		hunk(&out, a, b, changes[:n])
		changes = changes[n:]
	}
	_, err := io.WriteString(w, out.String())
	return err
}

func hunk(out *strings.Builder, a, b []string, changes []change) {
	first, last := changes[0], changes[len(changes)-1]
	from, to := max(first.a0-contextLines, 0), min(last.a1+contextLines, len(a))
	if to == len(a) && to > 0 && a[to-1] == "" {
		to-- // what is behind the last line end
	}
	added := (last.b1 - last.a1) - (first.b0 - first.a0)
	fmt.Fprintf(out, "@@ -%d,%d +%d,%d @@\n", from+1, to-from, from+1+first.b0-first.a0, to-from+added)
	at := from
	write := func(sign byte, lines []string) {
		for _, l := range lines {
			out.WriteByte(sign)
			out.WriteString(strings.TrimSuffix(l, "\n"))
			out.WriteByte('\n')
		}
	}
	for _, c := range changes {
		write(' ', a[at:c.a0])
		write('-', a[c.a0:c.a1])
		write('+', b[c.b0:c.b1])
		at = c.a1
	}
	write(' ', a[at:to])
}

// diff finds the fewest lines to remove and add, by the greedy algorithm of Myers.
func diff(a, b []string) []change {
	steps := search(a, b)
	var out []change
	x, y := len(a), len(b)
	for d := len(steps) - 1; d > 0 && (x > 0 || y > 0); d-- {
		v, k := steps[d-1], x-y
		down := k == -d || k != d && v[k-1] < v[k+1]
		prev := k - 1
		if down {
			prev = k + 1
		}
		px := v[prev]
		py := px - prev
		c := change{px, px + 1, py, py}
		if down {
			c = change{px, px, py, py + 1}
		}
		out = join(out, c)
		x, y = px, py
	}
	for i, j := 0, len(out)-1; i < j; i, j = i+1, j-1 {
		out[i], out[j] = out[j], out[i]
	}
	return out
}

// join puts c before the last of out, which is going backwards, or makes one of both where they touch.
func join(out []change, c change) []change {
	if n := len(out); n > 0 && out[n-1].a0 == c.a1 && out[n-1].b0 == c.b1 {
		out[n-1].a0, out[n-1].b0 = c.a0, c.b0
		return out
	}
	return append(out, c)
}

// search returns, for each number of edits, how far one can come in a on each diagonal.
func search(a, b []string) []map[int]int {
	v := map[int]int{1: 0}
	var steps []map[int]int
	for d := 0; d <= len(a)+len(b); d++ {
		now := make(map[int]int, d+1)
		for k := -d; k <= d; k += 2 {
			x := v[k-1] + 1
			if k == -d || k != d && v[k-1] < v[k+1] {
				x = v[k+1]
			}
			y := x - k
			for x < len(a) && y < len(b) && a[x] == b[y] {
				x, y = x+1, y+1
			}
			now[k] = x
			if x >= len(a) && y >= len(b) {
				return append(steps, now)
			}
		}
		steps = append(steps, now)
		v = now
	}
	return steps
}
