package cozetest

import (
	"github.com/cozekit/cozekit/gen/cozeapi"
)

var copyTaskHandlers = map[string]handler{
	"CreateResourceCopyTask":   lockedBody((*exchange).createCopyTask),
	"RetrieveResourceCopyTask": locked((*exchange).retrieveCopyTask),
}

// copyTask is a copy that takes time: it is in progress when it is asked for first, and done when it is asked for again.
type copyTask struct {
	wire  wireCopyTask
	owner string
	asked bool
	run   func() string // makes the copy and tells its id; the caller holds mu
}

type wireCopyTask struct {
	TaskID            string `json:"task_id"`
	EntityType        string `json:"entity_type"`
	TaskStatus        string `json:"task_status"`
	FailedReasons     []any  `json:"failed_reasons"`
	SourceEntityID    string `json:"source_entity_id"`
	TargetEntityID    string `json:"target_entity_id,omitempty"`
	TargetWorkspaceID string `json:"target_workspace_id"`
}

func (x *exchange) createCopyTask(req *cozeapi.CreateResourceCopyTaskRequest) (any, error) {
	from, run, err := x.copier(req)
	if err != nil {
		return nil, err
	}
	to := from
	if req.ToWorkspaceID != "" {
		to = req.ToWorkspaceID
		if _, err := x.workspace(to); err != nil {
			return nil, err
		}
	}
	if req.EntityType == cozeapi.ResourceCopyEntityTypeBot && to == from {
		return map[string]any{"copied_entity_id": run(x, to)}, nil
	}
	t := &copyTask{owner: x.caller.userID, run: func() string { return run(x, to) }, wire: wireCopyTask{
		TaskID: "copy-" + x.srv.ids.next(), EntityType: string(req.EntityType), TaskStatus: "in_progress", FailedReasons: []any{},
		SourceEntityID: req.EntityID, TargetWorkspaceID: to,
	}}
	x.srv.state.copyTasks[t.wire.TaskID] = t
	return map[string]any{"task_id": t.wire.TaskID}, nil
}

// copier finds where a resource is, and how a draft of it is made in a workspace. The caller holds mu.
func (x *exchange) copier(req *cozeapi.CreateResourceCopyTaskRequest) (from string, run func(*exchange, string) string, err error) {
	switch req.EntityType {
	case cozeapi.ResourceCopyEntityTypeBot:
		b := x.srv.state.bot(req.EntityID)
		if b == nil {
			return "", nil, notFound("bot", req.EntityID)
		}
		_, err = x.workspace(b.workspaceID)
		config := b.draft().config
		return b.workspaceID, func(x *exchange, to string) string { return x.addBot(to, config).id }, err
	case cozeapi.ResourceCopyEntityTypeApp:
		a, err := x.app(req.EntityID)
		if err != nil {
			return "", nil, err
		}
		s := a.summary
		s.IsPublished, s.PublishedAt = false, 0
		return a.workspaceID, func(x *exchange, to string) string {
			s.ID, s.UpdatedAt, s.OwnerUserID = x.srv.ids.next(), x.srv.now(), x.caller.userID
			x.srv.state.apps = append(x.srv.state.apps, &app{to, s})
			return s.ID
		}, nil
	}
	if !isNumber(req.EntityID) {
		return "", nil, notFound("workflow", req.EntityID)
	}
	return DefaultWorkspaceID, func(x *exchange, _ string) string { return x.srv.ids.next() }, nil
}

func (x *exchange) retrieveCopyTask() (any, error) {
	t := x.srv.state.copyTasks[x.path["task_id"]]
	if t == nil || t.owner != x.caller.userID {
		return nil, notFound("task", x.path["task_id"])
	}
	if t.asked && t.wire.TargetEntityID == "" {
		t.wire.TaskStatus, t.wire.TargetEntityID = "successful", t.run()
	}
	t.asked = true
	return t.wire, nil
}
