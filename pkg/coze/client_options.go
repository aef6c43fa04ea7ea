package coze

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/cozekit/cozekit/internal/transport"
	"github.com/cozekit/cozekit/pkg/call"
)

// A ClientOption sets up a [Client].
type ClientOption interface{ applyClient(*config) error }

type clientOption func(*config) error

func (o clientOption) applyClient(c *config) error { return o(c) }

// config is what the options of a client add up to.
type config struct {
	baseURL   string
	plainHTTP bool
	transport transport.Config
}

// WithBaseURL names the server: [BaseURLCN], [BaseURLCom], or the scheme, host and path prefix of your own gateway.
func WithBaseURL(baseURL string) ClientOption {
	return clientOption(func(c *config) error {
		c.baseURL = baseURL
		return nil
	})
}

// WithStudio names a self-hosted Coze Studio, such as http://localhost:8888. Plain http is allowed, and operations that
// Coze Studio does not serve are refused with an error that says so and matches [ErrUnsupported].
func WithStudio(baseURL string) ClientOption {
	return clientOption(func(c *config) error {
		c.baseURL, c.plainHTTP, c.transport.Studio = baseURL, true, true
		return nil
	})
}

// WithPlainHTTP allows a base URL of http to a host other than this machine. The token then crosses the network readable.
func WithPlainHTTP() ClientOption {
	return clientOption(func(c *config) error {
		c.plainHTTP = true
		return nil
	})
}

// WithToken uses one token that does not change: a personal access token or a service access token. Spaces and line ends
// around it are dropped.
func WithToken(token string) ClientOption {
	return clientOption(func(c *config) error {
		token = strings.TrimSpace(token)
		if token == "" {
			return errors.New("the token is empty")
		}
		c.transport.Tokens = call.StaticToken(token)
		return nil
	})
}

// WithTokenSource asks source for the token of each request.
func WithTokenSource(source TokenSource) ClientOption {
	return clientOption(func(c *config) error {
		if source == nil {
			return errors.New("the token source is nil")
		}
		c.transport.Tokens = source
		return nil
	})
}

// WithHTTPClient sends requests by a copy of client: its Transport and Jar count. Its Timeout does not, because it would
// cut streams (see [Timeouts]), nor its CheckRedirect, because tokens must not follow redirects to other hosts. The default
// is http.DefaultTransport.
func WithHTTPClient(client *http.Client) ClientOption {
	return clientOption(func(c *config) error {
		if client == nil {
			return errors.New("the http client is nil")
		}
		c.transport.HTTPClient = client
		return nil
	})
}

// WithDefaultHeader sends a header with every request; [WithHeader] replaces it for one call.
func WithDefaultHeader(name, value string) ClientOption {
	return clientOption(func(c *config) error {
		if err := transport.CheckHeader(name, value); err != nil {
			return err
		}
		if c.transport.Header == nil {
			c.transport.Header = http.Header{}
		}
		c.transport.Header.Set(name, value)
		return nil
	})
}

// Timeouts are the time limits that the client sets by itself. The context of a call always counts too. 0 means the
// default; there is no way to switch one off, but an hour is as good.
type Timeouts struct {
	Call   time.Duration // one try of a call that is not a stream; default 30 s, longer where the document says so
	Header time.Duration // from sending a request to the header of its stream or download; default 30 s
	Idle   time.Duration // between two pieces of a stream or download; default 5 min. There is no limit of the whole
}

// WithTimeouts changes the time limits. A limit that runs out is an error that matches [ErrTimeout] and
// [context.DeadlineExceeded] and names the limit.
func WithTimeouts(t Timeouts) ClientOption {
	return clientOption(func(c *config) error {
		if t.Call < 0 || t.Header < 0 || t.Idle < 0 {
			return errors.New("a timeout is negative")
		}
		c.transport.Timeout, c.transport.HeaderTimeout, c.transport.IdleTimeout = t.Call, t.Header, t.Idle
		return nil
	})
}

// RateLimit bounds what a client sends, so that a burst of work does not run into the limits of the platform.
type RateLimit struct {
	PerSecond  float64 // requests a second of one token; 0 = no limit
	Burst      int     // requests that may go at once; default 1
	Concurrent int     // requests that may be under way at a time, of all tokens; a stream counts until it is open; 0 = no limit
}

// WithRateLimit holds calls back, in the order in which they came and under their contexts, until they may go. When the
// server refuses calls for their rate (HTTP 429, codes 4013 and 4020), the rate of that token is halved and then grows again
// with each call that goes well. A call whose context ends before its turn could come fails at once.
func WithRateLimit(l RateLimit) ClientOption {
	return clientOption(func(c *config) error {
		if l.PerSecond < 0 || l.Burst < 0 || l.Concurrent < 0 {
			return errors.New("a rate limit is negative")
		}
		c.transport.Rate = transport.RateLimit(l)
		return nil
	})
}

// A SharedOption is an option for a client, or for one call.
type SharedOption interface {
	ClientOption
	CallOption
}

type retryOption struct {
	CallOption
	policy RetryPolicy
}

func (o retryOption) applyClient(c *config) error {
	c.transport.Retry = o.policy
	return nil
}

// WithRetry changes how often calls are repeated by themselves, of a client or of one call. The default is twice, and only
// where a repetition cannot do work twice: [RetryPolicy] tells when.
func WithRetry(p RetryPolicy) SharedOption { return retryOption{call.WithRetry(p), p} }

// FromEnv reads the token from COZE_API_TOKEN and the server from COZE_API_BASE.
// A variable that is empty or not set is not used, so that other options can fill the gap.
func FromEnv() ClientOption {
	return clientOption(func(c *config) error {
		if base := strings.TrimSpace(os.Getenv(EnvBase)); base != "" {
			c.baseURL = base
		}
		token := strings.TrimSpace(os.Getenv(EnvToken))
		if token == "" {
			return nil
		}
		if err := WithToken(token).applyClient(c); err != nil {
			return fmt.Errorf("%s: %w", EnvToken, err)
		}
		return nil
	})
}

// The environment variables that [FromEnv] reads.
const (
	EnvToken = "COZE_API_TOKEN"
	EnvBase  = "COZE_API_BASE"
)

func (c *config) transportConfig() (transport.Config, error) {
	base, err := parseBaseURL(c.baseURL, c.plainHTTP)
	if err != nil {
		return transport.Config{}, err
	}
	cfg := c.transport
	cfg.BaseURL = base
	header := userAgentHeader()
	for name, values := range cfg.Header {
		header[name] = values
	}
	cfg.Header = header
	return cfg, nil
}
