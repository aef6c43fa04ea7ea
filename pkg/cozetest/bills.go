package cozetest

import (
	"fmt"
	"slices"
	"time"
)

var billHandlers = map[string]handler{
	"CreateBillTask": lockedBody((*exchange).createBillTask),
	"ListBillTasks":  locked((*exchange).listBillTasks),
}

// billTask is an export of bills. It is done when it was listed once.
type billTask struct {
	id      string
	looked  bool
	started int64 // Unix seconds
	ended   int64
	created int64
}

// billZone is where the days of bills begin and end.
var billZone = time.FixedZone("UTC+8", 8*60*60)

// firstBills is when the platform began to keep bills.
var firstBills = time.Date(2025, 3, 13, 0, 0, 0, 0, billZone).Unix()

func (b *billTask) wire() map[string]any {
	m := map[string]any{
		"task_id": b.id, "status": "running", "file_urls": []string{}, "started_at": b.started, "ended_at": b.ended,
		"created_at": b.created, "expires_at": b.created + 7*day,
	}
	if b.looked {
		m["status"], m["file_urls"] = "succeed", []string{fmt.Sprintf("https://example.com/bills/%s.csv", b.id)}
	}
	return m
}

// dayStart is 00:00:00 of the day of a time, both in Unix seconds.
func dayStart(at int64) int64 {
	y, m, d := time.Unix(at, 0).In(billZone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, billZone).Unix()
}

type createBillTaskRequest struct {
	StartedAt *int64 `json:"started_at"` // Unix seconds
	EndedAt   *int64 `json:"ended_at"`
}

// createBillTask starts an export of yesterday's bills, or of the days that are asked for.
func (x *exchange) createBillTask(req *createBillTaskRequest) (any, error) {
	now := x.srv.now()
	today := dayStart(now)
	started, ended := today-day, today-day
	if req.StartedAt != nil {
		started = dayStart(*req.StartedAt)
	}
	if req.EndedAt != nil {
		ended = dayStart(*req.EndedAt)
	}
	switch {
	case started >= today:
		return nil, refuse(codeInvalidParameter, "started_at must be before today")
	case now > firstBills && started < firstBills:
		return nil, refuse(codeInvalidParameter, "there are bills from 2025-03-13 on")
	case ended < started:
		return nil, refuse(codeInvalidParameter, "ended_at must not be before started_at")
	}
	b := &billTask{id: x.srv.ids.next(), started: started, ended: ended + day - 1, created: now}
	st := &x.srv.state
	st.bills = append(st.bills, b)
	return b.wire(), nil
}

// listBillTasks lists exports, newest first. The next list shows those of this one done.
func (x *exchange) listBillTasks() (any, error) {
	ids := x.list("task_ids")
	if len(ids) > 100 {
		return nil, refuse(codeInvalidParameter, "%d task_ids, at most 100 are allowed", len(ids))
	}
	st := &x.srv.state
	var found []*billTask
	for _, b := range slices.Backward(st.bills) {
		if len(ids) > 0 && slices.Contains(ids, b.id) || len(ids) == 0 && b.created >= x.srv.now()-7*day {
			found = append(found, b)
		}
	}
	tasks, _ := page(found, x.number("page_num", 1), x.number("page_size", 20))
	items := []map[string]any{}
	for _, b := range tasks {
		items = append(items, b.wire())
		b.looked = true
	}
	return map[string]any{"task_infos": items, "total": len(found)}, nil
}
