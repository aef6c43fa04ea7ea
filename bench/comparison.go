package main

import (
	"fmt"
	"io"
	"runtime"
	"slices"
	"syscall"
	"text/tabwriter"
	"time"
)

// comparison is some work that several contestants do; the first one is ours.
type comparison struct {
	title       string
	per         float64 // units of work in one operation, such as events of a stream
	unit        string
	contestants []contestant
	bounds      []bound
}

type contestant struct {
	name string
	run  func()
}

// bound is a number that ours has to keep.
type bound struct {
	text string
	keep func(results) bool
}

// results are the medians of each contestant, by its name.
type results map[string]measurement

type measurement struct {
	ns, allocs, bytes float64 // per unit; ns of processor time
}

type report struct {
	comparison
	results results
}

// measure lets the contestants run by turns and takes the medians.
func (c comparison) measure(rounds int, span time.Duration) report {
	all := map[string][]measurement{}
	for range rounds {
		for _, p := range c.contestants {
			all[p.name] = append(all[p.name], c.once(p, span))
		}
	}
	r := report{c, results{}}
	for name, list := range all {
		r.results[name] = measurement{
			ns:     median(list, func(m measurement) float64 { return m.ns }),
			allocs: median(list, func(m measurement) float64 { return m.allocs }),
			bytes:  median(list, func(m measurement) float64 { return m.bytes }),
		}
	}
	return r
}

// once runs a contestant for about span.
func (c comparison) once(p contestant, span time.Duration) measurement {
	p.run() // warm up
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	n := 0
	start, cpu := time.Now(), cpuTime()
	for time.Since(start) < span {
		p.run()
		n++
	}
	took := cpuTime() - cpu
	runtime.ReadMemStats(&after)
	units := float64(n) * c.per
	return measurement{
		ns:     float64(took.Nanoseconds()) / units,
		allocs: float64(after.Mallocs-before.Mallocs) / units,
		bytes:  float64(after.TotalAlloc-before.TotalAlloc) / units,
	}
}

// cpuTime is what the process has used of all processors, the garbage collector included. Other processes on the machine
// disturb it far less than they disturb a clock.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func median(list []measurement, of func(measurement) float64) float64 {
	var v []float64
	for _, m := range list {
		v = append(v, of(m))
	}
	slices.Sort(v)
	return v[len(v)/2]
}

func (r report) print(w io.Writer) {
	fmt.Fprintln(w, r.title)
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(tw, "\tCPU ns/%s\tours = 1\tallocs/%s\tB/%s\t\n", r.unit, r.unit, r.unit)
	ours := r.results[r.contestants[0].name]
	for _, p := range r.contestants {
		m := r.results[p.name]
		fmt.Fprintf(tw, "%s\t%.0f\t%.2fx\t%.1f\t%.0f\t\n", p.name, m.ns, m.ns/ours.ns, m.allocs, m.bytes)
	}
	_ = tw.Flush()
}

// check prints whether the bounds are kept.
func (r report) check(w io.Writer) bool {
	ok := true
	for _, b := range r.bounds {
		verdict := "kept"
		if !b.keep(r.results) {
			verdict, ok = "MISSED", false
		}
		fmt.Fprintf(w, "  %s: %s\n", b.text, verdict)
	}
	return ok
}
