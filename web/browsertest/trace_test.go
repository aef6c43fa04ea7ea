package browsertest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/tracing"
	"github.com/chromedp/chromedp"
)

// traceEvent is an event of a trace of Chromium; times are in microseconds.
type traceEvent struct {
	Name    string `json:"name"`
	Process int    `json:"pid"`
	Thread  int    `json:"tid"`
	Wall    int64  `json:"dur"`
	CPU     int64  `json:"tdur"`
}

// task is what a task of the page took.
type task struct{ wall, cpu time.Duration }

// tasksOf runs f and returns the tasks of the main thread of the page meanwhile. The time on the processor is that of the page
// alone: unlike what a clock says, it does not grow with the load of the machine.
func (tb *tab) tasksOf(f func()) []task {
	tb.t.Helper()
	var mu sync.Mutex
	var events []traceEvent
	done := make(chan struct{})
	chromedp.ListenBrowser(tb.ctx, func(event any) {
		switch e := event.(type) {
		case *tracing.EventDataCollected:
			mu.Lock()
			defer mu.Unlock()
			for _, raw := range e.Value {
				var ev traceEvent
				if json.Unmarshal(raw, &ev) == nil {
					events = append(events, ev)
				}
			}
		case *tracing.EventTracingComplete:
			close(done)
		}
	})
	ctx := cdp.WithExecutor(tb.ctx, chromedp.FromContext(tb.ctx).Browser)
	config := &tracing.TraceConfig{IncludedCategories: []string{"toplevel", "blink.user_timing"}, ExcludedCategories: []string{"*"}}
	if err := tracing.Start().WithTraceConfig(config).WithTransferMode(tracing.TransferModeReportEvents).Do(ctx); err != nil {
		tb.t.Fatalf("no trace begins: %v", err)
	}
	tb.run(fmt.Sprintf("performance.mark(%q)", mark))
	f()
	if err := tracing.End().Do(ctx); err != nil {
		tb.t.Fatalf("the trace does not end: %v", err)
	}
	wait, cancel := context.WithTimeout(tb.ctx, patience)
	defer cancel()
	select {
	case <-done:
	case <-wait.Done():
		tb.t.Fatal("the trace does not come")
	}
	mu.Lock()
	defer mu.Unlock()
	return mainTasks(events)
}

// mark is what the page leaves in the trace, so that its thread is found: Chromium has other processes with pages of its own.
const mark = "cozekit-page"

func mainTasks(events []traceEvent) []task {
	var tasks []task
	at := slices.IndexFunc(events, func(e traceEvent) bool { return e.Name == mark })
	for _, e := range events {
		if at >= 0 && e.Process == events[at].Process && e.Thread == events[at].Thread && e.Wall > 0 {
			tasks = append(tasks, task{time.Duration(e.Wall) * time.Microsecond, time.Duration(e.CPU) * time.Microsecond})
		}
	}
	return tasks
}
