package cozetest_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/cozekit/cozekit/pkg/cozetest"
)

func TestOAuthDevice(t *testing.T) {
	t.Parallel()
	srv, c := oauthServer(t)
	begin := func() (deviceCode obj, page string) {
		r := c.do(http.MethodPost, "/api/permission/oauth2/device/code", obj{"client_id": "device.app.coze"})
		if r.status != http.StatusOK || r.all["expires_in"] != 300.0 || r.all["interval"] != 5.0 {
			t.Fatalf("got %d %s", r.status, r.text)
		}
		u, _ := url.Parse(r.all["verification_uri"].(string))
		return r.all, u.Path
	}
	poll := func(code obj) reply {
		return c.do(http.MethodPost, tokenPath, obj{
			"grant_type": deviceGrant, "client_id": "device.app.coze", "device_code": code["device_code"],
		})
	}
	decide := func(page string, code any, decision string) int {
		form := url.Values{"user_code": {" " + strings.ToLower(fmt.Sprint(code))}, "decision": {decision}}
		req, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, c.url+page, strings.NewReader(form.Encode()))
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		resp, err := c.http.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		return resp.StatusCode
	}
	code, page := begin()
	if !regexp.MustCompile(`^[B-Z]{4}-[B-Z]{4}$`).MatchString(code["user_code"].(string)) {
		t.Errorf("got user code %v", code["user_code"])
	}
	for _, tc := range []struct {
		after time.Duration
		want  string
	}{
		{0, "authorization_pending"}, {5 * time.Second, "authorization_pending"}, {time.Second, "slow_down"},
		{5 * time.Second, "slow_down"}, {15 * time.Second, "authorization_pending"},
	} {
		srv.Advance(tc.after)
		refused(t, poll(code), 400, tc.want)
	}
	if got := decide(page, "XXXX-XXXX", "allow"); got != 404 {
		t.Errorf("got %d for an unknown code", got)
	}
	if got := decide(page, code["user_code"], "maybe"); got != 400 {
		t.Errorf("got %d for no decision", got)
	}
	if got := decide(page, code["user_code"], "allow"); got != 200 {
		t.Errorf("got %d for allowing", got)
	}
	r := poll(code)
	if r.status != http.StatusOK {
		t.Fatalf("got %s", r.text)
	}
	refused(t, poll(code), 400, "invalid_request") // works once
	user := c.as(r.all["access_token"].(string))
	user.ok(http.MethodGet, "/v1/bots?workspace_id="+workspaceID, nil)
	if r := user.do(http.MethodPost, "/v3/chat", chatBody(bot, "Hi", false)); r.Code != 4101 {
		t.Errorf("got %s without the permission chat", r.text)
	}
	c.tokens(obj{"grant_type": "refresh_token", "client_id": "device.app.coze", "refresh_token": r.all["refresh_token"]})

	code, page = begin()
	decide(page, code["user_code"], "deny")
	refused(t, poll(code), 400, "access_denied")
	code, page = begin()
	srv.Advance(5 * time.Minute)
	refused(t, poll(code), 400, "expired_token")
	if got := decide(page, code["user_code"], "allow"); got != 404 {
		t.Errorf("got %d for an expired code", got)
	}
	web := obj{"grant_type": deviceGrant, "client_id": "web.app.coze", "device_code": code["device_code"]}
	refused(t, c.as("s3cret").do(http.MethodPost, tokenPath, web), 400, "unsupported_grant_type")
	refused(t, c.do(http.MethodPost, "/api/permission/oauth2/device/code", obj{"client_id": "web.app.coze"}), 403, "access_deny")
	r = c.do(http.MethodPost, "/api/permission/oauth2/workspace_id/"+workspaceID+"/device/code", obj{"client_id": "device.app.coze"})
	if r.status != http.StatusOK {
		t.Errorf("got %s", r.text)
	}
}

// TestOAuthSecretsStayOut looks for everything secret in calls, logs and violations.
func TestOAuthSecretsStayOut(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	srv, c := oauthServer(t, cozetest.ExpectViolations(), cozetest.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
	query := authorizeQuery("pkce.app.coze", "code_challenge", verifier)
	code := c.consent("/api/permission/oauth2/authorize", query, url.Values{"decision": {"allow"}}).Get("code")
	exchange := obj{
		"grant_type": "authorization_code", "client_id": "pkce.app.coze", "code": code, "redirect_uri": callback, "code_verifier": verifier,
	}
	got := c.as("s3cret").tokens(exchange)
	c.tokens(obj{"grant_type": "refresh_token", "client_id": "pkce.app.coze", "refresh_token": got["refresh_token"]})
	c.do(http.MethodPost, tokenPath, `{"code":"`+code)                      // no JSON
	c.do(http.MethodPost, tokenPath, obj{"grant_type": code, "code": code}) // no grant type
	c.as(got["access_token"].(string)).ok(http.MethodGet, "/v1/users/me", nil)
	if err := srv.Close(); err != nil {
		t.Error(err)
	}
	all := log.String() + fmt.Sprint(srv.Violations())
	for _, call := range srv.Calls() {
		all += fmt.Sprintf("%+v %s\n", call, call.Body)
	}
	for _, secret := range []any{code, verifier, "s3cret", got["access_token"], got["refresh_token"]} {
		if strings.Contains(all, fmt.Sprint(secret)) && secret != code {
			t.Errorf("%v is in\n%s", secret, all)
		}
	}
	if n := strings.Count(all, code); n != 1 { // given as the grant type, which is no secret
		t.Errorf("the code is there %d times in\n%s", n, all)
	}
}
