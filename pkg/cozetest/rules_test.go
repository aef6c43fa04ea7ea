package cozetest_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/cozekit/cozekit/pkg/cozetest"
)

const bot = cozetest.DefaultBotID

// with returns a chat body with fields changed.
func with(change obj) obj {
	b := chatBody(bot, "Hi", false)
	for k, v := range change {
		b[k] = v
	}
	return b
}

func messages(list ...obj) obj { return obj{"additional_messages": list} }

func parts(text string) obj {
	return obj{"role": "user", "content_type": "object_string", "content": text}
}

func manyMessages(n int) obj {
	var list []obj
	for range n {
		list = append(list, obj{"role": "user", "content": "x", "content_type": "text"})
	}
	return messages(list...)
}

func manyPairs(n int) obj {
	m := obj{}
	for i := range n {
		m[fmt.Sprint(i)] = "v"
	}
	return m
}

// TestRefusals shows the platform's own refusals, which are no violations of the contract.
func TestRefusals(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t)
	srv.DraftBot("8", cozetest.Echo)
	c := newClient(t, srv)
	conv := c.ok(http.MethodPost, "/v1/conversation/create", obj{"bot_id": bot}).str("id")
	msg := c.ok(http.MethodPost, "/v1/conversation/message/create?conversation_id="+conv,
		obj{"role": "user", "content": "x", "content_type": "text"}).str("id")
	const text, image = `{"type":"text","text":"x"}`, `{"type":"image","file_id":"1"}`
	for _, tc := range []struct {
		name, method, path string
		body               any
		want               int
	}{
		{"unknown bot", "POST", "/v3/chat", with(obj{"bot_id": "99"}), 4200},
		{"unpublished bot", "POST", "/v3/chat", with(obj{"bot_id": "8"}), 4015},
		{"draft of an unpublished bot", "POST", "/v3/chat", with(obj{"bot_id": "8", "publish_status": "unpublished_draft"}), 0},
		{"version of a draft", "POST", "/v3/chat", with(obj{"publish_status": "unpublished_draft", "bot_version": "1"}), 4000},
		{"unknown conversation of a chat", "POST", "/v3/chat?conversation_id=99", with(nil), 4200},
		{"100 messages", "POST", "/v3/chat", with(manyMessages(100)), 0},
		{"101 messages", "POST", "/v3/chat", with(manyMessages(101)), 4004},
		{"no history without stream", "POST", "/v3/chat", with(obj{"auto_save_history": false}), 4000},
		{"16 pairs", "POST", "/v3/chat", with(obj{"meta_data": manyPairs(16)}), 0},
		{"17 pairs", "POST", "/v3/chat", with(obj{"meta_data": manyPairs(17)}), 4003},
		{"long key", "POST", "/v3/chat", with(obj{"meta_data": obj{strings.Repeat("k", 65): "v"}}), 4003},
		{"long value", "POST", "/v1/conversation/create", obj{"meta_data": obj{"k": strings.Repeat("é", 513)}}, 4003},
		{"text and image", "POST", "/v3/chat", with(messages(parts("[" + text + "," + image + "]"))), 0},
		{"two texts", "POST", "/v3/chat", with(messages(parts("[" + text + "," + text + "," + image + "]"))), 4000},
		{"text alone in parts", "POST", "/v3/chat", with(messages(parts("[" + text + "]"))), 4000},
		{"image alone", "POST", "/v3/chat", with(messages(parts("[" + image + "]"))), 4000},
		{"image beside a text message", "POST", "/v3/chat",
			with(messages(parts("["+image+"]"), obj{"role": "user", "content": "x", "content_type": "text"})), 0},
		{"image without source", "POST", "/v3/chat", with(messages(parts("[" + text + `,{"type":"image"}]`))), 4000},
		{"parts that are no JSON", "POST", "/v3/chat", with(messages(parts("look at this"))), 4000},
		{"tool output in a stored chat", "POST", "/v3/chat",
			with(messages(obj{"role": "assistant", "type": "tool_output", "content": "x", "content_type": "text"})), 4000},
		{"unknown chat", "GET", "/v3/chat/retrieve?conversation_id=" + conv + "&chat_id=99", nil, 4200},
		{"unknown chat to cancel", "POST", "/v3/chat/cancel", obj{"conversation_id": conv, "chat_id": "99"}, 4200},
		{"unknown conversation", "GET", "/v1/conversation/retrieve?conversation_id=99", nil, 4200},
		{"unknown conversation to rename", "PUT", "/v1/conversations/99", obj{"name": "x"}, 4200},
		{"unknown conversation to delete", "DELETE", "/v1/conversations/99", nil, 4200},
		{"unknown conversation to clear", "POST", "/v1/conversations/99/clear", nil, 4200},
		{"unknown message", "GET", "/v1/conversation/message/retrieve?message_id=99&conversation_id=" + conv, nil, 4200},
		{"message of no conversation", "POST", "/v1/conversation/message/delete?message_id=" + msg + "&conversation_id=99", nil, 4200},
		{"nothing to modify", "POST", "/v1/conversation/message/modify?message_id=" + msg + "&conversation_id=" + conv, obj{}, 4000},
		{"rating of a question", "POST", "/v1/conversations/" + conv + "/messages/" + msg + "/feedback", obj{"feedback_type": "like"}, 4000},
		{"foreign workspace", "GET", "/v1/bots?workspace_id=99", nil, 4101},
		{"unknown bot to read", "GET", "/v1/bots/99", nil, 4200},
		{"bot that is not published", "GET", "/v1/bots/8", nil, 4200},
		{"its draft", "GET", "/v1/bots/8?is_published=false", nil, 0},
		{"user without account", "GET", "/v1/workspaces?user_id=1", nil, 4000},
		{"unknown file", "GET", "/v1/files/retrieve?file_id=99", nil, 4200},
		{"no file", "POST", "/v1/files/upload", newUpload(), 4300},
		{"two files", "POST", "/v1/files/upload", newUpload([3]string{"file", "a.pdf", "x"}, [3]string{"file", "b.pdf", "x"}), 4301},
		{"format", "POST", "/v1/files/upload", newUpload([3]string{"file", "a.exe", "x"}), 4303},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := c.do(tc.method, tc.path, tc.body)
			if r.Code != tc.want || r.status != http.StatusOK {
				t.Errorf("got status %d: %s, want code %d", r.status, r.text, tc.want)
			}
			if r.Detail.LogID == "" || r.Detail.LogID != r.header.Get("X-Tt-Logid") {
				t.Errorf("got log id %q in the body, %q in the header", r.Detail.LogID, r.header.Get("X-Tt-Logid"))
			}
		})
	}
	srv.AssertNoViolations(t)
}

func TestTokens(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t, cozetest.WithToken("secret"))
	c := newClient(t, srv)
	for auth, status := range map[string]int{"": 401, "Bearer wrong": 401, "secret": 401, "bearer secret": 200, "Bearer secret": 200} {
		c.auth = auth
		r := c.do(http.MethodGet, "/v1/users/me", nil)
		if r.status != status || (r.Code == 4100) != (status == 401) {
			t.Errorf("%q: got status %d: %s", auth, r.status, r.text)
		}
	}
	for _, call := range srv.Calls() {
		if h := fmt.Sprint(call.Header); strings.Contains(h, "secret") || strings.Contains(h, "wrong") {
			t.Errorf("got token in call %s", h)
		}
	}
}

// TestViolations shows requests that break the contract.
func TestViolations(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, method, path string
		body               any
		pointer, rule      string
	}{
		{"missing field", "POST", "/v3/chat", obj{"bot_id": bot}, "/body/user_id", "required"},
		{"wrong type", "POST", "/v3/chat", with(obj{"user_id": 1}), "/body/user_id", "type"},
		{"null", "POST", "/v3/chat", with(obj{"connector_id": nil}), "/body/connector_id", "nullable"},
		{"wrong type inside", "POST", "/v3/chat", with(messages(obj{"role": "user", "content": 1})), "/body/additional_messages/0/content", "type"},
		{"enum", "POST", "/v3/chat", with(messages(obj{"role": "system"})), "/body/additional_messages/0/role", "enum"},
		{"unknown field", "POST", "/v3/chat", with(obj{"conversation_id": "1"}), "/body/conversation_id", "unknown"},
		{"empty id in the body", "POST", "/v3/chat", with(obj{"connector_id": ""}), "/body/connector_id", "empty"},
		{"empty id in the query", "POST", "/v3/chat?conversation_id=", with(nil), "/query/conversation_id", "empty"},
		{"unknown parameter", "GET", "/v1/conversations?bot_id=1&page=2", nil, "/query/page", "unknown"},
		{"missing parameter", "GET", "/v1/conversations", nil, "/query/bot_id", "required"},
		{"page too large", "GET", "/v1/conversations?bot_id=1&page_size=51", nil, "/query/page_size", "maximum"},
		{"page too small", "GET", "/v1/workspaces?page_num=0", nil, "/query/page_num", "minimum"},
		{"no number", "GET", "/v1/conversations?bot_id=1&page_num=x", nil, "/query/page_num", "format"},
		{"limit", "POST", "/v1/conversation/message/list?conversation_id=1", obj{"limit": 51}, "/body/limit", "maximum"},
		{"long name", "PUT", "/v1/conversations/1", obj{"name": strings.Repeat("x", 101)}, "/body/name", "maxLength"},
		{"no body", "POST", "/v3/chat", nil, "/body", "required"},
		{"no JSON", "POST", "/v3/chat", "{", "/body", "json"},
		{"body where none is", "DELETE", "/v1/conversations/1", obj{"a": 1}, "/body", "unknown"},
		{"JSON for an upload", "POST", "/v1/files/upload", obj{}, "/header/Content-Type", "media-type"},
		{"unknown part", "POST", "/v1/files/upload", newUpload([3]string{"file", "a.pdf", "x"}, [3]string{"Data", "", "x"}), "/body/Data", "unknown"},
		{"path as file name", "POST", "/v1/files/upload", newUpload([3]string{"file", "/home/me/a.pdf", "x"}), "/body/file", "filename"},
		{"unknown route", "GET", "/v1/nothing", nil, "/path", "route"},
		{"wrong method", "PATCH", "/v1/bots", nil, "/path", "route"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			srv := cozetest.NewServer(t, cozetest.ExpectViolations())
			r := newClient(t, srv).do(tc.method, tc.path, tc.body)
			want := 4000
			if tc.rule == "route" {
				want = 4200
			}
			if r.Code != want || tc.rule != "route" && !strings.Contains(r.Msg, tc.pointer) {
				t.Errorf("got %s", r.text)
			}
			got := srv.Violations()
			if len(got) != 1 || got[0].Pointer != tc.pointer || got[0].Rule != tc.rule {
				t.Errorf("got violations %+v, want %s %s", got, tc.pointer, tc.rule)
			}
			calls := srv.Calls()
			if len(calls) != 1 || calls[0].Code != want || calls[0].Method != tc.method {
				t.Errorf("got calls %+v", calls)
			}
		})
	}
}

// failures counts the errors of a test that is not there.
type failures struct {
	testing.TB
	cleanups []func()
	errors   []string
}

func (f *failures) Helper()                   {}
func (f *failures) Cleanup(c func())          { f.cleanups = append(f.cleanups, c) }
func (f *failures) Errorf(s string, a ...any) { f.errors = append(f.errors, fmt.Sprintf(s, a...)) }

func TestViolationFailsTheTest(t *testing.T) {
	t.Parallel()
	f := &failures{TB: t}
	srv := cozetest.NewServer(f)
	newClient(t, srv).do(http.MethodGet, "/v1/nothing", nil)
	for _, c := range f.cleanups {
		c()
	}
	if len(f.errors) != 1 || !strings.Contains(f.errors[0], "GET /v1/nothing") {
		t.Errorf("got errors %q", f.errors)
	}
}

func TestLenience(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t, cozetest.AllowUnknownFields(), cozetest.AllowNullFields())
	c := newClient(t, srv)
	c.ok(http.MethodPost, "/v3/chat?trace=1", with(obj{"new_field": 1, "connector_id": nil}))
	c.ok(http.MethodGet, "/v1/users/me?x=y", nil)
}

func TestPanickingScriptIsReported(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t, cozetest.ExpectViolations())
	srv.Bot("7", func(*cozetest.Turn) error { panic("a mistake") })
	text := newClient(t, srv).stream("/v3/chat", chatBody("7", "Hi", true))
	if !strings.Contains(text, "conversation.chat.failed") || len(srv.Violations()) != 1 {
		t.Errorf("got %s and %v", text, srv.Violations())
	}
}

func TestNothingOfATokenIsLogged(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	srv := cozetest.NewServer(t, cozetest.WithToken("secret"), cozetest.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
	newClient(t, srv).ok(http.MethodGet, "/v1/users/me", nil)
	if err := srv.Close(); err != nil {
		t.Fatal(err)
	}
	if got := log.String(); !strings.Contains(got, "/v1/users/me") || strings.Contains(got, "secret") {
		t.Errorf("got log %s", got)
	}
}
