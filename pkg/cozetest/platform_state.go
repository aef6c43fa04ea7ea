package cozetest

import "strings"

// Ids of what else every server has from the start.
const (
	DefaultAppID          = "7400000000000000011" // a published app
	DefaultFolderID       = "7400000000000000012" // a folder without children
	DefaultTemplateID     = "7400000000000000013" // a template of the store
	DefaultEnterpriseID   = "volcano_2100000000"  // an enterprise, whose administrator is the user behind the token
	DefaultOrganizationID = "7400000000000000014" // its default organization
)

// platform is the part of the state that is about people and what they build. The mutex of the state guards it.
type platform struct {
	apps           []*app
	folders        []*folder
	enterprises    []*enterprise
	collaborations map[string]*collaboration // by kind and id
	copyTasks      map[string]*copyTask
	declared       map[string]map[string]string // default values of variables, by owner and name
	variables      map[variableScope]map[string]*variable
}

func newPlatform(now int64) platform {
	return platform{
		apps:           []*app{newPublishedApp(DefaultAppID, now)},
		folders:        []*folder{{id: DefaultFolderID}},
		enterprises:    []*enterprise{newDefaultEnterprise(now)},
		collaborations: map[string]*collaboration{},
		copyTasks:      map[string]*copyTask{},
		declared:       map[string]map[string]string{},
		variables:      map[variableScope]map[string]*variable{},
	}
}

// locked makes a handler that holds mu.
func locked(h handler) handler {
	return func(x *exchange) (any, error) {
		x.srv.state.mu.Lock()
		defer x.srv.state.mu.Unlock()
		return h(x)
	}
}

// lockedBody is locked for a handler that takes the JSON body.
func lockedBody[R any](h func(*exchange, *R) (any, error)) handler {
	return locked(func(x *exchange) (any, error) {
		var req R
		if err := x.decode(&req); err != nil {
			return nil, err
		}
		return h(x, &req)
	})
}

// isNumber tells whether an id is made of digits. The fake knows no users and no workflows one by one: each such id is one of them.
func isNumber(id string) bool { return id != "" && strings.Trim(id, "0123456789") == "" }

// iconURL finds the URL of an icon that the caller has uploaded. It is otherwise without a file. The caller holds mu.
func (x *exchange) iconURL(fileID, otherwise string) (string, error) {
	if fileID == "" {
		return otherwise, nil
	}
	if f := x.srv.state.files[fileID]; f == nil || f.owner != x.caller.userID {
		return "", notFound("file", fileID)
	}
	return "https://example.com/icons/" + fileID + ".png", nil
}
