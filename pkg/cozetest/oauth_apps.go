package cozetest

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
)

// OAuthKind is the type of an OAuth app. It decides which flow the app gets its tokens by.
type OAuthKind string

// The kinds of OAuth apps.
const (
	OAuthWeb        OAuthKind = "web"        // a web back end: authorization code and client secret
	OAuthPKCE       OAuthKind = "pkce"       // a page or a native app: authorization code and PKCE
	OAuthDevice     OAuthKind = "device"     // a terminal: device code
	OAuthJWT        OAuthKind = "jwt"        // a service: signed JWT
	OAuthChannel    OAuthKind = "channel"    // a service of a channel: signed JWT, with a scope
	OAuthEnterprise OAuthKind = "enterprise" // an enterprise privileged app: signed JWT for the path of the enterprise
)

// OAuthApp is an OAuth app as one creates it in the console of the platform.
type OAuthApp struct {
	ClientID     string    // such as 123456.app.coze; for the kinds that sign JWTs the id of the app, which is their iss
	ClientSecret string    // of a web app
	Kind         OAuthKind // OAuthWeb if empty
	RedirectURLs []string  // where the browser may be sent after consent, each compared as a whole
	// PublicKeys are the keys that check the signatures of JWTs, by their id, which is the kid of a JWT. [ParsePublicKey] reads
	// one from PEM text.
	PublicKeys map[string]*rsa.PublicKey
	// Scopes are the permissions that tokens of the app have, by the names of x-coze-permission in the document; all if nil.
	// Workflow.run covers run, and Connector.botChat covers what a chat with a bot takes.
	Scopes      []string
	ConnectorID string   // channel of a channel app; without one it gets no token
	Accounts    []string // other accounts and organizations that have accepted the app
}

// OAuthApp registers an OAuth app, or replaces the one with its client id. Tokens that were issued stay as they are. It panics if
// the app has no client id or an unknown kind.
func (s *Server) OAuthApp(app OAuthApp) {
	if app.Kind == "" {
		app.Kind = OAuthWeb
	}
	if app.ClientID == "" || !slices.Contains(oauthKinds, app.Kind) {
		panic(fmt.Sprintf("cozetest: OAuth app %q of kind %q", app.ClientID, app.Kind))
	}
	app.RedirectURLs, app.Scopes, app.Accounts = slices.Clone(app.RedirectURLs), slices.Clone(app.Scopes), slices.Clone(app.Accounts)
	app.PublicKeys = maps.Clone(app.PublicKeys)
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	s.state.oauth.apps[app.ClientID] = &app
}

var oauthKinds = []OAuthKind{OAuthWeb, OAuthPKCE, OAuthDevice, OAuthJWT, OAuthChannel, OAuthEnterprise}

// ParsePublicKey reads an RSA public key from PEM text, PKIX or PKCS#1, as the console of the platform takes it.
func ParsePublicKey(text []byte) (*rsa.PublicKey, error) {
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, errors.New("cozetest: no PEM block in the public key")
	}
	if key, err := x509.ParsePKCS1PublicKey(block.Bytes); err == nil {
		return key, nil
	}
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("cozetest: public key: %w", err)
	}
	if rsaKey, ok := key.(*rsa.PublicKey); ok {
		return rsaKey, nil
	}
	return nil, fmt.Errorf("cozetest: the public key is a %T, want RSA", key)
}

// How long things of OAuth live.
const (
	accessLifetime  = 15 * time.Minute
	refreshLifetime = 30 * 24 * time.Hour
	codeLifetime    = 10 * time.Minute // of codes, and of consent pages
	deviceLifetime  = 5 * time.Minute
)

// oauthState is the part of the state that is about OAuth. The mutex of the state guards it.
type oauthState struct {
	apps      map[string]*OAuthApp      // by client id
	consents  map[string]*authorization // that wait for the user, by authorize_key
	codes     map[string]*authorization // by code
	refreshes map[string]*grant         // by refresh token
	devices   map[string]*device        // by device code
	usedJWTs  map[string]bool           // by iss and jti
}

func newOAuthState() oauthState {
	return oauthState{
		apps:      map[string]*OAuthApp{},
		consents:  map[string]*authorization{},
		codes:     map[string]*authorization{},
		refreshes: map[string]*grant{},
		devices:   map[string]*device{},
		usedJWTs:  map[string]bool{},
	}
}

// grant is what a user has granted to an app.
type grant struct {
	clientID string
	identity identity // whom access tokens stand for, without the time
	expires  time.Time
	spent    bool // each code and refresh token works once
}

// secret makes a text that nobody guesses, as far as the seed is not known.
func (s *Server) secret(prefix string) string {
	n := s.ids.n.Add(1)
	return fmt.Sprintf("%sfake%016x%016x", prefix, mix(s.cfg.seed^0x0a07b, n), mix(s.cfg.seed^0x5ec1e7, n))
}

// bearer makes and keeps an access token. The caller holds mu.
func (s *Server) bearer(prefix string, i identity, lifetime time.Duration) map[string]any {
	token := s.secret(prefix)
	i.expires = s.cfg.clock().Add(lifetime).Unix()
	s.state.tokens[token] = &i
	return map[string]any{"access_token": token, "expires_in": i.expires, "token_type": "Bearer"}
}

// userToken makes an access token and a refresh token for a grant. The caller holds mu.
func (s *Server) userToken(clientID string, i identity) map[string]any {
	answer := s.bearer("czu_", i, accessLifetime)
	refresh := s.secret("czr_")
	s.state.oauth.refreshes[refresh] = &grant{clientID: clientID, identity: i, expires: s.cfg.clock().Add(refreshLifetime)}
	answer["refresh_token"] = refresh
	return answer
}
