package coze

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// OAuthWebApp is an OAuth app of type web: a server that can keep a secret. It prints as [redacted].
type OAuthWebApp struct {
	hidden
	ClientID     string // such as 1234.app.coze
	ClientSecret string
	RedirectURL  string // where the browser comes back to; as registered with the app
	WebsiteURL   string // scheme and host of the page of consent; default: www.coze.cn or www.coze.com, or the client's server
	BaseURL      string // of the API server, if it must be that of the client; [LoadOAuthApp] sets it
}

// OAuthWeb logs users in by authorization code: send the browser to [OAuthWeb.AuthorizeURL], take state and code from the
// query that it comes back with, compare the state, and exchange the code within minutes. Package oauth has the HTTP
// handlers for that. It is safe for concurrent use.
//
// Coze documentation: https://www.coze.cn/open/docs/developer_guides/oauth_code (RFC 6749, section 4.1)
type OAuthWeb struct {
	refreshing
	site     *url.URL
	redirect string
}

// NewOAuthWeb checks app and binds it to the server of c, whose own token it does not use.
func NewOAuthWeb(c *Client, app OAuthWebApp) (*OAuthWeb, error) {
	f, site, err := newBrowserFlow(c, app.ClientID, app.BaseURL, app.WebsiteURL)
	if err == nil {
		err = checkRedirect(app.RedirectURL, false)
	}
	if err == nil && (app.ClientSecret == "" || strings.ContainsFunc(app.ClientSecret, notPlain)) {
		err = errors.New("ClientSecret is empty or has spaces or control characters")
	}
	if err != nil {
		return nil, fmt.Errorf("coze: NewOAuthWeb: %w", err)
	}
	secret := []CallOption{WithCallToken(StaticToken(app.ClientSecret))}
	return &OAuthWeb{refreshing{f, secret}, site, app.RedirectURL}, nil
}

func newBrowserFlow(c *Client, clientID, baseURL, websiteURL string) (*oauthFlow, *url.URL, error) {
	f, err := newOAuthFlow(c, clientID, baseURL)
	if err != nil {
		return nil, nil, err
	}
	site, err := f.website(websiteURL)
	return f, site, err
}

// AuthorizeURL is where to send the browser. state must be random, and bound to the browser that is sent there.
func (w *OAuthWeb) AuthorizeURL(state string) (string, error) {
	return w.AuthorizeURLForWorkspace("", state)
}

// AuthorizeURLForWorkspace asks for consent for one workspace, on enterprise plans. The token then serves this workspace
// alone, without permissions on the level of the account, such as those for conversations and messages.
//
// Coze documentation: https://www.coze.cn/open/docs/developer_guides/oauth_collaborate
func (w *OAuthWeb) AuthorizeURLForWorkspace(workspaceID, state string) (string, error) {
	return w.authorizeURL(w.site, workspaceID, url.Values{"state": {state}, "redirect_uri": {w.redirect}})
}

// Exchange makes tokens of the code that the browser came back with. A code works once. Refusals are an [*OAuthError]:
// [ErrInvalidRequest] for a wrong, used or expired code, [ErrInvalidClient] for a wrong secret.
//
// API: POST /api/permission/oauth2/token
func (w *OAuthWeb) Exchange(ctx context.Context, code string) (TokenPair, error) {
	if code == "" {
		return TokenPair{}, errNoCode
	}
	return w.token(ctx, CreateOAuthTokenRequest{
		GrantType: OAuthGrantTypeAuthorizationCode, ClientID: w.clientID, Code: code, RedirectURI: w.redirect,
	}, w.secret...)
}

var errNoCode = errors.New("coze: CreateOAuthToken: the authorization code is empty")
