package cozetest

import "github.com/cozekit/cozekit/gen/cozeapi"

var workspaceEditHandlers = map[string]handler{
	"CreateWorkspace": lockedBody((*exchange).createWorkspace),
	"UpdateWorkspace": lockedBody((*exchange).updateWorkspace),
}

func (x *exchange) createWorkspace(req *cozeapi.CreateWorkspaceRequest) (any, error) {
	owner := req.OwnerUID
	if owner == "" {
		owner = x.caller.userID
	}
	if !isNumber(owner) {
		return nil, notFound("user", owner)
	}
	if req.Name == "" {
		return nil, refuse(codeInvalidParameter, "name is empty")
	}
	w := newWorkspace(x.srv.ids.next(), req.Name, "team", owner, x.srv.now())
	w.Description = req.Description
	if req.CozeAccountID != "" {
		e, o, err := x.organization(req.CozeAccountID)
		if err != nil {
			return nil, err
		}
		if e.members.find(owner) == nil {
			return nil, refuse(codeNotInEnterprise, "user %s does not belong to enterprise %s", owner, e.id)
		}
		w.EnterpriseID, w.organizationID = e.id, o.id
	}
	var err error
	if w.IconURL, err = x.iconURL(req.IconFileID, w.IconURL); err != nil {
		return nil, err
	}
	x.srv.state.workspaces = append(x.srv.state.workspaces, w)
	return map[string]any{"id": w.ID}, nil
}

func (x *exchange) updateWorkspace(req *cozeapi.UpdateWorkspaceRequest) (any, error) {
	w, err := x.workspace(x.path["workspace_id"])
	if err != nil {
		return nil, err
	}
	if w.WorkspaceType == "personal" {
		return nil, refuse(codeInvalidParameter, "a personal workspace cannot be changed")
	}
	if req.Name != "" {
		w.Name = req.Name
	}
	if req.Description != "" {
		w.Description = req.Description
	}
	return nil, nil
}
