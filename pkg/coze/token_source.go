package coze

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// OAuthTokenSource is a [TokenSource] that lives: it renews its access token before that expires, and when a call is
// refused in spite of it. It is safe for concurrent use; however many callers need a new token, one of them is made, and
// each waits no longer than its own context. Sources come from the TokenSource methods of the flows and from [Reuse].
//
// A refresh token works once. Therefore a renewal holds the lock of the [TokenStore], notes there that it begins, and
// stores the new pair before anybody gets it, so that processes that share a store never use a refresh token twice. A
// process that dies after the server has made a new pair, and before it is stored, takes that pair with it: the next
// renewal finds the note, tries the old refresh token, and if the server refuses that says so with [ErrLoginRequired].
// Then the user must log in again, and nothing else is lost. When storing fails the pair is kept in memory, and stored
// before the source does anything else.
type OAuthTokenSource struct {
	hidden // a pointer would not do: for a wrong verb fmt prints what it points to
	r      *renewer
}

// renewTimeout bounds a renewal, which goes on when its callers have left: what the server has made must be stored.
const renewTimeout = time.Minute

// The margin within which a token is renewed before it expires: the smaller of the two.
const (
	renewMargin    = time.Minute
	renewFraction  = 10 // of the life of the token
	pauseAfterFail = 5 * time.Second
)

// Token returns an access token that is good for a while. Without a login it is an error that matches [ErrLoginRequired].
func (s *OAuthTokenSource) Token(ctx context.Context) (Token, error) { return s.r.token(ctx, "") }

// Refresh returns an access token in place of one that the server has refused.
func (s *OAuthTokenSource) Refresh(ctx context.Context, refused Token) (Token, error) {
	return s.r.token(ctx, refused.Access)
}

// Login stores the tokens of a new login, in place of any others.
func (s *OAuthTokenSource) Login(ctx context.Context, pair TokenPair) error {
	if pair.Access == "" && pair.Refresh == "" || s.r.rotates && pair.Refresh == "" {
		return errors.New("coze: Login: the pair has no refresh token")
	}
	return s.r.login(ctx, pair)
}

// Reuse keeps the token of another source, such as a [TokenFunc] that asks a vault, until shortly before it expires or
// until the server refuses it. Many callers cause one call of source.
func Reuse(source TokenSource) *OAuthTokenSource {
	r := &renewer{store: NewMemoryTokenStore()}
	r.renew = func(ctx context.Context, _ string) (TokenPair, error) {
		t, err := source.Token(ctx)
		return TokenPair{Access: t.Access, Expires: t.Expires}, err
	}
	return &OAuthTokenSource{r: r}
}

func (f *oauthFlow) source(store TokenStore, renew func(context.Context, string) (TokenPair, error)) *OAuthTokenSource {
	if store == nil {
		store = NewMemoryTokenStore()
	}
	server := serverOf(f.base)
	r := &renewer{server: server, app: server + " " + f.clientID, rotates: true, renew: renew, store: store}
	return &OAuthTokenSource{r: r}
}

// renewer is what is behind an OAuthTokenSource.
type renewer struct {
	server  string // that the tokens are for, if known
	app     string // server and id of the app, for which alone the tokens in the store are good
	rotates bool   // renewing takes a refresh token, which works once
	renew   func(ctx context.Context, refreshToken string) (TokenPair, error)
	store   TokenStore

	mu      sync.Mutex
	current tokenState // the last one from the store
	flight  *renewal
	pause   time.Time // no early renewal until then, since one has failed
	unsaved *unsavedState
}

// renewal is one under way.
type renewal struct {
	done  chan struct{}
	state tokenState
	err   error
}

const maxRenewals = 3 // that a caller joins before it takes what they yield

// token returns one that is not the refused one.
func (r *renewer) token(ctx context.Context, refused string) (Token, error) {
	var last tokenState
	for range maxRenewals {
		now, flight := r.currentOrRenewal(ctx, refused)
		if flight == nil {
			return now, nil
		}
		select {
		case <-flight.done:
		case <-ctx.Done():
			return Token{}, fmt.Errorf("coze: wait for an access token: %w", context.Cause(ctx))
		}
		if flight.err != nil || flight.state.Access != refused {
			return flight.state.token(), flight.err
		}
		last = flight.state // it was asked for before somebody found the token refused
	}
	return last.token(), nil
}

// currentOrRenewal returns the token at hand, or the renewal to wait for.
func (r *renewer) currentOrRenewal(ctx context.Context, refused string) (Token, *renewal) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if now := time.Now(); r.current.good(now, refused) || r.pause.After(now) && r.current.bearable(now, refused) {
		return r.current.token(), nil
	}
	if r.flight == nil {
		r.flight = r.start(ctx, refused)
	}
	return Token{}, r.flight
}

// start begins a renewal. The caller holds mu.
func (r *renewer) start(ctx context.Context, refused string) *renewal {
	f := &renewal{done: make(chan struct{})}
	go func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), renewTimeout)
		defer cancel()
		f.state, f.err = r.locked(ctx, func(raw []byte) (tokenState, error) { return r.renewOnce(ctx, raw, refused) })
		r.mu.Lock()
		r.flight = nil
		r.mu.Unlock()
		close(f.done)
	}()
	return f
}

// locked runs f on the content of the store, under its lock, and remembers the state that comes of it.
func (r *renewer) locked(ctx context.Context, f func(raw []byte) (tokenState, error)) (tokenState, error) {
	unlock, err := r.store.Lock(ctx)
	if err != nil {
		return tokenState{}, fmt.Errorf("coze: lock the token store: %w", err)
	}
	defer unlock()
	raw, err := r.store.Load(ctx)
	if err != nil {
		return tokenState{}, fmt.Errorf("coze: load the tokens: %w", err)
	}
	state, err := f(raw)
	if err == nil {
		r.mu.Lock()
		r.current = state
		r.mu.Unlock()
	}
	return state, err
}

func (r *renewer) login(ctx context.Context, pair TokenPair) error {
	_, err := r.locked(ctx, func(raw []byte) (tokenState, error) {
		next := newTokenState(r.app, pair, time.Now())
		if _, err := r.save(ctx, raw, next); err != nil {
			return tokenState{}, err
		}
		r.mu.Lock()
		r.unsaved, r.pause = nil, time.Time{}
		r.mu.Unlock()
		return next, nil
	})
	return err
}
