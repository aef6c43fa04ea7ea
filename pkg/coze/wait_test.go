package coze_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cozekit/cozekit/internal/leaks"
	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/google/go-cmp/cmp"
)

// waiter is a method Wait under test: body makes an answer of a state.
type waiter struct {
	name, path string
	body       func(state string) string
	wait       func(context.Context, *coze.Client, coze.PollPolicy) (state string, err error)
	good, bad  string
	goes       []string // states in which it goes on
}

var waiters = []waiter{
	{
		"run", "/v1/workflows/73/run_histories/74",
		func(s string) string {
			return `{"code":0,"data":[{"execute_id":"74","execute_status":"` + s + `","error_code":"4000","error_message":"why","debug_url":"https://d","logid":"L2","output":"{}"}]}`
		},
		func(ctx context.Context, c *coze.Client, p coze.PollPolicy) (string, error) {
			r, err := c.Workflows.Runs.Wait(ctx, "73", "74", p)
			return string(r.ExecuteStatus), err
		}, "Success", "Fail", []string{"Running"},
	},
	{
		"copy task", "/v1/entities/copy_tasks/74",
		func(s string) string {
			return `{"code":0,"data":{"task_id":"74","task_status":"` + s + `","failed_reasons":[{"entity_id":"1","entity_type":"plugin","entity_name":"n","failed_reason":"why"}]}}`
		},
		func(ctx context.Context, c *coze.Client, p coze.PollPolicy) (string, error) {
			r, err := c.Resources.CopyTasks.Wait(ctx, "74", p)
			return string(r.TaskStatus), err
		}, "successful", "failed", []string{"in_progress"},
	},
	{
		"bill task", "/v1/commerce/benefit/bill_tasks",
		func(s string) string {
			return `{"code":0,"data":{"task_infos":[{"task_id":74,"status":"` + s + `","file_urls":""}],"total":1}}`
		},
		func(ctx context.Context, c *coze.Client, p coze.PollPolicy) (string, error) {
			r, err := c.Bills.Tasks.Wait(ctx, "74", p)
			return string(r.Status), err
		}, "succeed", "failed", []string{"init", "running"},
	},
	{
		"documents", "/v1/datasets/73/process",
		func(s string) string {
			return `{"code":0,"data":{"data":[{"document_id":"75","status":1},{"document_id":"74","document_name":"n","status":` + s + `,"status_descript":"why","progress":7}]}}`
		},
		func(ctx context.Context, c *coze.Client, p coze.PollPolicy) (string, error) {
			r, err := c.Datasets.Documents.Wait(ctx, "73", []string{"74", "75"}, p, nil)
			if len(r) != 2 || r[0].DocumentID != "74" || r[1].DocumentID != "75" {
				return "", fmt.Errorf("documents %+v", r)
			}
			return fmt.Sprint(r[0].Status), err
		}, "1", "9", []string{"0", "4", "5"},
	},
}

// TestWaiters: pitfall 14. Each waiter ends in every terminal state, bears what may pass, keeps its times, and always has the
// last known state.
func TestWaiters(t *testing.T) {
	leaks.Check(t)
	for _, w := range waiters {
		try := func(name string, states []string, want string, after time.Duration, check func(error) bool) {
			t.Run(w.name+" "+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					var list []string
					for _, s := range states {
						if !strings.HasPrefix(s, "!") && !strings.HasPrefix(s, "{") {
							s = w.body(s)
						}
						list = append(list, s)
					}
					f := &replies{byPath: map[string][]string{w.path: list}}
					ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
					defer cancel()
					start := time.Now()
					got, err := w.wait(ctx, stubClient(t, f), coze.PollPolicy{Jitter: -1})
					if got != want || !check(err) || time.Since(start) != after {
						t.Errorf("state %q, want %q; error %v; after %v, want %v", got, want, err, time.Since(start), after)
					}
				})
			})
		}
		is := func(target error) func(error) bool { return func(err error) bool { return errors.Is(err, target) } }
		fine := func(err error) bool { return err == nil }
		failed := func(err error) bool {
			var e *coze.Error
			return errors.As(err, &e) && e.LogID != "" && e.HTTPStatus == 200 && strings.HasPrefix(e.URL, coze.BaseURLCN+"/v1/") &&
				(strings.Contains(e.Message, "why") || w.name == "bill task") && (w.name != "run" || e.Code == 4000 && e.DebugURL == "https://d" && e.LogID == "L2")
		}
		try("at once", []string{w.good}, w.good, 0, fine)
		try("later", append(w.goes, w.good), w.good, []time.Duration{0, time.Second, 2500 * time.Millisecond, 4750 * time.Millisecond}[len(w.goes)], fine)
		try("fails", []string{w.goes[0], w.bad}, w.bad, time.Second, failed)
		try("unknown state", []string{w.goes[0], "77"}, "77", time.Second, is(coze.ErrUnknownStatus))
		try("failures that pass", []string{"!", `{"code":0,"data":null}`, w.good}, w.good, 2500*time.Millisecond, fine)
		try("too many failures", []string{w.goes[0], "!"}, w.goes[0], 13125*time.Millisecond, is(coze.ErrServer))
		try("refused for good", []string{w.goes[0], `{"code":4200,"msg":"x"}`}, w.goes[0], time.Second, is(coze.ErrNotFound))
		try("never ends", []string{w.goes[0]}, w.goes[0], time.Minute, is(context.DeadlineExceeded))
	}
}

// TestWaitDocuments: the callback sees every look; other states than the documented ones end too; a file that the server does
// not list is waited for, but not for ever.
func TestWaitDocuments(t *testing.T) {
	leaks.Check(t)
	const path = "/v1/datasets/73/process"
	synctest.Test(t, func(t *testing.T) {
		state := func(n, percent int) string {
			return fmt.Sprintf(`{"code":0,"data":{"data":[{"document_id":"74","status":%d,"progress":%d}]}}`, n, percent)
		}
		f := &replies{byPath: map[string][]string{path: {state(0, 10), state(0, 60), state(1, 100)}}}
		var seen []int32
		r, err := stubClient(t, f).Datasets.Documents.Wait(t.Context(), "73", []string{"74"}, coze.PollPolicy{}, func(d []coze.DocumentProgress) {
			seen = append(seen, d[0].Progress)
			d[0].Status = 9 // the slice is the callback's own
		})
		if d := cmp.Diff([]int32{10, 60, 100}, seen); d != "" || err != nil || r[0].Status != 1 {
			t.Errorf("%v, %v, %s", r, err, d)
		}
		if want := `POST ` + path + ` {"document_ids":["74"]}`; f.sent[0] != want {
			t.Errorf("sent %s", f.sent[0])
		}
		for n, fails := range map[int]bool{2: false, 3: true, 1000: true} {
			f := &replies{byPath: map[string][]string{path: {state(n, 0)}}}
			if _, err := stubClient(t, f).Datasets.Documents.Wait(t.Context(), "73", []string{"74"}, coze.PollPolicy{}, nil); (err != nil) != fails {
				t.Errorf("state %d: %v", n, err)
			}
		}
		f = &replies{byPath: map[string][]string{path: {state(0, 10)}}}
		_, err = stubClient(t, f).Datasets.Documents.Wait(t.Context(), "73", []string{"75"}, coze.PollPolicy{}, nil)
		if err == nil || !strings.Contains(err.Error(), "does not list file 75") || len(f.sent) != 5 {
			t.Errorf("%v after %d looks", err, len(f.sent))
		}
	})
}

// TestWaitRunInterrupted: a run that asks for something is no result; a Coze Studio is asked by the call that it serves.
func TestWaitRunInterrupted(t *testing.T) {
	leaks.Check(t)
	f := &replies{byPath: map[string][]string{
		"/v1/workflows/73/run_histories/74": {`{"code":0,"data":[{"execute_id":"74","execute_status":"Running","interrupt_data":{"event_id":"1","type":2}}]}`},
	}}
	r, err := stubClient(t, f).Workflows.Runs.Wait(t.Context(), "73", "74", coze.PollPolicy{})
	var waits *coze.InterruptError
	if !errors.As(err, &waits) || waits.Interrupt.InterruptData.EventID != "1" || r.ExecuteStatus != "Running" {
		t.Errorf("%+v, %v", r, err)
	}
	f = &replies{byPath: map[string][]string{"/v1/workflow/get_run_history": {`{"code":0,"data":[{"execute_id":"74","execute_status":"Success"}]}`}}}
	c := stubClient(t, f, coze.WithStudio("http://localhost:8888"))
	if r, err := c.Workflows.Runs.Wait(t.Context(), "73", "74", coze.PollPolicy{}); err != nil || r.ExecuteStatus != "Success" || len(f.sent) != 1 {
		t.Errorf("%+v, %v, %v", r, err, f.sent)
	}
	if _, err := c.Resources.CopyTasks.Wait(t.Context(), "74", coze.PollPolicy{}); !errors.Is(err, coze.ErrUnsupported) || len(f.sent) != 1 {
		t.Errorf("%v, %v", err, f.sent)
	}
	_, err1 := c.Workflows.Runs.Wait(t.Context(), "", "74", coze.PollPolicy{})
	_, err2 := c.Bills.Tasks.Wait(t.Context(), "", coze.PollPolicy{})
	_, err3 := c.Resources.CopyTasks.Wait(t.Context(), "", coze.PollPolicy{})
	_, err4 := c.Datasets.Documents.Wait(t.Context(), "73", nil, coze.PollPolicy{}, nil)
	_, err5 := c.Datasets.Documents.Wait(t.Context(), "", []string{"1"}, coze.PollPolicy{}, nil)
	for _, err := range []error{err1, err2, err3, err4, err5} {
		if err == nil || !strings.Contains(err.Error(), "is required") {
			t.Errorf("got %v", err)
		}
	}
}

// TestJitter: chance only ever adds to an interval, by the share that the policy names.
func TestJitter(t *testing.T) {
	leaks.Check(t)
	for _, tt := range []struct {
		policy coze.PollPolicy
		want   time.Duration // of two pauses: 1 s and 1.5 s
	}{
		{coze.PollPolicy{Random: func() float64 { return 0 }}, 2500 * time.Millisecond},
		{coze.PollPolicy{Random: func() float64 { return 0.5 }}, 2750 * time.Millisecond},
		{coze.PollPolicy{Random: func() float64 { return 0.5 }, Jitter: 1}, 3750 * time.Millisecond},
		{coze.PollPolicy{Random: func() float64 { return 0.5 }, Jitter: 9}, 3750 * time.Millisecond},
		{coze.PollPolicy{Random: func() float64 { return 0.5 }, Jitter: -1}, 2500 * time.Millisecond},
		{coze.PollPolicy{Random: func() float64 { return 0.5 }, Jitter: 1, Interval: time.Minute, MaxInterval: time.Second}, 180 * time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			w := waiters[1]
			f := &replies{byPath: map[string][]string{w.path: {w.body(w.goes[0]), w.body(w.goes[0]), w.body(w.good)}}}
			start := time.Now()
			if _, err := w.wait(t.Context(), stubClient(t, f), tt.policy); err != nil || time.Since(start) != tt.want {
				t.Errorf("%+v: %v after %v, want %v", tt.policy, err, time.Since(start), tt.want)
			}
		})
	}
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		policy := coze.PollPolicy{Jitter: 0.5, Random: func() float64 { return 1 }}
		_, err := stubClient(t, &script{states: []string{"in_progress", "completed"}}).Chat.Wait(t.Context(), "8", "7", policy)
		if err != nil || time.Since(start) != 1500*time.Millisecond {
			t.Errorf("chat: %v after %v", err, time.Since(start))
		}
	})
}
