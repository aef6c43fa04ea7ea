package webchat

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/cozekit/cozekit/internal/gate"
	"github.com/cozekit/cozekit/pkg/coze"
)

// TokenConfig says for whom a [TokenHandler] makes tokens, and what for.
type TokenConfig struct {
	// App is a channel app of the console, as in coze_oauth_config.json. Its Scope and SessionName are set by the handler, and its
	// TTL, if it is 0, to one hour.
	App coze.OAuthJWTApp

	Bots    []string    // the bots that a token may chat with; at least one
	Visitor VisitorFunc // who sends a request: its id is the session name, by which the platform keeps histories apart. Required

	// Margin is how long a token that is handed out is still good at least, so that it outlives an answer; default 10 minutes,
	// or half of the TTL if that is less. A token that is nearer to its end is replaced.
	Margin time.Duration

	Origins []string // pages of other origins that may ask, such as https://shop.example; those of the own host need no entry
	IPRate  Rate     // of an address; default 1 a second, 30 at once
	Rate    Rate     // of a visitor; default 1 in 5 seconds, 10 at once

	// ClientIP says where a request comes from, for servers behind a proxy; by default the address of the connection.
	ClientIP func(*http.Request) string
}

const (
	defaultTTL    = time.Hour
	defaultMargin = 10 * time.Minute
	maxSessions   = 10_000 // whose tokens are kept
	mintTimeout   = time.Minute
)

var (
	defaultTokenRate   = Rate{0.2, 10}
	defaultTokenIPRate = Rate{1, 30}
)

// TokenHandler returns a handler of POST that gives a visitor an access token for the visitor's browser: good for chats with
// Bots, under a session name of the visitor's own, and for nothing else. The answer is {"token": "...", "expires_at": 1700000000},
// in Unix seconds; it is for the onRefreshToken of a chat widget. A visitor gets the same token until Margin before its end.
//
// The token of client is not used, only its server and its connections. coze.cn and coze.com have such apps, Coze Studio not.
func TokenHandler(client *coze.Client, cfg TokenConfig) (http.Handler, error) {
	h, err := newTokenHandler(client, cfg)
	if err != nil {
		return nil, fmt.Errorf("webchat: TokenHandler: %w", err)
	}
	return h, nil
}

type tokenHandler struct {
	cfg           TokenConfig
	flow          *coze.OAuthJWT
	origins       *gate.Origins
	visitors, ips *gate.Limits
	tokens        *tokenCache
}

func newTokenHandler(client *coze.Client, cfg TokenConfig) (*tokenHandler, error) {
	if cfg.Visitor == nil {
		return nil, errNoVisitor
	}
	if len(cfg.Bots) == 0 {
		return nil, errors.New("no bots: a token must be limited to some")
	}
	if cfg.App.TTL == 0 {
		cfg.App.TTL = defaultTTL
	}
	if cfg.Margin == 0 {
		cfg.Margin = min(defaultMargin, cfg.App.TTL/2)
	}
	if cfg.Margin < 0 || cfg.Margin >= cfg.App.TTL {
		return nil, fmt.Errorf("the margin of %v is not within the TTL of %v", cfg.Margin, cfg.App.TTL)
	}
	if cfg.ClientIP == nil {
		cfg.ClientIP = gate.RemoteIP
	}
	cfg.App.Scope, cfg.App.SessionName = coze.BotChatScope(cfg.Bots...), ""
	flow, err := coze.NewOAuthJWT(client, cfg.App)
	if err != nil {
		return nil, err
	}
	cfg.App = coze.OAuthJWTApp{} // the key is in the flow
	origins, err := gate.NewOrigins(cfg.Origins)
	return &tokenHandler{
		cfg: cfg, flow: flow, origins: origins, visitors: cfg.Rate.limits(defaultTokenRate), ips: cfg.IPRate.limits(defaultTokenIPRate),
		tokens: newTokenCache(cfg.Margin),
	}, err
}

var (
	errNotPost = gate.Refuse(http.StatusMethodNotAllowed, coze.CodeInvalidParameter, "tokens are got by POST")
	errNoToken = gate.Refuse(http.StatusBadGateway, coze.CodeInternal, "the server gave no token")
)

// ServeHTTP answers a request for a token.
func (h *tokenHandler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	gate.Harden(w.Header())
	preflight, err := h.origins.Admit(w, r)
	if preflight {
		return
	}
	var pair coze.TokenPair
	if err == nil {
		pair, err = h.token(w, r)
	}
	if err != nil {
		if errors.Is(err, errNotPost) {
			w.Header().Set("Allow", http.MethodPost)
		}
		gate.Write(w, gate.Visible(err))
		return
	}
	body, _ := json.Marshal(struct { // a string and a number
		Token     string `json:"token"`
		ExpiresAt int64  `json:"expires_at"`
	}{pair.Access, pair.Expires.Unix()})
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_, _ = w.Write(body)
}

func (h *tokenHandler) token(w http.ResponseWriter, r *http.Request) (coze.TokenPair, error) {
	if r.Method != http.MethodPost {
		return coze.TokenPair{}, errNotPost
	}
	if !allow(h.ips, h.cfg.ClientIP(r)) {
		return coze.TokenPair{}, errTooMany
	}
	visitor, err := h.cfg.Visitor.identify(w, r)
	if err == nil && !allow(h.visitors, visitor) {
		err = errTooMany
	}
	if err != nil {
		return coze.TokenPair{}, err
	}
	session, err := h.flow.Session(visitor)
	if err != nil {
		return coze.TokenPair{}, errStranger
	}
	pair, err := h.tokens.get(r.Context(), visitor, session.Exchange)
	if err != nil {
		return coze.TokenPair{}, errNoToken // what the platform says of the app is not for visitors
	}
	return pair, nil
}

// mint makes a token.
type mint func(context.Context) (coze.TokenPair, error)
