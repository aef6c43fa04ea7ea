package cozetest

import (
	"github.com/cozekit/cozekit/gen/cozeapi"
)

var workspaceMemberHandlers = map[string]handler{
	"AddWorkspaceMembers":    lockedBody((*exchange).addWorkspaceMembers),
	"ListWorkspaceMembers":   locked((*exchange).listWorkspaceMembers),
	"RemoveWorkspaceMembers": lockedBody((*exchange).removeWorkspaceMembers),
}

const (
	roleOwner  = "owner"
	roleAdmin  = "admin"
	roleMember = "member"
)

// Member makes a user a member of a workspace, as one is who accepts an invitation. It panics if there is no such workspace.
func (s *Server) Member(workspaceID, userID string) {
	now := s.now()
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	w := s.state.workspace(workspaceID)
	if w == nil {
		panic("cozetest: no workspace " + workspaceID)
	}
	role := roleMember
	if r, ok := w.invited[userID]; ok {
		role = r
	}
	delete(w.invited, userID)
	if w.members.find(userID) == nil {
		w.members = append(w.members, &member{userID, role, now})
	}
}

type wireMember struct {
	UserID     string `json:"user_id"`
	RoleType   string `json:"role_type"`
	Nickname   string `json:"user_nickname"`
	UniqueName string `json:"user_unique_name"`
	AvatarURL  string `json:"avatar_url"`
}

func (x *exchange) listWorkspaceMembers() (any, error) {
	w, err := x.workspace(x.path["workspace_id"])
	if err != nil {
		return nil, err
	}
	found := []wireMember{}
	for _, m := range w.members {
		p := profileOf(m.userID)
		found = append(found, wireMember{m.userID, m.role, p.NickName, p.UserName, p.AvatarURL})
	}
	items, _ := page(found, x.number("page_num", 1), x.number("page_size", 20))
	return map[string]any{"items": items, "total_count": len(found)}, nil
}

// addWorkspaceMembers makes employees of the enterprise members at once. Others get an invitation, and the list of members has
// them when they accept it; see [Server.Member].
func (x *exchange) addWorkspaceMembers(req *cozeapi.AddWorkspaceMembersRequest) (any, error) {
	w, err := x.workspace(x.path["workspace_id"])
	if err != nil {
		return nil, err
	}
	e := x.srv.state.enterprise(w.EnterpriseID)
	for _, u := range req.Users {
		if e != nil && isNumber(u.UserID) && e.members.find(u.UserID) == nil {
			return nil, refuse(codeNotInEnterprise, "user %s does not belong to enterprise %s", u.UserID, e.id)
		}
	}
	added, invited, unknown, joined, before := []string{}, []string{}, []string{}, []string{}, []string{}
	for _, u := range req.Users {
		switch _, open := w.invited[u.UserID]; {
		case !isNumber(u.UserID):
			unknown = append(unknown, u.UserID)
		case w.members.find(u.UserID) != nil:
			joined = append(joined, u.UserID)
		case open:
			before = append(before, u.UserID)
		case e != nil:
			added = append(added, u.UserID)
			w.members = append(w.members, &member{u.UserID, string(u.RoleType), x.srv.now()})
		default:
			invited = append(invited, u.UserID)
			w.invited[u.UserID] = string(u.RoleType)
		}
	}
	return map[string]any{
		"added_success_user_ids": added, "invited_success_user_ids": invited, "not_exist_user_ids": unknown,
		"already_joined_user_ids": joined, "already_invited_user_ids": before,
	}, nil
}

func (x *exchange) removeWorkspaceMembers(req *cozeapi.RemoveWorkspaceMembersRequest) (any, error) {
	w, err := x.workspace(x.path["workspace_id"])
	if err != nil {
		return nil, err
	}
	removed, strangers, owners := []string{}, []string{}, []string{}
	for _, id := range req.UserIDs {
		switch m := w.members.find(id); {
		case m == nil:
			strangers = append(strangers, id)
		case m.role == roleOwner:
			owners = append(owners, id)
		default:
			removed = append(removed, id)
			w.members.remove(id)
		}
	}
	return map[string]any{
		"removed_success_user_ids": removed, "not_in_workspace_user_ids": strangers, "owner_not_support_remove_user_ids": owners,
	}, nil
}
