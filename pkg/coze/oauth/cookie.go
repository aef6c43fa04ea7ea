package oauth

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/cozekit/cozekit/internal/gate"
)

const loginLife = 10 * time.Minute

// pending is a login that is under way, in the cookie of its browser.
type pending struct {
	State    string `json:"s"`
	Verifier string `json:"v"`
	ReturnTo string `json:"r"`
	Expires  int64  `json:"e"` // Unix seconds
}

// cookies keeps logins in signed cookies.
type cookies struct {
	signer gate.Signer
	secure bool // sent over https only
}

func newCookies(key []byte, secure bool) *cookies {
	return &cookies{gate.NewSigner("login", key), secure}
}

// cookieName is one for each login, so that two tabs can log in at the same time.
func cookieName(state string) string {
	sum := sha256.Sum256([]byte(state))
	return "coze_login_" + hex.EncodeToString(sum[:8])
}

func (c *cookies) set(w http.ResponseWriter, p pending) {
	raw, _ := json.Marshal(p) // strings and a number
	name, value := cookieName(p.State), base64.RawURLEncoding.EncodeToString(raw)
	http.SetCookie(w, c.cookie(name, c.signer.Sign(name, value), int(loginLife/time.Second)))
}

// take reads the cookie of a login and removes it.
func (c *cookies) take(w http.ResponseWriter, r *http.Request, state string) (p pending, ok bool) {
	name := cookieName(state)
	got, err := r.Cookie(name)
	if err != nil || state == "" {
		return p, false
	}
	http.SetCookie(w, c.cookie(name, "", -1))
	value, ok := c.signer.Open(name, got.Value)
	if !ok {
		return p, false
	}
	raw, err := base64.RawURLEncoding.DecodeString(value)
	return p, err == nil && json.Unmarshal(raw, &p) == nil
}

// cookie is Lax, because the browser comes back from another site.
func (c *cookies) cookie(name, value string, maxAge int) *http.Cookie {
	return &http.Cookie{
		Name: name, Value: value, MaxAge: maxAge, Path: "/", HttpOnly: true, Secure: c.secure, SameSite: http.SameSiteLaxMode,
	}
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}
