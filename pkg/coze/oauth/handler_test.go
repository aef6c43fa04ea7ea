package oauth_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/cozekit/cozekit/pkg/coze/oauth"
)

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// platform answers the token endpoint and keeps the last body.
type platform struct {
	body   map[string]any
	refuse bool
}

func (p *platform) RoundTrip(r *http.Request) (*http.Response, error) {
	p.body = nil
	_ = json.NewDecoder(r.Body).Decode(&p.body)
	status, body := 200, `{"access_token":"czu_1","expires_in":900,"refresh_token":"rt_1"}`
	if p.refuse {
		status, body = 400, `{"error_code":"invalid_request","error_message":"no <b>code</b>"}`
	}
	return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
}

var key = bytes.Repeat([]byte("k"), 32)

func newLogin(t *testing.T, p http.RoundTripper, redirect string, s oauth.Settings) *oauth.Login {
	t.Helper()
	c, err := coze.NewClient(coze.WithBaseURL(coze.BaseURLCN), coze.WithHTTPClient(&http.Client{Transport: p}))
	if err != nil {
		t.Fatal(err)
	}
	f, err := coze.NewOAuthPKCE(c, coze.OAuthPKCEApp{ClientID: "1.app.coze", RedirectURL: redirect})
	if err != nil {
		t.Fatal(err)
	}
	if s.CookieKey == nil {
		s.CookieKey = key
	}
	if s.OnLogin == nil {
		s.OnLogin = func(http.ResponseWriter, *http.Request, coze.TokenPair) error { return nil }
	}
	l, err := oauth.NewPKCELogin(f, s)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// start begins a login and returns state and cookie.
func start(t *testing.T, l *oauth.Login, query string) (state string, cookie *http.Cookie) {
	t.Helper()
	w := httptest.NewRecorder()
	l.Start().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/login"+query, nil))
	page, err := url.Parse(w.Header().Get("Location"))
	if w.Code != http.StatusSeeOther || err != nil || page.Host != "www.coze.cn" || len(w.Result().Cookies()) != 1 {
		t.Fatalf("got %d to %s: %s", w.Code, page, w.Body)
	}
	return page.Query().Get("state"), w.Result().Cookies()[0]
}

func callback(l *oauth.Login, query string, cookies ...*http.Cookie) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, "/callback?"+query, nil)
	for _, c := range cookies {
		r.AddCookie(c)
	}
	w := httptest.NewRecorder()
	l.Callback().ServeHTTP(w, r)
	return w
}

func TestLogin(t *testing.T) {
	t.Parallel()
	p := &platform{}
	var got coze.TokenPair
	l := newLogin(t, p, "https://app.example.com/callback", oauth.Settings{
		ReturnTo: []string{"/app/", "https://other.example.com/done"},
		OnLogin:  func(_ http.ResponseWriter, _ *http.Request, pair coze.TokenPair) error { got = pair; return nil },
	})
	state, c := start(t, l, "?return_to=/app/x%3Fy=1")
	if !c.HttpOnly || !c.Secure || c.SameSite != http.SameSiteLaxMode || c.MaxAge != 600 {
		t.Errorf("cookie %v", c)
	}
	w := callback(l, "code=code_1&state="+state, c)
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/app/x?y=1" || got.Access != "czu_1" || w.Result().Cookies()[0].MaxAge != -1 {
		t.Fatalf("got %d to %q: %s", w.Code, w.Header().Get("Location"), w.Body)
	}
	if verifier, _ := p.body["code_verifier"].(string); len(verifier) != 64 || p.body["code"] != "code_1" {
		t.Errorf("sent %v", p.body)
	}
	if w.Header().Get("Cache-Control") != "no-store" || w.Header().Get("Referrer-Policy") != "no-referrer" {
		t.Errorf("header %v", w.Header())
	}
	_, c = start(t, newLogin(t, p, "http://localhost:8080/callback", oauth.Settings{}), "")
	if c.Secure {
		t.Error("a Secure cookie on loopback")
	}
}

// TestCallbackRefuses: forged, foreign, late and repeated callbacks.
func TestCallbackRefuses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var last error
		p := &platform{}
		settings := oauth.Settings{OnError: func(w http.ResponseWriter, _ *http.Request, err error) { last = err; w.WriteHeader(http.StatusTeapot) }}
		l := newLogin(t, p, "https://app.example.com/callback", settings)
		settings.CookieKey = bytes.Repeat([]byte("o"), 32)
		other := newLogin(t, p, "https://app.example.com/callback", settings)
		state, c := start(t, l, "")
		state2, c2 := start(t, l, "")
		forgedState, forged := start(t, other, "")
		tampered := *c
		tampered.Value = "x" + c.Value
		swapped := *c2
		swapped.Name = c.Name
		for name, tt := range map[string]struct {
			query   string
			cookies []*http.Cookie
			want    error
		}{
			"no cookie":        {"code=1&state=" + state, nil, oauth.ErrState},
			"no state":         {"code=1", []*http.Cookie{c}, oauth.ErrState},
			"other state":      {"code=1&state=" + state2, []*http.Cookie{c}, oauth.ErrState},
			"other key":        {"code=1&state=" + forgedState, []*http.Cookie{forged}, oauth.ErrState},
			"tampered":         {"code=1&state=" + state, []*http.Cookie{&tampered}, oauth.ErrState},
			"of another login": {"code=1&state=" + state, []*http.Cookie{&swapped}, oauth.ErrState},
			"no code":          {"state=" + state, []*http.Cookie{c}, oauth.ErrCode},
			"refused":          {"error=access_denied&state=" + state, []*http.Cookie{c}, coze.ErrAccessDenied},
		} {
			last = nil
			if w := callback(l, tt.query, tt.cookies...); w.Code != 418 || !errors.Is(last, tt.want) {
				t.Errorf("%s: %d, %v", name, w.Code, last)
			}
		}
		if p.body != nil {
			t.Error("a code was sent")
		}
		if w := callback(l, "code=1&state="+state, c, c2); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/" {
			t.Errorf("two tabs: %d, %v", w.Code, last)
		}
		time.Sleep(10 * time.Minute)
		if w := callback(l, "code=1&state="+state2, c2); w.Code != 418 || !errors.Is(last, oauth.ErrState) {
			t.Errorf("late: %d, %v", w.Code, last)
		}
	})
}

func TestReturnTo(t *testing.T) {
	t.Parallel()
	l := newLogin(t, &platform{}, "https://app.example.com/callback", oauth.Settings{ReturnTo: []string{"/home", "/app/", "https://other.example.com/done"}})
	for to, ok := range map[string]bool{
		"": true, "/home": true, "/home?a=1": true, "/app/": true, "/app/deep/er": true, "https://other.example.com/done": true,
		"/": false, "/homes": false, "/app": false, "/app/../admin": false, "/app/%2e%2e/admin": false, "//evil.example.com": false, "/app//evil": false,
		`/\evil.example.com`: false, "/app/%5Cevil": false, "https://evil.example.com/done": false, "http://other.example.com/done": false,
		"https://other.example.com@evil.example.com/done": false, "javascript:alert(1)": false, "/home\n": false, "home": false, "https:/home": false,
	} {
		w := httptest.NewRecorder()
		l.Start().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/login?return_to="+url.QueryEscape(to), nil))
		if (w.Code == http.StatusSeeOther) != ok {
			t.Errorf("%q: %d", to, w.Code)
		}
	}
}

func TestErrorPage(t *testing.T) {
	t.Parallel()
	p := &platform{refuse: true}
	l := newLogin(t, p, "https://app.example.com/callback", oauth.Settings{})
	state, c := start(t, l, "")
	w := callback(l, "code=code_S3cret&state="+state, c)
	if w.Code != http.StatusBadGateway || strings.Contains(w.Body.String(), "<b>") || strings.Contains(w.Body.String(), "S3cret") {
		t.Errorf("got %d: %s", w.Code, w.Body)
	}
	if w := callback(l, "code=1"); w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), "ten minutes") {
		t.Errorf("got %d: %s", w.Code, w.Body)
	}
	if w := callback(l, "error=access_denied&state="+state, c); w.Code != http.StatusForbidden {
		t.Errorf("got %d: %s", w.Code, w.Body)
	}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	c, _ := coze.NewClient(coze.WithBaseURL(coze.BaseURLCN))
	f, _ := coze.NewOAuthWeb(c, coze.OAuthWebApp{ClientID: "1", ClientSecret: "s", RedirectURL: "https://a.example.com/cb"})
	ok := func(http.ResponseWriter, *http.Request, coze.TokenPair) error { return nil }
	for want, s := range map[string]oauth.Settings{
		"OnLogin":      {},
		"32":           {OnLogin: ok, CookieKey: []byte("short")},
		"ReturnTo":     {OnLogin: ok, ReturnTo: []string{"app"}},
		"workspace id": {OnLogin: ok, WorkspaceID: "a/b"},
	} {
		if _, err := oauth.NewWebLogin(f, s); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
	if _, err := oauth.NewWebLogin(nil, oauth.Settings{OnLogin: ok}); err == nil {
		t.Error("no flow")
	}
	if _, err := oauth.NewPKCELogin(nil, oauth.Settings{OnLogin: ok}); err == nil {
		t.Error("no flow")
	}
	l, err := oauth.NewWebLogin(f, oauth.Settings{OnLogin: ok, CookieKey: key, WorkspaceID: "7001"})
	if err != nil {
		t.Fatal(err)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d"} {
		if text := fmt.Sprintf(verb, l); strings.Contains(text, string(key)) || strings.Contains(text, "107 107 107") || strings.Contains(text, "6b6b6b") {
			t.Errorf("%s shows the key: %s", verb, text)
		}
	}
	w := httptest.NewRecorder()
	l.Start().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/login", nil))
	if !strings.Contains(w.Header().Get("Location"), "/workspace_id/7001/authorize?") {
		t.Errorf("got %s", w.Header().Get("Location"))
	}
}

// TestQuickstart: a whole server, as the vendor's quickstart has it, driven by a browser.
func TestQuickstart(t *testing.T) {
	t.Parallel()
	mux := http.NewServeMux()
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	browser := &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		if r.URL.Host != "www.coze.cn" {
			return http.DefaultTransport.RoundTrip(r)
		}
		q := r.URL.Query() // the user agrees
		back := q.Get("redirect_uri") + "?code=code_1&state=" + url.QueryEscape(q.Get("state"))
		return &http.Response{StatusCode: http.StatusFound, Header: http.Header{"Location": {back}}, Body: http.NoBody, Request: r}, nil
	})}
	browser.Jar, _ = cookiejar.New(nil)
	p := &platform{}
	c, err := coze.NewClient(coze.WithBaseURL(coze.BaseURLCN), coze.WithHTTPClient(&http.Client{Transport: p}))
	if err != nil {
		t.Fatal(err)
	}
	flow, err := coze.NewOAuthWeb(c, coze.OAuthWebApp{ClientID: "1.app.coze", ClientSecret: "s", RedirectURL: srv.URL + "/callback"})
	if err != nil {
		t.Fatal(err)
	}
	source := flow.TokenSource(nil)
	login, err := oauth.NewWebLogin(flow, oauth.Settings{OnLogin: func(_ http.ResponseWriter, r *http.Request, pair coze.TokenPair) error {
		return source.Login(r.Context(), pair)
	}})
	if err != nil {
		t.Fatal(err)
	}
	mux.Handle("GET /login", login.Start())
	mux.Handle("GET /callback", login.Callback())
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		_, err := source.Token(r.Context())
		fmt.Fprint(w, "logged in: ", err == nil)
	})
	rsp, err := browser.Get(srv.URL + "/login")
	if err != nil {
		t.Fatal(err)
	}
	defer rsp.Body.Close()
	if body, _ := io.ReadAll(rsp.Body); string(body) != "logged in: true" {
		t.Errorf("got %s", body)
	}
}
