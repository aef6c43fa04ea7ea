package cozetest

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// authorization is a request for the consent of a user, and after that what its code stands for.
type authorization struct {
	grant
	redirectURI string
	state       string
	workspaceID string // empty for all
	challenge   string // of PKCE; empty without
	method      string
}

// authorizeOAuth sends the browser to the page of consent.
func (x *exchange) authorizeOAuth() (any, error) {
	app, err := x.oauthApp(x.query.Get("client_id"))
	if err != nil {
		return nil, err
	}
	a := &authorization{
		grant:       grant{clientID: app.ClientID, expires: x.srv.cfg.clock().Add(codeLifetime)},
		redirectURI: x.query.Get("redirect_uri"), state: x.query.Get("state"), workspaceID: x.path["workspace_id"],
		challenge: x.query.Get("code_challenge"), method: x.query.Get("code_challenge_method"),
	}
	if a.method == "" {
		a.method = "plain"
	}
	switch {
	case app.Kind != OAuthWeb && app.Kind != OAuthPKCE:
		return nil, refuseOAuth(wordAccessDeny, "an app of kind %s cannot ask for consent in a browser", app.Kind)
	case !slices.Contains(app.RedirectURLs, a.redirectURI):
		return nil, refuseOAuth(wordInvalidRequest, "redirect_uri is not registered for the app")
	case app.Kind == OAuthPKCE && a.challenge == "":
		return nil, refuseOAuth(wordInvalidRequest, "code_challenge is missing, which an app without a client secret needs")
	case a.challenge != "" && a.method == "S256" && len(a.challenge) != base64.RawURLEncoding.EncodedLen(sha256.Size):
		return nil, refuseOAuth(wordInvalidRequest, "code_challenge is no SHA-256 hash in base64url without padding")
	case a.challenge != "" && a.method == "plain" && !validVerifier(a.challenge):
		return nil, refuseOAuth(wordInvalidRequest, "code_challenge has not 43 to 128 of the characters that a verifier may have")
	}
	if err := x.checkGrantedWorkspace(a.workspaceID); err != nil {
		return nil, err
	}
	key := x.srv.secret("")
	x.srv.state.oauth.consents[key] = a
	x.redirect(x.baseURL() + consentPath + "?authorize_key=" + url.QueryEscape(key))
	return answered{}, nil
}

// checkGrantedWorkspace refuses a consent for a workspace that does not exist. The caller holds mu.
func (x *exchange) checkGrantedWorkspace(id string) error {
	if id != "" && x.srv.state.workspace(id) == nil {
		return refuseOAuth(wordInvalidRequest, "workspace %s does not exist", id)
	}
	return nil
}

func (x *exchange) redirect(to string) {
	x.w.Header().Set("Location", to)
	x.finish(http.StatusFound)
}

// validVerifier tells whether a text can be a PKCE verifier, by RFC 7636 section 4.1.
func validVerifier(v string) bool {
	const unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
	return len(v) >= 43 && len(v) <= 128 && strings.Trim(v, unreserved) == ""
}

// fits tells whether a verifier belongs to the challenge.
func (a *authorization) fits(verifier string) bool {
	made := verifier
	if a.method == "S256" {
		sum := sha256.Sum256([]byte(verifier))
		made = base64.RawURLEncoding.EncodeToString(sum[:])
	}
	return validVerifier(verifier) && subtle.ConstantTimeCompare([]byte(made), []byte(a.challenge)) == 1
}

// decide ends a consent and tells where the browser goes. The caller holds mu.
func (x *exchange) decide(key string, a *authorization, allow bool, userID string) string {
	st := &x.srv.state
	delete(st.oauth.consents, key)
	back := url.Values{"state": {a.state}}
	if !allow {
		back.Set("error", wordAccessDenied)
		return withQuery(a.redirectURI, back)
	}
	code := x.srv.secret("code_")
	a.identity = st.oauth.apps[a.clientID].identity(userID, a.workspaceID)
	a.expires = x.srv.cfg.clock().Add(codeLifetime)
	st.oauth.codes[code] = a
	back.Set("code", code)
	return withQuery(a.redirectURI, back)
}

// identity is whom a token stands for after a user's consent.
func (app *OAuthApp) identity(userID, workspaceID string) identity {
	i := identity{userID: userID, scopes: app.Scopes}
	if workspaceID != "" {
		i.workspaces, i.oneWorkspace = []string{workspaceID}, true
	}
	return i
}

// withQuery adds parameters to an address that may have some.
func withQuery(address string, more url.Values) string {
	mark := "?"
	if strings.Contains(address, "?") {
		mark = "&"
	}
	return address + mark + more.Encode()
}

func (g *grant) expired(now time.Time) bool { return !now.Before(g.expires) }
