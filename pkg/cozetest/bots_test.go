package cozetest_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/cozekit/cozekit/pkg/cozetest"
)

const space = cozetest.DefaultWorkspaceID

// items are the values of one field in the list of an answer.
func (r reply) items(list, field string) string {
	var got []string
	entries, _ := r.Data[list].([]any)
	for _, e := range entries {
		got = append(got, fmt.Sprint(e.(obj)[field]))
	}
	return strings.Join(got, " ")
}

// want checks the values of one field in the list of an answer.
func (r reply) want(t *testing.T, list, field, want string) {
	t.Helper()
	if got := r.items(list, field); got != want {
		t.Errorf("got %s %q, want %q, in %s", field, got, want, r.text)
	}
}

// refused checks the code of a call that must fail.
func (c *client) refused(method, path string, body any, code int) {
	c.t.Helper()
	if r := c.do(method, path, body); r.Code != code {
		c.t.Errorf("%s %s: got %s, want code %d", method, path, r.text, code)
	}
}

// TestBotLife goes from a draft to a bot that is published, changed, published again and withdrawn.
func TestBotLife(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_720_000_000, 0)
	srv := cozetest.NewServer(t, cozetest.WithClock(func() time.Time { return now }))
	c := newClient(t, srv)
	id := c.ok(http.MethodPost, "/v1/bot/create", obj{
		"space_id": space, "name": "Clerk", "description": "Sells", "prompt_info": obj{"prompt": "Be kind."},
		"onboarding_info":  obj{"prologue": "Welcome!", "suggested_questions": []string{"Price?"}},
		"plugin_id_list":   obj{"id_list": []obj{{"plugin_id": "1", "api_id": "2"}, {"plugin_id": "1", "api_id": "3"}}},
		"workflow_id_list": obj{"ids": []obj{{"id": "4"}}}, "suggest_reply_info": obj{"reply_mode": "disable"},
		"model_info_config": obj{"model_id": "5", "temperature": 0}, "voice_ids": []string{"6"},
	}).str("bot_id")
	path := "/v1/bots/" + id
	list := func(query string) reply { return c.ok(http.MethodGet, "/v1/bots?workspace_id="+space+query, nil) }

	c.refused(http.MethodPost, "/v3/chat", chatBody(id, "Hi", false), 4015)
	c.refused(http.MethodGet, path, nil, 4200)
	c.refused(http.MethodGet, "/v1/bot/get_online_info?bot_id="+id, nil, 4015)
	list("").want(t, "items", "id", bot)
	list("&publish_status=unpublished_draft").want(t, "items", "name", "Clerk")
	draft := c.ok(http.MethodGet, path+"?is_published=false", nil)
	for _, part := range []string{
		`"prologue":"Welcome!"`, `"suggested_questions":["Price?"]`, `"prompt":"Be kind."`, `"api_id":"2"`, `"api_id":"3"`, `"id":"4"`,
		`"temperature":0`, `"model_id":"5"`, `"reply_mode":"disable"`, `"voice_id":"6"`, `"version":""`,
	} {
		if !strings.Contains(draft.text, part) {
			t.Errorf("got %s, want %s in it", draft.text, part)
		}
	}

	now = now.Add(time.Minute)
	first := c.ok(http.MethodPost, "/v1/bot/publish", obj{"bot_id": id, "connector_ids": []string{"1024", "77"}}).str("version")
	if text := c.stream("/v3/chat", chatBody(id, "Hi", true)); !strings.Contains(text, "You said: Hi") {
		t.Errorf("got %s, want an echo", text)
	}
	c.refused(http.MethodPost, "/v3/chat", with(obj{"bot_id": id, "connector_id": "999"}), 4015)
	list("").want(t, "items", "id", bot+" "+id)
	c.ok(http.MethodPost, "/v1/bot/update", obj{"bot_id": id, "name": "Seller", "knowledge": obj{"dataset_ids": []string{"8"}}})
	list("").want(t, "items", "id", bot)
	list("&publish_status=published_draft").want(t, "items", "name", "Seller")
	if r := c.ok(http.MethodGet, path, nil); r.str("name") != "Clerk" || r.str("version") != first {
		t.Errorf("got %s, want what was published", r.text)
	}
	second := c.ok(http.MethodPost, "/v1/bot/publish", obj{"bot_id": id, "connector_ids": []string{"1024"}}).str("version")
	if r := c.ok(http.MethodGet, path, nil); r.str("name") != "Seller" || r.str("version") != second || second <= first {
		t.Errorf("got %s, want the second version, %s", r.text, second)
	}
	if r := c.ok(http.MethodGet, path+"?connector_id=77", nil); r.str("version") != first {
		t.Errorf("got %s, want what the custom channel has", r.text)
	}
	if r := c.ok(http.MethodGet, "/v1/bot/get_online_info?version="+first+"&bot_id="+id, nil); r.str("name") != "Clerk" {
		t.Errorf("got %s, want the first version", r.text)
	}
	published := c.ok(http.MethodGet, "/v1/space/published_bots_list?page_size=1&space_id="+space, nil)
	published.want(t, "space_bots", "bot_name", "Seller")
	published.want(t, "space_bots", "publish_time", "1720000060")
	if published.Data["total"] != 2.0 {
		t.Errorf("got %s", published.text)
	}

	c.ok(http.MethodGet, path+"/versions", nil).want(t, "items", "version", second+" "+first)
	c.ok(http.MethodGet, path+"/versions?connector_id=77", nil).want(t, "items", "version", first)
	c.ok(http.MethodGet, path+"/versions?publish_status=unpublished_draft", nil).want(t, "items", "publish_status",
		"unpublished_draft unpublished_draft")
	for num, want := range map[int]string{1: second + " true", 2: first + " false", 3: " false"} {
		r := c.ok(http.MethodGet, fmt.Sprint(path, "/versions?page_size=1&page_num=", num), nil)
		if got := fmt.Sprint(r.items("items", "version"), " ", r.Data["has_more"]); got != want {
			t.Errorf("page %d: got %s, want %s", num, got, want)
		}
	}

	c.ok(http.MethodPost, path+"/unpublish", obj{"connector_id": "1024", "unpublish_reason": "old"})
	c.refused(http.MethodPost, path+"/unpublish", obj{"connector_id": "1024"}, 4015)
	c.refused(http.MethodPost, "/v3/chat", chatBody(id, "Hi", false), 4015)
	list("").want(t, "items", "id", bot)
	list("&connector_id=77&publish_status=published_draft").want(t, "items", "id", id)

	srv.Bot(id, func(turn *cozetest.Turn) error { turn.Say("Of a script"); return nil })
	if text := c.stream("/v3/chat", chatBody(id, "Hi", true)); !strings.Contains(text, "Of a script") {
		t.Errorf("got %s, want what the script says", text)
	}
}

func TestBotIcons(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t)
	c := newClient(t, srv)
	file := c.ok(http.MethodPost, "/v1/files/upload", newUpload([3]string{"file", "a.png", "x"})).str("id")
	id := c.ok(http.MethodPost, "/v1/bot/create", obj{"space_id": space, "name": "A", "icon_file_id": file}).str("bot_id")
	c.ok(http.MethodPost, "/v1/bot/update", obj{"bot_id": id, "description": "changed"})
	if r := c.ok(http.MethodGet, "/v1/bots/"+id+"?is_published=false", nil); !strings.Contains(r.str("icon_url"), file) {
		t.Errorf("got %s", r.text)
	}
	c.refused(http.MethodPost, "/v1/bot/update", obj{"bot_id": id, "icon_file_id": "99"}, 4200)
}

func TestPagesOfBots(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t)
	c := newClient(t, srv)
	for i := range 5 {
		id := c.ok(http.MethodPost, "/v1/bot/create", obj{"space_id": space, "name": fmt.Sprint("b", i)}).str("bot_id")
		if i%2 == 0 {
			c.ok(http.MethodPost, "/v1/bot/publish", obj{"bot_id": id, "connector_ids": []string{"1024"}})
		}
	}
	for query, want := range map[string]string{
		"&publish_status=unpublished_draft":                "b1 b3 of 2",
		"&page_size=2&page_num=2":                          "b2 b4 of 4",
		"&publish_status=all&page_size=2&page_num=3":       "b3 b4 of 6",
		"&publish_status=all&page_num=9":                   " of 6",
		"&connector_id=999&publish_status=published_draft": " of 0",
	} {
		r := c.ok(http.MethodGet, "/v1/bots?workspace_id="+space+query, nil)
		if got := fmt.Sprint(r.items("items", "name"), " of ", r.Data["total"]); got != want {
			t.Errorf("%q: got %s, want %s", query, got, want)
		}
	}
}

func TestCollaborators(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t)
	srv.Member(space, "77")
	c := newClient(t, srv)
	for thing, hasMode := range map[string]bool{"bots/" + bot: true, "apps/" + cozetest.DefaultAppID: false, "workflows/123": true} {
		path := "/v1/" + thing
		one := func(id string) obj { return obj{"collaborators": []obj{{"user_id": id}}} }
		if hasMode {
			c.refused(http.MethodPost, path+"/collaborators", one("77"), 4000)
			c.ok(http.MethodPost, path+"/collaboration_mode", obj{"collaboration_mode": "collaboration"})
		}
		c.ok(http.MethodPost, path+"/collaborators", one("77"))
		c.refused(http.MethodPost, path+"/collaborators", one("77"), 4201)
		c.refused(http.MethodPost, path+"/collaborators", one(cozetest.DefaultUserID), 4201)
		c.refused(http.MethodPost, path+"/collaborators", one("78"), 4000)
		c.refused(http.MethodDelete, path+"/collaborators/78", nil, 4200)
		if hasMode {
			c.refused(http.MethodPost, path+"/collaboration_mode", obj{"collaboration_mode": "single"}, 4000)
		}
		c.ok(http.MethodDelete, path+"/collaborators/77", nil)
		if hasMode {
			c.ok(http.MethodPost, path+"/collaboration_mode", obj{"collaboration_mode": "single"})
		}
	}
}
