package cozetest_test

import (
	"fmt"
	"testing"

	"github.com/cozekit/cozekit/pkg/cozetest"
)

func TestAPIApps(t *testing.T) {
	t.Parallel()
	c := newClient(t, cozetest.NewServer(t))
	var ids []string
	for i := range 3 {
		r := c.ok("POST", "/v1/api_apps", obj{"app_type": "normal", "name": fmt.Sprint("app", i)})
		if len(r.str("verify_token")) != 64 || r.Data["callback_url"] != nil {
			t.Errorf("got %s", r.text)
		}
		ids = append(ids, r.str("id"))
	}
	channel := c.ok("POST", "/v1/api_apps", obj{"app_type": "connector", "connector_id": "5"}).str("id")
	walk := func(path, name string, between func()) string {
		got, token := "", ""
		for {
			r := c.ok("GET", path+token, nil)
			got += field(t, r.Data["items"], name)
			next, ok := r.Data["next_page_token"].(string)
			if ok != r.Data["has_more"].(bool) {
				t.Errorf("got %s", r.text)
			}
			if !ok {
				return got
			}
			token = "&page_token=" + next
			between()
		}
	}
	none := func() {}
	for _, tc := range []struct{ query, want string }{
		{"?page_size=50", "[app0 app1 app2 ]"},
		{"?page_size=2", "[app0 app1][app2 ]"},
		{"?page_size=2&app_type=normal", "[app0 app1][app2]"},
		{"?page_size=3&app_type=normal", "[app0 app1 app2]"},
	} {
		if got := walk("/v1/api_apps"+tc.query, "name", none); got != tc.want {
			t.Errorf("%q: got %s, want %s", tc.query, got, tc.want)
		}
	}
	c.ok("PUT", "/v1/api_apps/"+ids[0], obj{"callback_url": "https://example.com/hook"})
	if got := field(t, c.ok("GET", "/v1/api_apps?page_size=1", nil).Data["items"], "callback_url"); got != "[https://example.com/hook]" {
		t.Errorf("got %s", got)
	}
	events := "/v1/api_apps/" + ids[0] + "/events"
	c.ok("POST", events, obj{"event_types": []string{"bot.published", "bot.deleted"}})
	c.ok("POST", events, obj{"event_types": []string{"bot.deleted", "benefit.usage"}})
	if got := walk(events+"?page_size=2", "event_type", none); got != "[benefit.usage bot.deleted][bot.published]" {
		t.Errorf("got %s", got)
	}
	c.ok("DELETE", events, obj{"event_types": []string{"bot.deleted", "bot.unpublished"}})
	if got := walk(events+"?page_size=50", "event_type", none); got != "[benefit.usage bot.published]" {
		t.Errorf("got %s", got)
	}
	drop := func() { c.ok("DELETE", "/v1/api_apps/"+ids[0], nil) }
	if got := walk("/v1/api_apps?page_size=3", "name", drop); got != "[app0 app1 app2][]" {
		t.Errorf("got %s while the first app was deleted", got)
	}
	for _, tc := range []struct {
		name, method, path string
		body               any
		want               int
	}{
		{"no name", "POST", "/v1/api_apps", obj{"app_type": "normal"}, 4000},
		{"no channel", "POST", "/v1/api_apps", obj{"app_type": "connector"}, 4000},
		{"channel of the account", "POST", "/v1/api_apps", obj{"app_type": "normal", "name": "x", "connector_id": "5"}, 4000},
		{"no URL", "PUT", "/v1/api_apps/" + channel, obj{"callback_url": "hook"}, 4000},
		{"unknown app to change", "PUT", "/v1/api_apps/99", obj{"name": "x"}, 4200},
		{"deleted app", "DELETE", "/v1/api_apps/" + ids[0], nil, 4200},
		{"events of a deleted app", "GET", events, nil, 4200},
		{"unknown app to subscribe", "POST", events, obj{"event_types": []string{"bot.deleted"}}, 4200},
		{"unknown app to unsubscribe", "DELETE", events, obj{"event_types": []string{"bot.deleted"}}, 4200},
		{"no events", "POST", "/v1/api_apps/" + channel + "/events", obj{"event_types": []string{}}, 4000},
		{"no events to end", "DELETE", "/v1/api_apps/" + channel + "/events", obj{"event_types": []string{}}, 4000},
		{"plugins of a channel", "POST", "/v1/api_apps/" + channel + "/events", obj{"event_types": []string{"benefit.plugin.scale.expired"}}, 4000},
		{"unknown token", "GET", "/v1/api_apps?page_token=%2B", nil, 4000},
	} {
		if r := c.do(tc.method, tc.path, tc.body); r.Code != tc.want {
			t.Errorf("%s: got %s, want code %d", tc.name, r.text, tc.want)
		}
	}
}
