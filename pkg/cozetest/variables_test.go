package cozetest_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/cozekit/cozekit/pkg/cozetest"
)

func TestVariables(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_720_000_000, 0)
	srv := cozetest.NewServer(t, cozetest.WithClock(func() time.Time { return now }))
	c := newClient(t, srv)
	set := func(change obj, pairs ...string) reply {
		body := obj{"connector_uid": "ann"}
		var data []obj
		for i := 0; i < len(pairs); i += 2 {
			data = append(data, obj{"keyword": pairs[i], "value": pairs[i+1]})
		}
		body["data"] = data
		for k, v := range change {
			body[k] = v
		}
		return c.do(http.MethodPut, "/v1/variables", body)
	}
	ofBot := func(uid string) obj { return obj{"bot_id": bot, "connector_uid": uid} }
	set(ofBot("ann"), "city", "Bern", "age", "30")
	set(ofBot("bob"), "city", "Rome")
	set(obj{"bot_id": bot, "connector_id": "999"}, "city", "Oslo")
	set(obj{"app_id": cozetest.DefaultAppID}, "city", "Lima")
	now = now.Add(time.Second)
	set(ofBot("ann"), "city", "Basel")

	const path = "/v1/variables?bot_id=" + bot
	for query, want := range map[string]string{
		path + "&connector_uid=ann":                                                    "30 Basel",
		path + "&connector_uid=ann&connector_id=1024&keywords=city,nothing":            "Basel",
		path + "&connector_uid=bob":                                                    "Rome",
		path + "&connector_uid=eve":                                                    "",
		path + "&connector_uid=ann&connector_id=999":                                   "Oslo",
		"/v1/variables?connector_uid=ann&app_id=" + cozetest.DefaultAppID:              "Lima",
		"/v1/variables?keywords=age&connector_uid=ann&app_id=" + cozetest.DefaultAppID: "",
	} {
		c.ok(http.MethodGet, query, nil).want(t, "items", "value", want)
	}
	r := c.ok(http.MethodGet, path+"&connector_uid=ann&keywords=city", nil)
	r.want(t, "items", "create_time", "1.72e+09")
	r.want(t, "items", "update_time", "1.720000001e+09")

	srv.Variables(bot, map[string]string{"city": "Paris", "tone": "calm"})
	c.ok(http.MethodGet, path+"&connector_uid=ann", nil).want(t, "items", "value", "Basel calm")
	c.ok(http.MethodGet, path+"&connector_uid=eve", nil).want(t, "items", "value", "Paris calm")
	for name, tc := range map[string]struct {
		got  reply
		want int
	}{
		"unknown name, with a good one": {set(ofBot("bob"), "tone", "loud", "age", "1"), 4000},
		"empty name":                    {set(ofBot("bob"), "", "1"), 4000},
		"of the system":                 {set(obj{"app_id": cozetest.DefaultAppID}, "sys_uuid", "1"), 4000},
		"bot and app":                   {set(obj{"bot_id": bot, "app_id": "1"}, "city", "1"), 4000},
		"neither":                       {set(nil, "city", "1"), 4000},
		"unknown bot":                   {set(obj{"bot_id": "99"}, "city", "1"), 4200},
		"unknown app":                   {set(obj{"app_id": "99"}, "city", "1"), 4200},
		"unknown channel":               {set(obj{"bot_id": bot, "connector_id": "5"}, "city", "1"), 4000},
	} {
		if tc.got.Code != tc.want {
			t.Errorf("%s: got %s, want code %d", name, tc.got.text, tc.want)
		}
	}
	c.ok(http.MethodGet, path+"&connector_uid=bob", nil).want(t, "items", "value", "Rome calm")
}
