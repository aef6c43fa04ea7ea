package cozetest

import (
	"slices"
	"strconv"
)

var workspaceHandlers = map[string]handler{
	"GetCurrentUser": (*exchange).getCurrentUser,
	"ListWorkspaces": locked((*exchange).listWorkspaces),
}

// workspace is a workspace as listings show it, role_type and admin_uids apart, with what they do not show.
type workspace struct {
	ID            string   `json:"id"`
	Name          string   `json:"name"`
	IconURL       string   `json:"icon_url"`
	RoleType      string   `json:"role_type"`
	WorkspaceType string   `json:"workspace_type"`
	EnterpriseID  string   `json:"enterprise_id"`
	JoinedStatus  string   `json:"joined_status"`
	Description   string   `json:"description"`
	OwnerUID      string   `json:"owner_uid"`
	AdminUIDs     []string `json:"admin_uids"`

	organizationID string
	members        members
	invited        map[string]string // roles by user id
}

func newWorkspace(id, name, kind, ownerID string, now int64) *workspace {
	return &workspace{
		ID: id, Name: name, IconURL: "https://example.com/workspace.png", WorkspaceType: kind, JoinedStatus: "joined",
		OwnerUID: ownerID, members: members{{ownerID, roleOwner, now}}, invited: map[string]string{},
	}
}

// workspace finds a workspace. The caller holds mu.
func (st *state) workspace(id string) *workspace {
	if i := slices.IndexFunc(st.workspaces, func(w *workspace) bool { return w.ID == id }); i >= 0 {
		return st.workspaces[i]
	}
	return nil
}

// workspace finds a workspace of the caller. The caller holds mu.
func (x *exchange) workspace(id string) (*workspace, error) {
	w := x.srv.state.workspace(id)
	if w == nil || w.members.find(x.caller.userID) == nil || !x.caller.mayUseWorkspace(id) {
		return nil, refuse(codePermissionDenied, "the token has no access to workspace %s", id)
	}
	return w, nil
}

// seenBy is the workspace as one of its members sees it.
func (w *workspace) seenBy(m *member) workspace {
	seen := *w
	seen.RoleType, seen.AdminUIDs = m.role, []string{}
	for _, o := range w.members {
		if o.role == roleAdmin {
			seen.AdminUIDs = append(seen.AdminUIDs, o.userID)
		}
	}
	return seen
}

type userProfile struct {
	UserID    string `json:"user_id"`
	UserName  string `json:"user_name"`
	NickName  string `json:"nick_name"`
	AvatarURL string `json:"avatar_url"`
}

func profileOf(userID string) userProfile {
	return userProfile{userID, "user" + userID[max(0, len(userID)-4):], "Fake user", "https://example.com/user.png"}
}

func (x *exchange) getCurrentUser() (any, error) { return profileOf(x.caller.userID), nil }

// listWorkspaces lists those of the caller, or those of another user in an organization.
func (x *exchange) listWorkspaces() (any, error) {
	if x.query.Has("user_id") != x.query.Has("coze_account_id") {
		return nil, refuse(codeInvalidParameter, "user_id and coze_account_id go together")
	}
	userID, account := x.caller.userID, x.query.Get("coze_account_id")
	if account != "" {
		userID = x.query.Get("user_id")
		if _, _, err := x.organization(account); err != nil {
			return nil, err
		}
	}
	found := []workspace{}
	for _, w := range x.srv.state.workspaces {
		e, m := x.query.Get("enterprise_id"), w.members.find(userID)
		if !x.caller.mayUseWorkspace(w.ID) {
			continue
		}
		if m != nil && (e == "" || e == w.EnterpriseID) && (account == "" || account == w.organizationID) {
			found = append(found, w.seenBy(m))
		}
	}
	items, _ := page(found, x.number("page_num", 1), x.number("page_size", 20))
	return map[string]any{"workspaces": items, "total_count": len(found)}, nil
}

// number is a query parameter. The contract has been checked, so that it is a number if it is there.
func (x *exchange) number(name string, otherwise int) int {
	n, err := strconv.Atoi(x.query.Get(name))
	if err != nil {
		return otherwise
	}
	return n
}
