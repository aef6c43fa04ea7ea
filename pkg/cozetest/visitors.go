package cozetest

import (
	"slices"
	"time"
)

// Visitor is somebody whom a token stands for. Visitors of different users or session names never see each other's conversations,
// chats and runs.
type Visitor struct {
	UserID      string        // [DefaultUserID] if it is empty
	SessionName string        // as session_name in a JWT: one user of an app among many
	Permissions []string      // that the token has, by the names of x-coze-permission in the document; all if nil
	Lifetime    time.Duration // by the clock of the server; 0 is without end
}

// TokenFor makes a token for a visitor, without a flow of OAuth.
func (s *Server) TokenFor(v Visitor) string {
	i := identity{userID: v.UserID, session: v.SessionName, scopes: slices.Clone(v.Permissions)}
	if i.userID == "" {
		i.userID = DefaultUserID
	}
	if v.Lifetime != 0 {
		i.expires = s.cfg.clock().Add(v.Lifetime).Unix()
	}
	token := s.secret("czs_")
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	s.state.tokens[token] = &i
	return token
}
