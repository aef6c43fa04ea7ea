package cozetest_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/cozekit/cozekit/pkg/cozetest"
)

const (
	tokenPath    = "/api/permission/oauth2/token"
	callback     = "http://localhost:9/callback"
	verifier     = "a-verifier-of-at-least-43-characters-0123456789"
	deviceGrant  = "urn:ietf:params:oauth:grant-type:device_code"
	workspaceID  = cozetest.DefaultWorkspaceID
	otherSpaceID = "7400000000000000099"
)

// oauthServer has an app of each kind that needs a user.
func oauthServer(t *testing.T, opts ...cozetest.Option) (*cozetest.Server, *client) {
	t.Helper()
	srv := cozetest.NewServer(t, opts...)
	srv.OAuthApp(cozetest.OAuthApp{ClientID: "web.app.coze", ClientSecret: "s3cret", RedirectURLs: []string{callback, callback + "?a=b"}})
	srv.OAuthApp(cozetest.OAuthApp{ClientID: "pkce.app.coze", Kind: cozetest.OAuthPKCE, RedirectURLs: []string{callback}})
	srv.OAuthApp(cozetest.OAuthApp{ClientID: "device.app.coze", Kind: cozetest.OAuthDevice, Scopes: []string{"Bot.listBot"}})
	c := newClient(t, srv)
	c.http = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	c.auth = ""
	return srv, c
}

// as is the client with another token, or none.
func (c *client) as(token string) *client {
	d := *c
	d.auth = ""
	if token != "" {
		d.auth = "Bearer " + token
	}
	return &d
}

func s256(v string) string {
	sum := sha256.Sum256([]byte(v))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// location is where an answer sends the browser.
func (c *client) location(method, path string, form url.Values) *url.URL {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), method, c.url+path, strings.NewReader(form.Encode()))
	if err != nil {
		c.t.Fatal(err)
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, err := c.http.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	to, err := resp.Location()
	if err != nil || resp.StatusCode != http.StatusFound {
		text, _ := io.ReadAll(resp.Body)
		c.t.Fatalf("%s %s: got %d, %v: %s", method, path, resp.StatusCode, err, text)
	}
	return to
}

var hiddenKey = regexp.MustCompile(`name="authorize_key" value="([^"]+)"`)

// consent goes through the pages of a browser and returns the parameters that come back to the app.
func (c *client) consent(path string, query, form url.Values) url.Values {
	c.t.Helper()
	page := c.location(http.MethodGet, path+"?"+query.Encode(), nil)
	resp := c.send(http.MethodGet, page.RequestURI(), nil)
	defer func() { _ = resp.Body.Close() }()
	html, err := io.ReadAll(resp.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	key := hiddenKey.FindSubmatch(html)
	if key == nil || !bytes.Contains(html, []byte(query.Get("client_id"))) {
		c.t.Fatalf("got page %s", html)
	}
	form.Set("authorize_key", string(key[1]))
	back := c.location(http.MethodPost, page.Path, form)
	if !strings.HasPrefix(back.String(), callback) {
		c.t.Errorf("sent back to %s", back)
	}
	return back.Query()
}

func authorizeQuery(client string, more ...string) url.Values {
	q := url.Values{"response_type": {"code"}, "client_id": {client}, "redirect_uri": {callback}, "state": {"st&te"}}
	for i := 0; i < len(more); i += 2 {
		q.Set(more[i], more[i+1])
	}
	return q
}

// tokens is the answer of a token endpoint; it must be good.
func (c *client) tokens(body obj) obj {
	c.t.Helper()
	r := c.do(http.MethodPost, tokenPath, body)
	if r.status != http.StatusOK || r.all["access_token"] == nil {
		c.t.Fatalf("got status %d: %s", r.status, r.text)
	}
	return r.all
}

// refused checks that an answer is a refusal in the form of OAuth.
func refused(t *testing.T, r reply, status int, word string) {
	t.Helper()
	if r.status != status || r.all["error_code"] != word || r.all["error"] != word || r.all["error_message"] == "" || r.all["code"] != nil {
		t.Errorf("got status %d: %s, want %d and %s", r.status, r.text, status, word)
	}
}

func TestOAuthWeb(t *testing.T) {
	t.Parallel()
	srv, c := oauthServer(t)
	query := authorizeQuery("web.app.coze", "redirect_uri", callback+"?a=b")
	denied := c.consent("/api/permission/oauth2/authorize", query, url.Values{"decision": {"deny"}})
	if denied.Get("error") != "access_denied" || denied.Get("state") != "st&te" || denied.Has("code") || denied.Get("a") != "b" {
		t.Errorf("got %v after denial", denied)
	}
	back := c.consent("/api/permission/oauth2/authorize", query, url.Values{"decision": {"allow"}, "user_id": {"77"}})
	if !strings.HasPrefix(back.Get("code"), "code_") || back.Get("state") != "st&te" {
		t.Fatalf("got %v after consent", back)
	}
	exchange := obj{
		"grant_type": "authorization_code", "client_id": "web.app.coze", "code": back.Get("code"), "redirect_uri": callback + "?a=b",
	}
	refused(t, c.do(http.MethodPost, tokenPath, exchange), 401, "invalid_client")
	refused(t, c.as("wrong").do(http.MethodPost, tokenPath, exchange), 401, "invalid_client")
	app := c.as("s3cret")
	for name, v := range map[string]string{"redirect_uri": callback, "code": "code_x"} {
		wrong := maps.Clone(exchange)
		wrong[name] = v
		refused(t, app.do(http.MethodPost, tokenPath, wrong), 400, "invalid_request")
	}
	got := app.tokens(exchange)
	access, refresh := got["access_token"].(string), got["refresh_token"].(string)
	if in := got["expires_in"].(float64) - float64(time.Now().Unix()); !strings.HasPrefix(access, "czu_") || in < 890 || in > 900 {
		t.Errorf("got %v, want an absolute time in 15 minutes", got)
	}
	refused(t, app.do(http.MethodPost, tokenPath, exchange), 400, "invalid_request") // a code works once
	if me := c.as(access).ok(http.MethodGet, "/v1/users/me", nil); me.str("user_id") != "77" {
		t.Errorf("got %s", me.text)
	}
	srv.Advance(15 * time.Minute)
	if r := c.as(access).do(http.MethodGet, "/v1/users/me", nil); r.status != 401 || r.Code != 4100 {
		t.Errorf("got %d %s with an expired token", r.status, r.text)
	}
	renewal := obj{"grant_type": "refresh_token", "client_id": "web.app.coze", "refresh_token": refresh}
	refused(t, c.do(http.MethodPost, tokenPath, renewal), 401, "invalid_client")
	next := app.tokens(renewal)
	c.as(next["access_token"].(string)).ok(http.MethodGet, "/v1/users/me", nil)
	refused(t, app.do(http.MethodPost, tokenPath, renewal), 400, "invalid_request") // the old one is dead
	srv.Advance(30 * 24 * time.Hour)
	renewal["refresh_token"] = next["refresh_token"]
	refused(t, app.do(http.MethodPost, tokenPath, renewal), 400, "invalid_request")
	back = c.consent("/api/permission/oauth2/authorize", query, url.Values{"decision": {"allow"}})
	srv.Advance(10 * time.Minute)
	exchange["code"] = back.Get("code")
	refused(t, app.do(http.MethodPost, tokenPath, exchange), 400, "invalid_request")
}

func TestOAuthPKCE(t *testing.T) {
	t.Parallel()
	_, c := oauthServer(t)
	for _, tc := range []struct {
		name, method, challenge, verifier string
		want                              bool
	}{
		{"S256", "S256", s256(verifier), verifier, true},
		{"plain", "plain", verifier, verifier, true},
		{"plain by default", "", verifier, verifier, true},
		{"another verifier", "S256", s256(verifier), verifier + "x", false},
		{"verifier in place of its hash", "S256", s256(verifier), s256(verifier), false},
		{"short verifier", "S256", s256("short"), "short", false},
		{"no verifier", "S256", s256(verifier), "", false},
	} {
		query := authorizeQuery("pkce.app.coze", "code_challenge", tc.challenge)
		if tc.method != "" {
			query.Set("code_challenge_method", tc.method)
		}
		code := c.consent("/api/permission/oauth2/authorize", query, url.Values{"decision": {"allow"}}).Get("code")
		body := obj{"grant_type": "authorization_code", "client_id": "pkce.app.coze", "code": code, "redirect_uri": callback}
		if tc.verifier != "" {
			body["code_verifier"] = tc.verifier
		}
		r := c.do(http.MethodPost, tokenPath, body)
		if (r.status == http.StatusOK) != tc.want {
			t.Errorf("%s: got %d %s", tc.name, r.status, r.text)
		}
		if !tc.want {
			refused(t, r, 400, "invalid_request")
			continue
		}
		c.tokens(obj{"grant_type": "refresh_token", "client_id": "pkce.app.coze", "refresh_token": r.all["refresh_token"]})
	}
}

func TestOAuthAuthorizeRefuses(t *testing.T) {
	t.Parallel()
	srv, c := oauthServer(t, cozetest.ExpectViolations())
	const path = "/api/permission/oauth2/authorize"
	for _, tc := range []struct {
		name, path string
		query      url.Values
		status     int
		word       string
	}{
		{"unknown app", path, authorizeQuery("nobody"), 401, "invalid_client"},
		{"foreign address", path, authorizeQuery("web.app.coze", "redirect_uri", callback+"/x"), 400, "invalid_request"},
		{"device app", path, authorizeQuery("device.app.coze"), 403, "access_deny"},
		{"no challenge", path, authorizeQuery("pkce.app.coze"), 400, "invalid_request"},
		{"bad hash", path, authorizeQuery("pkce.app.coze", "code_challenge", verifier, "code_challenge_method", "S256"), 400, "invalid_request"},
		{"short plain challenge", path, authorizeQuery("pkce.app.coze", "code_challenge", "short"), 400, "invalid_request"},
		{"other response type", path, authorizeQuery("web.app.coze", "response_type", "token"), 400, "invalid_request"},
		{"unknown workspace", "/api/permission/oauth2/workspace_id/5/authorize", authorizeQuery("web.app.coze"), 400, "invalid_request"},
	} {
		t.Log(tc.name)
		refused(t, c.do(http.MethodGet, tc.path+"?"+tc.query.Encode(), nil), tc.status, tc.word)
	}
	if n := len(srv.Violations()); n != 1 {
		t.Errorf("got %d violations, want that of the response type: %v", n, srv.Violations())
	}
	for path, want := range map[string]int{
		"/oauth/consent?authorize_key=none": 404, "/oauth/device?user_code=ABCD-EFGH": 200,
	} {
		resp := c.send(http.MethodGet, path, nil)
		_ = resp.Body.Close()
		if resp.StatusCode != want || !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html") {
			t.Errorf("%s: got %d", path, resp.StatusCode)
		}
	}
}

func TestOAuthWorkspace(t *testing.T) {
	t.Parallel()
	_, c := oauthServer(t)
	back := c.consent("/api/permission/oauth2/workspace_id/"+workspaceID+"/authorize", authorizeQuery("web.app.coze"),
		url.Values{"decision": {"allow"}})
	got := c.as("s3cret").tokens(obj{
		"grant_type": "authorization_code", "client_id": "web.app.coze", "code": back.Get("code"), "redirect_uri": callback,
	})
	user := c.as(got["access_token"].(string))
	user.ok(http.MethodGet, "/v1/bots?workspace_id="+workspaceID, nil)
	user.ok(http.MethodPost, "/v3/chat", chatBody(bot, "Hi", false))
	if r := user.do(http.MethodPost, "/v1/conversation/create", obj{}); r.Code != 4101 {
		t.Errorf("got %s for a conversation, which is on the level of the account", r.text)
	}
	if r := user.do(http.MethodGet, "/v1/bots?workspace_id="+otherSpaceID, nil); r.Code != 4101 {
		t.Errorf("got %s for another workspace", r.text)
	}
}
