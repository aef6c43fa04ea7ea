package cozetest_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/cozekit/cozekit/gen/cozeapi"
	"github.com/cozekit/cozekit/pkg/cozetest"
)

func flowChat(question string, more obj) obj {
	b := runBody(obj{"bot_id": bot, "parameters": obj{}, "additional_messages": []obj{
		{"role": "user", "content": question, "content_type": "text"},
	}})
	for k, v := range more {
		b[k] = v
	}
	return b
}

// parseFlow takes a stream of a chatflow apart: one space after the colons, no ids.
func parseFlow(t testing.TB, text string) []event {
	t.Helper()
	var events []event
	for block := range strings.SplitSeq(strings.TrimSuffix(text, "\n\n"), "\n\n") {
		name, data, ok := strings.Cut(block, "\ndata: ")
		if !ok || !strings.HasPrefix(name, "event: ") || strings.Contains(data, "\n") {
			t.Fatalf("got %q, want an event", block)
		}
		events = append(events, event{name[7:], data})
	}
	return events
}

const flowPath = "/v1/workflows/chat"

func TestChatflow(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t)
	srv.Chatflow(flowID, func(r *cozetest.Run) error {
		if r.Question() != r.Messages()[0].Content || r.Parameters()["k"] != "v" {
			t.Errorf("got %v and %v", r.Messages(), r.Parameters())
		}
		r.Message("Answer", "Hel", "lo")
		r.Output(obj{"n": 1})
		r.Usage(1, 2)
		return nil
	})
	c := newClient(t, srv)
	events := parseFlow(t, c.stream(flowPath, flowChat("Hi", obj{"parameters": obj{"k": "v", "CONVERSATION_NAME": "topic"}})))
	const want = "chat.created chat.in_progress message.delta message.delta message.completed message.delta message.completed " +
		"message.completed chat.completed done"
	if got := names(events); got != want {
		t.Errorf("got %s", got)
	}
	chat := decode(t, events[len(events)-2].data)
	done := decode(t, events[len(events)-1].data)
	if !strings.Contains(done["debug_url"].(string), chat["execute_id"].(string)) || chat["usage"].(obj)["token_count"] != 3.0 {
		t.Errorf("got %v and %v", chat, done)
	}
	if h := history(t, c, chat["execute_id"].(string), "Success"); h["output"] != `{"Output":"{\"n\":1}"}` {
		t.Errorf("got %v", h)
	}
	again := parseFlow(t, c.stream(flowPath, flowChat("Hi", obj{"parameters": obj{"k": "v", "CONVERSATION_NAME": "topic"}})))
	if decode(t, again[0].data)["conversation_id"] != chat["conversation_id"] {
		t.Error("the name does not lead to the same conversation")
	}
	in := parseFlow(t, c.stream(flowPath, runBody(obj{
		"app_id": cozetest.DefaultAppID, "parameters": obj{"k": "v"}, "additional_messages": flowChat("Hi", nil)["additional_messages"],
	})))
	if decode(t, in[0].data)["bot_id"] != nil {
		t.Errorf("got %s in an app", in[0].data)
	}
	// A conversation that was made by its name is the one that chats of the app go on with.
	made := c.ok("POST", "/v1/workflow/conversation/create", obj{"app_id": cozetest.DefaultAppID, "conversation_name": "topic", "get_or_create": true})
	in = parseFlow(t, c.stream(flowPath, runBody(obj{
		"app_id": cozetest.DefaultAppID, "parameters": obj{"k": "v", "CONVERSATION_NAME": "topic"},
		"additional_messages": flowChat("Hi", nil)["additional_messages"],
	})))
	if got := decode(t, in[0].data)["conversation_id"]; got != made.str("id") || got == chat["conversation_id"] {
		t.Errorf("the app went on in %v, want %s, not that of the bot", got, made.str("id"))
	}
}

func TestChatflowEndings(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t)
	c := newClient(t, srv)
	for _, tc := range []struct {
		name   string
		script cozetest.WorkflowScript
		want   string
		status string
	}{
		{"default", cozetest.EchoWorkflow,
			"message.delta message.delta message.delta message.completed message.completed chat.completed done", "Success"},
		{"failure", func(r *cozetest.Run) error { r.Fail(720702204, "no such name"); return nil }, "chat.failed done", "Fail"},
		{"no end", func(r *cozetest.Run) error { r.Ping(); r.Event("x", obj{}); r.End(); return nil }, "x", "Success"},
	} {
		srv.Chatflow(flowID, tc.script)
		events := parseFlow(t, c.stream(flowPath, flowChat("Hi", nil)))
		if got := strings.TrimPrefix(names(events), "chat.created chat.in_progress "); got != tc.want {
			t.Errorf("%s: got %s", tc.name, got)
		}
		history(t, c, decode(t, events[0].data)["execute_id"].(string), tc.status)
	}
}

func TestChatflowInterrupt(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t)
	srv.Chatflow(flowID, func(r *cozetest.Run) error {
		name := r.Interrupt(cozeapi.InterruptTypeQuestion, "Who are you?", nil)
		r.Message("Answer", "Hello, "+name)
		return nil
	})
	c := newClient(t, srv)
	events := parseFlow(t, c.stream(flowPath, flowChat("Hi", nil)))
	if got := names(events[len(events)-3:]); got != "message.completed chat.requires_action done" {
		t.Errorf("got %s", got)
	}
	first := decode(t, events[0].data)
	ids := "?conversation_id=" + first["conversation_id"].(string) + "&chat_id=" + first["id"].(string)
	tools := obj{"tool_outputs": []obj{{"tool_call_id": "1", "output": "x"}}}
	if r := c.do(http.MethodPost, "/v3/chat/submit_tool_outputs"+ids, tools); r.Code != 4000 {
		t.Errorf("got %s for outputs of tools", r.text)
	}
	text := c.stream(flowPath, flowChat("Ann", obj{"conversation_id": first["conversation_id"]}))
	events = parseFlow(t, text)
	second := decode(t, events[0].data)
	if !strings.Contains(text, "Hello, Ann") || second["id"] == first["id"] || second["execute_id"] != first["execute_id"] {
		t.Errorf("got\n%s", text)
	}
	history(t, c, first["execute_id"].(string), "Success")
	if r := c.ok(http.MethodGet, "/v3/chat/retrieve"+ids, nil); r.str("status") != "requires_action" {
		t.Errorf("got %s", r.text)
	}
	list := c.ok(http.MethodPost, "/v1/conversation/message/list"+strings.Split(ids, "&")[0], obj{"order": "asc"}).all["data"].([]any)
	if len(list) != 4 {
		t.Errorf("got %d messages, want two questions and two answers", len(list))
	}
}
