package cozetest_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/cozekit/cozekit/pkg/cozetest"
)

const limitationsPath = "/v1/commerce/benefit/limitations"

// quota is a body of CreateBenefitLimitation with fields of its benefit_info changed.
func quota(entityType, entityID string, change obj) obj {
	info := obj{"benefit_type": "resource_point", "active_mode": "absolute_time", "started_at": 1, "ended_at": 253402300799, "limit": 5}
	for k, v := range change {
		info[k] = v
	}
	body := obj{"entity_type": entityType, "benefit_info": info}
	if entityID != "" {
		body["entity_id"] = entityID
	}
	return body
}

func TestLimitations(t *testing.T) {
	t.Parallel()
	c := newClient(t, cozetest.NewServer(t))
	var ids []string
	for i := range 5 {
		r := c.ok("POST", limitationsPath, quota("single_device", fmt.Sprint("d", i), nil))
		ids = append(ids, r.Data["benefit_info"].(obj)["benefit_id"].(string))
	}
	const list = limitationsPath + "?entity_type=single_device&benefit_type=resource_point"
	pages := func(query string) string {
		got, token := "", ""
		for {
			r := c.ok("GET", list+query+token, nil)
			got += field(t, r.Data["benefit_infos"], "entity_id")
			if r.Data["has_more"] != true {
				return got
			}
			token = "&page_token=" + r.str("page_token")
		}
	}
	c.ok("PUT", limitationsPath+"/"+ids[1], obj{"status": "frozen", "limit": 7, "trigger_unit": "day", "trigger_time": 2})
	for _, tc := range []struct{ query, want string }{
		{"", "[d0 d2 d3 d4]"},
		{"&page_size=2", "[d0 d2][d3 d4]"},
		{"&page_size=3", "[d0 d2 d3][d4]"},
		{"&status=frozen", "[d1]"},
		{"&entity_id=d3", "[d3]"},
	} {
		if got := pages(tc.query); got != tc.want {
			t.Errorf("%q: got %s, want %s", tc.query, got, tc.want)
		}
	}
	q := c.ok("GET", list+"&status=frozen", nil).Data["benefit_infos"].([]any)[0].(obj)
	if q["limit"] != 7.0 || q["trigger_unit"] != "day" || q["ended_at"] != 253402300799.0 {
		t.Errorf("got %v", q)
	}
}

func TestBenefitRefusals(t *testing.T) {
	t.Parallel()
	c := newClient(t, cozetest.NewServer(t))
	const all = "enterprise_all_devices"
	id := c.ok("POST", limitationsPath, quota(all, "", nil)).Data["benefit_info"].(obj)["benefit_id"].(string)
	const benefits = "/v1/commerce/benefit/benefits/get"
	for _, tc := range []struct {
		name, method, path string
		body               any
		want               int
	}{
		{"second for good", "POST", limitationsPath, quota(all, "", nil), 4000},
		{"periodic beside it", "POST", limitationsPath, quota(all, "", obj{"trigger_unit": "day", "trigger_time": 2}), 0},
		{"second periodic", "POST", limitationsPath, quota(all, "", obj{"trigger_unit": "hour"}), 4000},
		{"of another kind", "POST", limitationsPath, quota(all, "", obj{"benefit_type": "voice_unified_duration_system"}), 0},
		{"device without id", "POST", limitationsPath, quota("single_device", "", nil), 4000},
		{"all devices with id", "POST", limitationsPath, quota(all, "d", nil), 4000},
		{"end before beginning", "POST", limitationsPath, quota("single_device", "d", obj{"ended_at": 1}), 4000},
		{"less than nothing", "POST", limitationsPath, quota("single_device", "d", obj{"limit": -1}), 4000},
		{"never, twice", "POST", limitationsPath, quota("single_device", "d", obj{"trigger_time": 2}), 4000},
		{"change of an unknown one", "PUT", limitationsPath + "/99", obj{"limit": 1}, 4200},
		{"bad change", "PUT", limitationsPath + "/" + id, obj{"ended_at": 0}, 4000},
		{"unknown token", "GET", limitationsPath + "?entity_type=" + all + "&benefit_type=resource_point&page_token=%2B", nil, 4000},
		{"plan", "GET", benefits, nil, 0},
		{"calls of tools", "GET", benefits + "?benefit_type_list=call_tool_limit", nil, 0},
		{"both", "GET", benefits + "?benefit_type_list=api_run_qps,call_tool_limit&resource_id=chat", nil, 0},
		{"calls of what", "GET", benefits + "?benefit_type_list=api_run_qps", nil, 4000},
		{"unknown benefit", "GET", benefits + "?benefit_type_list=luck", nil, 4000},
	} {
		if r := c.do(tc.method, tc.path, tc.body); r.Code != tc.want {
			t.Errorf("%s: got %s, want code %d", tc.name, r.text, tc.want)
		}
	}
}

func TestBillTasks(t *testing.T) {
	t.Parallel()
	const path = "/v1/commerce/benefit/bill_tasks"
	now := time.Date(2026, 5, 20, 12, 0, 0, 0, time.UTC)
	c := newClient(t, cozetest.NewServer(t, cozetest.WithClock(func() time.Time { return now })))
	var ids []string
	for range 3 {
		ids = append(ids, c.ok("POST", path, obj{"started_at": now.AddDate(0, 0, -3).Unix(), "ended_at": now.AddDate(0, 0, -2).Unix()}).str("task_id"))
	}
	for _, tc := range []struct{ query, want string }{
		{"?task_ids=" + ids[0] + "," + ids[1] + "&page_size=1", "[running] 2"},
		{"?task_ids=" + ids[0] + "," + ids[1], "[succeed running] 2"},
		{"", "[running succeed succeed] 3"},
		{"?page_num=2&page_size=2", "[succeed] 3"},
		{"?task_ids=99", "[] 0"},
	} {
		r := c.ok("GET", path+tc.query, nil)
		if got := fmt.Sprint(field(t, r.Data["task_infos"], "status"), " ", r.Data["total"]); got != tc.want {
			t.Errorf("%q: got %s, want %s", tc.query, got, tc.want)
		}
	}
	r := c.ok("GET", path+"?task_ids="+ids[0], nil).Data["task_infos"].([]any)[0].(obj)
	start, end := int64(r["started_at"].(float64)), int64(r["ended_at"].(float64))
	if len(r["file_urls"].([]any)) != 1 || end-start != 2*24*3600-1 || time.Unix(start, 0).UTC().Hour() != 16 {
		t.Errorf("got %v", r)
	}
	for name, body := range map[string]obj{
		"today":                 {"started_at": now.Unix()},
		"before there were any": {"started_at": 1735689600},
		"end before beginning":  {"started_at": now.AddDate(0, 0, -2).Unix(), "ended_at": now.AddDate(0, 0, -4).Unix()},
	} {
		if r := c.do("POST", path, body); r.Code != 4000 {
			t.Errorf("%s: got %s", name, r.text)
		}
	}
}
