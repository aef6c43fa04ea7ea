package cozetest

import (
	"fmt"
	"net/http"
	"strings"
)

var oauthHandlers = map[string]handler{
	"AuthorizeOAuth":             locked((*exchange).authorizeOAuth),
	"AuthorizeOAuthForWorkspace": locked((*exchange).authorizeOAuth),
	"CreateAccountOAuthToken":    lockedBody((*exchange).createAccountOAuthToken),
	"CreateDeviceCode":           lockedBody((*exchange).createDeviceCode),
	"CreateEnterpriseOAuthToken": lockedBody((*exchange).createEnterpriseOAuthToken),
	"CreateOAuthToken":           lockedBody((*exchange).createOAuthToken),
	"CreateWorkspaceDeviceCode":  lockedBody((*exchange).createDeviceCode),
}

// Words of api/errors.yaml that OAuth endpoints refuse with.
const (
	wordAccessDenied     = "access_denied" // the user said no
	wordAccessDeny       = "access_deny"   // the app may not do this
	wordPending          = "authorization_pending"
	wordExpired          = "expired_token"
	wordInternal         = "internal_error"
	wordInvalidClient    = "invalid_client"
	wordInvalidRequest   = "invalid_request"
	wordSlowDown         = "slow_down"
	wordUnsupportedGrant = "unsupported_grant_type"
)

// refuseOAuth makes the refusal of an OAuth endpoint.
func refuseOAuth(word, format string, args ...any) *refusal {
	no := &refusal{word: word, msg: fmt.Sprintf(format, args...), status: http.StatusBadRequest}
	switch word {
	case wordInvalidClient:
		no.status = http.StatusUnauthorized
	case wordAccessDeny:
		no.status = http.StatusForbidden
	}
	return no
}

// speaksOAuth tells whether the operation refuses in the form of OAuth, and checks for itself who calls.
func (x *exchange) speaksOAuth() bool {
	return x.op != nil && strings.HasPrefix(x.op.route.Path, "/api/permission/oauth2/")
}

// sendOAuthRefusal sends a refusal in the form of OAuth. The vendor's SDKs read the word in either of the two fields.
func (x *exchange) sendOAuthRefusal(no *refusal) {
	switch {
	case no.word != "":
	case no.code == codeInternal:
		no = &refusal{word: wordInternal, msg: no.msg, status: http.StatusInternalServerError}
	default:
		no = refuseOAuth(wordInvalidRequest, "%s", no.msg)
	}
	x.sendPlain(no.status, map[string]any{"error_code": no.word, "error": no.word, "error_message": no.msg})
}

// sendPlain sends an answer without the envelope.
func (x *exchange) sendPlain(status int, fields map[string]any) {
	text, err := encodeJSON(fields)
	if err != nil {
		x.violate("/answer", "json", err.Error())
	}
	x.checkAnswer(status, 0, text)
	x.w.Header().Set("Content-Type", "application/json")
	x.w.Header().Set("Cache-Control", "no-store")
	x.finish(status)
	_, _ = x.w.Write(text)
}

// plain is a result that is sent without the envelope.
type plain map[string]any

// baseURL is the address that the client has reached this server by.
func (x *exchange) baseURL() string {
	if x.r.TLS != nil {
		return "https://" + x.r.Host
	}
	return "http://" + x.r.Host
}

// bearerToken is what the header Authorization carries; empty without one.
func (x *exchange) bearerToken() string {
	authorization := x.r.Header.Get("Authorization")
	if x.op != nil && x.op.socket != nil {
		authorization = x.socketAuthorization()
	}
	scheme, token, _ := strings.Cut(authorization, " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

// oauthApp finds an app. The caller holds mu.
func (x *exchange) oauthApp(clientID string) (*OAuthApp, error) {
	app := x.srv.state.oauth.apps[clientID]
	if app == nil {
		return nil, refuseOAuth(wordInvalidClient, "there is no OAuth app %q", clientID)
	}
	return app, nil
}
