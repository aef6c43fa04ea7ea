package coze

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/cozekit/cozekit/gen/cozeapi"
	"github.com/cozekit/cozekit/pkg/call"
)

// Wait waits for the end of a run that was started with is_async. It looks at once, then again and again, first after 1 s,
// and bears up to 5 failed looks in a row that may be temporary. Any process may wait, and wait again, by the two ids.
//
// It always returns the last known state, and with it: nil for a run that succeeded (see [DecodeOutput]); an [*Error] with code,
// message, log id and debug URL for one that failed; an [*InterruptError] for one that waits for an answer, to be given with
// Resume; [ErrUnknownStatus] for a state that is not documented; the error of ctx when that ends first. The run goes on then:
// no call stops it. A self-hosted Coze Studio is asked by the older call that it serves.
//
// Permission: listRunHistory.
//
// Coze documentation: https://www.coze.cn/open/docs/developer_guides/workflow_history
//
// API: GET /v1/workflows/{workflow_id}/run_histories/{execute_id}
func (s *WorkflowsRunsService) Wait(
	ctx context.Context, workflowID, executeID string, policy PollPolicy, opts ...CallOption,
) (*WorkflowExecuteHistory, error) {
	last := &WorkflowExecuteHistory{ExecuteID: executeID}
	const op = "GetWorkflowRunHistory"
	if err := errors.Join(requireID(op, "workflow_id", workflowID), requireID(op, "execute_id", executeID)); err != nil {
		return last, err
	}
	info := new(ResponseInfo)
	more := append(call.Collect(opts).Followups(), WithResponse(info))
	at := endpoint{op, http.MethodGet,
		s.baseURL + "/v1/workflows/" + url.PathEscape(workflowID) + "/run_histories/" + url.PathEscape(executeID)}
	return poll[*WorkflowExecuteHistory]{
		policy: policy,
		look: func(ctx context.Context) (*WorkflowExecuteHistory, error) {
			return s.lookAtRun(ctx, workflowID, executeID, more)
		},
		judge: func(run *WorkflowExecuteHistory) (bool, error) { return judgeRun(run, at, info) },
	}.wait(ctx, "run "+executeID, last)
}

// lookAtRun reads the one element of the list that the platform answers with.
func (s *WorkflowsRunsService) lookAtRun(
	ctx context.Context, workflowID, executeID string, opts []CallOption,
) (*WorkflowExecuteHistory, error) {
	list, err := s.GetHistory(ctx, workflowID, executeID, opts...)
	if errors.Is(err, ErrUnsupported) {
		req := cozeapi.GetWorkflowRunHistoryOldRequest{WorkflowID: workflowID, ExecuteID: executeID}
		list, err = s.GetHistoryOld(ctx, req, opts...) //nolint:staticcheck // the only one that Coze Studio serves
	}
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("coze: the server does not list run %s", executeID)
	}
	return &list[0], nil
}

func judgeRun(run *WorkflowExecuteHistory, at endpoint, info *ResponseInfo) (over bool, err error) {
	if run.InterruptData != nil && run.InterruptData.EventID != "" {
		return true, &InterruptError{Interrupt: WorkflowStreamInterrupt{InterruptData: *run.InterruptData}}
	}
	switch run.ExecuteStatus {
	case cozeapi.WorkflowExecuteStatusRunning:
		return false, nil
	case cozeapi.WorkflowExecuteStatusSuccess:
		return true, nil
	case cozeapi.WorkflowExecuteStatusFail:
		e := at.failure(info)
		e.Code, _ = strconv.Atoi(run.ErrorCode) // "" where there is none
		e.DebugURL = run.DebugURL
		for _, text := range []string{run.ErrorMessage, run.ErrorMsg, "the run failed"} {
			if e.Message == "" {
				e.Message = text
			}
		}
		if run.Logid != "" {
			e.LogID = run.Logid
		}
		return true, e
	}
	return true, fmt.Errorf("coze: run %s: %w %q", run.ExecuteID, ErrUnknownStatus, run.ExecuteStatus)
}
