package webchat_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cozekit/cozekit/internal/leaks"
	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/cozekit/cozekit/pkg/coze/webchat"
	"github.com/cozekit/cozekit/pkg/cozetest"
)

var testKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

// channelApp registers a channel app with a fake server.
func channelApp(srv *cozetest.Server) coze.OAuthJWTApp {
	key := testKey()
	srv.OAuthApp(cozetest.OAuthApp{ClientID: "77", Kind: cozetest.OAuthChannel, ConnectorID: "10000001", PublicKeys: map[string]*rsa.PublicKey{"k": &key.PublicKey}})
	text := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
	return coze.OAuthJWTApp{ClientID: "77", PublicKeyID: "k", PrivateKey: string(text)}
}

type tokenAnswer struct {
	Token     string `json:"token"`
	ExpiresAt int64  `json:"expires_at"`
}

func ask(t *testing.T, h http.Handler, visitor string, header ...string) (*httptest.ResponseRecorder, tokenAnswer) {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "https://site.example/token", nil)
	r.Header.Set("X-Visitor", visitor)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	var a tokenAnswer
	_ = json.Unmarshal(w.Body.Bytes(), &a)
	return w, a
}

func tokenHandler(t *testing.T, srv *cozetest.Server, change func(*webchat.TokenConfig)) http.Handler {
	t.Helper()
	cfg := webchat.TokenConfig{App: channelApp(srv), Bots: []string{botID}, Visitor: byHeader, IPRate: noLimit, Rate: noLimit}
	if change != nil {
		change(&cfg)
	}
	client, err := coze.NewClient(coze.WithBaseURL(srv.URL()))
	if err != nil {
		t.Fatal(err)
	}
	h, err := webchat.TokenHandler(client, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// TestTokens: pitfall 6. A visitor's token is for one bot and one history, and is the same until shortly before its end.
func TestTokens(t *testing.T) {
	t.Parallel()
	const other = "7400000000000000999"
	srv := cozetest.NewServer(t)
	srv.Bot(other, cozetest.Echo)
	h := tokenHandler(t, srv, nil)
	w, annas := ask(t, h, "anna")
	if w.Code != http.StatusOK || annas.Token == "" || w.Header().Get("Cache-Control") != "no-store" || w.Header().Get("Content-Type") != "application/json; charset=utf-8" {
		t.Fatal(w.Code, w.Header(), w.Body)
	}
	if left := time.Until(time.Unix(annas.ExpiresAt, 0)); left < 10*time.Minute || left > time.Hour+time.Minute {
		t.Errorf("the token lives for %v", left)
	}
	_, again := ask(t, h, "anna")
	_, bobs := ask(t, h, "bob")
	if again != annas || bobs.Token == annas.Token {
		t.Error("anna has two tokens, or bob has hers")
	}
	with := func(token string) *coze.Client {
		c, err := coze.NewClient(coze.WithBaseURL(srv.URL()), coze.WithToken(token))
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	ctx := t.Context()
	conversation, _, _ := say(ctx, t, with(annas.Token), "", "secret")
	if _, err := with(bobs.Token).Conversations.Messages.List(ctx, coze.ListMessagesRequest{ConversationID: conversation}); err == nil {
		t.Error("bob reads anna's conversation")
	}
	_, err := with(annas.Token).Chat.Create(ctx, coze.CreateChatRequest{BotID: other, UserID: "u"})
	_, err2 := with(annas.Token).Workspaces.List(ctx, coze.ListWorkspacesRequest{})
	if !errors.Is(err, coze.ErrForbidden) || !errors.Is(err2, coze.ErrForbidden) {
		t.Errorf("the token is good for more: %v, %v", err, err2)
	}
}

// TestTokenMargin: a token is handed out again until the margin before its end, and then replaced.
func TestTokenMargin(t *testing.T) {
	testKey() // not in the bubble
	synctest.Test(t, func(t *testing.T) {
		srv := cozetest.NewServer(t, cozetest.InMemory())
		client, err := coze.NewClient(coze.WithBaseURL(srv.URL()), coze.WithHTTPClient(srv.HTTPClient()), coze.WithPlainHTTP())
		if err != nil {
			t.Fatal(err)
		}
		app := channelApp(srv)
		app.TTL = 10 * time.Minute
		h, err := webchat.TokenHandler(client, webchat.TokenConfig{App: app, Bots: []string{botID}, Visitor: byHeader, Margin: 4 * time.Minute})
		if err != nil {
			t.Fatal(err)
		}
		_, first := ask(t, h, "anna")
		time.Sleep(5 * time.Minute)
		_, second := ask(t, h, "anna")
		time.Sleep(2 * time.Minute)
		_, third := ask(t, h, "anna")
		if first.Token == "" || second != first || third.Token == first.Token || third.ExpiresAt <= first.ExpiresAt {
			t.Errorf("tokens %v, %v, %v", first.ExpiresAt, second.ExpiresAt, third.ExpiresAt)
		}
	})
}

// TestTokenFlight: visitors who ask at the same time cause one token each.
func TestTokenFlight(t *testing.T) {
	leaks.Check(t)
	srv := cozetest.NewServer(t)
	h := tokenHandler(t, srv, nil)
	var wg sync.WaitGroup
	for i := range 40 {
		wg.Go(func() {
			if w, a := ask(t, h, "visitor "+string(rune('a'+i%4))); a.Token == "" {
				t.Error(w.Body)
			}
		})
	}
	wg.Wait()
	minted := 0
	for _, c := range srv.Calls() {
		if c.Operation == "CreateOAuthToken" {
			minted++
		}
	}
	if minted != 4 {
		t.Errorf("%d tokens were made for 4 visitors", minted)
	}
}

// TestTokenRefusals: no session name, no token; and neither for other pages, by GET, nor too often.
func TestTokenRefusals(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t)
	h := tokenHandler(t, srv, func(c *webchat.TokenConfig) { c.Origins = []string{"https://shop.example"} })
	if w, _ := ask(t, h, ""); w.Code != http.StatusUnauthorized || !strings.Contains(w.Body.String(), `"code":4100`) {
		t.Error("an empty session name:", w.Code, w.Body)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/token", nil))
	if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "POST" {
		t.Error("by GET:", w.Code, w.Header())
	}
	if w, a := ask(t, h, "anna", "Origin", "https://evil.example"); w.Code != http.StatusForbidden || a.Token != "" || w.Header().Get("Access-Control-Allow-Origin") != "" {
		t.Error("another page:", w.Code, w.Header())
	}
	if w, a := ask(t, h, "anna", "Origin", "https://shop.example", "Sec-Fetch-Site", "cross-site"); a.Token == "" || w.Header().Get("Access-Control-Allow-Origin") != "https://shop.example" {
		t.Error("a listed page:", w.Code, w.Header())
	}
	once := webchat.Rate{PerSecond: 1e-9, Burst: 1}
	h = tokenHandler(t, srv, func(c *webchat.TokenConfig) { c.Rate = once })
	ask(t, h, "anna")
	if w, _ := ask(t, h, "anna"); w.Code != http.StatusTooManyRequests {
		t.Error("too often:", w.Code)
	}
	h = tokenHandler(t, srv, func(c *webchat.TokenConfig) { c.IPRate = once })
	ask(t, h, "anna")
	if w, _ := ask(t, h, "bob"); w.Code != http.StatusTooManyRequests {
		t.Error("too often from one address:", w.Code)
	}
	h = tokenHandler(t, srv, func(c *webchat.TokenConfig) { c.App.ClientID = "78" })
	if w, _ := ask(t, h, "anna"); w.Code != http.StatusBadGateway || strings.Contains(w.Body.String(), "78") {
		t.Error("an app that the platform does not know:", w.Code, w.Body)
	}
}

// TestTokenConfig: what would make a token for everything, or for everybody, is refused at once.
func TestTokenConfig(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t)
	app := channelApp(srv)
	for want, cfg := range map[string]webchat.TokenConfig{
		"no visitor":          {App: app, Bots: []string{botID}},
		"no bots":             {App: app, Visitor: byHeader},
		"is not within":       {App: app, Bots: []string{botID}, Visitor: byHeader, Margin: 2 * time.Hour},
		"is not of the form":  {App: app, Bots: []string{botID}, Visitor: byHeader, Origins: []string{"*"}},
		"ClientID is empty":   {Bots: []string{botID}, Visitor: byHeader},
		"PublicKeyID is empt": {App: coze.OAuthJWTApp{ClientID: "1"}, Bots: []string{botID}, Visitor: byHeader},
	} {
		if _, err := webchat.TokenHandler(clientOf(t, srv), cfg); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// TestHandlerTokens: a Handler serves tokens under its own rules: its visitors, bots and origins.
func TestHandlerTokens(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t)
	h, err := webchat.Handler(clientOf(t, srv), webchat.Config{
		ProxyConfig: webchat.ProxyConfig{Bots: []string{botID}, Visitor: byHeader, Origins: []string{"https://shop.example"}},
		Tokens:      &webchat.TokenConfig{App: channelApp(srv)},
	})
	if err != nil {
		t.Fatal(err)
	}
	w, annas := ask(t, h, "anna", "Origin", "https://shop.example", "Sec-Fetch-Site", "cross-site")
	_, bobs := ask(t, h, "bob")
	if annas.Token == "" || bobs.Token == "" || annas.Token == bobs.Token {
		t.Error(w.Code, w.Body)
	}
	if w, a := ask(t, h, ""); w.Code != http.StatusUnauthorized || a.Token != "" {
		t.Error("a stranger:", w.Code, w.Body)
	}
	if w, a := ask(t, h, "anna", "Origin", "https://evil.example"); w.Code != http.StatusForbidden || a.Token != "" {
		t.Error("another page:", w.Code, w.Body)
	}
}
