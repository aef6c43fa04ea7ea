package cozetest

import (
	"sync"
)

// state is what the fake platform holds. mu guards all of it, the fields of what it points to included.
type state struct {
	mu            sync.Mutex
	tokens        map[string]*identity
	workspaces    []*workspace
	bots          []*bot // in the order of their registration
	conversations map[string]*conversation
	order         []*conversation // conversations in the order of their creation
	chats         map[string]*chat
	files         map[string]*file
	platform
	resources
	oauth     oauthState
	workflows workflowState
}

// Ids of what every server has from the start.
const (
	DefaultBotID       = "7400000000000000001" // the bot that answers with [Echo]
	DefaultWorkspaceID = "7400000000000000002" // the personal workspace that has the bots of [Server.Bot]
	DefaultUserID      = "7400000000000000003" // the user behind the token
)

func (s *Server) initState() {
	now := s.now()
	s.state.tokens = map[string]*identity{s.cfg.token: {userID: DefaultUserID}}
	s.state.workspaces = []*workspace{newWorkspace(DefaultWorkspaceID, "Personal", "personal", DefaultUserID, now)}
	s.state.conversations = map[string]*conversation{}
	s.state.chats = map[string]*chat{}
	s.state.files = map[string]*file{}
	s.state.platform = newPlatform(now)
	s.state.resources = newResources(now)
	s.state.oauth = newOAuthState()
	s.state.workflows = newWorkflowState()
	s.setBot(DefaultBotID, Echo, true)
	s.setWorkflow(DefaultWorkflowID, EchoWorkflow, modeWorkflow, true)
}

// now is the time for answers, in Unix seconds.
func (s *Server) now() int64 { return s.cfg.clock().Unix() }

func (st *state) identity(token string) *identity {
	st.mu.Lock()
	defer st.mu.Unlock()
	return st.tokens[token]
}

// page cuts page num, which counts from 1, of size items out of a list, and tells whether more follow.
func page[T any](list []T, num, size int) (items []T, more bool) {
	from := (num - 1) * size
	if from < 0 || from >= len(list) {
		return []T{}, false
	}
	to := min(from+size, len(list))
	return list[from:to], to < len(list)
}
