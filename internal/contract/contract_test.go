package contract_test

import (
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cozekit/cozekit/internal/contract"
	"github.com/cozekit/cozekit/internal/transport"
	"github.com/cozekit/cozekit/pkg/call"
)

// drifts gathers what a check reports.
type drifts struct {
	mu  sync.Mutex
	all []call.Drift
}

func (d *drifts) report(x call.Drift) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.all = append(d.all, x)
}

// short is the drifts as texts: rule, pointer, want, got, value.
func (d *drifts) short() []string {
	out := []string{}
	for _, x := range d.all {
		out = append(out, strings.Join([]string{string(x.Rule), x.Pointer, x.Want, x.Got, x.Value}, " | "))
	}
	return out
}

func newCheck(d *drifts) *contract.Check {
	return contract.New(contract.Config{Report: d.report, Rate: 1, Window: time.Hour})
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	const conversation = `"id":"1","created_at":1700000000,"last_section_id":"2"`
	for name, c := range map[string]struct {
		op, body string
		status   int
		want     []string
	}{
		"as documented":            {"RetrieveConversation", `{"code":0,"msg":"","data":{` + conversation + `,"meta_data":{"uuid":"x"}}}`, 200, nil},
		"null for optional":        {"RetrieveConversation", `{"code":0,"msg":"","data":{` + conversation + `,"meta_data":null}}`, 200, nil},
		"other case":               {"RetrieveConversation", `{"Code":0,"Msg":"","Data":{"ID":"1","CreatedAt":1700000000,"LastSectionID":"2"}}`, 200, nil},
		"unknown operation":        {"GET /v1/x", `{"x":1}`, 200, nil},
		"not JSON":                 {"RetrieveConversation", `<html>`, 502, nil},
		"cut":                      {"RetrieveConversation", `{"code":0,"msg":"","da`, 200, nil},
		"refusal":                  {"RetrieveConversation", `{"code":4000,"msg":"no","detail":{"logid":"L"}}`, 200, nil},
		"refusal with a new field": {"RetrieveConversation", `{"code":"4000","msg":"no","hint":"x"}`, 400, []string{"unknown-field | /hint | nothing | string(1) | "}},
		"unknown field": {
			"RetrieveConversation", `{"code":0,"msg":"","data":{` + conversation + `,"mood":[{"a":1,"b":"secret"}]}}`, 200,
			[]string{"unknown-field | /data/mood | nothing | list(1) of object{a,b} | "},
		},
		"unknown field that may be content": {
			"RetrieveConversation", `{"code":0,"msg":"","data":{` + conversation + `,"张三":1,"7400000000000000001":"x"}}`, 200,
			[]string{"unknown-field | /data/? | nothing | integer(1) | "},
		},
		"string for number": {
			"RetrieveConversation", `{"code":"0","msg":"","data":{"id":1,"created_at":"1700000000","last_section_id":"2"}}`, 200,
			[]string{
				"wrong-kind | /code | integer int64 | string(1) | ", "wrong-kind | /data/id | string | integer(1) | ",
				"wrong-kind | /data/created_at | integer unix-seconds | string(10) | ",
			},
		},
		"milliseconds": {
			"RetrieveConversation", `{"code":0,"msg":"","data":{"id":"1","created_at":1700000000000,"last_section_id":"2"}}`, 200,
			[]string{"wrong-unit | /data/created_at | integer unix-seconds | integer(13) | "},
		},
		"fraction and list for object": {
			"RetrieveConversation", `{"code":0,"msg":"","data":[],"detail":{"logid":1.5}}`, 200,
			[]string{"wrong-kind | /data | object | list(0) | ", "wrong-kind | /detail/logid | string | number(3) | "},
		},
		"missing": {
			"ListConversations", `{"code":0,"data":{"conversations":null}}`, 200,
			[]string{
				"missing-field | /data/conversations | list | null | ", "missing-field | /data/has_more | boolean | nothing | ",
				"missing-field | /msg | string | nothing | ",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var d drifts
			check := newCheck(&d)
			op := &transport.Op{ID: c.op}
			if check.Picks(op) {
				check.Answer(op, "LOG", c.status, []byte(c.body))
			}
			if c.want == nil {
				c.want = []string{}
			}
			if diff := cmp.Diff(c.want, d.short()); diff != "" {
				t.Error(diff)
			}
			for _, x := range d.all {
				if x.LogID != "LOG" || x.Operation != c.op || x.Document == "" || x.Time.IsZero() {
					t.Errorf("incomplete: %+v", x)
				}
			}
		})
	}
}

func TestEvents(t *testing.T) {
	t.Parallel()
	const delta = `"id":"1","conversation_id":"2","content":"x","role":"assistant","type":"answer","content_type":"text"`
	for name, c := range map[string]struct {
		op, event, data string
		want            []string
	}{
		"as documented":               {"CreateChat", "conversation.message.delta", `{` + delta + `}`, nil},
		"alias":                       {"CreateChat", "conversation.chat.cancelled", `{"id":"1","conversation_id":"2","bot_id":"3","status":"canceled"}`, nil},
		"other case":                  {"StreamRunWorkflow", "ping", `{}`, nil},
		"end as text":                 {"CreateChat", "done", `"[DONE]"`, nil},
		"end bare":                    {"CreateChat", "done", `[DONE]`, nil},
		"no data":                     {"StreamRunWorkflow", "Done", ``, nil},
		"an error in place of a chat": {"CreateChat", "conversation.chat.failed", `{"code":"5000","msg":"no"}`, nil},
		"error of a workflow": {
			"StreamRunWorkflow", "Error", `{"error_code":"4000","error_message":"no"}`,
			[]string{"wrong-kind | /error_code | integer int64 | string(4) | "},
		},
		"unknown event":   {"CreateChat", "conversation.mood", `{"a":1}`, []string{"unknown-event |  | another event | object{a} | conversation.mood"}},
		"unreadable name": {"CreateChat", "王 said hello", `{"a":1}`, []string{"unknown-event |  | another event | object{a} | "}},
		"no JSON":         {"CreateChat", "conversation.message.delta", `oops`, []string{"not-json |  | object | 4 bytes | "}},
		"new enum value": {
			"CreateChat", "conversation.message.delta", `{` + delta[:len(delta)-6] + `"hologram"}`,
			[]string{"new-enum-value | /content_type | string of text, object_string, card, audio | string(8) | hologram"},
		},
		"secret in the place of an enum value": {
			"CreateChat", "conversation.message.delta", `{` + delta[:len(delta)-6] + `"pat_abcdef"}`,
			[]string{"new-enum-value | /content_type | string of text, object_string, card, audio | string(10) | "},
		},
		"not a stream": {"RetrieveConversation", "x", `{}`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var d drifts
			newCheck(&d).Event(&transport.Op{ID: c.op}, "LOG", c.event, []byte(c.data))
			if c.want == nil {
				c.want = []string{}
			}
			if diff := cmp.Diff(c.want, d.short()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestFrames(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		frame string
		want  []string
	}{
		"as documented": {`{"id":"1","event_type":"speech.audio.update","data":{"delta":"AAA="},"detail":{"logid":"L","respond_at":"1"}}`, nil},
		"without data":  {`{"id":"1","event_type":"speech.created","data":{}}`, nil},
		"unknown event": {`{"event_type":"speech.mood","data":{}}`, []string{"unknown-event |  | another event | object{event_type,data} | speech.mood"}},
		"envelope": {
			`{"id":1,"event_type":"speech.created","data":{"x":1},"seq":1}`,
			[]string{"wrong-kind | /id | string | integer(1) | ", "unknown-field | /data/x | nothing | integer(1) | ", "unknown-field | /seq | nothing | integer(1) | "},
		},
		"no event": {`hello`, []string{"not-json |  | an object with event_type | no JSON | "}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var d drifts
			newCheck(&d).Frame(&transport.Op{ID: "ConnectSpeechSocket"}, []byte(c.frame))
			if c.want == nil {
				c.want = []string{}
			}
			if diff := cmp.Diff(c.want, d.short()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

var retrieve = &transport.Op{ID: "RetrieveConversation"}

// drifting is an answer with an unknown field of the given name.
func drifting(field string) []byte {
	return []byte(`{"code":0,"msg":"","data":{"id":"1","created_at":1,"last_section_id":"1","` + field + `":1}}`)
}

func TestReportsOnceAWindow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var d drifts
		c := newCheck(&d)
		for range 3 {
			c.Answer(retrieve, "", 200, drifting("mood"))
		}
		time.Sleep(time.Hour + 1)
		c.Answer(retrieve, "", 200, drifting("mood"))
		if len(d.all) != 2 {
			t.Errorf("got %d reports", len(d.all))
		}
		for i := range 5000 {
			c.Answer(retrieve, "", 200, drifting("f"+strings.Repeat("x", i%40)+strconv.Itoa(i)))
		}
		if len(d.all) != 1001 {
			t.Errorf("got %d reports, want a window full of 1000", len(d.all))
		}
	})
}

// TestListPositionsAreOneFault: the same fault in each element of a list is reported once.
func TestListPositionsAreOneFault(t *testing.T) {
	t.Parallel()
	var d drifts
	list := strings.TrimSuffix(strings.Repeat(`{"id":1,"created_at":1,"last_section_id":"1"},`, 20), ",")
	newCheck(&d).Answer(&transport.Op{ID: "ListConversations"}, "", 200,
		[]byte(`{"code":0,"msg":"","data":{"has_more":false,"conversations":[`+list+`]}}`))
	if diff := cmp.Diff([]string{"wrong-kind | /data/conversations/0/id | string | integer(1) | "}, d.short()); diff != "" {
		t.Error(diff)
	}
}

func TestSample(t *testing.T) {
	t.Parallel()
	var d drifts
	c := contract.New(contract.Config{Report: d.report, First: 3, Window: time.Hour})
	for i := range 10 {
		if got := c.Picks(retrieve); got != (i < 3) {
			t.Errorf("answer %d: picked: %t", i, got)
		}
	}
	if c.Picks(&transport.Op{ID: "GET /v1/new"}) {
		t.Error("an operation that the document does not have was picked")
	}
	c = contract.New(contract.Config{Report: d.report, Rate: 0.5, Window: time.Hour})
	picked := 0
	for range 10000 {
		if c.Picks(retrieve) {
			picked++
		}
	}
	if picked < 4500 || picked > 5500 {
		t.Errorf("a rate of 0.5 picked %d of 10000", picked)
	}
}

func TestPanicsAreContained(t *testing.T) {
	t.Parallel()
	n := 0
	c := contract.New(contract.Config{Rate: 1, Window: time.Hour, Report: func(call.Drift) { n++; panic("secret") }})
	c.Answer(retrieve, "", 200, drifting("mood"))
	c.Event(&transport.Op{ID: "CreateChat"}, "", "conversation.mood", nil)
	if n != 4 { // the drift, and that the check failed, for two operations
		t.Errorf("got %d reports", n)
	}
}

func TestLargeAnswersAreLeftAlone(t *testing.T) {
	t.Parallel()
	var d drifts
	newCheck(&d).Answer(retrieve, "", 200, append(drifting("mood"), make([]byte, 1<<20)...))
	if len(d.all) != 0 {
		t.Errorf("got %v", d.short())
	}
}

// TestConcurrentUse is for the race detector.
func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	var d drifts
	c := newCheck(&d)
	var g sync.WaitGroup
	for i := range 8 {
		g.Go(func() {
			for range 100 {
				if c.Picks(retrieve) {
					c.Answer(retrieve, "", 200, drifting("mood"+strconv.Itoa(i)))
				}
			}
		})
	}
	g.Wait()
	if len(d.all) != 8 {
		t.Errorf("got %d reports", len(d.all))
	}
}
