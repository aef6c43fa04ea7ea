package coze_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cozekit/cozekit/pkg/coze"
)

// tellsNone looks for secrets, as they are and as URLs and byte lists would show them.
func tellsNone(t *testing.T, where, text string, secrets ...string) {
	t.Helper()
	for _, s := range secrets {
		for _, form := range []string{s, url.QueryEscape(s), fmt.Sprintf("%x", s), fmt.Sprintf("%X", s), byteList(s)} {
			if form != "" && strings.Contains(text, form) {
				t.Errorf("%s shows %q: %.300s", where, s, text)
				return
			}
		}
	}
}

// byteList is how %d shows a list of bytes.
func byteList(s string) string { return strings.Trim(fmt.Sprintf("%d", []byte(s)), "[]") }

// formatted is v by every verb and flag, and in every log and encoding. Misuses that go vet reports, %w outside of Errorf
// and %p for what is no pointer, are left out: fmt then ignores all methods.
func formatted(v any) string {
	var b bytes.Buffer
	for _, flags := range []string{"", "+", "#", " ", "-", "0", "+#", "#+ ", "12.3"} {
		for _, verb := range "vTtbcdoOqxXUeEfFgGs" {
			fmt.Fprintf(&b, "%"+flags+string(verb)+"\n", v)
		}
	}
	fmt.Fprintln(&b, v)
	fmt.Fprintln(&b, []any{v}, map[string]any{"k": v}, struct{ V any }{v})
	level := &slog.HandlerOptions{Level: slog.LevelDebug}
	slog.New(slog.NewTextHandler(&b, level)).Info("m", "v", v, "list", []any{v})
	slog.New(slog.NewJSONHandler(&b, level)).Info("m", "v", v, "list", []any{v})
	raw, _ := json.Marshal(v)
	b.Write(raw)
	return b.String()
}

// TestSecretsAreNotFormatted: no type that holds a secret shows it.
func TestSecretsAreNotFormatted(t *testing.T) {
	t.Parallel()
	s := &oauthServer{}
	web := newWeb(t, s)
	store := coze.NewMemoryTokenStore()
	source := login(t, web, store)
	pair := must(web.Exchange(t.Context(), authCode))
	token := must(source.Token(t.Context()))
	device, deviceLogin := startDevice(t, s)
	jwtApp := coze.OAuthJWTApp{ClientID: clientID, PublicKeyID: "kid1", PrivateKey: pkcs1PEM()}
	jwt := must(coze.NewOAuthJWT(oauthClient(t, s), jwtApp))
	byKey := must(coze.NewOAuthJWT(oauthClient(t, s), coze.OAuthJWTApp{ClientID: clientID, PublicKeyID: "kid1", Signer: testKey()}))
	jwtSource := jwt.TokenSource(nil)
	access(t, jwtSource)
	signerApp := coze.OAuthJWTApp{Signer: testKey()}
	client := oauthClient(t, s, coze.WithTokenSource(source))
	app := webApp()
	secrets := []string{clientSecret, authCode, deviceCode, deviceLogin.UserCode, pair.Access, pair.Refresh, token.Access, "S3cret"}
	secrets = append(secrets, strings.Split(jwtApp.PrivateKey, "\n")[1:10]...)
	secrets = append(secrets, testKey().D.String(), testKey().Primes[0].String(), testKey().D.Text(16))
	for _, v := range []any{
		app, &app, jwtApp, &jwtApp, signerApp, &signerApp, pair, &pair, token, &token, *deviceLogin, deviceLogin,
		web, *web, device, *device, jwt, *jwt, byKey, source, *source, jwtSource, store, client, coze.StaticToken(pair.Access),
		coze.OAuthApp(app), coze.WithToken(clientSecret), coze.WithTokenSource(source), coze.WithCallToken(coze.StaticToken(pair.Access)),
	} {
		tellsNone(t, fmt.Sprintf("%T", v), formatted(v), secrets...)
	}
}

// TestSecretsStayOutOfErrorsAndLogs: also when the server repeats what it was sent.
func TestSecretsStayOutOfErrorsAndLogs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var logs bytes.Buffer
		logger := coze.WithLogger(slog.New(slog.NewTextHandler(&logs, &slog.HandlerOptions{Level: slog.LevelDebug})))
		s := &oauthServer{}
		c := oauthClient(t, s, logger)
		web := must(coze.NewOAuthWeb(c, webApp()))
		pkce := must(coze.NewOAuthPKCE(c, coze.OAuthPKCEApp{ClientID: clientID, RedirectURL: "https://app.example.com/callback"}))
		device := must(coze.NewOAuthDevice(c, coze.OAuthDeviceApp{ClientID: clientID}))
		jwt := must(coze.NewOAuthJWT(c, coze.OAuthJWTApp{ClientID: clientID, PublicKeyID: "kid1", PrivateKey: pkcs1PEM()}))
		deviceLogin := must(device.Start(t.Context()))
		source := login(t, web, nil)
		verifier := coze.NewPKCEVerifier()
		must(pkce.Exchange(t.Context(), authCode, verifier))
		must(device.Wait(t.Context(), deviceLogin))
		must(jwt.Exchange(t.Context()))
		time.Sleep(time.Hour)
		s.echo = true
		refuse := `400 {}`
		var errs []error
		try := func(_ any, err error) {
			if err == nil {
				t.Error("no error")
				return
			}
			errs = append(errs, err)
		}
		for range 2 {
			s.replies = []string{refuse, refuse, refuse, refuse, refuse, refuse}
			try(web.Exchange(t.Context(), authCode))
			try(web.Refresh(t.Context(), "rt_S3cret9"))
			try(pkce.Exchange(t.Context(), authCode, verifier))
			try(device.Poll(t.Context(), deviceLogin))
			try(jwt.Exchange(t.Context()))
			try(source.Token(t.Context()))
			refuse = "502 {}" // not JSON, and cut within a secret
		}
		secrets := []string{clientSecret, authCode, deviceCode, verifier, "S3cret", "rt_", authCode[:12], clientSecret[:12]}
		for _, q := range s.all() {
			if parts := strings.Split(q.auth, "."); len(parts) == 3 {
				secrets = append(secrets, parts[1], parts[2])
			}
		}
		for _, err := range errs {
			text := formatted(err) + err.Error()
			x, _ := coze.Explain(err)
			tellsNone(t, "an error", text+formatted(x), secrets...)
		}
		tellsNone(t, "the log", logs.String(), secrets...)
		if len(errs) != 12 || !strings.Contains(logs.String(), "CreateOAuthToken") {
			t.Errorf("%d errors, log %.100s", len(errs), logs.String())
		}
	})
}
