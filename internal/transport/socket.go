package transport

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/cozekit/cozekit/pkg/call"
)

// Socket is what a websocket needs of a client.
type Socket struct {
	BaseURL    *url.URL // ws or wss, host, perhaps a path prefix; no trailing slash
	HTTPClient *http.Client
	Tokens     call.TokenSource // nil = none
	Header     http.Header      // not to be changed
	Timeout    time.Duration    // for a handshake
	Logger     *slog.Logger     // nil = silent
	Studio     bool             // the server is a self-hosted Coze Studio
	Inspector  Inspector        // nil = nobody looks on; see Watch

	limit *limiter // nil = none
}

// SocketOf returns the Socket of a *coze.Client. pkg/coze sets it when it is loaded, so that pkg/coze/voice can reach what
// users of a client cannot. It is a variable because an exported method would be in everybody's sight.
var SocketOf func(client any) Socket

// Socket returns what a websocket needs of c.
func (c *Client) Socket() Socket {
	base := c.cfg.WebsocketURL
	if base == nil {
		base = websocketURL(c.cfg.BaseURL)
	}
	return Socket{
		BaseURL: base, HTTPClient: c.stay, Tokens: c.cfg.Tokens, Header: c.cfg.Header, Timeout: c.cfg.HeaderTimeout,
		Logger: c.cfg.Logger, Studio: c.cfg.Studio, Inspector: c.cfg.Inspector, limit: c.limit,
	}
}

// Admit makes a handshake with token when the rate limit of the client lets it go. It counts as one request.
func (s *Socket) Admit(ctx context.Context, token string, handshake func() error) error {
	if s.limit == nil {
		return handshake()
	}
	return s.limit.admit(ctx, token, handshake)
}

// websocketURL is where the websockets of a server are: the platforms have a host of their own for them, other servers are
// taken to serve them beside their operations.
func websocketURL(base *url.URL) *url.URL {
	u := *base
	u.Scheme = "wss"
	if base.Scheme == "http" {
		u.Scheme = "ws"
	}
	switch host := strings.ToLower(u.Host); host {
	case "api.coze.cn", "api.coze.com":
		u.Host = "ws" + strings.TrimPrefix(host, "api")
	}
	return &u
}

// HandshakeRefusal is the error of a handshake that the server answered without an upgrade.
func HandshakeRefusal(op *Op, u *url.URL, token string, rsp *http.Response) *call.Error {
	x := &exchange{op: op, url: u, token: token, attempts: 1}
	var err error
	if rsp.Body != nil {
		if x.raw, err = readAll(rsp); err != nil {
			x.raw = nil
		}
	}
	return x.refusal(rsp)
}

// LogIDOf is the log id that a header names; "" if it names none.
func LogIDOf(h http.Header) string { return h.Get(logIDHeader) }

// Redact takes token out of a text that a server sent.
func Redact(text, token string) string {
	if token == "" {
		return text
	}
	return strings.ReplaceAll(text, token, redacted)
}

// EventRefusal is the error that the server reported by an event of a websocket.
func EventRefusal(op *Op, u *url.URL) *call.Error {
	x := &exchange{op: op, url: u, attempts: 1}
	return x.newError(http.StatusSwitchingProtocols, nil)
}

// Authorize returns the value of the Authorization header for t.
func Authorize(t call.Token) (string, error) {
	x := exchange{header: http.Header{}}
	if err := x.authorize(t); err != nil {
		return "", err
	}
	return x.header["Authorization"][0], nil
}

// TokenRefused reports whether err says that the server does not accept the token.
func TokenRefused(err error) bool { return tokenRefused(err) }
