package coze_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/cozekit/cozekit/internal/leaks"
	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/google/go-cmp/cmp"
)

// TestDialogue: pitfall 19. The id of the conversation is learned from the first answer and goes into the query of each later
// turn, and nowhere else.
func TestDialogue(t *testing.T) {
	leaks.Check(t)
	ok := created + delta + completed + done
	f := &replies{byPath: map[string][]string{
		chatPath:                        {ok, created + needs(callJSON("c", "x", "{}")), ok},
		submitPath:                      {ok},
		"/v1/conversation/message/list": {`{"code":0,"data":[{"id":"1","content":"a"},{"id":"2","content":"b"}],"has_more":true,"last_id":"2"}`, `{"code":0,"data":[{"id":"3","content":"c"}],"has_more":false,"last_id":"3"}`},
		"/v1/conversations/8/clear":     {`{"code":0,"data":{"id":"s"}}`},
		"/v1/conversations/8":           {`{"code":0,"data":{"id":"8"}}`},
	}}
	d := stubClient(t, f).NewDialogue(coze.CreateChatRequest{BotID: "1", UserID: "u", AdditionalMessages: []coze.EnterMessage{coze.AssistantMessage("I am a bot.")}})
	ctx := t.Context()
	for range d.History(ctx) {
		t.Error("there is a history before the first turn")
	}
	for _, err := range []error{d.Clear(ctx), d.Rename(ctx, "n"), d.Delete(ctx)} {
		if !errors.Is(err, coze.ErrNoConversation) {
			t.Errorf("got %v", err)
		}
	}
	if r, err := d.Send(ctx, coze.UserMessage("one")); err != nil || r.Answer() != "hi" || d.ConversationID() != "8" {
		t.Fatalf("%+v, %v", r, err)
	}
	tools := coze.Tools{"x": func(context.Context, json.RawMessage) (any, error) { return "y", nil }}
	if r, err := d.SendWithTools(ctx, coze.UserMessage("two"), tools, coze.ToolPolicy{}); err != nil || r.Answer() != "hi" {
		t.Fatalf("%+v, %v", r, err)
	}
	var texts string
	for m, err := range d.History(ctx) {
		if err != nil {
			t.Fatal(err)
		}
		texts += m.Content
	}
	if err := errors.Join(d.Clear(ctx), d.Rename(ctx, "n"), d.Delete(ctx)); err != nil || texts != "abc" || d.ConversationID() != "" {
		t.Errorf("%v, history %q, id %q", err, texts, d.ConversationID())
	}
	s, err := d.Stream(ctx, coze.UserMessage("three"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := collect(s); err != nil || d.ConversationID() != "8" {
		t.Errorf("%v, id %q", err, d.ConversationID())
	}
	turn := func(id string, texts ...string) string {
		var list []string
		for _, text := range texts {
			role, kind := "user", "question"
			if strings.HasPrefix(text, "I ") {
				role, kind = "assistant", "answer"
			}
			list = append(list, `{"role":"`+role+`","type":"`+kind+`","content":"`+text+`","content_type":"text"}`)
		}
		return "POST /v3/chat" + id + ` {"bot_id":"1","user_id":"u","additional_messages":[` + strings.Join(list, ",") + `],"stream":true}`
	}
	want := []string{
		turn("", "I am a bot.", "one"),
		turn("?conversation_id=8", "two"),
		`POST /v3/chat/submit_tool_outputs?conversation_id=8&chat_id=7 {"tool_outputs":[{"tool_call_id":"c","output":"y"}],"stream":true}`,
		`POST /v1/conversation/message/list?conversation_id=8 {"order":"asc"}`,
		`POST /v1/conversation/message/list?conversation_id=8 {"order":"asc","after_id":"2"}`,
		`POST /v1/conversations/8/clear`,
		`PUT /v1/conversations/8 {"name":"n"}`,
		`DELETE /v1/conversations/8`,
		turn("", "I am a bot.", "three"), // a new conversation
	}
	if d := cmp.Diff(want, f.sent); d != "" {
		t.Error(d)
	}
}

// TestDialogueFails: a turn that fails keeps the id that it learned, and refusals change nothing.
func TestDialogueFails(t *testing.T) {
	leaks.Check(t)
	f := &replies{byPath: map[string][]string{chatPath: {created + delta, `{"code":4016,"msg":"busy"}`}}}
	d := stubClient(t, f).NewDialogue(coze.CreateChatRequest{BotID: "1", UserID: "u"})
	if r, err := d.Send(t.Context(), coze.UserMessage("x")); err == nil || r.Answer() != "hi" || d.ConversationID() != "8" {
		t.Errorf("%+v, %v", r, err)
	}
	if r, err := d.Send(t.Context(), coze.UserMessage("x")); r != nil || !errors.Is(err, coze.ErrConflict) || d.ConversationID() != "8" {
		t.Errorf("%+v, %v", r, err)
	}
	if s, err := d.Stream(t.Context(), coze.UserMessage("x")); s != nil || err == nil {
		t.Errorf("%v", err)
	}
	if err := d.Delete(t.Context()); err == nil || d.ConversationID() != "8" {
		t.Errorf("%v", err)
	}
}
