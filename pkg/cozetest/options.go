package cozetest

import (
	"fmt"
	"log/slog"
	"time"

	"golang.org/x/time/rate"
)

// Option changes what [NewServer] and [Start] make.
type Option interface{ apply(*config) }

type config struct {
	token         string
	seed          uint64
	clock         func() time.Time
	expectBad     bool
	unknownFields bool
	nullFields    bool
	deltaPause    time.Duration
	logger        *slog.Logger
	inMemory      bool
	audiences     []string  // that JWTs may have, besides the host of the request
	transcript    string    // what recordings say; empty is [DefaultTranscript]
	document      *document // nil is the one of package api
	faults        []Fault
	rate          rate.Limit // requests a second of one token; 0 is no limit
	burst         int
}

type optionFunc func(*config)

func (f optionFunc) apply(c *config) { f(c) }

func newConfig(opts []Option) config {
	c := config{clock: time.Now, logger: slog.New(slog.DiscardHandler)}
	for _, o := range opts {
		o.apply(&c)
	}
	if c.token == "" {
		c.token = fmt.Sprintf("pat_fake%024x", mix(c.seed, 0))
	}
	return c
}

// WithToken sets the bearer token that the server accepts. By default it follows from the seed; see [Server.Token].
func WithToken(token string) Option { return optionFunc(func(c *config) { c.token = token }) }

// WithSeed sets the seed of ids, log ids and sample values, 0 by default. The same requests in the same order get the same
// answers from servers of the same seed, times apart.
func WithSeed(seed uint64) Option { return optionFunc(func(c *config) { c.seed = seed }) }

// WithClock sets where the times in answers and the expiry of tokens come from, [time.Now] by default; see [Server.Advance].
// Pauses are not affected.
func WithClock(now func() time.Time) Option { return optionFunc(func(c *config) { c.clock = now }) }

// WithAudience takes JWTs for these hosts too, such as api.coze.cn. By default the aud of a JWT must be the host that the request
// names, with or without its port.
func WithAudience(hosts ...string) Option {
	return optionFunc(func(c *config) { c.audiences = append(c.audiences, hosts...) })
}

// ExpectViolations keeps violations of the contract from failing the test. They are still refused and recorded.
func ExpectViolations() Option { return optionFunc(func(c *config) { c.expectBad = true }) }

// AllowUnknownFields accepts query parameters and body fields that the document does not know.
func AllowUnknownFields() Option { return optionFunc(func(c *config) { c.unknownFields = true }) }

// AllowNullFields takes null for a field that was left out, as the platform does. Without it a null is a violation, because
// strict servers refuse it. The vendor's Python SDK sends such nulls.
func AllowNullFields() Option { return optionFunc(func(c *config) { c.nullFields = true }) }

// WithDeltaPause sets the pause between two deltas of [Turn.Say], [Turn.Stream], [Turn.Think] and [Turn.Audio], 0 by default.
func WithDeltaPause(d time.Duration) Option { return optionFunc(func(c *config) { c.deltaPause = d }) }

// WithLogger logs each request at level Info and each violation at level Warn. Nothing is logged by default; tokens never are.
func WithLogger(l *slog.Logger) Option {
	return optionFunc(func(c *config) {
		if l != nil {
			c.logger = l
		}
	})
}

// InMemory makes a server without a socket: [Server.URL] is a name that only [Server.HTTPClient] can reach. Use it in bubbles of
// testing/synctest, where a goroutine that waits for a socket would stop the clock.
func InMemory() Option { return optionFunc(func(c *config) { c.inMemory = true }) }
