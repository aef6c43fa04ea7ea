package transport

import (
	"context"
	"errors"
	"sync"

	"github.com/cozekit/cozekit/pkg/call"
	"golang.org/x/time/rate"
)

// RateLimit bounds what a client sends. The zero value bounds nothing.
type RateLimit struct {
	PerSecond  float64 // requests a second of one token; 0 = no limit
	Burst      int     // requests that may go at once
	Concurrent int     // requests of the client that may be under way at a time; 0 = no limit
}

// limiter holds requests back until they may go. When the server refuses a token for its rate, its rate is halved, and each
// request that goes well brings back a twentieth of it.
type limiter struct {
	RateLimit
	next  handler
	slots chan struct{}

	mu      sync.Mutex
	byToken map[string]*rate.Limiter
}

// minShare is the least part of the rate that refusals leave.
const minShare = 1.0 / 16

// maxTokens bounds the table of tokens; a gateway with more starts over.
const maxTokens = 10_000

func newLimiter(l RateLimit, next handler) *limiter {
	out := &limiter{RateLimit: l, next: next, byToken: map[string]*rate.Limiter{}}
	if l.Concurrent > 0 {
		out.slots = make(chan struct{}, l.Concurrent)
	}
	return out
}

func (l *limiter) handle(ctx context.Context, x *exchange) error {
	return l.admit(ctx, x.token, func() error { return l.next.handle(ctx, x) })
}

// admit makes a request of token when it may go.
func (l *limiter) admit(ctx context.Context, token string, request func() error) error {
	var r *rate.Limiter
	if l.PerSecond > 0 {
		r = l.of(token)
		if err := r.Wait(ctx); err != nil {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			return &limitError{text: "the rate limit of the client leaves no room before the deadline"}
		}
	}
	if l.slots != nil {
		select {
		case l.slots <- struct{}{}:
			defer func() { <-l.slots }()
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	err := request()
	if r != nil {
		l.adapt(r, err)
	}
	return err
}

func (l *limiter) of(token string) *rate.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	r := l.byToken[token]
	if r == nil {
		if len(l.byToken) >= maxTokens {
			clear(l.byToken)
		}
		r = rate.NewLimiter(rate.Limit(l.PerSecond), max(l.Burst, 1))
		l.byToken[token] = r
	}
	return r
}

func (l *limiter) adapt(r *rate.Limiter, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	full, now := rate.Limit(l.PerSecond), r.Limit()
	var refused *call.Error
	switch {
	case errors.As(err, &refused) && refusedUnseen(refused):
		r.SetLimit(max(now/2, full*minShare))
	case err == nil && now < full:
		r.SetLimit(min(now+full/20, full))
	}
}
