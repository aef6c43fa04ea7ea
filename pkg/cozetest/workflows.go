package cozetest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// DefaultWorkflowID is the id of the workflow that every server has from the start. Its script is [EchoWorkflow].
const DefaultWorkflowID = "7400000000000000021"

var workflowHandlers = map[string]handler{
	"CreateWorkflowConversation": lockedBody((*exchange).createWorkflowConversation),
	"GetWorkflow":                locked((*exchange).getWorkflow),
	"ListWorkflowVersions":       locked((*exchange).listWorkflowVersions),
	"ListWorkflows":              locked((*exchange).listWorkflows),
}

// WorkflowScript says what a workflow does in one run. It runs in a goroutine of its own. When it returns nil, the run has
// succeeded; an error fails it with code 5000.
type WorkflowScript func(*Run) error

// EchoWorkflow is the script of the workflow with id [DefaultWorkflowID]: its output is its parameters. As a chatflow it repeats
// the question.
func EchoWorkflow(r *Run) error {
	if q := r.Question(); q != "" {
		r.Message(EndNode, pieces("You said: "+q)...)
		return nil
	}
	r.Output(r.Parameters())
	return nil
}

const (
	modeWorkflow = "workflow"
	modeChatflow = "chatflow"
)

// workflow is a workflow or chatflow of the default workspace. The mutex of the state guards it.
type workflow struct {
	id        string
	mode      string
	script    WorkflowScript
	created   int64    // Unix seconds
	updated   int64    // Unix seconds
	versions  []string // that were published
	published bool
}

// workflowState is the part of the state that is about workflows. The mutex of the state guards it.
type workflowState struct {
	flows   []*workflow     // in the order of their registration
	runs    map[string]*Run // by execute_id
	waiting map[string]*Run // runs that an interrupt holds, by event_id
}

func newWorkflowState() workflowState {
	return workflowState{runs: map[string]*Run{}, waiting: map[string]*Run{}}
}

// Workflow registers a published workflow, or replaces the script of the one with this id. Runs go on with the script that they
// began with. The platform has chatflows for chats; here each workflow can be run either way.
func (s *Server) Workflow(id string, script WorkflowScript) {
	s.setWorkflow(id, script, modeWorkflow, true)
}

// Chatflow registers a published chatflow, or replaces the script of the one with this id. It differs from a workflow in listings.
func (s *Server) Chatflow(id string, script WorkflowScript) {
	s.setWorkflow(id, script, modeChatflow, true)
}

// DraftWorkflow registers a workflow that is not published, or unpublishes and replaces the one with this id. Runs of it are
// refused with code 4200.
func (s *Server) DraftWorkflow(id string, script WorkflowScript) {
	s.setWorkflow(id, script, modeWorkflow, false)
}

func (s *Server) setWorkflow(id string, script WorkflowScript, mode string, published bool) {
	now := s.now()
	st := &s.state
	st.mu.Lock()
	defer st.mu.Unlock()
	w := st.workflow(id)
	if w == nil {
		w = &workflow{id: id, created: now}
		st.workflows.flows = append(st.workflows.flows, w)
	}
	if published && !w.published {
		w.versions = append(w.versions, fmt.Sprintf("v0.0.%d", len(w.versions)+1))
	}
	w.script, w.mode, w.published, w.updated = script, mode, published, now
}

// workflow finds a workflow. The caller holds mu.
func (st *state) workflow(id string) *workflow {
	if i := slices.IndexFunc(st.workflows.flows, func(w *workflow) bool { return w.id == id }); i >= 0 {
		return st.workflows.flows[i]
	}
	return nil
}

// workflow finds a workflow that the caller has access to. The caller holds mu.
func (x *exchange) workflow(id string) (*workflow, error) {
	w := x.srv.state.workflow(id)
	if w == nil {
		return nil, notFound("workflow", id)
	}
	if !x.caller.mayRun(id) {
		return nil, refuse(codePermissionDenied, "the scope of the token does not have workflow %s", id)
	}
	_, err := x.workspace(DefaultWorkspaceID)
	return w, err
}

// runnable finds a workflow that can be run. The caller holds mu.
func (x *exchange) runnable(id, version string) (*workflow, error) {
	w, err := x.workflow(id)
	switch {
	case err != nil:
		return nil, err
	case !w.published:
		return nil, refuse(codeNotFound, "workflow %s is not published", id)
	case version != "" && !slices.Contains(w.versions, version):
		return nil, notFound("version", version)
	}
	return w, nil
}

type workflowUser struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

func workflowCreator() workflowUser {
	return workflowUser{DefaultUserID, profileOf(DefaultUserID).UserName}
}

type wireWorkflow struct {
	ID          string       `json:"workflow_id"`
	Name        string       `json:"workflow_name"`
	Description string       `json:"description"`
	IconURL     string       `json:"icon_url"`
	AppID       string       `json:"app_id"`
	Creator     workflowUser `json:"creator"`
	CreatedAt   string       `json:"created_at"` // Unix seconds
	UpdatedAt   string       `json:"updated_at"` // Unix seconds
}

func (w *workflow) wire() wireWorkflow {
	return wireWorkflow{
		ID: w.id, Name: "workflow_" + w.id, Description: "A " + w.mode + " of the fake platform.",
		IconURL: "https://example.com/workflow.png", AppID: "0", Creator: workflowCreator(),
		CreatedAt: strconv.FormatInt(w.created, 10), UpdatedAt: strconv.FormatInt(w.updated, 10),
	}
}

func (w *workflow) status() string {
	if w.published {
		return publishedOnline
	}
	return unpublishedDraft
}

func (x *exchange) listWorkflows() (any, error) {
	if _, err := x.workspace(x.query.Get("workspace_id")); err != nil {
		return nil, err
	}
	found := []wireWorkflow{}
	for _, w := range x.srv.state.workflows.flows {
		mode, app := x.query.Get("workflow_mode"), x.query.Get("app_id")
		if x.query.Get("workspace_id") == DefaultWorkspaceID && x.wantsStatus(w.status()) && (mode == "" || mode == w.mode) &&
			(app == "" || app == "0") && x.caller.mayRun(w.id) {
			found = append(found, w.wire())
		}
	}
	items, more := page(found, x.number("page_num", 1), x.number("page_size", 10))
	return map[string]any{"items": items, "has_more": more}, nil
}

// The fake knows nothing of what a script takes and gives.
func describeInput() any  { return map[string]any{"parameters": map[string]any{}} }
func describeOutput() any { return map[string]any{"terminate_plan": "return_variables"} }

func (x *exchange) getWorkflow() (any, error) {
	w, err := x.workflow(x.path["workflow_id"])
	if err != nil {
		return nil, err
	}
	detail := map[string]any{"workflow_detail": w.wire()}
	if x.query.Get("include_input_output") == "true" {
		detail["input"], detail["output"] = describeInput(), describeOutput()
	}
	return detail, nil
}

func (x *exchange) listWorkflowVersions() (any, error) {
	w, err := x.workflow(x.path["workflow_id"])
	if err != nil {
		return nil, err
	}
	num := 1
	if token := x.query.Get("page_token"); token != "" {
		if num, err = strconv.Atoi(strings.TrimPrefix(token, "page_")); err != nil || num < 2 {
			return nil, refuse(codeInvalidParameter, "page_token is not one of this listing")
		}
	}
	found := []any{}
	for _, v := range slices.Backward(w.versions) {
		if !x.wantsStatus(w.status()) {
			break
		}
		one := map[string]any{
			"workflow_id": w.id, "version": v, "description": "", "creator": workflowCreator(),
			"created_at": strconv.FormatInt(w.created, 10), "updated_at": strconv.FormatInt(w.updated, 10),
		}
		if x.query.Get("include_input_output") == "true" {
			one["input"], one["output"] = describeInput(), describeOutput()
		}
		found = append(found, one)
	}
	items, more := page(found, num, x.number("page_size", 10))
	answer := map[string]any{"items": items, "has_more": more}
	if more {
		answer["next_page_token"] = fmt.Sprintf("page_%d", num+1)
	}
	return answer, nil
}
