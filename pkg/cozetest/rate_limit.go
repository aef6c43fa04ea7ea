package cozetest

import (
	"net/http"
	"sync"

	"golang.org/x/time/rate"
)

// WithRateLimit refuses what goes beyond perSecond requests a second of one token, of which burst may come at once: HTTP 429 and code
// 4013, without Retry-After, as the platform does. Time is that of the server's clock; see [WithClock] and [Server.Advance]. There is
// no limit by default, and for perSecond 0. A burst below 1 counts as 1.
func WithRateLimit(perSecond float64, burst int) Option {
	return optionFunc(func(c *config) { c.rate, c.burst = rate.Limit(perSecond), max(burst, 1) })
}

// rateLimits are the limits of tokens.
type rateLimits struct {
	mu      sync.Mutex
	byToken map[string]*rate.Limiter
}

func (l *rateLimits) allow(s *Server, token string) bool {
	if s.cfg.rate <= 0 {
		return true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.byToken == nil {
		l.byToken = map[string]*rate.Limiter{}
	}
	limiter := l.byToken[token]
	if limiter == nil {
		limiter = rate.NewLimiter(s.cfg.rate, s.cfg.burst)
		l.byToken[token] = limiter
	}
	return limiter.AllowN(s.cfg.clock(), 1)
}

// limitRate refuses a call that comes too fast.
func (x *exchange) limitRate() bool {
	if x.caller == nil || x.srv.limits.allow(x.srv, x.bearerToken()) {
		return true
	}
	x.refuse(&refusal{
		code: codeRateLimited, msg: "the rate of requests is over the limit of the token", status: http.StatusTooManyRequests,
	})
	return false
}
