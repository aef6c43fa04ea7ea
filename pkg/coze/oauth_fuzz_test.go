package coze_test

import (
	"crypto/x509"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/cozekit/cozekit/pkg/coze"
)

// FuzzTokenResponse: whatever a token endpoint answers, there is a token, with an expiry that makes sense, or an error; and
// a source can store what comes of it.
func FuzzTokenResponse(f *testing.F) {
	for _, body := range []string{
		`{"access_token":"a","expires_in":900,"refresh_token":"r"}`, `{"access_token":"a","expires_in":4102444800}`,
		`{"access_token":"a","expires_in":"900"}`, `{"access_token":"a","expires_in":4102444800000}`, `{"access_token":"a","expires_in":-1}`,
		`{"access_token":"a","expires_in":9e18}`, `{"access_token":"a","expires_in":null}`, `{"access_token":"","expires_in":1}`,
		`{"error_code":"slow_down"}`, `{"error":"access_denied","error_description":"x"}`, `{"code":4100,"msg":"x"}`, `{"code":0,"access_token":"a"}`,
		`[]`, ``, `null`, `{"access_token":{}}`, "\xff",
	} {
		f.Add(200, body)
		f.Add(400, body)
	}
	f.Fuzz(func(t *testing.T, status int, body string) {
		if status < 200 || status > 599 {
			return
		}
		c, err := coze.NewClient(coze.WithBaseURL(coze.BaseURLCN), coze.WithHTTPClient(&http.Client{
			Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
				return response(r, status, "application/json", body), nil
			}),
		}), coze.WithRetry(coze.RetryPolicy{Retries: -1}))
		if err != nil {
			t.Fatal(err)
		}
		web := must(coze.NewOAuthWeb(c, webApp()))
		p, err := web.Exchange(t.Context(), authCode)
		if (err == nil) != (p.Access != "") {
			t.Fatalf("got %v for %q", err, body)
		}
		if err == nil && !p.Expires.IsZero() && (p.Expires.Before(time.Unix(0, 0)) || p.Expires.Year() > 10000) {
			t.Fatalf("expires %v for %q", p.Expires, body)
		}
		if err != nil && strings.Contains(err.Error(), clientSecret) {
			t.Fatalf("shows the secret: %v", err)
		}
		if p.Refresh == "" {
			return
		}
		store := coze.NewMemoryTokenStore()
		if err := web.TokenSource(store).Login(t.Context(), p); err != nil {
			t.Fatalf("%v for %q", err, body)
		}
		if got, err := web.TokenSource(store).Token(t.Context()); err == nil && got.Access != p.Access && strings.ToValidUTF8(p.Access, "\ufffd") != got.Access {
			t.Fatalf("got another token from the store for %q", body)
		}
	})
}

// FuzzPrivateKeyPEM: whatever is given as a key, it is one or there is an error, which shows nothing of it.
func FuzzPrivateKeyPEM(f *testing.F) {
	c, err := coze.NewClient(coze.WithBaseURL(coze.BaseURLCN))
	if err != nil {
		f.Fatal(err)
	}
	// No whole key: checking one takes long, and chance plays a part in it, which the fuzzer takes for news. See TestPrivateKeys.
	key := pemOf("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(testKey())[:60])
	for _, text := range []string{
		key, strings.ReplaceAll(key, "\n", `\n`), strings.ReplaceAll(key, "\n", " "), key[:len(key)/2], "", "-----", `"-----BEGIN X-----`,
		"-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n", "-----BEGIN RSA PRIVATE KEY-----\nDEK-Info: x\n\nMAA=\n-----END RSA PRIVATE KEY-----\n",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		app := coze.OAuthJWTApp{ClientID: clientID, PublicKeyID: "kid1", PrivateKey: text}
		jwt, err := coze.NewOAuthJWT(c, app)
		if (jwt == nil) != (err != nil) {
			t.Fatalf("got %v and %v", jwt, err)
		}
		if body := strings.Join(strings.Fields(text), ""); err != nil && len(body) > 40 && strings.Contains(err.Error(), body[:40]) {
			t.Fatalf("shows the key: %v", err)
		}
	})
}
