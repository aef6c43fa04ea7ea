package coze_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cozekit/cozekit/internal/leaks"
	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/google/go-cmp/cmp"
)

const (
	chatPath   = "/v3/chat"
	submitPath = "/v3/chat/submit_tool_outputs"
)

func callJSON(id, name, args string) string {
	b, _ := json.Marshal(args)
	return `{"id":"` + id + `","type":"function","function":{"name":"` + name + `","arguments":` + string(b) + `}}`
}

func needs(calls ...string) string {
	return "event:conversation.chat.requires_action\ndata:{\"id\":\"7\",\"conversation_id\":\"8\",\"status\":\"requires_action\"," +
		"\"required_action\":{\"type\":\"submit_tool_outputs\",\"submit_tool_outputs\":{\"tool_calls\":[" + strings.Join(calls, ",") + "]}}}\n\n"
}

// outputs are the tool outputs of a submit request, by call.
func outputs(t *testing.T, line string) map[string]string {
	t.Helper()
	_, body, _ := strings.Cut(line, " {")
	var req struct {
		Outputs []struct {
			ID     string `json:"tool_call_id"`
			Output string `json:"output"`
		} `json:"tool_outputs"`
	}
	if err := json.Unmarshal([]byte("{"+body), &req); err != nil {
		t.Fatalf("%v: %s", err, line)
	}
	m := map[string]string{}
	for _, o := range req.Outputs {
		m[o.ID] = o.Output
	}
	return m
}

// TestRunWithTools: pitfall 12. Two rounds of calls, of which some go wrong, and an answer in the end.
func TestRunWithTools(t *testing.T) {
	leaks.Check(t)
	type forecast struct {
		City string `json:"city"`
		Days int    `json:"days,omitempty"`
	}
	tools := coze.Tools{
		"weather": coze.ToolFunc(func(_ context.Context, in forecast) (map[string]any, error) {
			return map[string]any{"sun": in.City == "Paris", "days": in.Days}, nil
		}),
		"text":  func(context.Context, json.RawMessage) (any, error) { return "as it is", nil },
		"raw":   func(context.Context, json.RawMessage) (any, error) { return json.RawMessage(`{"a":1}`), nil },
		"fails": func(context.Context, json.RawMessage) (any, error) { return nil, errors.New("no \"luck\"") },
		"panic": func(context.Context, json.RawMessage) (any, error) { panic("oh") },
		"exit":  func(context.Context, json.RawMessage) (any, error) { runtime.Goexit(); return nil, nil },
		"chan":  func(context.Context, json.RawMessage) (any, error) { return make(chan int), nil },
	}
	first := created + delta + needs(callJSON("c1", "weather", `{"city":"Paris","days":2}`), callJSON("c2", "weather", `{"town":"Paris"}`), callJSON("c3", "text", ""),
		callJSON("c4", "raw", "{}"), callJSON("c5", "fails", "{}"), callJSON("c6", "panic", "{}"), callJSON("c7", "nobody", "{}"), callJSON("c8", "chan", "{}"),
		callJSON("c9", "exit", "{}"), `{"id":"c10","type":"reply_message"}`) + done
	second := created + needs(callJSON("d1", "weather", `{"city":"Rome"}`)) + done
	f := &replies{byPath: map[string][]string{chatPath: {first}, submitPath: {second, created + strings.ReplaceAll(delta, `"9"`, `"10"`) + completed + done}}}
	events := 0
	r, err := stubClient(t, f).Chat.RunWithTools(t.Context(), question, tools, coze.ToolPolicy{Event: func(coze.ChatEvent) error { events++; return nil }}, coze.WithHeader("X-A", "b"))
	if err != nil || r.Answer() != "hi\nhi" || r.Chat.Status != coze.ChatStatusCompleted || r.Chat.Usage.TokenCount != 3 || events != 11 {
		t.Fatalf("%+v, %v, %d events", r, err, events)
	}
	if len(f.sent) != 3 || !strings.HasPrefix(f.sent[1], "POST "+submitPath+"?conversation_id=8&chat_id=7 ") || !strings.HasSuffix(f.sent[1], `"stream":true}`) {
		t.Fatalf("sent %v", f.sent)
	}
	want := map[string]string{
		"c1": `{"days":2,"sun":true}`,
		"c2": `{"error":"wrong arguments: \"city\" is missing; \"town\" is unknown. The tool takes \"city\", \"days\" (optional)"}`,
		"c3": "as it is", "c4": `{"a":1}`, "c5": `{"error":"no \"luck\""}`, "c6": `{"error":"the tool panicked: oh"}`, "c7": `{"error":"there is no tool \"nobody\""}`,
		"c8": `{"error":"json: unsupported type: chan int"}`, "c9": `{"error":"the tool ended without an output"}`, "c10": `{"error":"calls of type \"reply_message\" are not supported"}`,
	}
	var got []map[string]string
	for _, line := range f.sent[1:] {
		got = append(got, outputs(t, line))
	}
	for id, o := range got[0] { // the same JSON, however it is written
		got[0][id] = strings.ReplaceAll(o, `\\"`, `\"`)
	}
	if d := cmp.Diff([]map[string]string{want, {"d1": `{"days":0,"sun":false}`}}, got); d != "" {
		t.Error(d)
	}
}

// TestRunWithToolsStops: a chat that needs action for ever, fails, is canceled elsewhere, breaks off or never ends.
func TestRunWithToolsStops(t *testing.T) {
	leaks.Check(t)
	boom := errors.New("boom")
	tools := coze.Tools{"x": func(context.Context, json.RawMessage) (any, error) { return "y", nil }}
	action := created + needs(callJSON("c", "x", "{}")) + done
	tests := []struct {
		name, first, second string
		policy              coze.ToolPolicy
		is                  error
		requests            int
		status              coze.ChatStatus
	}{
		{"for ever", action, action, coze.ToolPolicy{}, coze.ErrTooManyRounds, 11, coze.ChatStatusRequiresAction},
		{"for ever, two rounds", action, action, coze.ToolPolicy{MaxRounds: 2}, coze.ErrTooManyRounds, 3, coze.ChatStatusRequiresAction},
		{"failed", action, created + chatFailed + "data:{\"code\":\"4010\",\"msg\":\"m\"}\n\n", coze.ToolPolicy{}, coze.ErrTooLarge, 2, coze.ChatStatusFailed},
		{"canceled elsewhere", action, created + "event:conversation.chat.cancelled\ndata:{\"id\":\"7\",\"status\":\"cancelled\"}\n\n", coze.ToolPolicy{}, coze.ErrCanceled, 2, coze.ChatStatusCanceled},
		{"broken off", action, created, coze.ToolPolicy{}, io.ErrUnexpectedEOF, 2, coze.ChatStatusCreated},
		{"ends without an end", action, created + done, coze.ToolPolicy{}, coze.ErrUnknownStatus, 2, coze.ChatStatusCreated},
		{"never ends", action, created + delta + "...", coze.ToolPolicy{}, coze.ErrTimeout, 2, coze.ChatStatusCreated},
		{"outputs refused", action, `{"code":4200,"msg":"x"}`, coze.ToolPolicy{}, coze.ErrNotFound, 2, coze.ChatStatusRequiresAction},
		{"no calls", created + needs(), "", coze.ToolPolicy{}, coze.ErrUnsupported, 1, coze.ChatStatusRequiresAction},
		{"callback", action, "", coze.ToolPolicy{Event: func(coze.ChatEvent) error { return boom }}, boom, 1, coze.ChatStatusCreated},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &replies{byPath: map[string][]string{chatPath: {tt.first}, submitPath: {tt.second}}}
				r, err := stubClient(t, f).Chat.RunWithTools(t.Context(), question, tools, tt.policy)
				if !errors.Is(err, tt.is) || r == nil || r.Chat.ID != "7" || r.Chat.Status != tt.status || len(f.sent) != tt.requests {
					t.Errorf("%+v, %v, %d requests", r, err, len(f.sent))
				}
			})
		})
	}
	req := question
	req.AutoSaveHistory = coze.Ptr(false)
	if _, err := stubClient(t, &replies{}).Chat.RunWithTools(t.Context(), req, tools, coze.ToolPolicy{}); err == nil || !strings.Contains(err.Error(), "auto_save_history") {
		t.Errorf("got %v", err)
	}
}

// TestToolsConcurrency: the calls of a round run at the same time, up to the limit, and all end with the context.
func TestToolsConcurrency(t *testing.T) {
	leaks.Check(t)
	var calls []string
	for i := range 20 {
		calls = append(calls, callJSON(fmt.Sprint(i), "slow", "{}"))
	}
	for limit, rounds := range map[int]int{0: 3, 1: 20, 20: 1} {
		synctest.Test(t, func(t *testing.T) {
			var running, most atomic.Int32
			tools := coze.Tools{"slow": func(ctx context.Context, _ json.RawMessage) (any, error) {
				most.Store(max(most.Load(), running.Add(1)))
				defer running.Add(-1)
				select {
				case <-time.After(time.Second):
				case <-ctx.Done():
				}
				return nil, ctx.Err()
			}}
			f := &replies{byPath: map[string][]string{chatPath: {created + needs(calls...)}, submitPath: {created + completed + done}}}
			start := time.Now()
			_, err := stubClient(t, f).Chat.RunWithTools(t.Context(), question, tools, coze.ToolPolicy{Concurrency: limit})
			if err != nil || time.Since(start) != time.Duration(rounds)*time.Second || limit > 0 && int(most.Load()) != limit || limit == 0 && most.Load() != 8 {
				t.Errorf("limit %d: %v after %v, %d at a time", limit, err, time.Since(start), most.Load())
			}
			f.byPath[chatPath] = []string{created + needs(calls...)}
			f.sent = nil
			ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
			defer cancel()
			r, err := stubClient(t, f).Chat.RunWithTools(ctx, question, tools, coze.ToolPolicy{Concurrency: limit})
			if !errors.Is(err, context.DeadlineExceeded) || running.Load() != 0 || len(f.sent) != 1 || r.Chat.Status != coze.ChatStatusRequiresAction {
				t.Errorf("limit %d: %v, %d still running", limit, err, running.Load())
			}
		})
	}
}

// TestRunWithToolsCancels: WithCancelOnClose holds for the continued streams too.
func TestRunWithToolsCancels(t *testing.T) {
	leaks.Check(t)
	synctest.Test(t, func(t *testing.T) {
		f := &replies{byPath: map[string][]string{chatPath: {created + needs(callJSON("c", "x", "{}"))}, submitPath: {created + delta + "..."}, "/v3/chat/cancel": {canceledChat}}}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := stubClient(t, f).Chat.RunWithTools(ctx, question, nil, coze.ToolPolicy{}, coze.WithCancelOnClose())
		if !errors.Is(err, context.DeadlineExceeded) || len(f.sent) != 3 || !strings.Contains(f.sent[2], "/v3/chat/cancel") {
			t.Errorf("%v, %v", err, f.sent)
		}
	})
}

func TestToolFunc(t *testing.T) {
	t.Parallel()
	type place struct {
		City string `json:"city"`
	}
	type base struct {
		Unit string `json:"unit"`
	}
	type arguments struct {
		base
		Where  place            `json:"where"`
		Stops  []place          `json:"stops,omitempty"`
		Days   *int             `json:"days"`
		When   time.Time        `json:"when,omitzero"`
		Labels map[string]place `json:"labels,omitempty"`
		Plain  bool             `json:",omitempty"`
		Hidden string           `json:"-"`
	}
	tool := coze.ToolFunc(func(_ context.Context, in arguments) (arguments, error) { return in, nil })
	const good = `{"unit":"C","where":{"city":"P"}`
	tests := []struct{ args, problem string }{
		{good + `}`, ""},
		{good + `,"stops":[{"city":"a"}],"days":3,"when":"2026-01-02T03:04:05Z","labels":{"x":{"city":"b"}},"Plain":true}`, ""},
		{`{"UNIT":"C","Where":{"City":"P"}}`, ""}, // as encoding/json takes names
		{good + `,"days":null,"stops":null}`, ""},
		{``, `"unit" is missing; "where" is missing.`},
		{`{}`, `The tool takes "unit", "where", "stops" (optional), "days" (optional), "when" (optional), "labels" (optional), "Plain" (optional)`},
		{`{"unit":null,"where":{"city":"P"}}`, `"unit" is missing`},
		{`{"unit":"C","where":{}}`, `"where.city" is missing`},
		{good + `,"stops":[{"city":"a"},{"town":"b"}]}`, `"stops[1].city" is missing; "stops[1].town" is unknown`},
		{good + `,"Hidden":"x","z":1,"a":2}`, `"Hidden" is unknown; "a" is unknown; "z" is unknown`},
		{good + `,"days":"three"}`, `"days" must be int, not string`},
		{`{"unit":"C","where":5}`, `"where" must be`},
		{good + `,"when":"soon"}`, `parsing time`},
		{good, `the arguments are not valid JSON`},
		{good + `}}`, `the arguments are not valid JSON`},
		{`[]`, `must be`},
		{`null`, `"unit" is missing`},
	}
	for _, tt := range tests {
		out, err := tool(t.Context(), json.RawMessage(tt.args))
		if tt.problem == "" && (err != nil || out.(arguments).Unit != "C" || out.(arguments).Where.City != "P") || tt.problem != "" && (err == nil || !strings.Contains(err.Error(), tt.problem)) {
			t.Errorf("%s: %v", tt.args, err)
		}
	}
	none := coze.ToolFunc(func(context.Context, struct{}) (string, error) { return "ok", nil })
	if _, err := none(t.Context(), json.RawMessage(`{"x":1}`)); err == nil || !strings.Contains(err.Error(), "takes no arguments") {
		t.Errorf("got %v", err)
	}
	anything := coze.ToolFunc(func(_ context.Context, in map[string]any) (any, error) { return in["x"], nil })
	if v, err := anything(t.Context(), json.RawMessage(`{"x":"1"}`)); err != nil || v != "1" {
		t.Errorf("%v, %v", v, err)
	}
}

// TestComplete: pitfall 18. One call for the whole answer, on servers that only stream; every end is told.
func TestComplete(t *testing.T) {
	leaks.Check(t)
	tests := []struct {
		name, body string
		is         error
		status     coze.ChatStatus
		answer     string
	}{
		{"completed", created + delta + delta + completed + done, nil, coze.ChatStatusCompleted, "hihi"},
		{"no done", created + delta + completed, nil, coze.ChatStatusCompleted, "hi"},
		{"requires action", created + needs(callJSON("c", "x", "{}")) + done, nil, coze.ChatStatusRequiresAction, ""},
		{"Coze Studio", created + "event:conversation.chat.required_action\ndata:{\"id\":\"7\",\"status\":\"required_action\"}\n\nevent:conversation.stream.done\ndata:{}\n\n", nil, coze.ChatStatusRequiresAction, ""},
		{"failed", created + delta + chatFailed + "data:{\"id\":\"7\",\"conversation_id\":\"8\",\"status\":\"failed\",\"last_error\":{\"code\":4010,\"msg\":\"m\"}}\n\n" + done, coze.ErrTooLarge, coze.ChatStatusFailed, "hi"},
		{"failed, bare", created + delta + chatFailed + "data:{\"code\":4010,\"msg\":\"m\"}\n\n", coze.ErrTooLarge, coze.ChatStatusFailed, "hi"},
		{"error", created + delta + "event:error\ndata:{\"code\":4011,\"msg\":\"m\"}\n\n", coze.ErrQuota, coze.ChatStatusCreated, "hi"},
		{"canceled elsewhere", created + delta + "event:conversation.chat.canceled\ndata:{\"id\":\"7\",\"conversation_id\":\"8\",\"status\":\"canceled\"}\n\n" + done, coze.ErrCanceled, coze.ChatStatusCanceled, "hi"},
		{"broken off", created + delta, io.ErrUnexpectedEOF, coze.ChatStatusCreated, "hi"},
		{"nothing but done", done, coze.ErrUnknownStatus, "", ""},
		{"damaged audio", created + "event:conversation.audio.delta\ndata:{\"id\":\"9\",\"content\":\"%\"}\n\n", nil, coze.ChatStatusCreated, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := &replies{byPath: map[string][]string{chatPath: {tt.body}}}
			r, err := stubClient(t, f).Chat.Complete(t.Context(), question)
			if damaged := tt.name == "damaged audio"; !damaged && !errors.Is(err, tt.is) || (err == nil) != (tt.is == nil && !damaged) || r.Chat.Status != tt.status || r.Answer() != tt.answer {
				t.Errorf("%+v, %v", r, err)
			}
			if len(f.sent) != 1 || !strings.HasSuffix(f.sent[0], `"stream":true}`) {
				t.Errorf("sent %v", f.sent)
			}
		})
	}
	r, err := stubClient(t, answer(http.StatusOK, "application/json", `{"code":4015,"msg":"x"}`)).Chat.Complete(t.Context(), question)
	if refused(t, err); r != nil {
		t.Errorf("a refusal has the result %+v", r)
	}
}
