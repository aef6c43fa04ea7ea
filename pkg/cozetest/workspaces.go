package cozetest

import "strconv"

var workspaceHandlers = map[string]handler{
	"GetCurrentUser": (*exchange).getCurrentUser,
	"ListWorkspaces": (*exchange).listWorkspaces,
}

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
}

func newPersonalWorkspace() *workspace {
	return &workspace{
		ID: DefaultWorkspaceID, Name: "Personal", IconURL: "https://example.com/workspace.png", RoleType: "owner",
		WorkspaceType: "personal", JoinedStatus: "joined", OwnerUID: DefaultUserID, AdminUIDs: []string{},
	}
}

type userProfile struct {
	UserID    string `json:"user_id"`
	UserName  string `json:"user_name"`
	NickName  string `json:"nick_name"`
	AvatarURL string `json:"avatar_url"`
}

func (x *exchange) getCurrentUser() (any, error) {
	return userProfile{x.caller.userID, "user" + x.caller.userID[len(x.caller.userID)-4:], "Fake user", "https://example.com/user.png"}, nil
}

func (x *exchange) listWorkspaces() (any, error) {
	st := &x.srv.state
	if x.query.Has("user_id") != x.query.Has("coze_account_id") {
		return nil, refuse(codeInvalidParameter, "user_id and coze_account_id go together")
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	var found []*workspace
	for _, w := range st.workspaces {
		if e := x.query.Get("enterprise_id"); e == "" || e == w.EnterpriseID {
			found = append(found, w)
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
