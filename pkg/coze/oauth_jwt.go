package coze

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// OAuthJWTApp is an OAuth app of type service: a server that acts as the owner of the app, without a user to log in. It
// prints as [redacted].
type OAuthJWTApp struct {
	hidden
	ClientID    string        // id of the app, digits
	PublicKeyID string        // fingerprint of the public key, as the console shows it
	PrivateKey  string        // PEM, PKCS#1 or PKCS#8, of RSA with at least 2048 bits; line ends may be written as \n
	Signer      crypto.Signer // in place of PrivateKey, an RSA key that is kept elsewhere
	TTL         time.Duration // life of the access tokens, whole seconds, 1 s to 86399 s; default: the server's, 900 s

	SessionName string           // id of your user; separates the conversations of users on coze.cn and coze.com
	DeviceInfo  *OAuthDeviceInfo // device on whose account the calls go, on enterprise flagship plans
	Scope       *OAuthScope      // narrows what tokens may do, for channel apps; see [BotChatScope]

	AccountID    string // account or organization to act for in place of one's own, once its owner has accepted the app
	EnterpriseID string // enterprise to act for, for enterprise privileged apps; excludes AccountID
	Audience     string // aud of the JWT, the host of the API; default: the host of the client's server
	BaseURL      string // of the API server, if it must be that of the client; [LoadOAuthApp] sets it
}

// OAuthDeviceInfo says which device a session is of. Set one of the fields.
type OAuthDeviceInfo struct {
	DeviceID       string `json:"device_id,omitempty"`       // id of the hardware
	CustomConsumer string `json:"custom_consumer,omitempty"` // id of your own for whoever uses it
}

// BotChatScope narrows the tokens of a channel app to chats with some bots.
//
// Coze documentation: https://www.coze.cn/open/docs/developer_guides/oauth_jwt_channel
func BotChatScope(botIDs ...string) *OAuthScope {
	return &OAuthScope{
		AccountPermission: &OAuthScopeAccountPermission{PermissionList: []string{"Connector.botChat"}},
		AttributeConstraint: &OAuthScopeAttributeConstraint{
			ConnectorBotChatAttribute: &OAuthScopeBotChatAttribute{BotIDList: botIDs},
		},
	}
}

// OAuthJWT makes access tokens of signed JWTs (RS256, each used once). There is no refresh token: a new token is as easy.
// It is safe for concurrent use.
//
// Coze documentation: https://www.coze.cn/open/docs/developer_guides/oauth_jwt, for other accounts oauth_jwt_collaborate,
// for enterprises oauth_jwt_privilege (RFC 7523)
type OAuthJWT struct {
	flow *oauthFlow
	app  *OAuthJWTApp // without the key
	sign func(digest []byte) ([]byte, error)
}

// What the platform and RFC 7518 ask of a JWT and its key.
const (
	maxTTL     = 86399 * time.Second
	minKeyBits = 2048
	jwtLife    = 15 * time.Minute // of the JWT, not of the access token; the vendor's default too
	jwtSkew    = 30 * time.Second // how much a clock may be ahead of the server's
)

// NewOAuthJWT checks app and binds it to the server of c, whose own token it does not use. The fields of app are not to be
// changed afterwards.
func NewOAuthJWT(c *Client, app OAuthJWTApp) (*OAuthJWT, error) {
	f, err := newOAuthFlow(c, app.ClientID, app.BaseURL)
	if err == nil {
		err = app.check()
	}
	if err == nil && app.Signer == nil {
		app.Signer, err = parsePrivateKey(app.PrivateKey)
	}
	if err != nil {
		return nil, fmt.Errorf("coze: NewOAuthJWT: %w", err)
	}
	public, ok := app.Signer.Public().(*rsa.PublicKey)
	if !ok || public.N.BitLen() < minKeyBits {
		return nil, fmt.Errorf("coze: NewOAuthJWT: the key is not of RSA with at least %d bits", minKeyBits)
	}
	signer := app.Signer
	sign := func(digest []byte) ([]byte, error) { return signer.Sign(rand.Reader, digest, crypto.SHA256) }
	app.PrivateKey, app.Signer = "", nil
	if app.Audience == "" {
		app.Audience = f.base.Host
	}
	return &OAuthJWT{f, &app, sign}, nil
}

func (a *OAuthJWTApp) check() error {
	switch {
	case a.PublicKeyID == "":
		return errors.New("PublicKeyID is empty")
	case a.PrivateKey == "" && a.Signer == nil:
		return errors.New("PrivateKey is empty")
	case a.PrivateKey != "" && a.Signer != nil:
		return errors.New("PrivateKey and Signer exclude each other")
	case a.TTL != 0 && (a.TTL < time.Second || a.TTL > maxTTL || a.TTL%time.Second != 0):
		return fmt.Errorf("TTL %v is not whole seconds from 1 s to 86399 s", a.TTL)
	case a.AccountID != "" && a.EnterpriseID != "":
		return errors.New("AccountID and EnterpriseID exclude each other")
	case strings.ContainsAny(a.Audience, "/ "):
		return errors.New("field Audience is a host such as api.coze.cn, not a URL")
	case a.DeviceInfo != nil && (a.DeviceInfo.DeviceID == "") == (a.DeviceInfo.CustomConsumer == ""):
		return errors.New("DeviceInfo needs one of DeviceID and CustomConsumer")
	}
	return nil
}

// Session returns a flow whose tokens are for one of your users: conversations are then apart from those of all others. An
// empty name is refused, because all of its users would share their history.
func (j *OAuthJWT) Session(name string) (*OAuthJWT, error) {
	if name == "" {
		return nil, errors.New("coze: Session: the session name is empty")
	}
	app := *j.app
	app.SessionName = name
	return &OAuthJWT{j.flow, &app, j.sign}, nil
}

// Exchange signs a JWT and makes an access token of it. Refusals are an [*OAuthError]: [ErrInvalidClient] for a wrong id or
// key, or a clock that is far off; [ErrAccessDenied] for an app that may not act so.
//
// API: POST /api/permission/oauth2/token, /api/permission/oauth2/account/{account_id}/token,
// /api/permission/oauth2/enterprise_id/{enterprise_id}/token
func (j *OAuthJWT) Exchange(ctx context.Context) (TokenPair, error) {
	assertion, err := j.assertion(time.Now())
	if err != nil {
		return TokenPair{}, fmt.Errorf("coze: sign the JWT: %w", err)
	}
	var ttl *int32
	if j.app.TTL > 0 {
		ttl = Ptr(int32(j.app.TTL / time.Second))
	}
	service, scope := j.flow.client.OAuth, j.app.Scope
	narrow := CreateAccountOAuthTokenRequest{GrantType: OAuthJWTGrantTypeJWTBearer, DurationSeconds: ttl, Scope: scope}
	own := CreateOAuthTokenRequest{GrantType: OAuthGrantTypeJWTBearer, DurationSeconds: ttl, Scope: scope}
	return j.flow.obtain([]CallOption{WithCallToken(StaticToken(assertion))}, func(opts []CallOption) (*OAuthToken, error) {
		switch {
		case j.app.AccountID != "":
			return service.CreateAccountToken(ctx, j.app.AccountID, narrow, opts...)
		case j.app.EnterpriseID != "":
			return service.CreateEnterpriseToken(ctx, j.app.EnterpriseID, CreateEnterpriseOAuthTokenRequest(narrow), opts...)
		}
		return service.CreateToken(ctx, own, opts...)
	})
}

// TokenSource makes a new token when the last one is about to expire. store lets several processes share a token; nil keeps
// it in memory.
func (j *OAuthJWT) TokenSource(store TokenStore) *OAuthTokenSource {
	s := j.flow.source(store, func(ctx context.Context, _ string) (TokenPair, error) { return j.Exchange(ctx) })
	s.r.rotates = false
	s.r.app += " " + j.app.AccountID + j.app.EnterpriseID + " " + j.app.SessionName
	return s
}

// assertion is a JWT as RFC 7515 has it: header, claims and signature.
func (j *OAuthJWT) assertion(now time.Time) (string, error) {
	var id [32]byte
	_, _ = rand.Read(id[:]) // never fails
	claims := map[string]any{
		"iss": j.flow.clientID, "aud": j.app.Audience, "jti": hex.EncodeToString(id[:]),
		"iat": now.Add(-jwtSkew).Unix(), "exp": now.Add(jwtLife).Unix(),
	}
	if j.app.SessionName != "" {
		claims["session_name"] = j.app.SessionName
	}
	if j.app.DeviceInfo != nil {
		claims["session_context"] = map[string]any{"device_info": j.app.DeviceInfo}
	}
	header, _ := json.Marshal(map[string]string{"alg": "RS256", "typ": "JWT", "kid": j.app.PublicKeyID})
	body, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	text := base64.RawURLEncoding.EncodeToString(header) + "." + base64.RawURLEncoding.EncodeToString(body)
	digest := sha256.Sum256([]byte(text))
	signature, err := j.sign(digest[:])
	return text + "." + base64.RawURLEncoding.EncodeToString(signature), err
}
