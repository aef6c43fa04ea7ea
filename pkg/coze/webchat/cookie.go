package webchat

import (
	"bytes"
	"cmp"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"strings"
	"time"
)

// MinCookieKey is the least length of the key of a [CookieConfig], in bytes.
const MinCookieKey = 32

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
	key := bytes.Clone(cfg.Key)
	if len(key) == 0 {
		key = make([]byte, MinCookieKey)
		_, _ = rand.Read(key) // never fails
	}
	name, maxAge := cmp.Or(cfg.Name, defaultCookie), cmp.Or(cfg.MaxAge, defaultMaxAge)
	sign := func(id string) string {
		h := hmac.New(sha256.New, key)
		h.Write([]byte("cozekit visitor\x00" + name + "\x00" + id))
		return base64.RawURLEncoding.EncodeToString(h.Sum(nil))
	}
	return func(w http.ResponseWriter, r *http.Request) (string, error) {
		if len(key) < MinCookieKey {
			return "", errors.New("webchat: the key of the cookies has less than 32 bytes")
		}
		name, secure := name, cfg.Secure || r.TLS != nil
		if secure {
			name = hostPrefix + name
		}
		for _, c := range r.CookiesNamed(name) {
			id, signature, _ := strings.Cut(c.Value, ".")
			if id != "" && hmac.Equal([]byte(signature), []byte(sign(id))) {
				return id, nil
			}
		}
		id := "visitor-" + rand.Text()
		http.SetCookie(w, &http.Cookie{
			Name: name, Value: id + "." + sign(id), Path: "/", MaxAge: int(maxAge / time.Second),
			HttpOnly: true, Secure: secure, SameSite: http.SameSiteLaxMode,
		})
		return id, nil
	}
}
