// Package oauth has the HTTP handlers with which a web server logs its users in to Coze: one that sends the browser off to
// the page of consent, and one that it comes back to.
//
//	login, err := oauth.NewWebLogin(flow, oauth.Settings{OnLogin: func(w http.ResponseWriter, r *http.Request, p coze.TokenPair) error {
//		return sourceOf(r).Login(r.Context(), p)
//	}})
//	mux.Handle("GET /login", login.Start())
//	mux.Handle("GET /callback", login.Callback())
//
// What a login must remember, state and PKCE verifier, is in a cookie of the browser that is signed, lasts ten minutes and
// is not readable by scripts, so that any number of servers with the same key can finish what another has begun.
package oauth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/cozekit/cozekit/internal/gate"
	"github.com/cozekit/cozekit/pkg/coze"
)

// Settings of a [Login].
type Settings struct {
	// OnLogin takes the tokens of the user who has logged in: it stores them, and may set cookies, but leaves the answer to
	// the handler, which sends the browser on when it returns nil. Required.
	OnLogin func(w http.ResponseWriter, r *http.Request, tokens coze.TokenPair) error

	// OnError answers a login that has failed; the default is a plain page. The error matches one of this package, is
	// that of the server (a [*coze.OAuthError]), or that of OnLogin. It holds no secrets.
	OnError func(w http.ResponseWriter, r *http.Request, err error)

	// CookieKey signs the cookies, at least 32 random bytes; servers behind one address share it. Default: a key of its
	// own, so that a login does not survive a restart.
	CookieKey []byte

	// ReturnTo lists where a login may lead to: paths such as /app, or URLs such as https://app.example.com/done. An entry
	// that ends in / allows what is below it. A login names its aim by the query parameter return_to; without one it leads
	// to the first entry, or to / if there is none.
	ReturnTo []string

	// WorkspaceID asks for consent for one workspace; see [coze.OAuthWeb.AuthorizeURLForWorkspace].
	WorkspaceID string
}

// Why a login fails here.
var (
	ErrState    = errors.New("the login was not begun in this browser, is over ten minutes old, or was finished before")
	ErrReturnTo = errors.New("return_to is not in the list of allowed addresses")
	ErrCode     = errors.New("the browser came back without a code")
)

// Login is the two handlers of one app. It is safe for concurrent use.
type Login struct {
	settings  Settings
	cookies   *cookies
	authorize func(state, verifier string) (string, error)
	exchange  func(ctx context.Context, code, verifier string) (coze.TokenPair, error)
}

// NewWebLogin returns the handlers of a web app, which has a secret.
func NewWebLogin(flow *coze.OAuthWeb, s Settings) (*Login, error) {
	if flow == nil {
		return nil, errors.New("oauth: the flow is nil")
	}
	return newLogin(s,
		func(state, _ string) (string, error) { return flow.AuthorizeURLForWorkspace(s.WorkspaceID, state) },
		func(ctx context.Context, code, _ string) (coze.TokenPair, error) { return flow.Exchange(ctx, code) })
}

// NewPKCELogin returns the handlers of a PKCE app.
func NewPKCELogin(flow *coze.OAuthPKCE, s Settings) (*Login, error) {
	if flow == nil {
		return nil, errors.New("oauth: the flow is nil")
	}
	return newLogin(s, func(state, verifier string) (string, error) {
		return flow.AuthorizeURLForWorkspace(s.WorkspaceID, state, verifier)
	}, flow.Exchange)
}

func newLogin(
	s Settings, authorize func(state, verifier string) (string, error),
	exchange func(ctx context.Context, code, verifier string) (coze.TokenPair, error),
) (*Login, error) {
	if s.OnLogin == nil {
		return nil, errors.New("oauth: OnLogin is nil: nobody takes the tokens")
	}
	for _, entry := range s.ReturnTo {
		if _, err := parseReturn(entry); err != nil {
			return nil, fmt.Errorf("oauth: ReturnTo: %q is neither a path nor an http address", entry)
		}
	}
	sample, err := authorize("state", coze.NewPKCEVerifier())
	if err != nil { // a wrong WorkspaceID, say
		return nil, fmt.Errorf("oauth: %w", err)
	}
	if s.OnError == nil {
		s.OnError = errorPage
	}
	key := s.CookieKey
	if key == nil {
		key = make([]byte, gate.MinKey)
		_, _ = rand.Read(key) // never fails
	}
	if len(key) < gate.MinKey {
		return nil, fmt.Errorf("oauth: CookieKey has %d bytes in place of at least %d", len(key), gate.MinKey)
	}
	s.CookieKey = nil
	return &Login{s, newCookies(key, !comesBackToLoopback(sample)), authorize, exchange}, nil
}

// comesBackToLoopback tells an app on this machine, which may do without https.
func comesBackToLoopback(page string) bool {
	u, err := url.Parse(page)
	if err != nil {
		return false
	}
	back, err := url.Parse(u.Query().Get("redirect_uri"))
	return err == nil && isLoopback(back.Hostname())
}

// Start is the handler that sends a browser to the page of consent. Its query may have a return_to.
func (l *Login) Start() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		to, err := l.returnTo(r.URL.Query().Get("return_to"))
		if err != nil {
			l.settings.OnError(w, r, err)
			return
		}
		p := pending{State: randomText(), Verifier: coze.NewPKCEVerifier(), ReturnTo: to, Expires: time.Now().Add(loginLife).Unix()}
		page, err := l.authorize(p.State, p.Verifier)
		if err != nil {
			l.settings.OnError(w, r, err)
			return
		}
		l.cookies.set(w, p)
		leaveAlone(w)
		http.Redirect(w, r, page, http.StatusSeeOther)
	})
}

// Callback is the handler that the browser comes back to, at the RedirectURL of the app.
func (l *Login) Callback() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		leaveAlone(w)
		to, err := l.finish(w, r)
		if err != nil {
			l.settings.OnError(w, r, err)
			return
		}
		http.Redirect(w, r, to, http.StatusSeeOther)
	})
}

func (l *Login) finish(w http.ResponseWriter, r *http.Request) (to string, err error) {
	q := r.URL.Query()
	state := q.Get("state")
	p, ok := l.cookies.take(w, r, state)
	if !ok || subtle.ConstantTimeCompare([]byte(state), []byte(p.State)) != 1 || time.Now().Unix() >= p.Expires {
		return "", ErrState
	}
	if code := q.Get("error"); code != "" {
		return "", &coze.OAuthError{Code: coze.OAuthCode(code), Message: "the page of consent refused"}
	}
	code := q.Get("code")
	if code == "" {
		return "", ErrCode
	}
	tokens, err := l.exchange(r.Context(), code, p.Verifier)
	if err != nil {
		return "", err
	}
	return p.ReturnTo, l.settings.OnLogin(w, r, tokens)
}

// leaveAlone keeps code and state out of caches and of the Referer header.
func leaveAlone(w http.ResponseWriter) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "no-referrer")
}

func randomText() string {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// returnTo checks where a login is to lead.
func (l *Login) returnTo(want string) (string, error) {
	allowed := l.settings.ReturnTo
	if want == "" && len(allowed) == 0 {
		return "/", nil
	}
	if want == "" {
		return allowed[0], nil
	}
	u, err := parseReturn(want)
	if err != nil {
		return "", ErrReturnTo
	}
	for _, entry := range allowed {
		a, _ := parseReturn(entry) // newLogin has looked
		if u.Scheme == a.Scheme && strings.EqualFold(u.Host, a.Host) &&
			(u.Path == a.Path || strings.HasSuffix(a.Path, "/") && strings.HasPrefix(u.Path, a.Path)) {
			return u.String(), nil
		}
	}
	return "", ErrReturnTo
}

// parseReturn reads a path or an address, and refuses all that browsers and servers read in different ways.
func parseReturn(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return nil, ErrReturnTo
	}
	absolute := (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil
	local := u.Scheme == "" && u.Host == "" && strings.HasPrefix(raw, "/") && !strings.HasPrefix(raw, "//")
	if !absolute && !local || strings.ContainsAny(raw, "\\\t\r\n") || strings.Contains(u.Path, "//") || strings.ContainsAny(u.Path, "\\") {
		return nil, ErrReturnTo
	}
	for part := range strings.SplitSeq(u.Path, "/") {
		if part == "." || part == ".." {
			return nil, ErrReturnTo
		}
	}
	return u, nil
}

// errorPage is what a user sees of an error.
func errorPage(w http.ResponseWriter, _ *http.Request, err error) {
	status, text := http.StatusBadGateway, "The login failed. Please try again."
	switch {
	case errors.Is(err, ErrState), errors.Is(err, ErrCode), errors.Is(err, ErrReturnTo):
		status, text = http.StatusBadRequest, "The login failed: "+err.Error()+"."
	case errors.Is(err, coze.ErrAccessDenied):
		status, text = http.StatusForbidden, "The login was refused."
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'")
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, "<!doctype html><title>Login</title><p>%s</p>\n", html.EscapeString(text))
}
