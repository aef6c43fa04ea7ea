package cozetest

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net"
	"slices"
	"strings"
)

// jwtHeader is the header of a JWT that an app signs.
type jwtHeader struct {
	Algorithm string `json:"alg"`
	Type      string `json:"typ"`
	KeyID     string `json:"kid"`
}

// jwtClaims are its claims. Those of the device are of no interest here.
type jwtClaims struct {
	Issuer      string `json:"iss"`
	Audience    string `json:"aud"`
	IssuedAt    int64  `json:"iat"` // Unix seconds
	Expires     int64  `json:"exp"` // Unix seconds
	ID          string `json:"jti"`
	SessionName string `json:"session_name"`
}

// checkJWT checks the signature and the claims of a JWT, and that it comes for the first time. The caller holds mu.
func (x *exchange) checkJWT(token string) (*OAuthApp, *jwtClaims, error) {
	if token == "" {
		return nil, nil, refuseOAuth(wordInvalidClient, "there is no JWT in the header Authorization")
	}
	parts := strings.Split(token, ".")
	var header jwtHeader
	var claims jwtClaims
	if len(parts) != 3 || !decodeSegment(parts[0], &header) || !decodeSegment(parts[1], &claims) {
		return nil, nil, refuseOAuth(wordInvalidClient, "the JWT is not of the form that the platform takes")
	}
	if header.Algorithm != "RS256" || header.Type != "JWT" {
		return nil, nil, refuseOAuth(wordInvalidClient, "the JWT has alg %q and typ %q, want RS256 and JWT", header.Algorithm, header.Type)
	}
	app, err := x.oauthApp(claims.Issuer)
	if err != nil {
		return nil, nil, err
	}
	key := app.PublicKeys[header.KeyID]
	if key == nil {
		return nil, nil, refuseOAuth(wordInvalidClient, "the app has no public key %q, which is the kid of the JWT", header.KeyID)
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if err != nil || rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], signature) != nil {
		return nil, nil, refuseOAuth(wordInvalidClient, "the signature of the JWT does not fit the public key")
	}
	if err := x.checkClaims(&claims); err != nil {
		return nil, nil, err
	}
	used := claims.Issuer + " " + claims.ID
	if x.srv.state.oauth.usedJWTs[used] {
		return nil, nil, refuseOAuth(wordInvalidClient, "the JWT was used before: its jti is known")
	}
	x.srv.state.oauth.usedJWTs[used] = true
	return app, &claims, nil
}

// checkClaims refuses a JWT that is for another host, or not for now.
func (x *exchange) checkClaims(c *jwtClaims) error {
	now := x.srv.now()
	switch {
	case !slices.Contains(x.audiences(), c.Audience):
		return refuseOAuth(wordInvalidClient, "aud is %q, want the API host, which is %s here", c.Audience, x.audiences()[0])
	case c.IssuedAt == 0 || c.Expires == 0:
		return refuseOAuth(wordInvalidClient, "iat or exp is missing")
	case c.IssuedAt > now:
		return refuseOAuth(wordInvalidClient, "iat is %d s ahead of the server's clock", c.IssuedAt-now)
	case c.Expires <= now:
		return refuseOAuth(wordInvalidClient, "the JWT has expired %d s ago", now-c.Expires)
	case c.ID == "":
		return refuseOAuth(wordInvalidClient, "jti is missing")
	}
	return nil
}

// audiences are the values that aud can have: the host of the request, with and without its port, and those of [WithAudience].
func (x *exchange) audiences() []string {
	list := []string{x.r.Host}
	if host, _, err := net.SplitHostPort(x.r.Host); err == nil {
		list = append(list, host)
	}
	return append(list, x.srv.cfg.audiences...)
}

// decodeSegment reads the JSON of a part of a JWT.
func decodeSegment(text string, v any) bool {
	b, err := base64.RawURLEncoding.DecodeString(text)
	return err == nil && json.Unmarshal(b, v) == nil
}
