package cozetest

import (
	"slices"

	"github.com/cozekit/cozekit/gen/cozeapi"
)

var collaboratorHandlers = map[string]handler{
	"AddAppCollaborators":          addCollaborators((*exchange).appCollaboration),
	"AddBotCollaborators":          addCollaborators((*exchange).botCollaboration),
	"AddWorkflowCollaborators":     addCollaborators((*exchange).workflowCollaboration),
	"RemoveAppCollaborator":        removeCollaborator((*exchange).appCollaboration),
	"RemoveBotCollaborator":        removeCollaborator((*exchange).botCollaboration),
	"RemoveWorkflowCollaborator":   removeCollaborator((*exchange).workflowCollaboration),
	"SetWorkflowCollaborationMode": setCollaborationMode((*exchange).workflowCollaboration),
	"UpdateBotCollaborationMode":   setCollaborationMode((*exchange).botCollaboration),
}

// collaboration is who works on a bot, an app or a workflow besides its owner.
type collaboration struct {
	on          bool
	ownerID     string
	workspaceID string // empty for a workflow: the fake does not know where that is
	userIDs     []string
}

// collaboration finds or begins one. The caller holds mu.
func (st *state) collaboration(kind, id string, first collaboration) *collaboration {
	key := kind + " " + id
	if st.collaborations[key] == nil {
		st.collaborations[key] = &first
	}
	return st.collaborations[key]
}

// findCollaboration finds that of the thing in the path. The caller holds mu.
type findCollaboration func(*exchange) (*collaboration, error)

func (x *exchange) botCollaboration() (*collaboration, error) {
	b, err := x.botToEdit(x.path["bot_id"])
	if err != nil {
		return nil, err
	}
	return x.srv.state.collaboration("bot", b.id, collaboration{ownerID: b.ownerID, workspaceID: b.workspaceID}), nil
}

// appCollaboration is always on, because apps have no mode of collaboration.
func (x *exchange) appCollaboration() (*collaboration, error) {
	a, err := x.app(x.path["app_id"])
	if err != nil {
		return nil, err
	}
	first := collaboration{on: true, ownerID: a.summary.OwnerUserID, workspaceID: a.workspaceID}
	return x.srv.state.collaboration("app", a.summary.ID, first), nil
}

func (x *exchange) workflowCollaboration() (*collaboration, error) {
	id := x.path["workflow_id"]
	if !isNumber(id) {
		return nil, notFound("workflow", id)
	}
	return x.srv.state.collaboration("workflow", id, collaboration{ownerID: x.caller.userID}), nil
}

// canJoin tells whether a user is a member of the workspace; see [collaboration].
func (x *exchange) canJoin(c *collaboration, userID string) bool {
	return slices.ContainsFunc(x.srv.state.workspaces, func(w *workspace) bool {
		return (c.workspaceID == "" || c.workspaceID == w.ID) && w.members.find(userID) != nil
	})
}

func addCollaborators(find findCollaboration) handler {
	return lockedBody(func(x *exchange, req *cozeapi.AddBotCollaboratorsRequest) (any, error) {
		c, err := find(x)
		if err != nil {
			return nil, err
		}
		switch {
		case len(req.Collaborators) != 1:
			return nil, refuse(codeInvalidParameter, "%d collaborators, want one in a request", len(req.Collaborators))
		case !c.on:
			return nil, refuse(codeInvalidParameter, "the collaboration mode is single")
		}
		id := req.Collaborators[0].UserID
		switch {
		case !x.canJoin(c, id):
			return nil, refuse(codeInvalidParameter, "user %s is no member of the workspace", id)
		case id == c.ownerID, slices.Contains(c.userIDs, id):
			return nil, refuse(codeMemberExists, "user %s works on it already", id)
		}
		c.userIDs = append(c.userIDs, id)
		return nil, nil
	})
}

func removeCollaborator(find findCollaboration) handler {
	return locked(func(x *exchange) (any, error) {
		c, err := find(x)
		if err != nil {
			return nil, err
		}
		i := slices.Index(c.userIDs, x.path["user_id"])
		if i < 0 {
			return nil, notFound("collaborator", x.path["user_id"])
		}
		c.userIDs = slices.Delete(c.userIDs, i, i+1)
		return nil, nil
	})
}

func setCollaborationMode(find findCollaboration) handler {
	return lockedBody(func(x *exchange, req *cozeapi.UpdateBotCollaborationModeRequest) (any, error) {
		c, err := find(x)
		if err != nil {
			return nil, err
		}
		on := req.CollaborationMode == cozeapi.CollaborationModeCollaboration
		if !on && len(c.userIDs) > 0 {
			return nil, refuse(codeInvalidParameter, "remove the %d collaborators first", len(c.userIDs))
		}
		c.on = on
		return nil, nil
	})
}
