package webchat

import (
	"context"
	"sync"
	"time"

	"github.com/cozekit/cozekit/internal/gate"
	"github.com/cozekit/cozekit/pkg/coze"
)

// tokenCache keeps the tokens of visitors, and makes one for all who wait for it.
type tokenCache struct {
	margin time.Duration
	mu     sync.Mutex
	table  *gate.Table[*flight]
}

// flight is a token, or the attempt to make one.
type flight struct {
	done chan struct{} // closed when the rest is set
	pair coze.TokenPair
	err  error
}

func newTokenCache(margin time.Duration) *tokenCache {
	return &tokenCache{margin: margin, table: gate.NewTable[*flight](maxSessions)}
}

func (c *tokenCache) get(ctx context.Context, visitor string, makeToken mint) (coze.TokenPair, error) {
	c.mu.Lock()
	f, ok := c.table.Get(visitor)
	if !ok || !f.good(time.Now().Add(c.margin)) {
		f = start(ctx, makeToken)
		c.table.Set(visitor, f)
	}
	c.mu.Unlock()
	select {
	case <-f.done:
		return f.pair, f.err
	case <-ctx.Done():
		return coze.TokenPair{}, context.Cause(ctx)
	}
}

// start makes a token, also when the one who asked for it has left.
func start(ctx context.Context, makeToken mint) *flight {
	f := &flight{done: make(chan struct{})}
	go func() {
		defer close(f.done)
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), mintTimeout)
		defer cancel()
		f.pair, f.err = makeToken(ctx)
	}()
	return f
}

// good tells whether a token is good at a time, or on its way.
func (f *flight) good(at time.Time) bool {
	select {
	case <-f.done:
		return f.err == nil && f.pair.Expires.After(at)
	default:
		return true
	}
}
