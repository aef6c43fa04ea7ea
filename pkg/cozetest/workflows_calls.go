package cozetest

import (
	"net/http"

	"github.com/cozekit/cozekit/gen/cozeapi"
)

var workflowRunHandlers = map[string]handler{
	"ChatWorkflow":                  (*exchange).chatWorkflow,
	"GetWorkflowNodeExecuteHistory": locked((*exchange).getNodeHistory),
	"GetWorkflowRunHistory":         locked((*exchange).getRunHistory),
	"GetWorkflowRunHistoryOld":      locked((*exchange).getRunHistory),
	"ResumeWorkflow":                (*exchange).resumeWorkflow,
	"RunWorkflow":                   (*exchange).runWorkflow,
	"StreamResumeWorkflow":          (*exchange).streamResumeWorkflow,
	"StreamRunWorkflow":             (*exchange).streamRunWorkflow,
}

func (x *exchange) runWorkflow() (any, error) {
	var req cozeapi.RunWorkflowRequest
	if err := x.decode(&req); err != nil {
		return nil, err
	}
	mode := runSync
	if req.IsAsync != nil && *req.IsAsync {
		mode = runAsync
	}
	r, err := x.beginRun(req, mode)
	if err != nil {
		return nil, err
	}
	w := waitFor(mode)
	r.wait = w
	if !x.srv.spawn(r.play) {
		return nil, refuse(codeInternal, "the server is closing")
	}
	return x.runResult(r, w), nil
}

func (x *exchange) streamRunWorkflow() (any, error) {
	var req cozeapi.StreamRunWorkflowRequest
	if err := x.decode(&req); err != nil {
		return nil, err
	}
	r, err := x.beginRun(cozeapi.RunWorkflowRequest{
		WorkflowID: req.WorkflowID, Parameters: req.Parameters, BotID: req.BotID, AppID: req.AppID, Ext: req.Ext,
		WorkflowVersion: req.WorkflowVersion, ConnectorID: req.ConnectorID,
	}, runStream)
	if err != nil {
		return nil, err
	}
	seg := newSegment()
	r.segment = seg
	if !x.srv.spawn(r.play) {
		return nil, refuse(codeInternal, "the server is closing")
	}
	seg.copyTo(x.srv.ctx, x, r.over)
	return answered{}, nil
}

// waitFor makes what a call waits with; nil for one that does not wait.
func waitFor(mode int) *runWait {
	if mode == runSync {
		return &runWait{done: make(chan struct{})}
	}
	return nil
}

// beginRun checks what depends on the state, and makes a run.
func (x *exchange) beginRun(req cozeapi.RunWorkflowRequest, mode int) (*Run, error) {
	st := &x.srv.state
	st.mu.Lock()
	defer st.mu.Unlock()
	if req.BotID != "" && req.AppID != "" {
		return nil, refuse(codeInvalidParameter, "bot_id and app_id exclude each other")
	}
	flow, err := x.runnable(req.WorkflowID, req.WorkflowVersion)
	if err != nil {
		return nil, err
	}
	if err := x.checkHost(req.BotID, req.AppID); err != nil {
		return nil, err
	}
	return x.newRun(flow, req, mode), nil
}

// checkHost refuses a bot or an app that a workflow cannot run in. The caller holds mu.
func (x *exchange) checkHost(botID, appID string) error {
	b := x.srv.state.bot(botID)
	switch {
	case botID != "" && b == nil:
		return notFound("bot", botID)
	case b != nil && !x.caller.mayChat(b):
		return refuse(codePermissionDenied, "the scope of the token does not have bot %s", botID)
	case appID != "" && x.srv.state.app(appID) == nil:
		return notFound("app", appID)
	}
	return nil
}

// newRun makes and keeps a run. The caller holds mu.
func (x *exchange) newRun(flow *workflow, req cozeapi.RunWorkflowRequest, mode int) *Run {
	now := x.srv.now()
	if req.Parameters == nil {
		req.Parameters = map[string]any{}
	}
	r := &Run{
		Request: req, srv: x.srv, op: x.op, flow: flow, script: flow.script, id: x.srv.ids.next(), mode: mode, logID: x.logID,
		caller: x.caller, resume: make(chan runContinuation, 1), over: make(chan struct{}),
		record: runRecord{status: runRunning, created: now, updated: now},
	}
	x.srv.state.workflows.runs[r.id] = r
	return r
}

// runResult waits for the end of a run, or for an interrupt, and tells about it. Without waiting it tells the id of the run.
func (x *exchange) runResult(r *Run, w *runWait) any {
	if w == nil {
		return flat{"execute_id": r.id, "debug_url": r.debugURL()}
	}
	select {
	case <-w.done:
	case <-x.r.Context().Done():
		return answered{}
	case <-x.srv.ctx.Done():
	}
	if x.srv.ctx.Err() != nil || w.drop {
		panic(http.ErrAbortHandler)
	}
	x.srv.state.mu.Lock()
	defer x.srv.state.mu.Unlock()
	rec := &r.record
	switch {
	case rec.status == runFail:
		return flat{"code": rec.fault.Code, "msg": rec.fault.Msg, "debug_url": r.debugURL()}
	case rec.asks != nil:
		return flat{"interrupt_data": rec.asks, "debug_url": r.debugURL()}
	}
	return flat{"data": rec.output, "usage": rec.usage, "debug_url": r.debugURL()}
}

func (x *exchange) resumeWorkflow() (any, error) {
	var req cozeapi.ResumeWorkflowRequest
	if err := x.decode(&req); err != nil {
		return nil, err
	}
	r, err := x.claimRun(req, false)
	if err != nil {
		return nil, err
	}
	w := waitFor(r.mode)
	r.resume <- runContinuation{data: req.ResumeData, op: x.op, wait: w}
	return x.runResult(r, w), nil
}

func (x *exchange) streamResumeWorkflow() (any, error) {
	var req cozeapi.StreamResumeWorkflowRequest
	if err := x.decode(&req); err != nil {
		return nil, err
	}
	r, err := x.claimRun(cozeapi.ResumeWorkflowRequest{
		WorkflowID: req.WorkflowID, EventID: req.EventID, ResumeData: req.ResumeData, InterruptType: req.InterruptType,
	}, true)
	if err != nil {
		return nil, err
	}
	seg := newSegment()
	r.resume <- runContinuation{data: req.ResumeData, op: x.op, segment: seg}
	seg.copyTo(x.srv.ctx, x, r.over)
	return answered{}, nil
}

// claimRun finds the run that an interrupt holds, for the call that resumes it.
func (x *exchange) claimRun(req cozeapi.ResumeWorkflowRequest, streamed bool) (*Run, error) {
	st := &x.srv.state
	st.mu.Lock()
	defer st.mu.Unlock()
	r := st.workflows.waiting[req.EventID]
	if r == nil || r.caller.visitor() != x.caller.visitor() {
		return nil, notFound("interrupt", req.EventID)
	}
	switch {
	case r.flow.id != req.WorkflowID:
		return nil, refuse(codeInvalidParameter, "interrupt %s does not belong to workflow %s", req.EventID, req.WorkflowID)
	case r.record.asks.Type != req.InterruptType:
		return nil, refuse(codeInvalidParameter, "interrupt_type is %d, want %d", req.InterruptType, r.record.asks.Type)
	case streamed != (r.mode == runStream):
		return nil, refuse(codeInvalidParameter, "a run goes on with stream_resume if it was streamed, and with resume if not")
	}
	delete(st.workflows.waiting, req.EventID)
	r.record.asks, r.record.updated = nil, x.srv.now()
	r.record.resumed++
	return r, nil
}
