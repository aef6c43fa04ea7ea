package cozetest_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/cozekit/cozekit/pkg/cozetest"
)

func TestConversations(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t)
	c := newClient(t, srv)
	var ids []string
	for i := range 5 {
		r := c.ok(http.MethodPost, "/v1/conversation/create", obj{"bot_id": bot, "meta_data": obj{"n": fmt.Sprint(i)}, "messages": []obj{
			{"role": "user", "content": fmt.Sprint("topic ", i), "content_type": "text"},
		}})
		if len(r.str("id")) != 19 || r.str("name") != fmt.Sprint("topic ", i) {
			t.Errorf("got %s", r.text)
		}
		ids = append(ids, r.str("id"))
	}
	c.ok(http.MethodPost, "/v1/conversation/create", obj{}) // of no bot
	list := func(query string) (got []string, more bool) {
		r := c.ok(http.MethodGet, "/v1/conversations?bot_id="+bot+query, nil)
		for _, v := range r.Data["conversations"].([]any) {
			got = append(got, v.(obj)["id"].(string))
		}
		return got, r.Data["has_more"].(bool)
	}
	if got, more := list("&page_size=2&page_num=2"); !more || fmt.Sprint(got) != fmt.Sprint([]string{ids[2], ids[1]}) {
		t.Errorf("got %v %v, want the third and the second", got, more)
	}
	if got, more := list("&page_size=2&page_num=3&sort_order=ASC"); more || fmt.Sprint(got) != fmt.Sprint(ids[4:]) {
		t.Errorf("got %v %v, want the last", got, more)
	}
	if got, more := list("&page_num=2147483647"); more || len(got) != 0 {
		t.Errorf("got %v %v, want nothing", got, more)
	}
	if r := c.ok(http.MethodPut, "/v1/conversations/"+ids[0], obj{"name": "new"}); r.str("name") != "new" {
		t.Errorf("got %s", r.text)
	}
	section := c.ok(http.MethodPost, "/v1/conversations/"+ids[0]+"/clear", nil).str("id")
	r := c.ok(http.MethodGet, "/v1/conversation/retrieve?conversation_id="+ids[0], nil)
	if r.str("last_section_id") != section || section == ids[0] {
		t.Errorf("got %s, want section %s", r.text, section)
	}
	c.ok(http.MethodDelete, "/v1/conversations/"+ids[0], nil)
	if got, _ := list(""); len(got) != 4 {
		t.Errorf("got %v after deleting one", got)
	}
}

func TestMessages(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t)
	c := newClient(t, srv)
	conv := c.ok(http.MethodPost, "/v1/conversation/create", obj{}).str("id")
	var ids []string
	for i := range 6 {
		role := []string{"user", "assistant"}[i%2]
		r := c.ok(http.MethodPost, "/v1/conversation/message/create?conversation_id="+conv,
			obj{"role": role, "content": fmt.Sprint(i), "content_type": "text"})
		ids = append(ids, r.str("id"))
	}
	for _, tc := range []struct {
		body obj
		want string
		more bool
	}{
		{obj{}, "543210", false},
		{obj{"order": "asc", "limit": 4}, "0123", true},
		{obj{"order": "asc", "limit": 4, "after_id": ids[3]}, "45", false},
		{obj{"limit": 2, "after_id": ids[4]}, "32", true},
		{obj{"limit": 2, "before_id": ids[1]}, "32", true},
		{obj{"limit": 2, "before_id": ids[4]}, "5", false},
		{obj{"order": "asc", "after_id": ids[0], "before_id": ids[3]}, "12", false},
		{obj{"before_id": "0", "after_id": "0", "limit": 50}, "543210", false},
	} {
		r := c.ok(http.MethodPost, "/v1/conversation/message/list?conversation_id="+conv, tc.body)
		got := ""
		for _, m := range r.all["data"].([]any) {
			got += m.(obj)["content"].(string)
		}
		if got != tc.want || r.all["has_more"] != tc.more {
			t.Errorf("%v: got %s, more %v", tc.body, got, r.all["has_more"])
		}
	}
	at := func(i int) string { return "?conversation_id=" + conv + "&message_id=" + ids[i] }
	if r := c.ok(http.MethodPost, "/v1/conversation/message/modify"+at(0), obj{"content": "changed"}); r.all["message"].(obj)["content"] != "changed" {
		t.Errorf("got %s", r.text)
	}
	if r := c.ok(http.MethodGet, "/v1/conversation/message/retrieve"+at(0), nil); r.str("content") != "changed" || r.str("type") != "question" {
		t.Errorf("got %s", r.text)
	}
	c.ok(http.MethodPost, "/v1/conversations/"+conv+"/messages/"+ids[1]+"/feedback", obj{"feedback_type": "like", "reason_types": []string{"good"}})
	c.ok(http.MethodDelete, "/v1/conversations/"+conv+"/messages/"+ids[1]+"/feedback", nil)
	if r := c.ok(http.MethodPost, "/v1/conversation/message/delete"+at(5), nil); r.str("id") != ids[5] {
		t.Errorf("got %s", r.text)
	}
	if r := c.do(http.MethodGet, "/v1/conversation/message/retrieve"+at(5), nil); r.Code != 4200 {
		t.Errorf("got %s for a deleted message", r.text)
	}
}

func TestDeletingAnAnswer(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t)
	c := newClient(t, srv)
	events := parseEvents(t, c.stream("/v3/chat", chatBody(bot, "Hi", true)))
	conv := decode(t, events[0].data)["conversation_id"].(string)
	path := "/v1/conversation/message/list?conversation_id=" + conv
	list := c.ok(http.MethodPost, path, obj{"include_middle_message": true, "order": "asc"}).all["data"].([]any)
	if len(list) != 5 {
		t.Fatalf("got %d messages, want question, answer, verbose, two follow-ups", len(list))
	}
	at := func(i int) string { return "?conversation_id=" + conv + "&message_id=" + list[i].(obj)["id"].(string) }
	if r := c.do(http.MethodPost, "/v1/conversation/message/delete"+at(2), nil); r.Code != 4000 {
		t.Errorf("got %s for deleting a verbose message", r.text)
	}
	c.ok(http.MethodPost, "/v1/conversation/message/delete"+at(1), nil)
	if got := len(c.ok(http.MethodPost, path, obj{"include_middle_message": true}).all["data"].([]any)); got != 3 {
		t.Errorf("got %d messages after deleting the answer, want 3", got)
	}
}

func TestBotsFilesAndWorkspaces(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t)
	srv.Bot("7", cozetest.Echo)
	srv.DraftBot("8", cozetest.Echo)
	c := newClient(t, srv)
	for query, want := range map[string]string{
		"": "[" + bot + " 7] 2", "&publish_status=all&page_size=2&page_num=2": "[8] 3", "&publish_status=unpublished_draft": "[8] 1",
	} {
		r := c.ok(http.MethodGet, "/v1/bots?workspace_id="+cozetest.DefaultWorkspaceID+query, nil)
		ids := []string{}
		for _, b := range r.Data["items"].([]any) {
			ids = append(ids, b.(obj)["id"].(string))
		}
		if got := fmt.Sprint(ids, " ", r.Data["total"]); got != want {
			t.Errorf("%q: got %s, want %s", query, got, want)
		}
	}
	if r := c.ok(http.MethodGet, "/v1/bots/7", nil); r.str("bot_id") != "7" || r.str("version") == "" {
		t.Errorf("got %s", r.text)
	}
	if r := c.ok(http.MethodGet, "/v1/workspaces", nil); r.Data["total_count"] != 1.0 {
		t.Errorf("got %s", r.text)
	}
	if r := c.ok(http.MethodGet, "/v1/users/me", nil); r.str("user_id") != cozetest.DefaultUserID {
		t.Errorf("got %s", r.text)
	}
	r := c.ok(http.MethodPost, "/v1/files/upload", newUpload([3]string{"file", "报告.PDF", "hello"}))
	r = c.ok(http.MethodGet, "/v1/files/retrieve?file_id="+r.str("id"), nil)
	if r.str("file_name") != "报告.PDF" || r.Data["bytes"] != 5.0 {
		t.Errorf("got %s", r.text)
	}
}
