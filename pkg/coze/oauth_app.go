package coze

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/cozekit/cozekit/pkg/call"
)

// OAuthApp is the settings of an OAuth app, one of [OAuthWebApp], [OAuthPKCEApp], [OAuthDeviceApp] and [OAuthJWTApp];
// [LoadOAuthApp] returns one.
type OAuthApp interface{ oauthApp() }

func (OAuthWebApp) oauthApp()    {}
func (OAuthPKCEApp) oauthApp()   {}
func (OAuthDeviceApp) oauthApp() {}
func (OAuthJWTApp) oauthApp()    {}

// oauthFlow is what the flows share: the server, and the id of the app there.
type oauthFlow struct {
	client   *Client
	base     *url.URL
	clientID string
}

func newOAuthFlow(c *Client, clientID, baseURL string) (*oauthFlow, error) {
	if c == nil {
		return nil, errors.New("the client is nil")
	}
	cfg := c.transport.Config()
	if cfg.Studio {
		return nil, fmt.Errorf("a self-hosted Coze Studio has no OAuth: %w", ErrUnsupported)
	}
	if clientID == "" || strings.ContainsFunc(clientID, notPlain) {
		return nil, errors.New("ClientID is empty or has spaces or control characters")
	}
	if baseURL != "" {
		u, err := parseBaseURL(baseURL, true)
		if err != nil {
			return nil, err
		}
		if server := serverOf(u); server != serverOf(cfg.BaseURL) {
			return nil, wrongServer("the app", server, serverOf(cfg.BaseURL))
		}
	}
	return &oauthFlow{c, cfg.BaseURL, clientID}, nil
}

func notPlain(r rune) bool { return r <= ' ' || r == 0x7f }

func serverOf(u *url.URL) string { return strings.ToLower(u.Scheme+"://"+u.Host) + u.Path }

func wrongServer(what, server, client string) error {
	return fmt.Errorf("%s is for %s, but the client for %s: apps and tokens of one region mean nothing in the other", what, server, client)
}

// checkServer refuses a source whose tokens come from another server than that of the client.
func checkServer(source TokenSource, base *url.URL) error {
	s, ok := source.(*OAuthTokenSource)
	if ok && s != nil && s.r.server != "" && s.r.server != serverOf(base) {
		return wrongServer("the token source", s.r.server, serverOf(base))
	}
	return nil
}

// website finds the host of the pages for browsers.
func (f *oauthFlow) website(own string) (*url.URL, error) {
	if own == "" {
		switch f.base.Hostname() {
		case "api.coze.cn":
			own = "https://www.coze.cn"
		case "api.coze.com":
			own = "https://www.coze.com"
		default:
			return f.base, nil
		}
	}
	u, err := url.Parse(own)
	if err != nil || u.Host == "" || u.Scheme != "https" && (u.Scheme != "http" || !isLoopback(u.Hostname())) {
		return nil, errors.New("WebsiteURL is not of the form https://host")
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, errors.New("WebsiteURL has a user, a query or a fragment")
	}
	if api := apiHost(u.Hostname()); api != "" && api != serverOf(f.base) && hosted(f.base) {
		return nil, wrongServer("WebsiteURL", own, serverOf(f.base))
	}
	u.Path = strings.TrimRight(u.Path, "/")
	return u, nil
}

func hosted(base *url.URL) bool { return serverOf(base) == BaseURLCN || serverOf(base) == BaseURLCom }

var plainID = regexp.MustCompile(`^[0-9A-Za-z_-]+$`)

// authorizeURL builds the address of the page of consent.
func (f *oauthFlow) authorizeURL(site *url.URL, workspaceID string, query url.Values) (string, error) {
	if query.Get("state") == "" {
		return "", errors.New("coze: AuthorizeURL: state is empty: without it, nobody can tell a login from a forged one")
	}
	path := "/api/permission/oauth2/authorize"
	if workspaceID != "" {
		if !plainID.MatchString(workspaceID) {
			return "", fmt.Errorf("coze: AuthorizeURL: workspace id %q is no id", workspaceID)
		}
		path = "/api/permission/oauth2/workspace_id/" + workspaceID + "/authorize"
	}
	query.Set("response_type", string(OAuthResponseTypeCode))
	query.Set("client_id", f.clientID)
	u := *site
	u.Path, u.RawPath, u.RawQuery = site.Path+path, "", query.Encode()
	return u.String(), nil
}

// checkRedirect checks the address that a browser comes back to. Apps on devices may have schemes of their own.
func checkRedirect(raw string, native bool) error {
	u, err := url.Parse(raw)
	switch {
	case raw == "":
		return errors.New("RedirectURL is empty: give the one that is registered with the app")
	case err != nil || u.Scheme == "" || (u.Scheme == "https" || u.Scheme == "http" || !native) && u.Host == "":
		return errors.New("RedirectURL is not an absolute URL")
	case !native && u.Scheme != "https" && u.Scheme != "http":
		return errors.New("RedirectURL is neither https nor http")
	case u.Fragment != "" || u.User != nil:
		return errors.New("RedirectURL has a fragment or a user")
	}
	return nil
}

// token sends a request of the app's to the ordinary token endpoint.
func (f *oauthFlow) token(ctx context.Context, req CreateOAuthTokenRequest, opts ...CallOption) (TokenPair, error) {
	return f.obtain(opts, func(opts []CallOption) (*OAuthToken, error) {
		return f.client.OAuth.CreateToken(ctx, req, opts...)
	})
}

// refreshing is a flow that yields refresh tokens.
type refreshing struct {
	*oauthFlow
	secret []CallOption // of a web app
}

// Refresh makes a new pair of a refresh token, which is void afterwards: store the new pair before anything else, or leave
// all of that to TokenSource. A refresh token that is wrong, used or over 30 days old is refused with [ErrInvalidRequest].
//
// API: POST /api/permission/oauth2/token
func (f *refreshing) Refresh(ctx context.Context, refreshToken string) (TokenPair, error) {
	if refreshToken == "" {
		return TokenPair{}, errors.New("coze: CreateOAuthToken: the refresh token is empty")
	}
	return f.token(ctx, CreateOAuthTokenRequest{
		GrantType: OAuthGrantTypeRefreshToken, ClientID: f.clientID, RefreshToken: refreshToken,
	}, f.secret...)
}

// TokenSource renews the tokens of one user, which store holds; nil keeps them in memory. Give it the tokens of a login by
// [OAuthTokenSource.Login].
func (f *refreshing) TokenSource(store TokenStore) *OAuthTokenSource {
	return f.source(store, f.Refresh)
}

// obtain makes a TokenPair of the answer to a token request.
func (f *oauthFlow) obtain(opts []CallOption, send func([]CallOption) (*OAuthToken, error)) (TokenPair, error) {
	var info ResponseInfo
	t, err := send(append(opts, WithResponse(&info)))
	if err != nil {
		return TokenPair{}, oauthError(err)
	}
	if t.AccessToken == "" {
		return TokenPair{}, fmt.Errorf("coze: CreateOAuthToken: the answer has no access token (logid %s)", info.LogID)
	}
	p := TokenPair{Access: t.AccessToken, Refresh: t.RefreshToken}
	p.Expires = expiry(t.ExpiresIn, time.Now(), info.Header.Get("Date"))
	return p, nil
}

const (
	firstInstant = 100_000_000     // seconds: as a duration three years, as a point in time March 1973
	bearableSkew = 2 * time.Second // the header Date has whole seconds, and took a moment to arrive
	farFuture    = 253_402_300_800 // the year 10000
)

// expiry reads expires_in, which is a point in time by the server's clock or, as RFC 6749 has it, a duration.
func expiry(n call.UnixSeconds, now time.Time, date string) time.Time {
	switch {
	case n <= 0 || n >= farFuture:
		return time.Time{}
	case n < firstInstant:
		return now.Add(time.Duration(n) * time.Second)
	}
	at := n.Time()
	if server, err := http.ParseTime(date); err == nil {
		if skew := now.Sub(server); skew.Abs() > bearableSkew {
			at = at.Add(skew)
		}
	}
	return at
}
