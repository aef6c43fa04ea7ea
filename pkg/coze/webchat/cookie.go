package webchat

import (
	"cmp"
	"crypto/rand"
	"errors"
	"net/http"
	"time"

	"github.com/cozekit/cozekit/internal/gate"
)

// MinCookieKey is the least length of the key of a [CookieConfig], in bytes.
const MinCookieKey = gate.MinKey

// CookieConfig says how anonymous visitors are told apart.
type CookieConfig struct {
	// Key signs the cookies: at least 32 random bytes, the same in all processes. Without a key one is made, which is forgotten
	// with the process: then all visitors are new, and their conversations lost to them.
	Key []byte

	Name   string        // of the cookie; default coze_visitor. With https it begins with __Host- besides
	MaxAge time.Duration // how long a visitor who does not come back is remembered; default 180 days
	Secure bool          // send it over https only; for servers behind a proxy that ends TLS. Over TLS it is always so
}

const (
	defaultCookie = "coze_visitor"
	defaultMaxAge = 180 * 24 * time.Hour

	// hostPrefix keeps other hosts of the same domain from setting the cookie.
	hostPrefix = "__Host-"
)

// CookieVisitor tells anonymous visitors apart by a cookie that it sets itself: signed, so that nobody can make up one, not
// readable by scripts (HttpOnly), not sent by other sites (SameSite=Lax). A cookie whose signature is wrong counts as none. A
// key that is too short is an error of each request.
func CookieVisitor(cfg CookieConfig) VisitorFunc {
	key := cfg.Key
	if len(key) == 0 {
		key = make([]byte, MinCookieKey)
		_, _ = rand.Read(key) // never fails
	}
	name, maxAge := cmp.Or(cfg.Name, defaultCookie), cmp.Or(cfg.MaxAge, defaultMaxAge)
	signer, tooShort := gate.NewSigner("visitor", key), len(key) < MinCookieKey
	return func(w http.ResponseWriter, r *http.Request) (string, error) {
		if tooShort {
			return "", errors.New("webchat: the key of the cookies has less than 32 bytes")
		}
		sent, secure := name, cfg.Secure || r.TLS != nil
		if secure {
			sent = hostPrefix + name
		}
		for _, c := range r.CookiesNamed(sent) {
			if id, ok := signer.Open(name, c.Value); ok && id != "" {
				return id, nil
			}
		}
		id := "visitor-" + rand.Text()
		http.SetCookie(w, &http.Cookie{
			Name: sent, Value: signer.Sign(name, id), Path: "/", MaxAge: int(maxAge / time.Second),
			HttpOnly: true, Secure: secure, SameSite: http.SameSiteLaxMode,
		})
		return id, nil
	}
}
