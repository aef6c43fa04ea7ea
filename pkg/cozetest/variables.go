package cozetest

import (
	"maps"
	"slices"
	"strings"

	"github.com/cozekit/cozekit/gen/cozeapi"
)

var variableHandlers = map[string]handler{
	"RetrieveVariables": locked((*exchange).retrieveVariables),
	"UpdateVariables":   lockedBody((*exchange).updateVariables),
}

// variableScope is whose variables they are.
type variableScope struct{ ownerID, channel, userID string }

type variable struct {
	Keyword    string `json:"keyword"`
	Value      string `json:"value"`
	CreateTime int64  `json:"create_time"`
	UpdateTime int64  `json:"update_time"`
}

// Variables declares the variables of a bot or an app, and the values that they have before they are set. The bot or app takes no
// other names then; before, it takes all.
func (s *Server) Variables(ownerID string, defaults map[string]string) {
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	s.state.declared[ownerID] = maps.Clone(defaults)
}

// variableScope checks the bot or app whose variables a request means. The caller holds mu.
func (x *exchange) variableScope(botID, appID, channel, userID string) (variableScope, error) {
	if channel == "" {
		channel = apiConnector
	}
	st := &x.srv.state
	switch {
	case (botID == "") == (appID == ""):
		return variableScope{}, refuse(codeInvalidParameter, "give one of bot_id and app_id")
	case channel != apiConnector && channel != chatSDKConnector:
		return variableScope{}, refuse(codeInvalidParameter, "channel %s has no variables", channel)
	case botID != "" && st.bot(botID) == nil:
		return variableScope{}, notFound("bot", botID)
	case appID != "" && st.app(appID) == nil:
		return variableScope{}, notFound("app", appID)
	}
	return variableScope{botID + appID, channel, userID}, nil
}

func (x *exchange) retrieveVariables() (any, error) {
	q := x.query
	scope, err := x.variableScope(q.Get("bot_id"), q.Get("app_id"), q.Get("connector_id"), q.Get("connector_uid"))
	if err != nil {
		return nil, err
	}
	all := map[string]variable{}
	declared, limited := x.srv.state.declared[scope.ownerID]
	for name, value := range declared {
		all[name] = variable{Keyword: name, Value: value}
	}
	for name, v := range x.srv.state.variables[scope] {
		if _, ok := declared[name]; ok || !limited {
			all[name] = *v
		}
	}
	wanted := strings.Split(q.Get("keywords"), ",")
	items := []variable{}
	for _, name := range sortedKeys(all) {
		if q.Get("keywords") == "" || slices.Contains(wanted, name) {
			items = append(items, all[name])
		}
	}
	return map[string]any{"items": items}, nil
}

func (x *exchange) updateVariables(req *cozeapi.UpdateVariablesRequest) (any, error) {
	scope, err := x.variableScope(req.BotID, req.AppID, req.ConnectorID, req.ConnectorUID)
	if err != nil {
		return nil, err
	}
	st := &x.srv.state
	declared, limited := st.declared[scope.ownerID]
	for _, v := range req.Data {
		_, known := declared[v.Keyword]
		switch {
		case strings.HasPrefix(v.Keyword, "sys_"):
			return nil, refuse(codeInvalidParameter, "variable %s belongs to the system", v.Keyword)
		case v.Keyword == "", limited && !known:
			return nil, refuse(codeInvalidParameter, "variable %q does not exist", v.Keyword)
		}
	}
	values := st.variables[scope]
	if values == nil {
		values = map[string]*variable{}
		st.variables[scope] = values
	}
	now := x.srv.now()
	for _, v := range req.Data {
		if values[v.Keyword] == nil {
			values[v.Keyword] = &variable{Keyword: v.Keyword, CreateTime: now}
		}
		values[v.Keyword].Value, values[v.Keyword].UpdateTime = v.Value, now
	}
	return nil, nil
}
