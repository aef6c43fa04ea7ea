package coze_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cozekit/cozekit/pkg/coze"
)

// What the apps of the tests keep secret.
const (
	clientID     = "1234.app.coze"
	clientSecret = "S3cret-of-the-web-app"
	authCode     = "code_S3cretAuthorization"
	deviceCode   = "S3cretDeviceCode"
)

var testKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

func pemOf(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

func pkcs1PEM() string { return pemOf("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(testKey())) }

// oauthServer is the OAuth endpoints of the platform, as the facts tell of them.
type oauthServer struct {
	mu       sync.Mutex
	tokens   int               // handed out
	live     map[string]bool   // refresh tokens
	used     map[string]int    // how often each refresh token was presented
	requests []oauthRequest    // all of them
	replies  []string          // "status body", played before anything else
	jtis     map[string]bool   // of JWTs; each works once
	life     time.Duration     // of access tokens, default 15 min
	duration bool              // expires_in is a duration
	delay    time.Duration     // before a token is answered
	echo     bool              // refusals repeat what was sent
	headers  map[string]string // of answers
}

type oauthRequest struct {
	at     time.Time
	path   string
	auth   string
	body   map[string]any
	raw    string
	claims map[string]any
}

func (s *oauthServer) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	rsp := w.Result()
	rsp.Request = r
	return rsp, r.Context().Err()
}

func (s *oauthServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var q oauthRequest
	q.at, q.path, q.auth = time.Now(), r.URL.Path, strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	var raw strings.Builder
	buf := make([]byte, 64<<10)
	for r.Body != nil {
		n, err := r.Body.Read(buf)
		raw.Write(buf[:n])
		if err != nil {
			break
		}
	}
	q.raw = raw.String()
	_ = json.Unmarshal([]byte(q.raw), &q.body)
	if s.delay > 0 {
		time.Sleep(s.delay)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	status, body := 0, ""
	if len(s.replies) > 0 {
		_, _ = fmt.Sscanf(s.replies[0], "%d", &status)
		_, body, _ = strings.Cut(s.replies[0], " ")
		s.replies = s.replies[1:]
		if body == "token" {
			status, body = 200, s.newToken(true)
		}
	} else {
		status, body = s.serve(&q)
	}
	s.requests = append(s.requests, q)
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Tt-Logid", "LOG1")
	for k, v := range s.headers {
		w.Header().Set(k, v)
	}
	if s.echo && status >= 400 {
		body = fmt.Sprintf(`{"error_code":"invalid_request","error_message":%q}`, q.raw+" "+q.auth)
	}
	if s.echo && status >= 500 {
		body = strings.Repeat("x", 60) + q.raw + " " + q.auth
	}
	w.WriteHeader(status)
	_, _ = w.Write([]byte(body))
}

func oauthRefusal(code string) (int, string) {
	return 400, fmt.Sprintf(`{"error_code":%q,"error_message":"no"}`, code)
}

func (s *oauthServer) serve(q *oauthRequest) (int, string) {
	str := func(k string) string { v, _ := q.body[k].(string); return v }
	switch {
	case strings.HasSuffix(q.path, "/device/code"):
		return 200, fmt.Sprintf(`{"device_code":%q,"user_code":"WDJB-MJHT","verification_uri":"https://www.coze.cn/device?lang=en","expires_in":300,"interval":5}`, deviceCode)
	case strings.Contains(str("grant_type"), "jwt-bearer"):
		return s.jwt(q)
	case str("client_id") != clientID:
		return oauthRefusal("invalid_client")
	}
	switch str("grant_type") {
	case "authorization_code":
		verifier := str("code_verifier")
		if str("code") != authCode || str("redirect_uri") == "" || verifier == "" && q.auth != clientSecret || verifier != "" && q.auth != "" {
			return oauthRefusal("invalid_request")
		}
	case "refresh_token":
		old := str("refresh_token")
		if s.used == nil {
			s.used = map[string]int{}
		}
		s.used[old]++
		if !s.live[old] {
			return oauthRefusal("invalid_request")
		}
		delete(s.live, old)
	case "urn:ietf:params:oauth:grant-type:device_code":
		if str("device_code") != deviceCode {
			return oauthRefusal("invalid_request")
		}
	default:
		return oauthRefusal("unsupported_grant_type")
	}
	return 200, s.newToken(true)
}

func (s *oauthServer) newToken(refresh bool) string {
	s.tokens++
	life := s.life
	if life == 0 {
		life = 15 * time.Minute
	}
	expires := time.Now().Add(life).Unix()
	if s.duration {
		expires = int64(life / time.Second)
	}
	if !refresh {
		return fmt.Sprintf(`{"access_token":"czs_S3cret%d","expires_in":%d,"token_type":"Bearer"}`, s.tokens, expires)
	}
	if s.live == nil {
		s.live = map[string]bool{}
	}
	rt := fmt.Sprintf("rt_S3cret%d", s.tokens)
	s.live[rt] = true
	return fmt.Sprintf(`{"access_token":"czu_S3cret%d","expires_in":%d,"refresh_token":%q}`, s.tokens, expires, rt)
}

// jwt verifies signature and claims.
func (s *oauthServer) jwt(q *oauthRequest) (int, string) {
	parts := strings.Split(q.auth, ".")
	if len(parts) != 3 {
		return oauthRefusal("invalid_client")
	}
	var header map[string]string
	decode := func(part string, into any) error {
		raw, err := base64.RawURLEncoding.DecodeString(part)
		if err != nil {
			return err
		}
		return json.Unmarshal(raw, into)
	}
	sig, _ := base64.RawURLEncoding.DecodeString(parts[2])
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if decode(parts[0], &header) != nil || decode(parts[1], &q.claims) != nil || header["alg"] != "RS256" || header["typ"] != "JWT" || header["kid"] != "kid1" ||
		rsa.VerifyPKCS1v15(&testKey().PublicKey, crypto.SHA256, sum[:], sig) != nil {
		return oauthRefusal("invalid_client")
	}
	jti, _ := q.claims["jti"].(string)
	iat, _ := q.claims["iat"].(float64)
	exp, _ := q.claims["exp"].(float64)
	if s.jtis == nil {
		s.jtis = map[string]bool{}
	}
	if now := float64(time.Now().Unix()); len(jti) <= 32 || s.jtis[jti] || iat > now-29 || iat < now-60 || exp <= now || exp > now+3600 || q.claims["iss"] != clientID {
		return oauthRefusal("invalid_client")
	}
	s.jtis[jti] = true
	return 200, s.newToken(false)
}

func (s *oauthServer) all() []oauthRequest {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.requests
}

func (s *oauthServer) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tokens
}

func oauthClient(t *testing.T, s http.RoundTripper, opts ...coze.ClientOption) *coze.Client {
	t.Helper()
	c, err := coze.NewClient(append([]coze.ClientOption{coze.WithBaseURL(coze.BaseURLCN), coze.WithHTTPClient(&http.Client{Transport: s})}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func webApp() coze.OAuthWebApp {
	return coze.OAuthWebApp{ClientID: clientID, ClientSecret: clientSecret, RedirectURL: "https://app.example.com/callback"}
}

func newWeb(t *testing.T, s http.RoundTripper, opts ...coze.ClientOption) *coze.OAuthWeb {
	t.Helper()
	f, err := coze.NewOAuthWeb(oauthClient(t, s, opts...), webApp())
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func newJWT(t *testing.T, s http.RoundTripper, app coze.OAuthJWTApp) *coze.OAuthJWT {
	t.Helper()
	app.ClientID, app.PublicKeyID = clientID, "kid1"
	if app.PrivateKey == "" && app.Signer == nil {
		app.PrivateKey = pkcs1PEM()
	}
	f, err := coze.NewOAuthJWT(oauthClient(t, s), app)
	if err != nil {
		t.Fatal(err)
	}
	return f
}
