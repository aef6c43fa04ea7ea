package coze

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/cozekit/cozekit/gen/cozeapi"
	"github.com/cozekit/cozekit/pkg/call"
)

// ResourcesService copies bots, apps and workflows. It is safe for concurrent use.
type ResourcesService struct {
	*cozeapi.ResourcesService

	// CopyTasks are the copies.
	CopyTasks *ResourcesCopyTasksService
}

// ResourcesCopyTasksService copies bots, apps and workflows: the plain operations, and waiting on top. It is safe for
// concurrent use.
type ResourcesCopyTasksService struct {
	*cozeapi.ResourcesCopyTasksService

	baseURL string
}

// BillsService exports bills. It is safe for concurrent use.
type BillsService struct {
	*cozeapi.BillsService

	// Tasks are the exports.
	Tasks *BillsTasksService
}

// BillsTasksService exports bills: the plain operations, and waiting on top. It is safe for concurrent use.
type BillsTasksService struct {
	*cozeapi.BillsTasksService

	baseURL string
}

func newResourcesService(s *cozeapi.ResourcesService, baseURL string) *ResourcesService {
	return &ResourcesService{s, &ResourcesCopyTasksService{s.CopyTasks, baseURL}}
}

func newBillsService(s *cozeapi.BillsService, baseURL string) *BillsService {
	return &BillsService{s, &BillsTasksService{s.Tasks, baseURL}}
}

// Wait waits for the end of a copy that takes time: one whose Create gave a task_id and no copied_entity_id. It looks at once,
// then again and again, first after 1 s, and bears up to 5 failed looks in a row that may be temporary. Any process may
// wait, and wait again, by the id.
//
// It always returns the last known state, and with it: nil for a copy that is made, whose id is TargetEntityID; an [*Error]
// that tells the reasons for one that failed; [ErrUnknownStatus] for a state that is not documented; the error of ctx when
// that ends first. The copying goes on then: no call stops it.
//
// Coze documentation: https://www.coze.cn/open/docs/developer_guides/query_resource_copy_execution_result
//
// API: GET /v1/entities/copy_tasks/{task_id}
func (s *ResourcesCopyTasksService) Wait(
	ctx context.Context, taskID string, policy PollPolicy, opts ...CallOption,
) (*ResourceCopyTask, error) {
	last := &ResourceCopyTask{TaskID: taskID}
	at := endpoint{"RetrieveResourceCopyTask", http.MethodGet, s.baseURL + "/v1/entities/copy_tasks/" + url.PathEscape(taskID)}
	if err := requireID(at.op, "task_id", taskID); err != nil {
		return last, err
	}
	info := new(ResponseInfo)
	more := append(call.Collect(opts).Followups(), WithResponse(info))
	return poll[*ResourceCopyTask]{
		policy: policy,
		look: func(ctx context.Context) (*ResourceCopyTask, error) {
			task, err := s.Get(ctx, taskID, more...)
			if err == nil && task.TaskStatus == "" {
				err = errNoState
			}
			return task, err
		},
		judge: func(task *ResourceCopyTask) (bool, error) {
			switch task.TaskStatus {
			case cozeapi.ResourceCopyStatusInProgress:
				return false, nil
			case cozeapi.ResourceCopyStatusSuccessful:
				return true, nil
			case cozeapi.ResourceCopyStatusFailed:
				e := at.failure(info)
				e.Message = copyFailure(task)
				return true, e
			}
			return true, fmt.Errorf("coze: copy task %s: %w %q", taskID, ErrUnknownStatus, task.TaskStatus)
		},
	}.wait(ctx, "copy task "+taskID, last)
}

func copyFailure(task *ResourceCopyTask) string {
	var reasons []string
	for _, r := range task.FailedReasons {
		reasons = append(reasons, fmt.Sprintf("%s %s (%q): %s", r.EntityType, r.EntityID, r.EntityName, r.FailedReason))
	}
	return strings.TrimSuffix("the copy failed: "+strings.Join(reasons, "; "), ": ")
}

// Wait waits for the end of an export of bills, which takes about a minute. It looks at once, then again and again, first
// after 1 s, and bears up to 5 failed looks in a row that may be temporary; an answer without the export counts as failed.
// Any process may wait, and wait again, by the id.
//
// It always returns the last known state, and with it: nil for an export whose FileURLs are there, which cease to work after
// 7 days; an [*Error] for one that failed; [ErrUnknownStatus] for a state that is not documented; the error of ctx when that
// ends first. The export goes on then: no call stops it.
//
// Permission: listBillDownloadTask.
//
// Coze documentation: https://www.coze.cn/open/docs/developer_guides/billing_file
//
// API: GET /v1/commerce/benefit/bill_tasks
func (s *BillsTasksService) Wait(ctx context.Context, taskID string, policy PollPolicy, opts ...CallOption) (*BillTask, error) {
	last := &BillTask{TaskID: taskID}
	at := endpoint{"ListBillTasks", http.MethodGet, s.baseURL + "/v1/commerce/benefit/bill_tasks"}
	if err := requireID(at.op, "task_id", taskID); err != nil {
		return last, err
	}
	info := new(ResponseInfo)
	more := append(call.Collect(opts).Followups(), WithResponse(info))
	return poll[*BillTask]{
		policy: policy,
		look: func(ctx context.Context) (*BillTask, error) {
			page, err := s.List(ctx, cozeapi.ListBillTasksRequest{TaskIDs: []string{taskID}}, more...)
			if err != nil {
				return nil, err
			}
			for _, task := range page.Items {
				if task.TaskID == taskID {
					return &task, nil
				}
			}
			return nil, fmt.Errorf("coze: the server does not list bill task %s", taskID)
		},
		judge: func(task *BillTask) (bool, error) {
			switch task.Status {
			case cozeapi.BillTaskStatusInit, cozeapi.BillTaskStatusRunning:
				return false, nil
			case cozeapi.BillTaskStatusSucceed:
				return true, nil
			case cozeapi.BillTaskStatusFailed:
				e := at.failure(info)
				e.Message = "the export of bills failed"
				return true, e
			}
			return true, fmt.Errorf("coze: bill task %s: %w %q", taskID, ErrUnknownStatus, task.Status)
		},
	}.wait(ctx, "bill task "+taskID, last)
}
