package cozetest

import (
	"slices"
	"strings"
)

var limitationHandlers = map[string]handler{
	"CreateBenefitLimitation": lockedBody((*exchange).createBenefitLimitation),
	"GetBenefits":             (*exchange).getBenefits,
	"ListBenefitLimitations":  locked((*exchange).listBenefitLimitations),
	"UpdateBenefitLimitation": lockedBody((*exchange).updateBenefitLimitation),
}

const (
	limitationValid = "valid"
	triggerNever    = "never"
)

// limitation is a quota of end users or devices, as the wire has it.
type limitation struct {
	BenefitID   string `json:"benefit_id"`
	BenefitType string `json:"benefit_type"`
	ActiveMode  string `json:"active_mode"`
	StartedAt   int64  `json:"started_at"`
	EndedAt     int64  `json:"ended_at"`
	Limit       int64  `json:"limit"`
	Status      string `json:"status"`
	EntityType  string `json:"entity_type"`
	EntityID    string `json:"entity_id,omitempty"`
	TriggerUnit string `json:"trigger_unit"`
	TriggerTime int64  `json:"trigger_time"`
}

// check refuses a quota whose fields do not fit each other.
func (l *limitation) check() error {
	single := strings.HasPrefix(l.EntityType, "single_")
	switch {
	case single && l.EntityID == "":
		return refuse(codeInvalidParameter, "entity_type %s needs entity_id", l.EntityType)
	case !single && l.EntityID != "":
		return refuse(codeInvalidParameter, "entity_type %s takes no entity_id", l.EntityType)
	case l.EndedAt <= l.StartedAt:
		return refuse(codeInvalidParameter, "ended_at must be after started_at")
	case l.Limit < 0:
		return refuse(codeInvalidParameter, "limit must be at least 0")
	case l.TriggerTime < 1, l.TriggerUnit == triggerNever && l.TriggerTime != 1:
		return refuse(codeInvalidParameter, "trigger_time is %d; it must be at least 1, and 1 with trigger_unit never", l.TriggerTime)
	}
	return nil
}

// limitationInput is what a caller says of a quota. The models of package cozeapi are not used, because they take times that are
// far away, such as the one for never, for milliseconds.
type limitationInput struct {
	BenefitType string `json:"benefit_type"`
	ActiveMode  string `json:"active_mode"`
	StartedAt   *int64 `json:"started_at"`
	EndedAt     *int64 `json:"ended_at"`
	Limit       *int64 `json:"limit"`
	Status      string `json:"status"`
	TriggerUnit string `json:"trigger_unit"`
	TriggerTime *int64 `json:"trigger_time"`
}

// with is the quota with what the input says in place of what it was.
func (l limitation) with(in *limitationInput) limitation {
	for field, value := range map[*string]string{&l.ActiveMode: in.ActiveMode, &l.Status: in.Status, &l.TriggerUnit: in.TriggerUnit} {
		if value != "" {
			*field = value
		}
	}
	for field, value := range map[*int64]*int64{
		&l.StartedAt: in.StartedAt, &l.EndedAt: in.EndedAt, &l.Limit: in.Limit, &l.TriggerTime: in.TriggerTime,
	} {
		if value != nil {
			*field = *value
		}
	}
	return l
}

type createLimitationRequest struct {
	EntityType  string          `json:"entity_type"`
	EntityID    string          `json:"entity_id"`
	BenefitInfo limitationInput `json:"benefit_info"`
}

func (x *exchange) createBenefitLimitation(req *createLimitationRequest) (any, error) {
	l := limitation{
		BenefitID: x.srv.ids.next(), BenefitType: req.BenefitInfo.BenefitType, EntityType: req.EntityType, EntityID: req.EntityID,
		Status: limitationValid, TriggerUnit: triggerNever, TriggerTime: 1,
	}.with(&req.BenefitInfo)
	if err := l.check(); err != nil {
		return nil, err
	}
	st := &x.srv.state
	if slices.ContainsFunc(st.limitations, l.excludes) {
		return nil, refuse(codeInvalidParameter, "there is such a quota already: one for good and one that starts over are allowed")
	}
	st.limitations = append(st.limitations, &l)
	return map[string]any{"benefit_info": l}, nil
}

// excludes tells whether there may not be both: a scope takes one quota for good and one that starts over.
func (l *limitation) excludes(other *limitation) bool {
	return other.EntityType == l.EntityType && other.EntityID == l.EntityID && other.BenefitType == l.BenefitType &&
		(other.TriggerUnit == triggerNever) == (l.TriggerUnit == triggerNever) && !strings.HasPrefix(l.EntityType, "single_")
}

func (x *exchange) listBenefitLimitations() (any, error) {
	status := x.query.Get("status")
	if status == "" {
		status = limitationValid
	}
	st := &x.srv.state
	found := []limitation{}
	for _, l := range st.limitations {
		id := x.query.Get("entity_id")
		if l.EntityType == x.query.Get("entity_type") && l.BenefitType == x.query.Get("benefit_type") && l.Status == status &&
			(id == "" || id == l.EntityID) {
			found = append(found, *l)
		}
	}
	id := func(l limitation) string { return l.BenefitID }
	items, next, err := pageByToken(found, id, x.query.Get("page_token"), x.number("page_size", 20))
	if err != nil {
		return nil, err
	}
	return map[string]any{"benefit_infos": items, "has_more": next != "", "page_token": next}, nil
}

func (x *exchange) updateBenefitLimitation(req *limitationInput) (any, error) {
	st := &x.srv.state
	i := slices.IndexFunc(st.limitations, func(l *limitation) bool { return l.BenefitID == x.path["benefit_id"] })
	if i < 0 {
		return nil, notFound("quota", x.path["benefit_id"])
	}
	changed := st.limitations[i].with(req)
	if err := changed.check(); err != nil {
		return nil, err
	}
	*st.limitations[i] = changed
	return nil, nil
}

// getBenefits tells of a plan for one person: 20 calls a second of each kind, and 1,000 calls of tools.
func (x *exchange) getBenefits() (any, error) {
	data := map[string]any{"basic_info": map[string]any{"user_level": "pro_personal"}}
	var benefits []map[string]any
	for _, kind := range x.list("benefit_type_list") {
		b := map[string]any{"benefit_type": kind, "extra": []any{}}
		total := 1000
		switch kind {
		case "api_run_qps":
			if !x.query.Has("resource_id") {
				return nil, refuse(codeInvalidParameter, "benefit type api_run_qps needs resource_id")
			}
			total, b["resource_id"] = 20, x.query.Get("resource_id")
		case "call_tool_limit":
		default:
			return nil, refuse(codeInvalidParameter, "there is no benefit type %s", kind)
		}
		now := x.srv.now()
		item := map[string]any{"status": "valid", "item_info": map[string]any{
			"used": 0, "total": total, "strategy": "by_quota", "start_at": now, "end_at": now + 30*day,
		}}
		b["basic"], b["effective"] = item, item
		benefits = append(benefits, b)
	}
	if benefits != nil {
		data["benefit_info"] = benefits
	}
	return data, nil
}
