package coze

import (
	"encoding/json"
	"fmt"
	"time"
)

// tokenState is what a TokenStore holds, as JSON. Times are Unix milliseconds, 0 if unknown.
type tokenState struct {
	App      string `json:"app"`
	Access   string `json:"access_token"`
	Refresh  string `json:"refresh_token,omitempty"`
	Issued   int64  `json:"issued_ms,omitempty"`
	Expires  int64  `json:"expires_ms,omitempty"`
	Renewing int64  `json:"renewing_since_ms,omitempty"` // a renewal began then, and its end is not known
	Lost     string `json:"lost,omitempty"`              // why Refresh is void
}

// The values of tokenState.Lost.
const (
	lostRefused     = "refused"
	lostInterrupted = "interrupted"
)

func newTokenState(app string, p TokenPair, now time.Time) tokenState {
	s := tokenState{App: app, Access: p.Access, Refresh: p.Refresh, Issued: now.UnixMilli()}
	if !p.Expires.IsZero() {
		s.Expires = p.Expires.UnixMilli()
	}
	return s
}

func (s *tokenState) encode() ([]byte, error) { return json.Marshal(s) }

func decodeTokenState(raw []byte) (tokenState, error) {
	var s tokenState
	if len(raw) == 0 {
		return s, nil
	}
	if json.Unmarshal(raw, &s) != nil { // its error might show a piece
		return tokenState{}, fmt.Errorf("coze: the content of the token store is damaged: %w", ErrLoginRequired)
	}
	return s, nil
}

func (s *tokenState) token() Token {
	t := Token{Access: s.Access}
	if s.Expires != 0 {
		t.Expires = time.UnixMilli(s.Expires)
	}
	return t
}

// good tells a token that need not be renewed.
func (s *tokenState) good(now time.Time, refused string) bool {
	if s.Access == "" || s.Access == refused {
		return false
	}
	margin := renewMargin
	if s.Issued != 0 {
		margin = min(margin, time.Duration(max(s.Expires-s.Issued, 0))*time.Millisecond/renewFraction)
	}
	return s.Expires == 0 || now.Add(margin).UnixMilli() < s.Expires
}

// bearable tells a token that should be renewed, but works until that succeeds.
func (s *tokenState) bearable(now time.Time, refused string) bool {
	return s.Access != "" && s.Access != refused && (s.Expires == 0 || now.UnixMilli() < s.Expires)
}

// lost is the error of a session that is over.
func (s *tokenState) lost(cause error) error {
	why := "the refresh token is void: revoked, over 30 days old, or used elsewhere"
	if s.Lost == lostInterrupted {
		why = "a renewal that began at " + time.UnixMilli(s.Renewing).UTC().Format(time.RFC3339) +
			" ended before its tokens were stored, and they are lost"
	}
	if cause == nil {
		return fmt.Errorf("coze: %s: %w", why, ErrLoginRequired)
	}
	return fmt.Errorf("coze: %s: %w: %w", why, ErrLoginRequired, cause)
}
