package cozetest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/cozekit/cozekit/pkg/cozetest"
)

const groupsPath = "/v1/audio/voiceprint_groups"

// voiceprint is a body with a recording, and parts of the form name, text.
func voiceprint(recording string, more ...string) *upload {
	parts := [][3]string{{"file", "a.wav", recording}}
	for i := 0; i < len(more); i += 2 {
		parts = append(parts, [3]string{more[i], "", more[i+1]})
	}
	return newUpload(parts...)
}

func TestVoiceprints(t *testing.T) {
	t.Parallel()
	c := newClient(t, cozetest.NewServer(t))
	var groups []string
	for i := range 3 {
		groups = append(groups, c.ok("POST", groupsPath, obj{"name": fmt.Sprint("g", i), "desc": "d"}).str("id"))
	}
	g := groupsPath + "/" + groups[0]
	var ids []string
	for _, name := range []string{"Ann", "Bob", "Cid"} {
		ids = append(ids, c.ok("POST", g+"/features", voiceprint("voice of "+name, "name", name, "desc", "d")).str("id"))
	}
	c.ok("PUT", g, obj{"name": "new"})
	for _, tc := range []struct{ query, want string }{
		{"", "[g2 g1 new] [0 0 3] 3"},
		{"?page_size=2&page_num=2", "[new] [3] 3"},
		{"?name=g", "[g2 g1] [0 0] 2"},
		{"?group_id=" + groups[0], "[new] [3] 1"},
		{"?user_id=99", "[] [] 0"},
	} {
		r := c.ok("GET", groupsPath+tc.query, nil)
		items := r.Data["items"]
		if got := fmt.Sprint(field(t, items, "name"), " ", field(t, items, "feature_count"), " ", r.Data["total"]); got != tc.want {
			t.Errorf("%q: got %s, want %s", tc.query, got, tc.want)
		}
	}
	if r := c.ok("GET", g+"/features?page_size=2", nil); field(t, r.Data["items"], "name") != "[Cid Bob]" || r.Data["total"] != 3.0 {
		t.Errorf("got %s", r.text)
	}
	identify := func(recording string, more ...string) []any {
		return c.ok("POST", g+"/speaker_identify", voiceprint(recording, more...)).Data["feature_score_list"].([]any)
	}
	if list := identify("voice of Bob"); len(list) != 3 || list[0].(obj)["feature_name"] != "Bob" || list[0].(obj)["score"] != 99.5 {
		t.Errorf("got %v, want Bob", list)
	}
	if list := identify("a stranger", "top_k", "2"); len(list) != 2 || list[0].(obj)["score"].(float64) >= 60 {
		t.Errorf("got %v, want two bad matches", list)
	}
	c.ok("PUT", g+"/features/"+ids[1], newUpload([3]string{"name", "", "Bobby"}))
	c.ok("PUT", g+"/features/"+ids[2], voiceprint("new voice of Cid"))
	if got := identify("voice of Bob", "top_k", "1"); field(t, got, "feature_name") != "[Bobby]" {
		t.Errorf("got %v", got)
	}
	if got := identify("new voice of Cid", "top_k", "1"); field(t, got, "feature_name") != "[Cid]" {
		t.Errorf("got %v", got)
	}
	c.ok("DELETE", g+"/features/"+ids[0], nil)
	if r := c.ok("GET", g+"/features", nil); field(t, r.Data["items"], "name") != "[Cid Bobby]" {
		t.Errorf("got %s", r.text)
	}
	c.ok("DELETE", g, nil)
	if r := c.do("GET", g+"/features", nil); r.Code != 4200 {
		t.Errorf("got %s for a deleted group", r.text)
	}
}

func TestVoiceprintRefusals(t *testing.T) {
	t.Parallel()
	c := newClient(t, cozetest.NewServer(t))
	id := c.ok("POST", groupsPath, obj{"name": "full"}).str("id")
	full := groupsPath + "/" + id
	for i := range 10 {
		c.ok("POST", full+"/features", voiceprint("x", "name", fmt.Sprint(i)))
	}
	other := groupsPath + "/" + c.ok("POST", groupsPath, obj{"name": "other"}).str("id")
	for _, tc := range []struct {
		name, method, path string
		body               any
		want               int
	}{
		{"no name", "POST", groupsPath, obj{"name": ""}, 4000},
		{"long name", "PUT", full, obj{"name": strings.Repeat("x", 21)}, 4000},
		{"long description", "PUT", full, obj{"desc": strings.Repeat("x", 501)}, 4000},
		{"unknown group to change", "PUT", groupsPath + "/99", obj{"name": "x"}, 4200},
		{"unknown group to delete", "DELETE", groupsPath + "/99", nil, 4200},
		{"voice number 11", "POST", full + "/features", voiceprint("x", "name", "x"), 4000},
		{"no voice", "POST", other + "/features", newUpload([3]string{"name", "", "x"}), 4300},
		{"voice without name", "POST", other + "/features", voiceprint("x", "name", ""), 4000},
		{"voice as mp3", "POST", other + "/features", newUpload([3]string{"file", "a.mp3", "x"}, [3]string{"name", "", "x"}), 4303},
		{"big voice", "POST", other + "/features", voiceprint(strings.Repeat("x", 4<<20+1), "name", "x"), 4302},
		{"unknown voice to change", "PUT", full + "/features/99", newUpload([3]string{"name", "", "x"}), 4200},
		{"unknown voice to delete", "DELETE", full + "/features/99", nil, 4200},
		{"unknown group to look in", "POST", groupsPath + "/99/speaker_identify", voiceprint("x"), 4200},
		{"no matches", "POST", full + "/speaker_identify", voiceprint("x", "top_k", "0"), 4000},
		{"empty group", "POST", other + "/speaker_identify", voiceprint("x"), 0},
	} {
		if r := c.do(tc.method, tc.path, tc.body); r.Code != tc.want {
			t.Errorf("%s: got %s, want code %d", tc.name, r.text, tc.want)
		}
	}
}
