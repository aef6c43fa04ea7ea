package cozetest_test

import (
	"encoding/json"
	"errors"
	"flag"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/cozekit/cozekit/pkg/cozetest"
)

var update = flag.Bool("update", false, "rewrite the files of testdata")

func fixedClock() time.Time { return time.Unix(1_720_000_000, 0) }

func TestStreamOnTheWire(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t, cozetest.WithClock(fixedClock), cozetest.WithSeed(7))
	srv.Bot("7", func(turn *cozetest.Turn) error {
		turn.Think("A greeting. ")
		turn.Say("Hello <you>, how are you?")
		turn.FollowUp("Who are you?")
		turn.Usage(10, 20)
		return nil
	})
	got := newClient(t, srv).stream("/v3/chat", chatBody("7", "Hi", true))
	const file = "testdata/stream.sse"
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("got stream\n%s\nwant\n%s", got, want)
	}
	const order = "chat.created chat.in_progress message.delta message.delta message.delta message.delta message.delta message.delta " +
		"message.delta message.completed message.completed message.completed chat.completed done"
	if n := names(parseEvents(t, got)); n != order {
		t.Errorf("got events %s", n)
	}
}

func TestDefaultBotEchoes(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t)
	for _, question := range []string{"Good morning", "你好，世界", ""} {
		events := parseEvents(t, newClient(t, srv).stream("/v3/chat", chatBody(cozetest.DefaultBotID, question, true)))
		var deltas, followUps, verbose int
		var answer, said string
		for _, e := range events {
			var m struct{ Type, Content string }
			_ = json.Unmarshal([]byte(e.data), &m)
			switch {
			case e.name == "conversation.message.delta":
				deltas++
				said += m.Content
			case m.Type == "answer":
				answer = m.Content
			case m.Type == "follow_up":
				followUps++
			case m.Type == "verbose":
				verbose++
			}
		}
		usage, _ := decode(t, events[len(events)-2].data)["usage"].(obj)
		if deltas < 3 || said != answer || !strings.HasSuffix(answer, question) || followUps != 2 || verbose != 1 || usage["output_count"] == 0.0 {
			t.Errorf("%q: got %d deltas, %d follow-ups, %d verbose, answer %q of %q, usage %v", question, deltas, followUps, verbose, answer, said, usage)
		}
	}
}

func TestChatWithoutStream(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t)
	release := make(chan struct{})
	srv.Bot("7", func(turn *cozetest.Turn) error {
		<-release
		return cozetest.Echo(turn)
	})
	c := newClient(t, srv)
	chat := c.ok(http.MethodPost, "/v3/chat", chatBody("7", "Hi", false))
	if chat.str("status") != "in_progress" {
		t.Errorf("got status %s at the beginning", chat.str("status"))
	}
	ids := "?conversation_id=" + chat.str("conversation_id") + "&chat_id=" + chat.str("id")
	if r := c.do(http.MethodPost, "/v3/chat?conversation_id="+chat.str("conversation_id"), chatBody("7", "Again", false)); r.Code != 4016 {
		t.Errorf("got %s for a second chat", r.text)
	}
	if r := c.ok(http.MethodGet, "/v3/chat/message/list"+ids, nil); len(r.all["data"].([]any)) != 0 {
		t.Errorf("got %s before the answer", r.text)
	}
	close(release)
	status := wait(t, c, ids)
	if status != "completed" {
		t.Errorf("got status %s at the end", status)
	}
	if r := c.ok(http.MethodGet, "/v3/chat/message/list"+ids, nil); len(r.all["data"].([]any)) != 4 {
		t.Errorf("got %s, want answer, verbose and two follow-ups", r.text)
	}
	list := c.ok(http.MethodPost, "/v1/conversation/message/list?conversation_id="+chat.str("conversation_id"), obj{"order": "asc"})
	if n := len(list.all["data"].([]any)); n != 2 {
		t.Errorf("got %d messages in the conversation, want question and answer", n)
	}
	if r := c.do(http.MethodPost, "/v3/chat/cancel", obj{"conversation_id": chat.str("conversation_id"), "chat_id": chat.str("id")}); r.Code != 4104 {
		t.Errorf("got %s for canceling a completed chat", r.text)
	}
}

// wait polls a chat, once by GET and once by POST as some SDKs do, until it is no more in progress.
func wait(t testing.TB, c *client, ids string) string {
	deadline := time.Now().Add(time.Minute)
	for i := 0; ; i++ {
		r := c.ok([]string{http.MethodGet, http.MethodPost}[i%2], "/v3/chat/retrieve"+ids, nil)
		if s := r.str("status"); s != "in_progress" {
			return s
		}
		if time.Now().After(deadline) {
			t.Fatal("the chat never ends")
		}
		time.Sleep(time.Millisecond)
	}
}

func TestTools(t *testing.T) {
	t.Parallel()
	for _, stream := range []bool{true, false} {
		srv := cozetest.NewServer(t)
		srv.Bot("7", func(turn *cozetest.Turn) error {
			turn.CallTool("weather", obj{"city": "Oslo"})
			turn.CallTool("weather", obj{"city": "Rome"})
			out := turn.WaitTools()
			turn.Say(out[0].Output + " and " + out[1].Output + " and " + turn.UseTool("clock", nil))
			return nil
		})
		c := newClient(t, srv)
		chat, calls := beginTools(t, c, stream)
		ids := "?conversation_id=" + chat["conversation_id"].(string) + "&chat_id=" + chat["id"].(string)
		cancel := obj{"conversation_id": chat["conversation_id"], "chat_id": chat["id"]}
		if r := c.do(http.MethodPost, "/v3/chat/cancel", cancel); r.Code != 4104 {
			t.Errorf("got %s for canceling a chat that waits", r.text)
		}
		if r := c.do(http.MethodPost, "/v3/chat/submit_tool_outputs"+ids, outputs(calls[:1], stream)); r.Code != 4000 {
			t.Errorf("got %s for one output of two", r.text)
		}
		submit := func(calls []any) string {
			if stream {
				return c.stream("/v3/chat/submit_tool_outputs"+ids, outputs(calls, true))
			}
			c.ok(http.MethodPost, "/v3/chat/submit_tool_outputs"+ids, outputs(calls, false))
			return wait(t, c, ids)
		}
		submit(calls)
		last := pendingCalls(c.ok(http.MethodGet, "/v3/chat/retrieve"+ids, nil).Data)
		text := submit(last)
		if stream {
			want := "chat.created chat.in_progress message.completed message.delta message.delta message.delta message.delta message.delta " +
				"message.delta message.delta " +
				"message.completed message.completed chat.completed done"
			if got := names(parseEvents(t, text)); got != want {
				t.Errorf("got events %s", got)
			}
		}
		if r := c.ok(http.MethodGet, "/v3/chat/message/list"+ids, nil); !strings.Contains(r.text, `"content":"out Oslo and out Rome and out "`) {
			t.Errorf("got messages %s", r.text)
		}
		if r := c.do(http.MethodPost, "/v3/chat/submit_tool_outputs"+ids, outputs(calls, stream)); r.Code != 4000 {
			t.Errorf("got %s for outputs that nobody waits for", r.text)
		}
	}
}

func beginTools(t testing.TB, c *client, stream bool) (obj, []any) {
	var chat obj
	if stream {
		events := parseEvents(t, c.stream("/v3/chat", chatBody("7", "Weather?", true)))
		if got := names(events); got != "chat.created chat.in_progress message.completed message.completed chat.requires_action done" {
			t.Errorf("got events %s", got)
		}
		chat = decode(t, events[4].data)
	} else {
		r := c.ok(http.MethodPost, "/v3/chat", chatBody("7", "Weather?", false))
		ids := "?conversation_id=" + r.str("conversation_id") + "&chat_id=" + r.str("id")
		wait(t, c, ids)
		chat = c.ok(http.MethodGet, "/v3/chat/retrieve"+ids, nil).Data
	}
	if chat["status"] != "requires_action" {
		t.Fatalf("got chat %v", chat)
	}
	return chat, pendingCalls(chat)
}

func pendingCalls(chat obj) []any {
	return chat["required_action"].(obj)["submit_tool_outputs"].(obj)["tool_calls"].([]any)
}

func outputs(calls []any, stream bool) obj {
	list := []obj{}
	for _, c := range calls {
		var args struct{ City string }
		_ = json.Unmarshal([]byte(c.(obj)["function"].(obj)["arguments"].(string)), &args)
		list = append([]obj{{"tool_call_id": c.(obj)["id"], "output": "out " + args.City}}, list...) // any order will do
	}
	return obj{"tool_outputs": list, "stream": stream}
}

func TestEndings(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		script cozetest.Script
		want   string // events after in_progress
		data   string // part of the stream
		status string
	}{
		{"fail", func(t *cozetest.Turn) error { t.Fail(4028, "no quota"); return nil }, "chat.failed done", `"last_error":{"code":4028,"msg":"no quota"}`, "failed"},
		{"error returned", func(*cozetest.Turn) error { return errors.New("oops") }, "chat.failed done", `{"code":5000,"msg":"oops"}`, "failed"},
		{"in-stream error", func(t *cozetest.Turn) error { t.Error(5000, "broken"); return nil }, "error", `data:{"code":5000,"msg":"broken"}`, "failed"},
		{"raw", func(t *cozetest.Turn) error { t.Raw([]byte("event:x\ndata:y\n\n")); t.End(); return nil }, "x", "data:y", "completed"},
		{"bare done", func(t *cozetest.Turn) error {
			t.Event("done", json.RawMessage("[DONE]"))
			t.End()
			return nil
		}, "done", "data:[DONE]\n", "completed"},
		{"studio", func(t *cozetest.Turn) error {
			t.Event("conversation.stream.done", "")
			t.End()
			return nil
		}, "stream.done", `data:""`, "completed"},
		{"audio", func(t *cozetest.Turn) error { t.Audio(make([]byte, 5000)); return nil },
			"audio.delta audio.delta message.completed message.completed chat.completed done", `"content_type":"audio"`, "completed"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			srv := cozetest.NewServer(t)
			srv.Bot("7", tc.script)
			c := newClient(t, srv)
			text := c.stream("/v3/chat", chatBody("7", "Hi", true))
			events := parseEvents(t, text)
			if got := names(events[2:]); got != tc.want || !strings.Contains(text, tc.data) {
				t.Errorf("got events %s in\n%s", got, text)
			}
			chat := decode(t, events[0].data)
			ids := "?conversation_id=" + chat["conversation_id"].(string) + "&chat_id=" + chat["id"].(string)
			if got := wait(t, c, ids); got != tc.status {
				t.Errorf("got status %s", got)
			}
		})
	}
}

func TestDropKeepsTheChat(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t)
	srv.Bot("7", func(turn *cozetest.Turn) error {
		turn.Stream("one")
		turn.Drop()
		turn.Say("two")
		return nil
	})
	c := newClient(t, srv)
	resp := c.send(http.MethodPost, "/v3/chat", chatBody("7", "Hi", true))
	defer func() { _ = resp.Body.Close() }()
	buf := make([]byte, 1<<16)
	var err error
	var text string
	for err == nil {
		var n int
		n, err = resp.Body.Read(buf)
		text += string(buf[:n])
	}
	if err.Error() != "unexpected EOF" || !strings.Contains(text, `"content":"one"`) {
		t.Errorf("got error %v after\n%s", err, text)
	}
	chat := decode(t, parseEvents(t, text)[0].data)
	ids := "?conversation_id=" + chat["conversation_id"].(string) + "&chat_id=" + chat["id"].(string)
	if got := wait(t, c, ids); got != "completed" {
		t.Errorf("got status %s", got)
	}
	if r := c.ok(http.MethodGet, "/v3/chat/message/list"+ids, nil); !strings.Contains(r.text, `"two"`) {
		t.Errorf("got messages %s", r.text)
	}
}
