package cozetest_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cozekit/cozekit/pkg/cozetest"
)

// TestWorkflowTime pauses, drops and stalls in no time.
func TestWorkflowTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := cozetest.NewServer(t, cozetest.InMemory(), cozetest.WithDeltaPause(time.Minute))
		srv.Workflow(flowID, func(r *cozetest.Run) error {
			r.Pause(time.Hour)
			r.Message("A", "1", "2")
			r.Drop()
			r.Message("B", "lost")
			r.Output("kept")
			return nil
		})
		c := memoryClient(t, srv)
		began := time.Now()
		for _, path := range []string{streamPath, runPath} {
			body := strings.NewReader(mustJSON(runBody(nil)))
			req, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, c.url+path, body)
			req.Header.Set("Authorization", c.auth)
			req.Header.Set("Content-Type", "application/json")
			resp, err := c.http.Do(req)
			if err == nil {
				_, err = resp.Body.Read(make([]byte, 1<<20))
				for err == nil {
					_, err = resp.Body.Read(make([]byte, 1<<20))
				}
				_ = resp.Body.Close()
			}
			if err == nil || err.Error() == "EOF" {
				t.Errorf("%s: got %v, want a broken connection", path, err)
			}
		}
		if got := time.Since(began); got != 2*(time.Hour+time.Minute) {
			t.Errorf("took %v", got)
		}
		synctest.Wait()
		srv.Workflow(flowID, func(r *cozetest.Run) error { r.Stall(); return nil })
		resp := c.send(http.MethodPost, streamPath, runBody(nil))
		time.Sleep(time.Hour)
		_ = resp.Body.Close()
		id := c.ok(http.MethodPost, runPath, runBody(obj{"is_async": true})).all["execute_id"].(string)
		history(t, c, id, "Running")
	})
}

// TestCloseEndsRuns closes a server with runs that stall, wait for an answer and sleep, of each kind.
func TestCloseEndsRuns(t *testing.T) { //nolint:paralleltest // counts goroutines
	srv, err := cozetest.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := newClient(t, srv)
	socket := &http.Transport{}
	c.http = &http.Client{Transport: socket}
	for _, script := range []cozetest.WorkflowScript{
		func(r *cozetest.Run) error { r.Stall(); return nil },
		func(r *cozetest.Run) error { r.Pause(time.Hour); return nil },
		asker(1),
	} {
		srv.Workflow(flowID, script)
		c.ok(http.MethodPost, runPath, runBody(obj{"is_async": true}))
		for path, body := range map[string]obj{streamPath: runBody(nil), flowPath: flowChat("Hi", nil)} {
			resp := c.send(http.MethodPost, path, body)
			t.Cleanup(func() { _ = resp.Body.Close() })
		}
	}
	srv.Workflow(flowID, func(r *cozetest.Run) error { r.Stall(); return nil })
	waiting := make(chan error)
	go func() {
		req, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, c.url+runPath, strings.NewReader(mustJSON(runBody(nil))))
		req.Header.Set("Authorization", c.auth)
		req.Header.Set("Content-Type", "application/json")
		resp, err := c.http.Do(req)
		if err == nil {
			_ = resp.Body.Close()
		}
		waiting <- err
	}()
	for len(srv.Calls()) < 10 {
		time.Sleep(time.Millisecond)
	}
	if err := srv.Close(); err != nil {
		t.Errorf("got %v", err)
	}
	if err := <-waiting; err == nil {
		t.Error("a run without an end was answered")
	}
	socket.CloseIdleConnections()
	noneLeft(t)
}

// TestWorkflowPanic reports a script that panics, and what does not fit into JSON.
func TestWorkflowPanic(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t, cozetest.ExpectViolations())
	c := newClient(t, srv)
	for _, script := range []cozetest.WorkflowScript{
		func(*cozetest.Run) error { panic("oops") },
		func(r *cozetest.Run) error { r.Output(func() {}); return nil },
	} {
		srv.Workflow(flowID, script)
		if r := c.do(http.MethodPost, runPath, runBody(nil)); r.Code != 5000 {
			t.Errorf("got %s", r.text)
		}
		if got := outline(parseRun(t, c.stream(streamPath, runBody(nil)))); got != "Error" {
			t.Errorf("got %s", got)
		}
		if got := names(parseFlow(t, c.stream(flowPath, flowChat("Hi", nil)))); !strings.HasSuffix(got, "chat.failed done") {
			t.Errorf("got %s", got)
		}
	}
	if n := len(srv.Violations()); n != 6 {
		t.Errorf("got %d violations", n)
	}
}

func TestWorkflowsAtOnce(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t)
	srv.Workflow(flowID, asker(1))
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			c := newClient(t, srv)
			events := parseRun(t, c.stream(streamPath, runBody(nil)))
			asks := events[0].data["interrupt_data"]
			text := c.stream("/v1/workflow/stream_resume", resumeBody(asks, fmt.Sprint(i)))
			if got := outline(parseRun(t, text)); !strings.HasSuffix(got, "Done") {
				t.Errorf("got %s", got)
			}
			r := c.ok(http.MethodPost, runPath, runBody(nil))
			r = c.ok(http.MethodPost, "/v1/workflows/resume", resumeBody(r.all["interrupt_data"], "x"))
			if r.all["data"] != "x" {
				t.Errorf("got %s", r.text)
			}
			first := decode(t, parseFlow(t, c.stream(flowPath, flowChat("Hi", nil)))[0].data)
			text = c.stream(flowPath, flowChat("y", obj{"conversation_id": first["conversation_id"]}))
			if !strings.Contains(text, "chat.completed") {
				t.Errorf("got\n%s", text)
			}
		})
	}
	wg.Wait()
}
