package cozetest_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/cozekit/cozekit/gen/cozeapi"
	"github.com/cozekit/cozekit/pkg/cozetest"
)

// history waits until a run has a status and returns what is known of it.
func history(t *testing.T, c *client, id, status string) obj {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; {
		r := c.ok(http.MethodGet, "/v1/workflows/"+flowID+"/run_histories/"+id, nil)
		list := r.all["data"].([]any)
		if h := list[0].(obj); h["execute_status"] == status && len(list) == 1 {
			return h
		}
		if time.Now().After(deadline) {
			t.Fatalf("got %s, want status %s", r.text, status)
		}
		time.Sleep(time.Millisecond)
	}
}

func TestWorkflowAsync(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t)
	half, release := make(chan bool), make(chan bool)
	srv.Workflow(flowID, func(r *cozetest.Run) error {
		r.Message("Draft", "some ", "words")
		half <- true
		<-release
		r.Output(r.Parameters()["x"])
		return nil
	})
	c := newClient(t, srv)
	r := c.ok(http.MethodPost, runPath, runBody(obj{"is_async": true, "parameters": obj{"x": 5}, "bot_id": bot}))
	id := r.all["execute_id"].(string)
	if r.all["data"] != nil || r.all["debug_url"] == nil {
		t.Errorf("got %s", r.text)
	}
	<-half
	h := history(t, c, id, "Running")
	node := h["node_execute_status"].(obj)["Draft"].(obj)
	if h["bot_id"] != bot || h["output"] != "" || node["is_finish"] != true {
		t.Errorf("got %v", h)
	}
	path := "/v1/workflows/" + flowID + "/run_histories/" + id + "/execute_nodes/"
	if r := c.ok(http.MethodGet, path+node["node_execute_uuid"].(string), nil); r.str("node_output") != "some words" {
		t.Errorf("got %s", r.text)
	}
	if r := c.do(http.MethodGet, path+"1", nil); r.Code != 4200 {
		t.Errorf("got %s for an unknown node", r.text)
	}
	close(release)
	if h := history(t, c, id, "Success"); h["output"] != `{"Output":"5"}` || h["error_code"] != "" {
		t.Errorf("got %v", h)
	}
	old := c.ok(http.MethodGet, "/v1/workflow/get_run_history?workflow_id="+flowID+"&execute_id="+id, nil)
	if len(old.all["data"].([]any)) != 1 {
		t.Errorf("got %s", old.text)
	}
}

// asker asks n questions.
func asker(n int) cozetest.WorkflowScript {
	return func(r *cozetest.Run) error {
		said := ""
		for i := range n {
			said += r.Interrupt(cozeapi.InterruptTypeQuestion, fmt.Sprint("question ", i), map[string]cozeapi.WorkflowParameter{
				"name": {Type: "string", Required: true},
			})
			r.Message("Echo", said)
		}
		r.Output(said)
		return nil
	}
}

func resumeBody(interrupt any, data string) obj {
	i, _ := interrupt.(obj)
	return runBody(obj{"event_id": i["event_id"], "interrupt_type": i["type"], "resume_data": data})
}

func TestWorkflowInterrupts(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t)
	srv.Workflow(flowID, asker(3))
	c := newClient(t, srv)
	events := parseRun(t, c.stream(streamPath, runBody(nil)))
	for i, want := range []string{"Echo#0=0. Interrupt", "Echo#0=01. Interrupt", "Echo#0=012. End#0=012. Done"} {
		last := events[len(events)-1].data
		asks := last["interrupt_data"].(obj)
		if !strings.Contains(asks["event_id"].(string), "/") || asks["type"] != 2.0 || asks["data"] != fmt.Sprint("question ", i) ||
			asks["required_parameters"] == nil || last["node_title"] != "Question" {
			t.Errorf("got %v", last)
		}
		if r := c.do(http.MethodPost, "/v1/workflows/resume", resumeBody(asks, "x")); r.Code != 4000 {
			t.Errorf("got %s for the pair of the other call", r.text)
		}
		wrong := resumeBody(asks, "x")
		wrong["interrupt_type"] = 5
		if r := c.do(http.MethodPost, "/v1/workflow/stream_resume", wrong); r.Code != 4000 {
			t.Errorf("got %s for another type", r.text)
		}
		events = parseRun(t, c.stream("/v1/workflow/stream_resume", resumeBody(asks, fmt.Sprint(i))))
		if got := outline(events); got != want {
			t.Errorf("resume %d: got %s, want %s", i, got, want)
		}
		if r := c.do(http.MethodPost, "/v1/workflow/stream_resume", resumeBody(asks, "x")); r.Code != 4200 {
			t.Errorf("got %s for answering twice", r.text)
		}
	}
	srv.Workflow(flowID, asker(4))
	r := c.ok(http.MethodPost, runPath, runBody(nil))
	for range 2 {
		r = c.ok(http.MethodPost, "/v1/workflows/resume", resumeBody(r.all["interrupt_data"], "a"))
	}
	if r = c.do(http.MethodPost, "/v1/workflows/resume", resumeBody(r.all["interrupt_data"], "a")); r.Code != 720701013 {
		t.Errorf("got %s for the fourth interrupt", r.text)
	}
	id := c.ok(http.MethodPost, runPath, runBody(obj{"is_async": true})).all["execute_id"].(string)
	for range 3 {
		for history(t, c, id, "Running")["interrupt_data"] == nil {
			time.Sleep(time.Millisecond)
		}
		asks := history(t, c, id, "Running")["interrupt_data"]
		if r := c.ok(http.MethodPost, "/v1/workflows/resume", resumeBody(asks, "a")); r.all["execute_id"] != id {
			t.Errorf("got %s", r.text)
		}
	}
	history(t, c, id, "Fail")
}
