package coze_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/google/go-cmp/cmp"
)

func TestWebFlow(t *testing.T) {
	t.Parallel()
	s := &oauthServer{}
	f := newWeb(t, s)
	page, err := f.AuthorizeURL("st&te")
	want := "https://www.coze.cn/api/permission/oauth2/authorize?client_id=1234.app.coze&redirect_uri=https%3A%2F%2Fapp.example.com%2Fcallback&response_type=code&state=st%26te"
	if err != nil || page != want {
		t.Errorf("got %s, %v", page, err)
	}
	page, err = f.AuthorizeURLForWorkspace("7001", "s")
	if err != nil || !strings.HasPrefix(page, "https://www.coze.cn/api/permission/oauth2/workspace_id/7001/authorize?") {
		t.Errorf("got %s, %v", page, err)
	}
	if _, err := f.AuthorizeURLForWorkspace("../x", "s"); err == nil {
		t.Error("a workspace id that is a path")
	}
	if _, err := f.AuthorizeURL(""); err == nil {
		t.Error("an empty state")
	}
	p, err := f.Exchange(t.Context(), authCode)
	if err != nil {
		t.Fatal(err)
	}
	if left := time.Until(p.Expires); p.Access == "" || p.Refresh == "" || left < 14*time.Minute || left > 15*time.Minute {
		t.Errorf("the tokens last %v", left)
	}
	next, err := f.Refresh(t.Context(), p.Refresh)
	if err != nil || next.Refresh == p.Refresh {
		t.Errorf("refresh: %v", err)
	}
	for i, want := range []map[string]any{
		{"grant_type": "authorization_code", "client_id": clientID, "code": authCode, "redirect_uri": "https://app.example.com/callback"},
		{"grant_type": "refresh_token", "client_id": clientID, "refresh_token": p.Refresh},
	} {
		got := s.all()[i]
		if diff := cmp.Diff(want, got.body); diff != "" || got.auth != clientSecret || got.path != "/api/permission/oauth2/token" {
			t.Errorf("request %d to %s: %s", i, got.path, diff)
		}
	}
	if _, err := f.Exchange(t.Context(), "code_wrong"); !errors.Is(err, coze.ErrInvalidRequest) {
		t.Errorf("a wrong code: %v", err)
	}
	if _, err := f.Exchange(t.Context(), ""); err == nil || len(s.all()) != 3 {
		t.Error("an empty code was sent")
	}
}

// TestPKCEFlow: pitfall D41, and no empty bearer header.
func TestPKCEFlow(t *testing.T) {
	t.Parallel()
	s := &oauthServer{}
	app := coze.OAuthPKCEApp{ClientID: clientID, RedirectURL: "myapp://callback"}
	f, err := coze.NewOAuthPKCE(oauthClient(t, s), app)
	if err != nil {
		t.Fatal(err)
	}
	verifier := coze.NewPKCEVerifier()
	if !regexp.MustCompile(`^[A-Za-z0-9_-]{43,128}$`).MatchString(verifier) || verifier == coze.NewPKCEVerifier() {
		t.Errorf("verifier %q", verifier)
	}
	page, err := f.AuthorizeURL("state", verifier)
	if err != nil {
		t.Fatal(err)
	}
	u, _ := url.Parse(page)
	sum := sha256.Sum256([]byte(verifier))
	if q := u.Query(); q.Get("code_challenge_method") != "S256" || q.Get("code_challenge") != base64.RawURLEncoding.EncodeToString(sum[:]) || strings.Contains(page, verifier) {
		t.Errorf("got %s", page)
	}
	if _, err := f.Exchange(t.Context(), authCode, verifier); err != nil {
		t.Fatal(err)
	}
	if got := s.all()[0]; got.auth != "" || got.body["code_verifier"] != verifier {
		t.Errorf("sent %v with %q", got.body, got.auth)
	}
	for _, bad := range []string{"", "short", strings.Repeat("a", 42), strings.Repeat("a", 129), strings.Repeat("a", 43) + "+"} {
		if _, err := f.AuthorizeURL("state", bad); err == nil {
			t.Errorf("verifier %q is accepted", bad)
		}
		if _, err := f.Exchange(t.Context(), authCode, bad); err == nil {
			t.Errorf("verifier %q is sent", bad)
		}
	}
	app.Method = coze.OAuthCodeChallengeMethodPlain
	f, err = coze.NewOAuthPKCE(oauthClient(t, s), app)
	if err != nil {
		t.Fatal(err)
	}
	if page, _ := f.AuthorizeURL("state", verifier); !strings.Contains(page, "code_challenge="+verifier) || !strings.Contains(page, "code_challenge_method=plain") {
		t.Errorf("plain on request: %s", page)
	}
}

// TestJWTFlow: pitfalls 5 and D38; the server checks signature, claims and that no JWT comes twice.
func TestJWTFlow(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		app    coze.OAuthJWTApp
		path   string
		body   map[string]any
		claims map[string]any
	}{
		{"least", coze.OAuthJWTApp{}, "/token", map[string]any{}, map[string]any{"aud": "api.coze.cn"}},
		{"ttl, session and device", coze.OAuthJWTApp{TTL: time.Hour, SessionName: "user-1", DeviceInfo: &coze.OAuthDeviceInfo{DeviceID: "d1"}},
			"/token", map[string]any{"duration_seconds": 3600.0},
			map[string]any{"aud": "api.coze.cn", "session_name": "user-1", "session_context": map[string]any{"device_info": map[string]any{"device_id": "d1"}}}},
		{"channel", coze.OAuthJWTApp{Scope: coze.BotChatScope("73", "74")}, "/token", map[string]any{"scope": map[string]any{
			"account_permission":   map[string]any{"permission_list": []any{"Connector.botChat"}},
			"attribute_constraint": map[string]any{"connector_bot_chat_attribute": map[string]any{"bot_id_list": []any{"73", "74"}}},
		}}, map[string]any{"aud": "api.coze.cn"}},
		{"account", coze.OAuthJWTApp{AccountID: "2100"}, "/account/2100/token", map[string]any{}, map[string]any{"aud": "api.coze.cn"}},
		{"enterprise", coze.OAuthJWTApp{EnterpriseID: "volcano_2101"}, "/enterprise_id/volcano_2101/token", map[string]any{}, map[string]any{"aud": "api.coze.cn"}},
		{"audience (D43)", coze.OAuthJWTApp{Audience: "api.coze.com"}, "/token", map[string]any{}, map[string]any{"aud": "api.coze.com"}},
		{"signer", coze.OAuthJWTApp{Signer: testKey()}, "/token", map[string]any{}, map[string]any{"aud": "api.coze.cn"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := &oauthServer{}
			f := newJWT(t, s, tt.app)
			for range 2 {
				if p, err := f.Exchange(t.Context()); err != nil || p.Access == "" || p.Refresh != "" {
					t.Fatalf("got %v", err)
				}
			}
			got := s.all()[1]
			tt.body["grant_type"] = "urn:ietf:params:oauth:grant-type:jwt-bearer"
			tt.claims["iss"] = clientID
			for _, k := range []string{"iat", "exp", "jti"} {
				tt.claims[k] = got.claims[k]
			}
			if diff := cmp.Diff(tt.body, got.body) + cmp.Diff(tt.claims, got.claims); diff != "" || got.path != "/api/permission/oauth2"+tt.path {
				t.Errorf("sent to %s: %s", got.path, diff)
			}
		})
	}
	s := &oauthServer{}
	f := newJWT(t, s, coze.OAuthJWTApp{})
	if _, err := f.Session(""); err == nil {
		t.Error("an empty session name: all users would share their history (pitfall 6)")
	}
	u, err := f.Session("user-2")
	if err != nil {
		t.Fatal(err)
	}
	_, err = u.Exchange(t.Context())
	if err != nil || s.all()[0].claims["session_name"] != "user-2" {
		t.Errorf("session: %v", err)
	}
}

// TestPrivateKeys: pitfalls 5 and D42.
func TestPrivateKeys(t *testing.T) {
	t.Parallel()
	pkcs8DER, _ := x509.MarshalPKCS8PrivateKey(testKey())
	pkcs1, pkcs8 := pkcs1PEM(), pemOf("PRIVATE KEY", pkcs8DER)
	weakKey, _ := rsa.GenerateKey(rand.Reader, 1024)
	ec, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	ecDER, _ := x509.MarshalPKCS8PrivateKey(ec)
	public, _ := x509.MarshalPKIXPublicKey(&testKey().PublicKey)
	tests := []struct{ name, key, want string }{
		{"PKCS#1", pkcs1, ""},
		{"PKCS#8", pkcs8, ""},
		{"escaped line ends", strings.ReplaceAll(pkcs8, "\n", `\n`), ""},
		{"escaped and quoted", `"` + strings.ReplaceAll(pkcs1, "\n", `\r\n`) + `"`, ""},
		{"carriage returns", strings.ReplaceAll(pkcs8, "\n", "\r\n"), ""},
		{"spaces for line ends", strings.ReplaceAll(pkcs8, "\n", " "), ""},
		{"no line ends", strings.ReplaceAll(pkcs1, "\n", ""), ""},
		{"spaces around", "\n  " + pkcs8 + "\n\n", ""},
		{"wrong label", strings.ReplaceAll(pkcs8, "PRIVATE", "RSA PRIVATE"), ""},
		{"empty", "", "PrivateKey is empty"},
		{"no PEM", "MIIEvQ", "not PEM"},
		{"public", pemOf("PUBLIC KEY", public), "give the private key"},
		{"encrypted", pemOf("ENCRYPTED PRIVATE KEY", pkcs8DER), "encrypted"},
		{"elliptic", pemOf("PRIVATE KEY", ecDER), "RSA"},
		{"weak", pemOf("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(weakKey)), "2048"},
		{"cut", pkcs8[:len(pkcs8)/2] + "\n-----END PRIVATE KEY-----\n", "PrivateKey"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f, err := coze.NewOAuthJWT(oauthClient(t, &oauthServer{}), coze.OAuthJWTApp{ClientID: clientID, PublicKeyID: "kid1", PrivateKey: tt.key})
			if tt.want == "" && err == nil {
				_, err = f.Exchange(t.Context())
			}
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

// TestOAuthInputs: pitfall 5. What is wrong is told at construction.
func TestOAuthInputs(t *testing.T) {
	t.Parallel()
	c := oauthClient(t, &oauthServer{})
	web := func(change func(*coze.OAuthWebApp)) error {
		app := webApp()
		change(&app)
		_, err := coze.NewOAuthWeb(c, app)
		return err
	}
	jwt := func(change func(*coze.OAuthJWTApp)) error {
		app := coze.OAuthJWTApp{ClientID: clientID, PublicKeyID: "kid1", PrivateKey: pkcs1PEM()}
		change(&app)
		_, err := coze.NewOAuthJWT(c, app)
		return err
	}
	pkce := func(app coze.OAuthPKCEApp) error { _, err := coze.NewOAuthPKCE(c, app); return err }
	studio, _ := coze.NewClient(coze.WithStudio("http://localhost:8888"))
	_, onStudio := coze.NewOAuthWeb(studio, webApp())
	_, noClient := coze.NewOAuthWeb(nil, webApp())
	_, device := coze.NewOAuthDevice(c, coze.OAuthDeviceApp{})
	tests := []struct {
		err  error
		want string
	}{
		{web(func(a *coze.OAuthWebApp) {}), ""},
		{web(func(a *coze.OAuthWebApp) { a.BaseURL, a.WebsiteURL = "https://api.coze.cn/", "https://www.coze.cn/" }), ""},
		{web(func(a *coze.OAuthWebApp) { a.ClientID = "" }), "ClientID"},
		{web(func(a *coze.OAuthWebApp) { a.ClientSecret = " " }), "ClientSecret"},
		{web(func(a *coze.OAuthWebApp) { a.RedirectURL = "" }), "RedirectURL is empty"},
		{web(func(a *coze.OAuthWebApp) { a.RedirectURL = "/callback" }), "not an absolute URL"},
		{web(func(a *coze.OAuthWebApp) { a.RedirectURL = "myapp://x" }), "neither https nor http"},
		{web(func(a *coze.OAuthWebApp) { a.RedirectURL = "https://x/#f" }), "fragment"},
		{web(func(a *coze.OAuthWebApp) { a.BaseURL = coze.BaseURLCom }), "one region"},
		{web(func(a *coze.OAuthWebApp) { a.WebsiteURL = "https://www.coze.com" }), "one region"},
		{web(func(a *coze.OAuthWebApp) { a.WebsiteURL = "http://www.example.com" }), "WebsiteURL"},
		{pkce(coze.OAuthPKCEApp{ClientID: clientID, RedirectURL: "http://localhost:1/x", Method: "S512"}), "neither S256 nor plain"},
		{device, "ClientID"},
		{noClient, "client is nil"},
		{onStudio, "Coze Studio"},
		{jwt(func(a *coze.OAuthJWTApp) { a.PublicKeyID = "" }), "PublicKeyID"},
		{jwt(func(a *coze.OAuthJWTApp) { a.TTL = 24 * time.Hour }), "86399"},
		{jwt(func(a *coze.OAuthJWTApp) { a.TTL = 86399 * time.Second }), ""},
		{jwt(func(a *coze.OAuthJWTApp) { a.TTL = 1500 * time.Millisecond }), "whole seconds"},
		{jwt(func(a *coze.OAuthJWTApp) { a.TTL = -1 }), "TTL"},
		{jwt(func(a *coze.OAuthJWTApp) { a.AccountID, a.EnterpriseID = "1", "2" }), "exclude each other"},
		{jwt(func(a *coze.OAuthJWTApp) { a.Audience = "https://api.coze.cn" }), "host"},
		{jwt(func(a *coze.OAuthJWTApp) { a.DeviceInfo = &coze.OAuthDeviceInfo{} }), "DeviceInfo"},
		{jwt(func(a *coze.OAuthJWTApp) { a.Signer = testKey() }), "exclude each other"},
	}
	for i, tt := range tests {
		if tt.want == "" && tt.err != nil || tt.want != "" && (tt.err == nil || !strings.Contains(tt.err.Error(), tt.want)) {
			t.Errorf("%d: got %v, want %q", i, tt.err, tt.want)
		}
	}
	if !errors.Is(onStudio, coze.ErrUnsupported) {
		t.Errorf("got %v", onStudio)
	}
}

func TestLoadOAuthApp(t *testing.T) {
	t.Parallel()
	load := func(body string) (coze.OAuthApp, error) {
		path := filepath.Join(t.TempDir(), "coze_oauth_config.json")
		if err := os.WriteFile(path, []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
		return coze.LoadOAuthApp(path)
	}
	for _, tt := range []struct {
		body string
		want coze.OAuthApp
	}{
		{`{"client_type":"web","client_id":"1","client_secret":"s","coze_api_base":"https://api.coze.cn","coze_www_base":"https://www.coze.cn"}`,
			coze.OAuthWebApp{ClientID: "1", ClientSecret: "s", BaseURL: coze.BaseURLCN, WebsiteURL: "https://www.coze.cn"}},
		{`{"client_type":"pkce","client_id":"1","coze_api_base":"https://api.coze.com"}`, coze.OAuthPKCEApp{ClientID: "1", BaseURL: coze.BaseURLCom}},
		{`{"client_type":"device","client_id":"1"}`, coze.OAuthDeviceApp{ClientID: "1"}},
		{"\ufeff" + `{"client_type":"jwt","client_id":"1","private_key":"k","public_key_id":"p"}`, coze.OAuthJWTApp{ClientID: "1", PrivateKey: "k", PublicKeyID: "p"}},
		{`{"client_id":"1","private_key":"k","public_key_id":"p"}`, coze.OAuthJWTApp{ClientID: "1", PrivateKey: "k", PublicKeyID: "p"}},
		{`{"client_id":"1","client_secret":"s"}`, coze.OAuthWebApp{ClientID: "1", ClientSecret: "s"}},
	} {
		if got, err := load(tt.body); err != nil || got != tt.want {
			t.Errorf("%s: %T, %v", tt.body, got, err)
		}
	}
	for _, bad := range []string{``, `{}`, `{"client_id":"1"}`, `{"client_id":"1","client_type":"other"}`, `{"client_id":1,"client_secret":"` + clientSecret + `"}`} {
		if _, err := load(bad); err == nil || strings.Contains(err.Error(), clientSecret) {
			t.Errorf("%s: %v", bad, err)
		}
	}
	if _, err := coze.LoadOAuthApp(filepath.Join(t.TempDir(), "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	app, err := load(`{"client_type":"device","client_id":"1","coze_api_base":"https://api.coze.com"}`)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := coze.NewOAuthDevice(oauthClient(t, &oauthServer{}), app.(coze.OAuthDeviceApp)); err == nil || !strings.Contains(err.Error(), "https://api.coze.com") {
		t.Errorf("the file is of another region: %v", err)
	}
}

// TestOAuthErrors: every documented code, in both forms of the body.
func TestOAuthErrors(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]struct {
		code     coze.OAuthCode
		category error
	}{
		"authorization_pending":  {coze.ErrAuthorizationPending, coze.ErrPending},
		"slow_down":              {coze.ErrSlowDown, coze.ErrPending},
		"access_denied":          {coze.ErrAccessDenied, coze.ErrForbidden},
		"access_deny":            {coze.ErrAccessDenied, coze.ErrForbidden},
		"expired_token":          {coze.ErrDeviceCodeExpired, coze.ErrTimeout},
		"invalid_request":        {coze.ErrInvalidRequest, coze.ErrBadRequest},
		"invalid_client":         {coze.ErrInvalidClient, coze.ErrUnauthorized},
		"unsupported_grant_type": {coze.ErrUnsupportedGrantType, coze.ErrUnsupported},
		"internal_error":         {coze.ErrOAuthInternal, coze.ErrServer},
	} {
		for _, body := range []string{`400 {"error_code":%q,"error_message":"no"}`, `401 {"error":%q,"error_description":"no"}`, `200 {"error_code":%q,"error_message":"no"}`} {
			s := &oauthServer{replies: []string{fmt.Sprintf(body, code)}}
			_, err := newWeb(t, s).Exchange(t.Context(), authCode)
			var e *coze.OAuthError
			if !errors.As(err, &e) || !errors.Is(err, want.code) || !errors.Is(err, want.category) {
				t.Errorf("%s: got %v", code, err)
				continue
			}
			if string(e.Code) != code || e.LogID != "LOG1" || refused(t, err).CodeText != code || errors.Is(err, coze.OAuthCode("other")) {
				t.Errorf("%s: got %+v", code, e)
			}
		}
	}
	s := &oauthServer{replies: []string{"502 <html>"}}
	_, err := newWeb(t, s).Exchange(t.Context(), authCode)
	var e *coze.OAuthError
	if !errors.As(err, &e) || e.Code != "" || !errors.Is(err, coze.ErrServer) {
		t.Errorf("a gateway: %v", err)
	}
	s = &oauthServer{replies: []string{`200 {"expires_in":1}`}}
	if _, err := newWeb(t, s).Exchange(t.Context(), authCode); err == nil || !strings.Contains(err.Error(), "no access token") {
		t.Errorf("no token: %v", err)
	}
}

// TestRegions: issue 4, item 6. A source of one server does not serve the client of another.
func TestRegions(t *testing.T) {
	t.Parallel()
	source := newWeb(t, &oauthServer{}).TokenSource(nil)
	if _, err := coze.NewClient(coze.WithBaseURL(coze.BaseURLCom), coze.WithTokenSource(source)); err == nil || !strings.Contains(err.Error(), "one region") {
		t.Errorf("got %v", err)
	}
	com, _ := coze.NewClient(coze.WithBaseURL(coze.BaseURLCom))
	if _, err := com.As(source); err == nil {
		t.Error("As takes a source of another region")
	}
	if _, err := com.As(nil); err == nil {
		t.Error("As takes nil")
	}
	if _, err := coze.NewClient(coze.WithBaseURL(coze.BaseURLCN), coze.WithTokenSource(source)); err != nil {
		t.Error(err)
	}
}
