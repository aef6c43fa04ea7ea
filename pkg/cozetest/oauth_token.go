package cozetest

import (
	"crypto/subtle"
	"slices"
	"time"

	"github.com/cozekit/cozekit/gen/cozeapi"
)

func (x *exchange) createOAuthToken(req *cozeapi.CreateOAuthTokenRequest) (any, error) {
	if req.GrantType == cozeapi.OAuthGrantTypeJWTBearer {
		return x.jwtToken(req.DurationSeconds, req.Scope, nil, OAuthJWT, OAuthChannel)
	}
	if req.ClientID == "" {
		return nil, refuseOAuth(wordInvalidRequest, "client_id is missing")
	}
	app, err := x.oauthApp(req.ClientID)
	if err != nil {
		return nil, err
	}
	if app.Kind == OAuthWeb && subtle.ConstantTimeCompare([]byte(x.bearerToken()), []byte(app.ClientSecret)) != 1 {
		return nil, refuseOAuth(wordInvalidClient, "the client secret in the header Authorization is missing or wrong")
	}
	kinds := map[cozeapi.OAuthGrantType][]OAuthKind{
		cozeapi.OAuthGrantTypeAuthorizationCode: {OAuthWeb, OAuthPKCE},
		cozeapi.OAuthGrantTypeRefreshToken:      {OAuthWeb, OAuthPKCE, OAuthDevice},
		cozeapi.OAuthGrantTypeDeviceCode:        {OAuthDevice},
	}[req.GrantType]
	if !slices.Contains(kinds, app.Kind) {
		return nil, refuseOAuth(wordUnsupportedGrant, "an app of kind %s cannot use the grant type %s", app.Kind, req.GrantType)
	}
	switch req.GrantType {
	case cozeapi.OAuthGrantTypeAuthorizationCode:
		return x.codeToken(app, req)
	case cozeapi.OAuthGrantTypeRefreshToken:
		return x.refreshedToken(app, req)
	default:
		return x.deviceToken(app, req)
	}
}

// codeToken exchanges an authorization code. A code that is refused for something else can be tried again.
func (x *exchange) codeToken(app *OAuthApp, req *cozeapi.CreateOAuthTokenRequest) (any, error) {
	a := x.srv.state.oauth.codes[req.Code]
	switch {
	case a == nil || a.clientID != app.ClientID:
		return nil, refuseOAuth(wordInvalidRequest, "code is missing or unknown")
	case a.spent:
		return nil, refuseOAuth(wordInvalidRequest, "code was used before")
	case a.expired(x.srv.cfg.clock()):
		return nil, refuseOAuth(wordInvalidRequest, "code has expired")
	case req.RedirectURI != a.redirectURI:
		return nil, refuseOAuth(wordInvalidRequest, "redirect_uri is not that of the authorization")
	case a.challenge != "" && !a.fits(req.CodeVerifier):
		return nil, refuseOAuth(wordInvalidRequest, "code_verifier does not fit the code_challenge, method %s", a.method)
	}
	a.spent = true
	return plain(x.srv.userToken(app.ClientID, a.identity)), nil
}

// refreshedToken exchanges a refresh token, which dies by that.
func (x *exchange) refreshedToken(app *OAuthApp, req *cozeapi.CreateOAuthTokenRequest) (any, error) {
	g := x.srv.state.oauth.refreshes[req.RefreshToken]
	switch {
	case g == nil || g.clientID != app.ClientID:
		return nil, refuseOAuth(wordInvalidRequest, "refresh_token is missing or unknown")
	case g.spent:
		return nil, refuseOAuth(wordInvalidRequest, "refresh_token was used before")
	case g.expired(x.srv.cfg.clock()):
		return nil, refuseOAuth(wordInvalidRequest, "refresh_token has expired")
	}
	g.spent = true
	return plain(x.srv.userToken(app.ClientID, g.identity)), nil
}

// createAccountOAuthToken makes a token for another account, whose user id, or organization id, it stands for.
func (x *exchange) createAccountOAuthToken(req *cozeapi.CreateAccountOAuthTokenRequest) (any, error) {
	account := x.path["account_id"]
	return x.jwtToken(req.DurationSeconds, req.Scope, func(app *OAuthApp, i *identity) error {
		if !slices.Contains(app.Accounts, account) {
			return refuseOAuth(wordAccessDeny, "account %s has not accepted the app", account)
		}
		i.userID = account
		return nil
	}, OAuthJWT, OAuthChannel)
}

func (x *exchange) createEnterpriseOAuthToken(req *cozeapi.CreateEnterpriseOAuthTokenRequest) (any, error) {
	id := x.path["enterprise_id"]
	return x.jwtToken(req.DurationSeconds, req.Scope, func(*OAuthApp, *identity) error {
		if x.srv.state.enterprise(id) == nil {
			return refuseOAuth(wordAccessDeny, "the app does not belong to enterprise %s", id)
		}
		return nil
	}, OAuthEnterprise)
}

// jwtToken exchanges a JWT of an app that is one of some kinds. The token stands for the user behind the server's own token, unless
// change says otherwise.
func (x *exchange) jwtToken(
	duration *int32, scope *cozeapi.OAuthScope, change func(*OAuthApp, *identity) error, kinds ...OAuthKind,
) (any, error) {
	app, claims, err := x.checkJWT(x.bearerToken())
	if err != nil {
		return nil, err
	}
	lifetime := accessLifetime
	if duration != nil {
		lifetime = time.Duration(*duration) * time.Second
	}
	switch {
	case !slices.Contains(kinds, app.Kind):
		return nil, refuseOAuth(wordAccessDeny, "an app of kind %s cannot get this token by a JWT", app.Kind)
	case app.Kind == OAuthChannel && app.ConnectorID == "":
		return nil, refuseOAuth(wordAccessDeny, "connector app should bind connector id")
	case lifetime <= 0:
		return nil, refuseOAuth(wordInvalidRequest, "duration_seconds is %d, want 1 to 86399", *duration)
	}
	i := identity{userID: DefaultUserID, session: claims.SessionName, scopes: app.Scopes}
	if err := i.narrow(scope); err != nil {
		return nil, err
	}
	if change != nil {
		if err := change(app, &i); err != nil {
			return nil, err
		}
	}
	return plain(x.srv.bearer("czs_", i, lifetime)), nil
}
