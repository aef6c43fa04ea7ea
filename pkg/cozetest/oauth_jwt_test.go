package cozetest_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cozekit/cozekit/pkg/cozetest"
)

const jwtGrant = "urn:ietf:params:oauth:grant-type:jwt-bearer"

var (
	rsaKeys = sync.OnceValue(func() [2]*rsa.PrivateKey {
		var keys [2]*rsa.PrivateKey
		for i := range keys {
			key, err := rsa.GenerateKey(rand.Reader, 2048)
			if err != nil {
				panic(err)
			}
			keys[i] = key
		}
		return keys
	})
	jwtCount atomic.Int64
)

// jwt signs a JWT whose header and claims are good but for some changes; nil takes one out.
func jwt(t *testing.T, c *client, app string, changes obj) string {
	t.Helper()
	now := time.Now().Unix()
	header := obj{"alg": "RS256", "typ": "JWT", "kid": "key1"}
	claims := obj{
		"iss": app, "aud": strings.TrimPrefix(c.url, "http://"), "iat": now, "exp": now + 600,
		"jti": fmt.Sprint("jti", jwtCount.Add(1)),
	}
	key := rsaKeys()[0]
	for name, v := range changes {
		part := claims
		if header[name] != nil {
			part = header
		}
		if name == "key" {
			key = v.(*rsa.PrivateKey)
			continue
		}
		part[name] = v
	}
	encode := base64.RawURLEncoding.EncodeToString
	text := encode([]byte(mustJSON(header))) + "." + encode([]byte(mustJSON(claims)))
	sum := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return text + "." + encode(signature)
}

// jwtServer has an app of each kind that signs JWTs.
func jwtServer(t *testing.T, opts ...cozetest.Option) (*cozetest.Server, *client) {
	t.Helper()
	srv := cozetest.NewServer(t, opts...)
	keys := map[string]*rsa.PublicKey{"key1": &rsaKeys()[0].PublicKey}
	for id, app := range map[string]cozetest.OAuthApp{
		"1": {Kind: cozetest.OAuthJWT, Accounts: []string{"4242"}},
		"2": {Kind: cozetest.OAuthChannel, ConnectorID: "10001"},
		"3": {Kind: cozetest.OAuthChannel},
		"4": {Kind: cozetest.OAuthEnterprise},
		"5": {Kind: cozetest.OAuthJWT, Scopes: []string{"Bot.listBot", "Workflow.run"}},
	} {
		app.ClientID, app.PublicKeys = id, keys
		srv.OAuthApp(app)
	}
	return srv, newClient(t, srv).as("")
}

func TestOAuthJWT(t *testing.T) {
	t.Parallel()
	srv, c := jwtServer(t, cozetest.WithAudience("api.coze.cn"))
	now := time.Now().Unix()
	host, _, _ := strings.Cut(strings.TrimPrefix(c.url, "http://"), ":")
	for _, tc := range []struct {
		name    string
		changes obj
		want    bool
	}{
		{"good", nil, true},
		{"host without port", obj{"aud": host}, true},
		{"other audience", obj{"aud": "api.coze.cn"}, true},
		{"iat backdated", obj{"iat": now - 60}, true},
		{"session", obj{"session_name": "ann", "session_context": obj{"device_info": obj{"device_id": "d"}}}, true},
		{"foreign audience", obj{"aud": "api.coze.com"}, false},
		{"URL as audience", obj{"aud": c.url}, false},
		{"unknown app", obj{"iss": "99"}, false},
		{"unknown key", obj{"kid": "key2"}, false},
		{"signed by another key", obj{"key": rsaKeys()[1]}, false},
		{"no algorithm", obj{"alg": "none"}, false},
		{"HMAC", obj{"alg": "HS256"}, false},
		{"other type", obj{"typ": "JOSE"}, false},
		{"expired", obj{"iat": now - 700, "exp": now - 100}, false},
		{"from the future", obj{"iat": now + 100}, false},
		{"no iat", obj{"iat": 0}, false},
		{"no exp", obj{"exp": 0}, false},
		{"no jti", obj{"jti": ""}, false},
		{"time as text", obj{"iat": "now"}, false},
	} {
		r := c.as(jwt(t, c, "1", tc.changes)).do(http.MethodPost, tokenPath, obj{"grant_type": jwtGrant})
		if !tc.want {
			t.Log(tc.name)
			refused(t, r, 401, "invalid_client")
			continue
		}
		access, _ := r.all["access_token"].(string)
		if !strings.HasPrefix(access, "czs_") || r.all["refresh_token"] != nil {
			t.Fatalf("%s: got %s", tc.name, r.text)
		}
		c.as(access).ok(http.MethodGet, "/v1/users/me", nil)
	}
	for _, token := range []string{"", "x", "a.b.c", strings.TrimRight(jwt(t, c, "1", nil), "=") + "!"} {
		refused(t, c.as(token).do(http.MethodPost, tokenPath, obj{"grant_type": jwtGrant}), 401, "invalid_client")
	}
	once := c.as(jwt(t, c, "1", nil))
	got := once.tokens(obj{"grant_type": jwtGrant, "duration_seconds": 3600})
	refused(t, once.do(http.MethodPost, tokenPath, obj{"grant_type": jwtGrant}), 401, "invalid_client")
	srv.Advance(59 * time.Minute)
	user := c.as(got["access_token"].(string))
	user.ok(http.MethodGet, "/v1/users/me", nil)
	srv.Advance(time.Minute)
	if r := user.do(http.MethodGet, "/v1/users/me", nil); r.Code != 4100 {
		t.Errorf("got %s after an hour", r.text)
	}
}

func TestOAuthJWTPaths(t *testing.T) {
	t.Parallel()
	_, c := jwtServer(t)
	const (
		account    = "/api/permission/oauth2/account/4242/token"
		enterprise = "/api/permission/oauth2/enterprise_id/" + cozetest.DefaultEnterpriseID + "/token"
	)
	for _, tc := range []struct {
		name, app, path string
		body            obj
		status          int
		word            string
	}{
		{"channel", "2", tokenPath, obj{}, 200, ""},
		{"channel without a connector", "3", tokenPath, obj{}, 403, "access_deny"},
		{"enterprise app at the ordinary path", "4", tokenPath, obj{}, 403, "access_deny"},
		{"enterprise", "4", enterprise, obj{}, 200, ""},
		{"other enterprise", "4", "/api/permission/oauth2/enterprise_id/other/token", obj{}, 403, "access_deny"},
		{"ordinary app at the enterprise path", "1", enterprise, obj{}, 403, "access_deny"},
		{"account", "1", account, obj{}, 200, ""},
		{"account that has not accepted", "5", account, obj{}, 403, "access_deny"},
		{"no time", "1", tokenPath, obj{"duration_seconds": 0}, 400, "invalid_request"},
		{"scope beyond the app", "5", tokenPath,
			obj{"scope": obj{"account_permission": obj{"permission_list": []string{"chat"}}}}, 400, "invalid_request"},
		{"scope within the app", "5", tokenPath, obj{"scope": obj{"workflow_permission": obj{"permission_list": []string{"run"}}}}, 200, ""},
	} {
		tc.body["grant_type"] = jwtGrant
		r := c.as(jwt(t, c, tc.app, nil)).do(http.MethodPost, tc.path, tc.body)
		if tc.status != http.StatusOK {
			t.Log(tc.name)
			refused(t, r, tc.status, tc.word)
			continue
		}
		access, _ := r.all["access_token"].(string)
		me := c.as(access).do(http.MethodGet, "/v1/users/me", nil)
		if want := map[bool]string{true: "4242", false: cozetest.DefaultUserID}[tc.path == account]; me.str("user_id") != want {
			t.Errorf("%s: got %s as %s", tc.name, r.text, me.text)
		}
	}
}

// TestOAuthChannelScope limits a token to chats with one bot.
func TestOAuthChannelScope(t *testing.T) {
	t.Parallel()
	srv, c := jwtServer(t)
	srv.Bot("7", cozetest.Echo)
	got := c.as(jwt(t, c, "2", nil)).tokens(obj{"grant_type": jwtGrant, "scope": obj{
		"account_permission":   obj{"permission_list": []string{"Connector.botChat"}},
		"attribute_constraint": obj{"connector_bot_chat_attribute": obj{"bot_id_list": []string{"7"}}},
	}})
	user := c.as(got["access_token"].(string))
	r := user.ok(http.MethodPost, "/v3/chat", chatBody("7", "Hi", false))
	wait(t, user, "?conversation_id="+r.str("conversation_id")+"&chat_id="+r.str("id"))
	if r := user.do(http.MethodPost, "/v3/chat", chatBody(bot, "Hi", false)); r.Code != 4101 {
		t.Errorf("got %s for another bot", r.text)
	}
	if r := user.do(http.MethodGet, "/v1/workspaces", nil); r.Code != 4101 {
		t.Errorf("got %s for workspaces", r.text)
	}
}

// TestSessions shows that two session names of one app do not see each other.
func TestSessions(t *testing.T) {
	t.Parallel()
	_, c := jwtServer(t)
	visitor := func(name string) *client {
		got := c.as(jwt(t, c, "1", obj{"session_name": name})).tokens(obj{"grant_type": jwtGrant})
		return c.as(got["access_token"].(string))
	}
	ann, ben := visitor("ann"), visitor("ben")
	chat := ann.ok(http.MethodPost, "/v3/chat", chatBody(bot, "Hi", false))
	ids := "?conversation_id=" + chat.str("conversation_id") + "&chat_id=" + chat.str("id")
	wait(t, ann, ids)
	for _, path := range []string{
		"/v3/chat/retrieve" + ids, "/v3/chat/message/list" + ids, "/v1/conversation/retrieve?conversation_id=" + chat.str("conversation_id"),
	} {
		visitor("ann").ok(http.MethodGet, path, nil)
		if r := ben.do(http.MethodGet, path, nil); r.Code != 4200 {
			t.Errorf("%s: got %s", path, r.text)
		}
	}
	for c, want := range map[*client]int{ann: 1, ben: 0} {
		r := c.ok(http.MethodGet, "/v1/conversations?bot_id="+bot, nil)
		if n := len(r.Data["conversations"].([]any)); n != want {
			t.Errorf("got %d conversations, want %d", n, want)
		}
	}
}

func TestParsePublicKey(t *testing.T) {
	t.Parallel()
	key := &rsaKeys()[0].PublicKey
	pkix, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for name, der := range map[string][]byte{"PUBLIC KEY": pkix, "RSA PUBLIC KEY": x509.MarshalPKCS1PublicKey(key)} {
		got, err := cozetest.ParsePublicKey(pem.EncodeToMemory(&pem.Block{Type: name, Bytes: der}))
		if err != nil || !got.Equal(key) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	for _, text := range []string{"", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"} {
		if _, err := cozetest.ParsePublicKey([]byte(text)); err == nil {
			t.Errorf("%q: got no error", text)
		}
	}
}
