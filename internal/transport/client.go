package transport

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/cozekit/cozekit/pkg/call"
)

// The default time limits.
const (
	DefaultTimeout       = 30 * time.Second // for one try of a unary call
	DefaultHeaderTimeout = 30 * time.Second // until the header of a stream
	DefaultIdleTimeout   = 5 * time.Minute  // between two reads of a stream
)

// MaxJSONBytes bounds a JSON answer.
const MaxJSONBytes = 64 << 20

// Config is what a client needs to send requests.
type Config struct {
	BaseURL       *url.URL // scheme and host, perhaps a path prefix; no trailing slash
	WebsocketURL  *url.URL // the same for websockets; nil = what follows from BaseURL
	HTTPClient    *http.Client
	Tokens        call.TokenSource // nil = only operations that need no token
	Header        http.Header      // sent with every request
	Timeout       time.Duration    // 0 = DefaultTimeout
	HeaderTimeout time.Duration    // 0 = DefaultHeaderTimeout
	IdleTimeout   time.Duration    // 0 = DefaultIdleTimeout
	Retry         call.RetryPolicy
	Rate          RateLimit    // zero = none
	Logger        *slog.Logger // nil = silent
	Studio        bool         // the server is a self-hosted Coze Studio
}

// Client sends the requests of all services. It is safe for concurrent use.
type Client struct {
	cfg    Config
	follow *http.Client // follows redirects, without the token to other hosts
	stay   *http.Client // does not follow
	chain  handler
}

// New returns a client on a copy of cfg.
func New(cfg Config) *Client {
	if cfg.HTTPClient == nil {
		cfg.HTTPClient = &http.Client{Transport: http.DefaultTransport}
	}
	cfg.Timeout = orDefault(cfg.Timeout, DefaultTimeout)
	cfg.HeaderTimeout = orDefault(cfg.HeaderTimeout, DefaultHeaderTimeout)
	cfg.IdleTimeout = orDefault(cfg.IdleTimeout, DefaultIdleTimeout)
	c := &Client{cfg: cfg, follow: withRedirects(cfg.HTTPClient, sameHostOnly), stay: withRedirects(cfg.HTTPClient, never)}
	// The chain, from the outside in. Each handler is one file.
	c.chain = &wire{client: c}
	if cfg.Rate != (RateLimit{}) {
		c.chain = newLimiter(cfg.Rate, c.chain)
	}
	c.chain = &authorizer{next: c.chain}
	c.chain = &retrier{policy: cfg.Retry, next: c.chain}
	c.chain = &observer{logger: cfg.Logger, next: c.chain}
	return c
}

func orDefault(d, def time.Duration) time.Duration {
	if d > 0 {
		return d
	}
	return def
}

// handler is one link of the chain that an exchange runs through.
type handler interface {
	handle(ctx context.Context, x *exchange) error
}

// exchange is one call: what goes out and, later, what came back.
type exchange struct {
	op       *Op
	settings call.Settings
	url      *url.URL
	header   http.Header
	body     *encoded // nil = none
	start    time.Time
	attempts int
	token    string

	studio bool // the server is a self-hosted Coze Studio

	want want
	into reply // where a JSON answer goes

	status    int
	rspHeader http.Header
	raw       []byte         // of a JSON answer
	live      *liveBody      // of a stream or a binary answer
	binary    call.Download  // its description
	forwarded *http.Response // to a request of somebody else's
}

// want is the kind of answer that the operation promises.
type want int

const (
	wantJSON want = iota
	wantStream
	wantBinary
	wantLocation
	wantForward
)

// run sends r and leaves the answer in the exchange that it returns.
func (c *Client) run(ctx context.Context, r *Request, w want, into reply, opts []call.Option) (*exchange, error) {
	x := &exchange{op: r.op, want: w, into: into, start: time.Now(), studio: c.cfg.Studio}
	if len(opts) > 0 {
		x.settings = call.Collect(opts)
	}
	if x.settings.Tokens == nil && !r.op.NoAuth {
		x.settings.Tokens = c.cfg.Tokens
	}
	err := c.prepare(x, r)
	if err == nil {
		err = c.chain.handle(ctx, x)
	}
	if err != nil {
		return nil, x.wrap(ctx, err)
	}
	return x, nil
}

var (
	errCancelOnClose = errors.New("WithCancelOnClose is for chat streams only: nothing else can be stopped on the server so")
	errNotOnStudio   = fmt.Errorf("a self-hosted Coze Studio does not serve this operation: %w", call.ErrUnsupported)
)

func (c *Client) prepare(x *exchange, r *Request) (err error) {
	if r.err != nil {
		return r.err
	}
	if x.settings.CancelOnClose && (x.want != wantStream || !r.op.Cancelable) {
		return errCancelOnClose
	}
	if c.cfg.Studio && r.op.NotOnStudio {
		return errNotOnStudio
	}
	if x.url, err = r.target(c.cfg.BaseURL, x.settings.Query); err != nil {
		return err
	}
	if r.body != nil {
		b, err := r.body.encode(x.settings.ExtraFields)
		if err != nil {
			return err
		}
		x.body = &b
	} else if len(x.settings.ExtraFields) > 0 {
		return errNoJSONBody
	}
	return x.setHeader(c.cfg.Header, r.header)
}
