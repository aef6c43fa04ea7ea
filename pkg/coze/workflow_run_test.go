package coze_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/cozekit/cozekit/internal/leaks"
	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/google/go-cmp/cmp"
)

func interrupt(kind, data string) string {
	return event("1", "Interrupt", `{"interrupt_data":{"event_id":"74/27","type":`+kind+data+`},"node_title":"Q"}`)
}

const required = `,"required_parameters":{"city":{"type":"string","required":true},"days":{"type":"integer"},"unit":{"type":"string","required":true,"default_value":"C"}}`

// TestRun: pitfall 13. Each kind of interrupt goes to its handler, the answer goes out under the documented keys, and the
// stream goes on.
func TestRun(t *testing.T) {
	leaks.Check(t)
	var asked []string
	say := func(name, answer string) func(context.Context, coze.WorkflowStreamInterrupt) (string, error) {
		return func(_ context.Context, in coze.WorkflowStreamInterrupt) (string, error) {
			asked = append(asked, name+" "+in.NodeTitle+" "+in.InterruptData.EventID)
			return answer, nil
		}
	}
	all := coze.RunHandlers{Question: say("question", "Paris"), Tool: say("tool", "{}"), Other: say("other", "x"),
		Input: func(context.Context, coze.WorkflowStreamInterrupt) (map[string]any, error) {
			return map[string]any{"city": "Paris", "days": 2}, nil
		}}
	tests := []struct {
		kind, data, asked, sent string
	}{
		{"2", "", "question", `"resume_data":"Paris","interrupt_type":2`},
		{"5", required, "", `"resume_data":"{\"city\":\"Paris\",\"days\":2}","interrupt_type":5`},
		{"1", "", "tool", `"resume_data":"{}","interrupt_type":1`},
		{"6", "", "tool", `"resume_data":"{}","interrupt_type":6`},
		{"7", "", "other", `"resume_data":"x","interrupt_type":7`},
		{"99", "", "other", `"resume_data":"x","interrupt_type":99`},
	}
	for _, tt := range tests {
		asked = nil
		f := &replies{byPath: map[string][]string{wfPaths[0]: {event("0", "Message", `{"content":"where?","node_is_finish":true,"node_seq_id":"0","node_title":"Q"}`) + interrupt(tt.kind, tt.data)}, wfPaths[1]: {wfMessage + wfDone}}}
		h, events := all, 0
		h.Event = func(coze.WorkflowEvent) error { events++; return nil }
		req := wfRun
		req.Parameters = map[string]any{"n": 1}
		r, err := stubClient(t, f).Workflows.Runs.Run(t.Context(), req, h)
		if err != nil || r.Output != "hello" || len(r.Nodes) != 2 || r.Nodes[0].Content != "where?" || r.Usage.TokenCount != 5 || r.DebugURL != "https://d" || r.Interrupt != nil || r.LogID != "LOG1" || events != 5 {
			t.Errorf("type %s: %+v, %v, %d events", tt.kind, r, err, events)
		}
		want := []string{
			`POST /v1/workflow/stream_run {"workflow_id":"73","parameters":{"n":1}}`,
			`POST /v1/workflow/stream_resume {"workflow_id":"73","event_id":"74/27",` + tt.sent + `}`,
		}
		if d := cmp.Diff(want, f.sent); d != "" {
			t.Errorf("type %s: %s", tt.kind, d)
		}
		if tt.asked != "" && cmp.Diff([]string{tt.asked + " Q 74/27"}, asked) != "" {
			t.Errorf("type %s: asked %v", tt.kind, asked)
		}
	}
}

// TestRunStops: whatever ends a run, all that came before is returned, and the caller can go on later.
func TestRunStops(t *testing.T) {
	leaks.Check(t)
	boom := errors.New("boom")
	question := func(text string, err error) coze.RunHandlers {
		return coze.RunHandlers{Question: func(context.Context, coze.WorkflowStreamInterrupt) (string, error) { return text, err }}
	}
	input := coze.RunHandlers{Input: func(context.Context, coze.WorkflowStreamInterrupt) (map[string]any, error) { return nil, nil }}
	ask := wfMessage + interrupt("2", "")
	tests := []struct {
		name          string
		first, second string
		handlers      coze.RunHandlers
		is            error
		text          string
		waits         bool
		requests      int
	}{
		{"asks for ever", ask, ask, question("no", nil), coze.ErrTooManyResumes, `node "Q"`, true, 1 + coze.MaxResumes},
		{"no handler", ask, "", coze.RunHandlers{}, nil, "waits for an answer: interrupt of type 2, event 74/27", true, 1},
		{"handler failed", ask, "", question("", boom), boom, "boom", true, 1},
		{"empty answer", ask, "", question("", nil), nil, "the answer is empty", true, 1},
		{"input failed", wfMessage + interrupt("5", required), "", coze.RunHandlers{Input: func(context.Context, coze.WorkflowStreamInterrupt) (map[string]any, error) { return nil, boom }}, boom, "boom", true, 1},
		{"value is missing", wfMessage + interrupt("5", required), "", input, nil, `needs a value for "city"`, true, 1},
		{"failed after resuming", ask, event("0", "Error", `{"error_code":4000,"error_message":"bad"}`), question("x", nil), coze.ErrBadRequest, "StreamResumeWorkflow: bad", false, 2},
		{"resuming refused", ask, `{"code":4200,"msg":"gone"}`, question("x", nil), coze.ErrNotFound, "gone", true, 2},
		{"broken off", wfMessage, "", coze.RunHandlers{}, io.ErrUnexpectedEOF, "", false, 1},
		{"callback", wfMessage + wfDone, "", coze.RunHandlers{Event: func(ev coze.WorkflowEvent) error {
			if ev.Message.NodeIsFinish {
				return boom
			}
			return nil
		}}, boom, "", false, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := &replies{byPath: map[string][]string{wfPaths[0]: {tt.first}, wfPaths[1]: {tt.second}}}
			r, err := stubClient(t, f).Workflows.Runs.Run(t.Context(), wfRun, tt.handlers)
			if r == nil || r.Output != "hello" || (r.Interrupt != nil) != tt.waits {
				t.Errorf("result %+v", r)
			}
			if err == nil || tt.is != nil && !errors.Is(err, tt.is) || !strings.Contains(err.Error(), tt.text) {
				t.Errorf("got %v", err)
			}
			var waiting *coze.InterruptError
			if errors.As(err, &waiting) && waiting.Interrupt.InterruptData.EventID != "74/27" {
				t.Errorf("%+v", waiting)
			}
			if len(f.sent) != tt.requests {
				t.Errorf("%d requests: %v", len(f.sent), f.sent)
			}
		})
	}
	r, err := stubClient(t, answer(200, "application/json", `{"code":4200,"msg":"x"}`)).Workflows.Runs.Run(t.Context(), wfRun, coze.RunHandlers{})
	if refused(t, err); r != nil {
		t.Errorf("a refusal has the result %+v", r)
	}
}
