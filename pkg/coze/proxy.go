package coze

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"time"

	"github.com/cozekit/cozekit/internal/gate"
	"github.com/cozekit/cozekit/internal/transport"
)

// The limits of a [ProxyConfig] that are not set.
const (
	DefaultProxyMaxBody    = 4 << 20   // bytes of a request
	DefaultProxyMaxUpload  = 64 << 20  // bytes of a request of multipart/form-data
	DefaultProxyMaxSockets = 256       // websockets at a time
	DefaultProxySocketLife = time.Hour // of a websocket
)

// ProxyConfig says what a proxy lets through, and for whom. Allow and Authorize are required: there is no open proxy.
type ProxyConfig struct {
	// Allow lists what may be called: the groups of this package, operations of the document, other endpoints. See [ProxyRoute].
	Allow []ProxyRoute

	// Authorize is asked about each request before its body is read, and refuses by an error. The caller gets HTTP 401 and code
	// 4100, or code, message and HTTPStatus of the error if that is an [*Error]; other errors are logged, not shown.
	Authorize func(*http.Request) error

	// Origins lists pages of other origins that may call the proxy from a browser, such as https://shop.example, cookies
	// included; they get CORS headers. Requests of all others, websockets included, are refused. Pages of the proxy's own host
	// need no entry.
	Origins []string

	MaxBody    int64         // bytes of a request; default 4 MiB
	MaxUpload  int64         // bytes of a request of multipart/form-data; default 64 MiB
	MaxSockets int           // websockets at a time; default 256
	SocketLife time.Duration // after which a websocket is closed; default 1 h. Without traffic it is after Timeouts.Idle

	// Prepare may look at what is about to be sent, change it, and refuse it by an error, as Authorize does; but other errors
	// than an [*Error] are answered by HTTP 502 and code 5000. Optional.
	Prepare func(*ProxyCall) error

	// Answer may look at an answer of the server and change it before it is passed on; an error takes its place. It is called
	// for refusals of the server too, not for those of the proxy, and must not read streams. Optional.
	Answer func(*ProxyCall, *http.Response) error
}

// ProxyCall is a request that passes through a proxy.
type ProxyCall struct {
	Request    *http.Request     // as it came, to read cookies and context from; not to be changed, and its body not to be read
	Operation  string            // as the document names it, or the pattern of a [ProxyRoute]
	PathValues map[string]string // by the names in the path of the operation
	Query      url.Values        // to be sent; may be changed
	Body       []byte            // to be sent, at most MaxBody bytes; may be replaced. Empty for uploads and websockets
	Upload     *ProxyUpload      // a body that is passed on while it comes; nil for others. May be replaced

	target  *proxyTarget
	path    string
	limited *limitedBody
}

// NewProxy returns a handler that forwards some calls of others, in the way in which they come, under the token of client: for
// browsers, and for SDKs of any language with the proxy as their base URL. Mount it with [http.StripPrefix].
//
//	proxy, err := coze.NewProxy(client, coze.ProxyConfig{
//		Allow:     []coze.ProxyRoute{coze.ProxyChat, coze.ProxyConversations},
//		Authorize: func(r *http.Request) error { return signedIn(r) },
//	})
//	mux.Handle("/api/", http.StripPrefix("/api", proxy))
//
// Calls count against the limits of client, a refused token is renewed, and each is a line in its log. Streams are flushed event
// by event, and websockets are tunnelled to its websocket URL; when a caller leaves, its call ends. Of a request its body, its
// query and a few headers go on: neither Authorization, cookies nor addresses. Of an answer its content, its log id and a few
// headers. Redirects and HTML are not passed on. Refusals of the proxy have the form of the platform.
//
// Whoever is let in shares the account of the token: what one may read or delete, all may. For visitors of a web page who must
// not see each other use package webchat.
func NewProxy(client *Client, cfg ProxyConfig) (http.Handler, error) {
	p, err := newProxy(client, cfg)
	if err != nil {
		return nil, fmt.Errorf("coze: NewProxy: %w", err)
	}
	return p, nil
}

// proxy is what is behind the handler.
type proxy struct {
	cfg     ProxyConfig
	send    *transport.Client
	logger  *slog.Logger
	routes  *proxyRoutes
	origins *gate.Origins
	sockets chan struct{}
	reverse httputil.ReverseProxy
}

func newProxy(client *Client, cfg ProxyConfig) (*proxy, error) {
	switch {
	case client == nil:
		return nil, errors.New("the client is nil")
	case client.transport.Config().Tokens == nil:
		return nil, errors.New("the client has no token")
	case len(cfg.Allow) == 0:
		return nil, errors.New("nothing is allowed: list in Allow what may be called, such as coze.ProxyChat")
	case cfg.Authorize == nil:
		return nil, errors.New("without Authorize anybody could use the token: give a function that refuses strangers")
	case cfg.MaxBody < 0 || cfg.MaxUpload < 0 || cfg.MaxSockets < 0 || cfg.SocketLife < 0:
		return nil, errors.New("a limit is negative")
	}
	setDefault(&cfg.MaxBody, DefaultProxyMaxBody)
	setDefault(&cfg.MaxUpload, DefaultProxyMaxUpload)
	setDefault(&cfg.MaxSockets, DefaultProxyMaxSockets)
	setDefault(&cfg.SocketLife, DefaultProxySocketLife)
	p := &proxy{cfg: cfg, send: client.transport, logger: client.transport.Config().Logger, sockets: make(chan struct{}, cfg.MaxSockets)}
	if p.logger == nil {
		p.logger = slog.New(slog.DiscardHandler)
	}
	var err error
	if p.routes, err = newProxyRoutes(cfg.Allow); err != nil {
		return nil, err
	}
	if p.origins, err = gate.NewOrigins(cfg.Origins); err != nil {
		return nil, err
	}
	p.reverse = httputil.ReverseProxy{
		Rewrite: p.rewrite, Transport: roundTripper(p.roundTrip), ModifyResponse: p.modify, ErrorHandler: p.failed,
		FlushInterval: -1, ErrorLog: slog.NewLogLogger(p.logger.Handler(), slog.LevelDebug),
	}
	return p, nil
}

func setDefault[T int | int64 | time.Duration](v *T, byDefault T) {
	if *v == 0 {
		*v = byDefault
	}
}

type proxyCallKey struct{}

func proxyCallOf(ctx context.Context) *ProxyCall {
	call, _ := ctx.Value(proxyCallKey{}).(*ProxyCall)
	return call
}

// ServeHTTP answers a request.
func (p *proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	gate.Harden(w.Header())
	if preflight, err := p.origins.Admit(w, r); preflight || err != nil {
		if err != nil {
			p.refuse(w, r, nil, err)
		}
		return
	}
	call, err := p.admit(w, r)
	if err != nil {
		p.refuse(w, r, call, err)
		return
	}
	ctx := context.WithValue(r.Context(), proxyCallKey{}, call)
	if call.target.socket {
		select {
		case p.sockets <- struct{}{}:
			defer func() { <-p.sockets }()
		default:
			p.refuse(w, r, call, gate.Refuse(http.StatusTooManyRequests, CodeRateLimited, "too many websockets are open"))
			return
		}
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, p.cfg.SocketLife)
		defer cancel()
	}
	p.reverse.ServeHTTP(w, r.WithContext(ctx))
}

// admit finds out what is asked for and whether it may be.
func (p *proxy) admit(w http.ResponseWriter, r *http.Request) (*ProxyCall, error) {
	target, values, err := p.routes.find(r)
	if err != nil {
		return nil, err
	}
	call := &ProxyCall{Request: r, Operation: target.op.ID, PathValues: values, target: target, path: r.URL.EscapedPath()}
	if err := p.cfg.Authorize(r); err != nil {
		return call, p.strange(r, err)
	}
	if call.Query, err = url.ParseQuery(r.URL.RawQuery); err != nil {
		return call, gate.Refuse(http.StatusBadRequest, CodeInvalidParameter, "the query is malformed")
	}
	maps.DeleteFunc(call.Query, func(name string, _ []string) bool { // how the vendor's SDK authenticates websockets in browsers
		return strings.EqualFold(name, "authorization") || strings.EqualFold(name, "access_token")
	})
	if !target.socket {
		if err := p.read(w, r, call); err != nil {
			return call, err
		}
	}
	if p.cfg.Prepare != nil {
		if err := p.cfg.Prepare(call); err != nil {
			return call, err
		}
	}
	return call, nil
}

// strange is the refusal of a caller whom Authorize does not let in.
func (p *proxy) strange(r *http.Request, err error) error {
	var own *Error
	if errors.As(err, &own) {
		return err
	}
	p.logger.LogAttrs(r.Context(), slog.LevelWarn, "coze proxy: Authorize", slog.String("error", err.Error()))
	return gate.Refuse(http.StatusUnauthorized, CodeInvalidToken, "the proxy does not know the caller")
}
