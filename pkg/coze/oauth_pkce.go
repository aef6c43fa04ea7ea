package coze

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"regexp"
)

// OAuthPKCEApp is an OAuth app of type PKCE: a page or a program that cannot keep a secret.
type OAuthPKCEApp struct {
	ClientID    string                   // such as 1234.app.coze
	RedirectURL string                   // where the browser comes back to; as registered with the app
	WebsiteURL  string                   // scheme and host of the page of consent; see [OAuthWebApp]
	BaseURL     string                   // of the API server, if it must be that of the client; [LoadOAuthApp] sets it
	Method      OAuthCodeChallengeMethod // default S256. Plain shows the verifier in the address of the page
}

// OAuthPKCE logs users in by authorization code, with a verifier in place of a secret. It is safe for concurrent use.
//
// Coze documentation: https://www.coze.cn/open/docs/developer_guides/oauth_pkce (RFC 7636)
type OAuthPKCE struct {
	refreshing
	site     *url.URL
	redirect string
	method   OAuthCodeChallengeMethod
}

// NewOAuthPKCE checks app and binds it to the server of c, whose own token it does not use.
func NewOAuthPKCE(c *Client, app OAuthPKCEApp) (*OAuthPKCE, error) {
	f, site, err := newBrowserFlow(c, app.ClientID, app.BaseURL, app.WebsiteURL)
	if err == nil {
		err = checkRedirect(app.RedirectURL, true)
	}
	switch app.Method {
	case "":
		app.Method = OAuthCodeChallengeMethodS256
	case OAuthCodeChallengeMethodS256, OAuthCodeChallengeMethodPlain:
	default:
		err = errors.Join(err, fmt.Errorf("method %q is neither S256 nor plain", app.Method))
	}
	if err != nil {
		return nil, fmt.Errorf("coze: NewOAuthPKCE: %w", err)
	}
	return &OAuthPKCE{refreshing{oauthFlow: f}, site, app.RedirectURL, app.Method}, nil
}

// NewPKCEVerifier returns a random verifier of 64 characters. Make one for each login, and keep it where only the browser
// that is logged in, or your server, can read it.
func NewPKCEVerifier() string {
	var b [48]byte
	_, _ = rand.Read(b[:]) // never fails
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// pkceVerifier is RFC 7636, section 4.1.
var pkceVerifier = regexp.MustCompile(`^[0-9A-Za-z._~-]{43,128}$`)

var errVerifier = errors.New("coze: the PKCE verifier must have 43 to 128 characters out of letters, digits, '-', '.', '_' and '~'")

// AuthorizeURL is where to send the browser. state must be random, and bound to the browser that is sent there; verifier
// comes from [NewPKCEVerifier].
func (p *OAuthPKCE) AuthorizeURL(state, verifier string) (string, error) {
	return p.AuthorizeURLForWorkspace("", state, verifier)
}

// AuthorizeURLForWorkspace asks for consent for one workspace; see [OAuthWeb.AuthorizeURLForWorkspace].
func (p *OAuthPKCE) AuthorizeURLForWorkspace(workspaceID, state, verifier string) (string, error) {
	if !pkceVerifier.MatchString(verifier) {
		return "", errVerifier
	}
	challenge := verifier
	if p.method == OAuthCodeChallengeMethodS256 {
		sum := sha256.Sum256([]byte(verifier))
		challenge = base64.RawURLEncoding.EncodeToString(sum[:])
	}
	return p.authorizeURL(p.site, workspaceID, url.Values{
		"state": {state}, "redirect_uri": {p.redirect}, "code_challenge": {challenge}, "code_challenge_method": {string(p.method)},
	})
}

// Exchange makes tokens of the code that the browser came back with and of the verifier that it was sent off with.
// Refusals are an [*OAuthError], [ErrInvalidRequest] for a wrong, used or expired code.
//
// API: POST /api/permission/oauth2/token
func (p *OAuthPKCE) Exchange(ctx context.Context, code, verifier string) (TokenPair, error) {
	if code == "" {
		return TokenPair{}, errNoCode
	}
	if !pkceVerifier.MatchString(verifier) {
		return TokenPair{}, errVerifier
	}
	return p.token(ctx, CreateOAuthTokenRequest{
		GrantType: OAuthGrantTypeAuthorizationCode, ClientID: p.clientID,
		Code: code, CodeVerifier: verifier, RedirectURI: p.redirect,
	})
}
