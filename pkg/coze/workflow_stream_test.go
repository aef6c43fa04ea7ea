package coze_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cozekit/cozekit/internal/leaks"
	"github.com/cozekit/cozekit/internal/transport"
	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/google/go-cmp/cmp"
)

// replies answers the requests to each path one by one; the last answer repeats. A body that begins with { is JSON, "!" is a
// gateway's 502, anything else a stream; one that ends with "..." stays open.
type replies struct {
	byPath map[string][]string

	mu   sync.Mutex
	sent []string // method, path, query and body of each request
}

func (f *replies) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	line := r.Method + " " + r.URL.RequestURI()
	if r.Body != nil {
		b, _ := io.ReadAll(r.Body)
		line += " " + string(b)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sent = append(f.sent, line)
	list := f.byPath[r.URL.Path]
	if len(list) == 0 {
		return response(r, 404, "text/plain", "no reply for "+r.URL.Path), nil
	}
	if len(list) > 1 {
		f.byPath[r.URL.Path] = list[1:]
	}
	open, isOpen := strings.CutSuffix(list[0], "...")
	switch {
	case list[0] == "!":
		return response(r, 502, "text/html", "<p>"), nil
	case strings.HasPrefix(list[0], "{"):
		return response(r, 200, "application/json", list[0]), nil
	case isOpen:
		pr, pw := io.Pipe()
		context.AfterFunc(r.Context(), func() { pw.CloseWithError(r.Context().Err()) })
		go func() { _, _ = io.WriteString(pw, open) }()
		rsp := response(r, 200, "text/event-stream", "")
		rsp.Body = pr
		return rsp, nil
	}
	return response(r, 200, "text/event-stream", list[0]), nil
}

func event(id, name, data string) string {
	return "id: " + id + "\nevent: " + name + "\ndata: " + data + "\n\n"
}

var (
	wfMessage = event("0", "Message", `{"content":"hel","node_is_finish":false,"node_seq_id":"0","node_title":"End","node_type":"End","node_id":"900001"}`) +
		event("1", "Message", `{"content":"lo","node_is_finish":true,"node_seq_id":"1","node_title":"End","node_type":"End","node_id":"900001","usage":{"token_count":5,"input_count":3,"output_count":2}}`)
	wfDone  = event("2", "Done", `{"debug_url":"https://d"}`)
	wfRun   = coze.StreamRunWorkflowRequest{WorkflowID: "73"}
	wfPaths = []string{"/v1/workflow/stream_run", "/v1/workflow/stream_resume"}
)

func workflowStream(t *testing.T, body string) *coze.WorkflowStream {
	t.Helper()
	s, err := stubClient(t, answer(200, "text/event-stream", body)).Workflows.Runs.Stream(t.Context(), wfRun)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestWorkflowStreamEnds: every form of behaviour.md 1.5, pitfall 16 (names of Coze Studio) and pitfall D6 (lines in any order,
// with and without id, empty data on Done).
func TestWorkflowStreamEnds(t *testing.T) {
	leaks.Check(t)
	ok := []string{"Message", "Message", "Done"}
	tests := []struct {
		name, body string
		want       []string
		debugURL   string
		err        error
	}{
		{"done with debug_url", wfMessage + wfDone, ok, "https://d", nil},
		{"empty done", wfMessage + event("2", "Done", "{}"), ok, "", nil},
		{"done without data", wfMessage + "event: Done\n\n", ok, "", nil},
		{"quoted [DONE]", wfMessage + "event:Done\ndata:\"[DONE]\"\n\n", ok, "", nil},
		{"bare [DONE]", wfMessage + "event:Done\ndata:[DONE]\n\n", ok, "", nil},
		{"done without its last line ends", wfMessage + "event: Done\ndata: {\"debug_url\":\"https://d\"}", ok, "https://d", nil},
		{"keep-alives", event("0", "PING", "{}") + wfMessage + event("3", "ping", "") + wfDone, ok, "https://d", nil},
		{"no ids, event first", strings.ReplaceAll(wfMessage, "id: ", ": ") + "data:{}\nevent:Done\n\n", ok, "", nil},
		{"lower case, as Coze Studio", strings.ToLower(wfMessage) + "event:done\ndata:{}\n\n", ok, "", nil},
		{"unknown events", event("0", "Fancy", `{"a":1}`) + wfDone, []string{"Fancy", "Done"}, "https://d", nil},
		{"interrupt", wfMessage + event("2", "Interrupt", `{"interrupt_data":{"event_id":"1/2","type":2},"node_title":"Q"}`), []string{"Message", "Message", "Interrupt"}, "", nil},
		{"nothing is read after Done", wfMessage + wfDone + "event:Message\ndata:{\n\n", ok, "https://d", nil},
		{"no Done", wfMessage, []string{"Message", "Message", ""}, "", io.ErrUnexpectedEOF},
		{"empty", "", []string{""}, "", io.ErrUnexpectedEOF},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := workflowStream(t, tt.body)
			var got []string
			var last error
			for ev, err := range s.All() {
				got, last = append(got, string(ev.Type)), err
				if ev.Type == "Fancy" && string(ev.Raw) != `{"a":1}` {
					t.Errorf("raw data %s", ev.Raw)
				}
			}
			if d := cmp.Diff(tt.want, got); d != "" || !errors.Is(last, tt.err) || s.DebugURL() != tt.debugURL || s.LogID() != "LOG1" {
				t.Errorf("error %v, debug URL %s; events (-want +got):\n%s", last, s.DebugURL(), d)
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestWorkflowStreamErrors: pitfall 11, and the plain text of Coze Studio.
func TestWorkflowStreamErrors(t *testing.T) {
	leaks.Check(t)
	tests := []struct {
		name, body, message string
		code                int
		debugURL            string
	}{
		{"documented", event("1", "Error", `{"error_code":4000,"error_message":"Request parameter error","debug_url":"https://d"}`), "Request parameter error", 4000, "https://d"},
		{"code as text", event("1", "Error", `{"error_code":"720702222","error_message":"x"}`), "x", 720702222, ""},
		{"code and msg", event("1", "Error", `{"code":"5000","msg":"y"}`), "y", 5000, ""},
		{"plain text of Coze Studio", "event: error\ndata: node 1 failed: no model\n\n", "node 1 failed: no model", 0, ""},
		{"quoted text", "event: error\ndata: \"no model\"\n\n", "no model", 0, ""},
		{"empty", "event: Error\ndata: {}\n\n", "the stream reported a failure without saying which", 0, ""},
		{"nothing", "event: Error\n\n", "the stream reported a failure without saying which", 0, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var last coze.WorkflowEvent
			var err error
			s := workflowStream(t, wfMessage+tt.body)
			for last, err = range s.All() {
				continue
			}
			e := refused(t, err)
			if e.Message != tt.message || e.Code != tt.code || e.DebugURL != tt.debugURL || e.Event != "Error" || e.LogID != "LOG1" ||
				e.Op != "StreamRunWorkflow" || e.URL != coze.BaseURLCN+"/v1/workflow/stream_run" || s.DebugURL() != tt.debugURL {
				t.Errorf("got %#v", e)
			}
			if last.Type != coze.WorkflowEventError {
				t.Errorf("the event beside the error is %+v", last)
			}
		})
	}
	for _, body := range []string{`{"code":4200,"msg":"unpublished","debug_url":"https://d"}`, `{"code":0}`} {
		s, err := stubClient(t, answer(200, "application/json", body)).Workflows.Runs.Stream(t.Context(), wfRun)
		if s != nil {
			t.Error("got a stream") // pitfall D10
		}
		refused(t, err)
	}
}

// TestWorkflowStreamBytewise: pitfall D5. Whatever the pieces in which a stream arrives, the events are the same.
func TestWorkflowStreamBytewise(t *testing.T) {
	body := ":c\r\n" + wfMessage + strings.ReplaceAll(wfMessage, "\n", "\r\n") + strings.ReplaceAll(event("3", "PING", "{}"), "\n", "\r") +
		"event: Message\ndata: {\"content\":\"好\",\ndata: \"node_title\":\"t\"}\n\nevent:Done\ndata:{\"debug_url\":\"https://d\"}"
	read := func(s *coze.WorkflowStream) *coze.WorkflowResult {
		var acc coze.WorkflowAccumulator
		for ev, err := range s.All() {
			if err != nil {
				t.Fatal(err)
			}
			acc.Add(ev)
		}
		return acc.Result()
	}
	want := read(workflowStream(t, body))
	if len(want.Nodes) != 3 || want.Usage.TokenCount != 10 || want.DebugURL != "https://d" || want.Nodes[2].Content != "好" {
		t.Fatalf("%+v", want)
	}
	for i := range len(body) {
		s, err := stubClient(t, roundTrip(func(r *http.Request) (*http.Response, error) {
			rsp := response(r, 200, "text/event-stream", "")
			rsp.Body = io.NopCloser(io.MultiReader(reader(body[:i]), reader(body[i:])))
			return rsp, nil
		})).Workflows.Runs.Stream(t.Context(), wfRun)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, read(s)); d != "" {
			t.Fatalf("split at %d: %s", i, d)
		}
	}
}

// TestWorkflowStreamLeft: breaking out, Close and the end of the context all end the stream.
func TestWorkflowStreamLeft(t *testing.T) {
	leaks.Check(t)
	synctest.Test(t, func(t *testing.T) {
		c := stubClient(t, &replies{byPath: map[string][]string{wfPaths[0]: {wfMessage + "..."}}})
		s, err := c.Workflows.Runs.Stream(t.Context(), wfRun)
		if err != nil {
			t.Fatal(err)
		}
		for range s.All() {
			break
		}
		for _, err := range s.All() {
			if err == nil || !strings.Contains(err.Error(), "StreamRunWorkflow") {
				t.Errorf("second loop: %v", err)
			}
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		r, err := c.Workflows.Runs.Run(ctx, wfRun, coze.RunHandlers{})
		if !errors.Is(err, context.DeadlineExceeded) || r == nil || r.Output != "hello" {
			t.Errorf("%+v, %v", r, err)
		}
		r, err = c.Workflows.Runs.Run(t.Context(), wfRun, coze.RunHandlers{}) // never ends
		if !errors.Is(err, coze.ErrTimeout) || r == nil || r.Output != "hello" {
			t.Errorf("%+v, %v", r, err)
		}
	})
}

// TestWorkflowChatStream: events of chatflows are those of chats, with codes as text and debug_url in done.
func TestWorkflowChatStream(t *testing.T) {
	leaks.Check(t)
	const url = "/v1/workflows/chat"
	req := coze.ChatWorkflowRequest{WorkflowID: "73", AdditionalMessages: []coze.EnterMessage{coze.UserMessage("hi")}, Parameters: map[string]any{}}
	open := func(body string) *coze.ChatStream {
		s, err := stubClient(t, &replies{byPath: map[string][]string{url: {body}}}).Workflows.Chat.Stream(t.Context(), req)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	spaced := func(s string) string {
		return strings.NewReplacer("event:", "id: 1\nevent: ", "data:", "data: ").Replace(s)
	}
	s := open(spaced(created+delta+completed) + "event: done\ndata: {\"debug_url\":\"https://d\"}\n\n")
	types, err := collect(s)
	if err != nil || len(types) != 4 || s.DebugURL() != "https://d" || s.ChatID() != "7" {
		t.Errorf("%v, %v, debug URL %q", types, err, s.DebugURL())
	}
	for _, body := range []string{
		"event: conversation.chat.failed\ndata: {\"code\":\"702093204\",\"msg\":\"m\",\"debug_url\":\"https://d\"}\n\n",
		"event: error\ndata: {\"code\":\"702093204\",\"msg\":\"m\",\"debug_url\":\"https://d\"}\n\n",
	} {
		s := open(created + body)
		_, err := collect(s)
		if e := refused(t, err); e.Code != 702093204 || e.Op != "ChatWorkflow" || e.DebugURL != "https://d" || s.DebugURL() != "https://d" || !strings.HasSuffix(e.URL, url) {
			t.Errorf("got %#v", e)
		}
	}
	_, err = collect(open(created + "event: conversation.error\ndata: the model is gone\n\n"))
	if e := refused(t, err); e.Message != "the model is gone" {
		t.Errorf("got %#v", e)
	}
	if _, err := stubClient(t, &replies{}).Workflows.Chat.Stream(t.Context(), req, coze.WithCancelOnClose()); err == nil {
		t.Error("WithCancelOnClose was accepted")
	}
}

func TestWorkflowAccumulator(t *testing.T) {
	m := func(uuid, node, seq, content, more string) string {
		return event("0", "Message", `{"content":"`+content+`","node_seq_id":"`+seq+`","node_title":"`+node+`","node_execute_uuid":"`+uuid+`"`+more+`}`)
	}
	const last = `,"node_is_finish":true`
	first := m("", "A", "0", "a", "") + m("", "B", "0", "x", "") + m("", "A", "1", "b", last) + m("", "A", "0", "again", last) + // a loop without ids
		m("u1", "L", "0", "1", `,"loop_index":0`) + m("u2", "L", "0", "2", `,"loop_index":1,"usage":{"token_count":2}`) + m("u1", "L", "1", "1", last) +
		event("9", "Interrupt", `{"interrupt_data":{"event_id":"1/2","type":2},"node_title":"Q"}`)
	second := m("", "B", "0", "y", last) + m("u2", "L", "1", "2", `,"loop_index":1`+last+`,"usage":{"token_count":3}`) + wfDone // B starts over, L goes on
	var acc coze.WorkflowAccumulator
	for i, body := range []string{first, second} {
		for ev, err := range workflowStream(t, body).All() {
			if err != nil {
				t.Fatal(err)
			}
			acc.Add(ev)
		}
		if in := acc.Interrupt(); (in != nil) != (i == 0) {
			t.Errorf("stream %d: interrupt %v", i, in)
		}
	}
	var got []string
	for _, n := range acc.Nodes() {
		got = append(got, n.Title+":"+n.Content+map[bool]string{true: ".", false: ""}[n.Finished])
	}
	if d := cmp.Diff([]string{"A:ab.", "B:x", "A:again.", "L:11.", "L:22.", "B:y."}, got); d != "" {
		t.Error(d)
	}
	r := acc.Result()
	if r.Usage.TokenCount != 5 || acc.Usage().TokenCount != 5 || acc.DebugURL() != "https://d" || r.Output != "y" || r.Nodes[4].Usage.TokenCount != 5 || r.Nodes[4].Pieces != 2 {
		t.Errorf("%+v", r)
	}
}

func TestDecodeData(t *testing.T) {
	t.Parallel()
	type out struct {
		Answer string `json:"answer"`
	}
	if v, err := coze.DecodeData[out](`{"answer":"42"}`); err != nil || v.Answer != "42" {
		t.Errorf("%v, %v", v, err)
	}
	if _, err := coze.DecodeData[out](`plain`); err == nil {
		t.Error("plain text was decoded into a struct")
	}
	for in, want := range map[string]string{`plain {`: `plain {`, `"quoted"`: "quoted"} {
		if v, err := coze.DecodeData[string](in); err != nil || v != want {
			t.Errorf("%v, %v", v, err)
		}
	}
	if v, err := coze.DecodeOutput[out](&coze.WorkflowExecuteHistory{Output: `{"Output":"{\"answer\":\"42\"}","node_status":"{}"}`}); err != nil || v.Answer != "42" {
		t.Errorf("%v, %v", v, err)
	}
	for _, bad := range []string{``, `{}`, `{"Output":"x"}`} {
		if _, err := coze.DecodeOutput[out](&coze.WorkflowExecuteHistory{Output: bad}); err == nil {
			t.Errorf("%q was decoded", bad)
		}
	}
}

// FuzzWorkflowMessage: the fast decoder of messages may be faster than the general one, never different.
func FuzzWorkflowMessage(f *testing.F) {
	for _, seed := range []string{
		`{"content":"hi","node_is_finish":false,"node_seq_id":"0","node_title":"End"}`, `{"node_is_finish":true}`, `{"node_is_finish":"true"}`, `{"node_is_finish":truex}`,
		`{"node_is_finish":tru`, `{"node_is_finish":1}`, `{"node_is_finish":null,"loop_index":3}`, `{"node_seq_id":7,"ext":{"a":"b"},"usage":{"token_count":1}}`, `{"NODE_TITLE":"x"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if bytes.ContainsAny(data, "\r\n") {
			return // would be several lines of the stream
		}
		var want coze.WorkflowStreamMessage
		wantErr := transport.Unmarshal(bytes.TrimPrefix(data, []byte(" ")), &want)
		body := "event:Message\ndata:" + string(data) + "\n\n"
		for ev, err := range workflowStream(t, body+body+wfDone).All() {
			if (err != nil) != (wantErr != nil) {
				t.Fatalf("%q: error %v, want %v", data, err, wantErr)
			}
			if err == nil && ev.Message != nil && cmp.Diff(want, *ev.Message) != "" {
				t.Fatalf("%q (-general +fast):\n%s", data, cmp.Diff(want, *ev.Message))
			}
		}
	})
}
