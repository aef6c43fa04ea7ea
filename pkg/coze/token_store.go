package coze

import (
	"bytes"
	"context"
	"errors"
	"sync"
)

// TokenStore keeps the tokens of one user or app for an [OAuthTokenSource]. It is told what to keep as a text of at most a
// few KB, which holds secrets: keep it from other eyes. Its methods may be called by many goroutines at once, and by the
// sources of many processes that share what is behind it. In Redis, say, Load is GET, CompareAndSave a script that
// compares and sets, and Lock SET NX with a lease of at least two minutes.
type TokenStore interface {
	// Load returns what was saved last, nil if nothing was.
	Load(ctx context.Context) ([]byte, error)

	// CompareAndSave replaces old, which is nil if nothing was saved yet, by state. It must last when it returns nil. If
	// the store does not hold old it changes nothing, and its error matches [ErrTokenStoreConflict].
	CompareAndSave(ctx context.Context, old, state []byte) error

	// Lock waits until nobody else holds the lock, or until ctx ends. Load and CompareAndSave are called under it.
	Lock(ctx context.Context) (unlock func(), err error)
}

// ErrTokenStoreConflict means that a store does not hold what it was thought to.
var ErrTokenStoreConflict = errors.New("coze: the token store was changed by somebody else")

// MemoryTokenStore is a [TokenStore] that lives as long as the process. Make one with [NewMemoryTokenStore].
type MemoryTokenStore struct {
	lock  chan struct{}
	mu    sync.Mutex
	state func() []byte // fmt shows no closures
}

// NewMemoryTokenStore returns an empty store.
func NewMemoryTokenStore() *MemoryTokenStore {
	return &MemoryTokenStore{lock: make(chan struct{}, 1), state: func() []byte { return nil }}
}

// Load implements [TokenStore].
func (s *MemoryTokenStore) Load(context.Context) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state(), nil
}

// CompareAndSave implements [TokenStore].
func (s *MemoryTokenStore) CompareAndSave(_ context.Context, old, state []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !bytes.Equal(s.state(), old) {
		return ErrTokenStoreConflict
	}
	state = bytes.Clone(state)
	s.state = func() []byte { return bytes.Clone(state) }
	return nil
}

// Lock implements [TokenStore].
func (s *MemoryTokenStore) Lock(ctx context.Context) (unlock func(), err error) {
	select {
	case s.lock <- struct{}{}:
		return sync.OnceFunc(func() { <-s.lock }), nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}
