package cozetest_test

import (
	"fmt"
	"testing"

	"github.com/cozekit/cozekit/pkg/cozetest"
)

const (
	weather    = cozetest.DefaultPluginID
	translator = "7400000000000000102"
	toolPath   = "/v1/plugins/" + weather + "/tools/call"
)

func TestPlugins(t *testing.T) {
	t.Parallel()
	c := newClient(t, cozetest.NewServer(t))
	for _, tc := range []struct{ query, want string }{
		{"", "[Weather Translator Picture search] false"},
		{"?page_size=2", "[Weather Translator] true"},
		{"?page_size=2&page_num=2", "[Picture search] false"},
		{"?keyword=PICT", "[Picture search] false"},
		{"?is_official=false", "[Picture search] false"},
		{"?sort_type=heat", "[Translator Weather Picture search] false"},
		{"?sort_type=newest", "[Translator Picture search Weather] false"},
		{"?category_ids=7400000000000000111,7400000000000000112", "[Weather Translator] false"},
		{"?category_id=7400000000000000113", "[Picture search] false"},
	} {
		r := c.ok("GET", "/v1/stores/plugins"+tc.query, nil)
		got := "["
		for i, item := range r.Data["items"].([]any) {
			if i > 0 {
				got += " "
			}
			got += item.(obj)["metainfo"].(obj)["name"].(string)
		}
		if got += fmt.Sprint("] ", r.Data["has_more"]); got != tc.want {
			t.Errorf("%q: got %s, want %s", tc.query, got, tc.want)
		}
	}
	r := c.ok("GET", "/v1/stores/categories?entity_type=plugin&page_size=2", nil)
	if got := field(t, r.Data["items"], "name"); got != "[Everyday life Language]" || r.Data["has_more"] != true {
		t.Errorf("got %s", r.text)
	}
	if r := c.ok("GET", "/v1/plugins/"+weather, nil); field(t, r.Data["tools"], "name") != "[get_weather]" {
		t.Errorf("got %s", r.text)
	}
	if r := c.ok("GET", "/v1/plugins/mget?ids="+translator+","+weather, nil); field(t, r.Data["items"], "name") != "[Translator Weather]" {
		t.Errorf("got %s", r.text)
	}
	r = c.ok("POST", toolPath, obj{"tool_name": "get_weather", "arguments": obj{"city": "Paris", "n": 12345678901234567}})
	if got := mustJSON(r.Data["result"].(obj)["city"]); got != `"Paris"` {
		t.Errorf("got %s", r.text)
	}
}

func TestPluginRefusals(t *testing.T) {
	t.Parallel()
	c := newClient(t, cozetest.NewServer(t))
	many := ""
	for range 21 {
		many += "," + weather
	}
	for _, tc := range []struct {
		name, method, path string
		body               any
		want               int
	}{
		{"unknown plugin", "GET", "/v1/plugins/99", nil, 4200},
		{"unknown plugin among others", "GET", "/v1/plugins/mget?ids=" + weather + ",99", nil, 4200},
		{"too many plugins", "GET", "/v1/plugins/mget?ids=" + many[1:], nil, 4000},
		{"page 0", "GET", "/v1/stores/plugins?page_num=0", nil, 4000},
		{"pages of nothing", "GET", "/v1/stores/categories?entity_type=plugin&page_size=0", nil, 4000},
		{"unknown tool", "POST", toolPath, obj{"tool_name": "fly", "arguments": obj{}}, 4200},
		{"missing argument", "POST", toolPath, obj{"tool_name": "get_weather", "arguments": obj{"town": "Paris"}}, 4000},
		{"tool of an unknown plugin", "POST", "/v1/plugins/99/tools/call", obj{"tool_name": "get_weather", "arguments": obj{}}, 4200},
	} {
		if r := c.do(tc.method, tc.path, tc.body); r.Code != tc.want {
			t.Errorf("%s: got %s, want code %d", tc.name, r.text, tc.want)
		}
	}
}

func TestConnectors(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t)
	c := newClient(t, srv)
	devices := func(list ...string) obj {
		enums := []obj{}
		for _, d := range list {
			enums = append(enums, obj{"label": "Device " + d, "value": d})
		}
		return obj{"configs": []obj{{"key": "device_id", "enums": enums}}}
	}
	audit := "/v1/connectors/5/bots/"
	for _, tc := range []struct {
		name, method, path string
		body               any
		want               int
	}{
		{"install", "POST", "/v1/connectors/5/install", obj{"workspace_id": workspace}, 0},
		{"install again", "POST", "/v1/connectors/5/install", obj{"workspace_id": workspace}, 0},
		{"install elsewhere", "POST", "/v1/connectors/5/install", obj{"workspace_id": "99"}, 4101},
		{"bind", "POST", "/v1/connectors/5/user_configs", devices("1", "2"), 0},
		{"bind more", "POST", "/v1/connectors/5/user_configs", devices("2", "3"), 0},
		{"bind no device", "POST", "/v1/connectors/5/user_configs", devices(), 4000},
		{"bind nothing", "POST", "/v1/connectors/5/user_configs", obj{"configs": []obj{}}, 4000},
		{"review", "PUT", audit + bot, obj{"audit_status": 3, "reason": "rude"}, 0},
		{"review of an unknown bot", "PUT", audit + "99", obj{"audit_status": 2}, 4200},
		{"review without result", "PUT", audit + bot, obj{"reason": "x"}, 4000},
		{"rejection without reason", "PUT", audit + bot, obj{"audit_status": 3}, 4000},
	} {
		if r := c.do(tc.method, tc.path, tc.body); r.Code != tc.want {
			t.Errorf("%s: got %s, want code %d", tc.name, r.text, tc.want)
		}
	}
	want := fmt.Sprintf("{[%s] map[device_id:map[1:Device 1 2:Device 2 3:Device 3]] map[%s:{3 rude }]}", workspace, bot)
	if got := fmt.Sprint(srv.Connector("5")); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := srv.Connector("6"); got.Workspaces != nil {
		t.Errorf("got %v of a channel that was never heard of", got)
	}
}
