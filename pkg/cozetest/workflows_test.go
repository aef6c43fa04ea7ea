package cozetest_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/cozekit/cozekit/pkg/cozetest"
)

const (
	runPath    = "/v1/workflow/run"
	streamPath = "/v1/workflow/stream_run"
	flowID     = "7500000000000000001"
)

func runBody(more obj) obj {
	b := obj{"workflow_id": flowID}
	for k, v := range more {
		b[k] = v
	}
	return b
}

// runEvent is one event of a stream of a workflow.
type runEvent struct {
	id, name string
	data     obj
}

// parseRun takes a stream of a workflow apart, which must have the exact form of the wire.
func parseRun(t testing.TB, text string) []runEvent {
	t.Helper()
	var events []runEvent
	for i, block := range strings.Split(strings.TrimSuffix(text, "\n\n"), "\n\n") {
		lines := strings.Split(block, "\n")
		if len(lines) != 3 || lines[0] != fmt.Sprint("id: ", i) || !strings.HasPrefix(lines[1], "event: ") ||
			!strings.HasPrefix(lines[2], "data: ") {
			t.Fatalf("got event %d %q in\n%s", i, block, text)
		}
		events = append(events, runEvent{lines[0][4:], lines[1][7:], decode(t, lines[2][6:])})
	}
	return events
}

// outline is the names of events, with the content of messages.
func outline(events []runEvent) string {
	var list []string
	for _, e := range events {
		s := e.name
		if e.name == "Message" {
			s = fmt.Sprintf("%v#%v=%v", e.data["node_title"], e.data["node_seq_id"], e.data["content"])
			if e.data["node_is_finish"] == true {
				s += "."
			}
		}
		list = append(list, s)
	}
	return strings.Join(list, " ")
}

func TestDefaultWorkflow(t *testing.T) {
	t.Parallel()
	c := newClient(t, cozetest.NewServer(t))
	body := obj{"workflow_id": cozetest.DefaultWorkflowID, "parameters": obj{"a": []int{1, 2}, "b": "<x>"}}
	r := c.ok(http.MethodPost, runPath, body)
	if r.all["data"] != `{"a":[1,2],"b":"<x>"}` || !strings.Contains(fmt.Sprint(r.all["debug_url"]), "execute_id=") || r.all["usage"] == nil {
		t.Errorf("got %s", r.text)
	}
	events := parseRun(t, c.stream(streamPath, body))
	if got := outline(events); got != `End#0={"a":[1,2],"b":"<x>"}. Done` {
		t.Errorf("got %s", got)
	}
	if events[0].data["usage"] == nil || events[0].data["node_type"] != "End" || events[1].data["debug_url"] == nil {
		t.Errorf("got %v", events)
	}
}

func TestWorkflowStream(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t)
	for _, tc := range []struct {
		name   string
		script cozetest.WorkflowScript
		want   string
	}{
		{"nodes", func(r *cozetest.Run) error {
			r.Message("Search", "look", "ing")
			r.Ping()
			r.Message("Search", "again")
			r.Message("Empty")
			r.Output(obj{"n": 1})
			return nil
		}, `Search#0=look Search#1=ing. PING Search#0=again. Empty#0=. End#0={"n":1}. Done`},
		{"end node that streams", func(r *cozetest.Run) error {
			r.Message(cozetest.EndNode, "a", "b")
			return nil
		}, "End#0=a End#1=b. Done"},
		{"text", func(r *cozetest.Run) error { r.Output("plain"); return nil }, "End#0=plain. Done"},
		{"failure", func(r *cozetest.Run) error { r.Message("A", "x"); r.Fail(6023, "too slow"); return nil }, "A#0=x. Error"},
		{"error", func(*cozetest.Run) error { return errors.New("broken") }, "Error"},
		{"no Done", func(r *cozetest.Run) error { r.Message("A", "x"); r.End(); return nil }, "A#0=x."},
		{"other event", func(r *cozetest.Run) error { r.Event("error", obj{"x": 1}); r.End(); return nil }, "error"},
		{"other bytes", func(r *cozetest.Run) error { r.Raw([]byte("id: 0\nevent: E\ndata: {}\n\n")); r.End(); return nil }, "E"},
	} {
		srv.Workflow(flowID, tc.script)
		events := parseRun(t, newClient(t, srv).stream(streamPath, runBody(nil)))
		if got := outline(events); got != tc.want {
			t.Errorf("%s: got %s, want %s", tc.name, got, tc.want)
		}
		if last := events[len(events)-1]; last.name == "Error" && (last.data["error_message"] == "" || last.data["debug_url"] == nil) {
			t.Errorf("%s: got %v", tc.name, last.data)
		}
	}
}

func TestWorkflowFailure(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t)
	srv.Workflow(flowID, func(r *cozetest.Run) error { r.Usage(3, 4); r.Fail(6023, "too slow"); return nil })
	c := newClient(t, srv)
	r := c.do(http.MethodPost, runPath, runBody(nil))
	if r.status != http.StatusOK || r.Code != 6023 || r.Msg != "too slow" || r.all["debug_url"] == nil {
		t.Errorf("got %s", r.text)
	}
	id := c.ok(http.MethodPost, runPath, runBody(obj{"is_async": true})).all["execute_id"].(string)
	h := history(t, c, id, "Fail")
	if h["error_code"] != "6023" || h["error_message"] != "too slow" || h["token"] != "7" || h["run_mode"] != 2.0 {
		t.Errorf("got %v", h)
	}
}

func TestWorkflowRefusals(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t)
	srv.Workflow(flowID, cozetest.EchoWorkflow)
	srv.DraftWorkflow("8", cozetest.EchoWorkflow)
	c := newClient(t, srv)
	msgs := []obj{{"role": "user", "content": "Hi", "content_type": "text"}}
	for _, tc := range []struct {
		name, path string
		body       obj
		want       int
	}{
		{"unknown", runPath, obj{"workflow_id": "99"}, 4200},
		{"unpublished", runPath, obj{"workflow_id": "8"}, 4200},
		{"unpublished stream", streamPath, obj{"workflow_id": "8"}, 4200},
		{"bot and app", runPath, runBody(obj{"bot_id": bot, "app_id": "1"}), 4000},
		{"unknown bot", runPath, runBody(obj{"bot_id": "1"}), 4200},
		{"unknown app", streamPath, runBody(obj{"app_id": "1"}), 4200},
		{"known version", runPath, runBody(obj{"workflow_version": "v0.0.1"}), 0},
		{"unknown version", runPath, runBody(obj{"workflow_version": "v9"}), 4200},
		{"unknown interrupt", "/v1/workflows/resume", resumeBody(obj{"event_id": "1/2", "type": 2}, "x"), 4200},
		{"chat of nothing", "/v1/workflows/chat", runBody(obj{"additional_messages": msgs, "parameters": obj{}}), 4000},
		{"chat of an unknown conversation", "/v1/workflows/chat",
			runBody(obj{"additional_messages": msgs, "parameters": obj{}, "bot_id": bot, "conversation_id": "5"}), 4200},
	} {
		if r := c.do(http.MethodPost, tc.path, tc.body); r.Code != tc.want {
			t.Errorf("%s: got %s, want code %d", tc.name, r.text, tc.want)
		}
	}
}

func TestWorkflowListings(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t)
	srv.Chatflow("7", cozetest.EchoWorkflow)
	srv.DraftWorkflow("8", cozetest.EchoWorkflow)
	srv.DraftWorkflow("7", cozetest.EchoWorkflow)
	srv.Chatflow("7", cozetest.EchoWorkflow) // a second version
	c := newClient(t, srv)
	for query, want := range map[string]string{
		"&page_num=1":                                  "[" + cozetest.DefaultWorkflowID + " 7] false",
		"&page_num=1&page_size=1":                      "[" + cozetest.DefaultWorkflowID + "] true",
		"&page_num=2&page_size=1":                      "[7] false",
		"&page_num=1&workflow_mode=chatflow":           "[7] false",
		"&page_num=1&publish_status=all&app_id=123":    "[] false",
		"&page_num=1&publish_status=unpublished_draft": "[8] false",
	} {
		r := c.ok(http.MethodGet, "/v1/workflows?workspace_id="+cozetest.DefaultWorkspaceID+query, nil)
		ids := []string{}
		for _, w := range r.Data["items"].([]any) {
			ids = append(ids, w.(obj)["workflow_id"].(string))
		}
		if got := fmt.Sprint(ids, " ", r.Data["has_more"]); got != want {
			t.Errorf("%s: got %s, want %s", query, got, want)
		}
	}
	r := c.ok(http.MethodGet, "/v1/workflows/8?include_input_output=true", nil)
	if r.Data["workflow_detail"].(obj)["workflow_id"] != "8" || r.Data["input"] == nil || r.Data["output"] == nil {
		t.Errorf("got %s", r.text)
	}
	r = c.ok(http.MethodGet, "/v1/workflows/7/versions?page_size=1", nil)
	next, _ := r.Data["next_page_token"].(string)
	if r.Data["items"].([]any)[0].(obj)["version"] != "v0.0.2" || r.Data["has_more"] != true {
		t.Errorf("got %s", r.text)
	}
	r = c.ok(http.MethodGet, "/v1/workflows/7/versions?page_size=1&include_input_output=true&page_token="+next, nil)
	if r.Data["items"].([]any)[0].(obj)["version"] != "v0.0.1" || r.Data["has_more"] != false {
		t.Errorf("got %s", r.text)
	}
}
