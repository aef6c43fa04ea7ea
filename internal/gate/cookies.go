package gate

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strings"
)

// MinKey is the least length of a key of a [Signer], in bytes.
const MinKey = 32

// Signer signs the values of cookies. Its key is in a closure, which fmt does not show. It is safe for concurrent use.
type Signer struct {
	mac func(name, value string) string
}

// NewSigner returns a signer for cookies of one purpose: what is signed for another one, or under another name, does not count.
func NewSigner(purpose string, key []byte) Signer {
	key = bytes.Clone(key)
	return Signer{func(name, value string) string {
		h := hmac.New(sha256.New, key)
		h.Write([]byte("cozekit " + purpose + "\x00" + name + "\x00" + value))
		return base64.RawURLEncoding.EncodeToString(h.Sum(nil))
	}}
}

// Sign returns value, which has no dots, with its signature.
func (s Signer) Sign(name, value string) string { return value + "." + s.mac(name, value) }

// Open returns what [Signer.Sign] was given, if the signature is good.
func (s Signer) Open(name, signed string) (value string, ok bool) {
	value, mac, _ := strings.Cut(signed, ".")
	if !hmac.Equal([]byte(mac), []byte(s.mac(name, value))) {
		return "", false
	}
	return value, true
}
