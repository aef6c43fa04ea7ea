package coze

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// unsavedState is what came of a refresh token and could not be stored yet.
type unsavedState struct {
	state  tokenState
	burned string
}

// renewOnce brings the store up to date. The caller holds the lock of the store, whose content is raw.
func (r *renewer) renewOnce(ctx context.Context, raw []byte, refused string) (tokenState, error) {
	old, err := r.decode(raw)
	if err != nil {
		return tokenState{}, err
	}
	if u := r.takeUnsaved(); u != nil && u.burned == old.Refresh {
		if old, err = r.keep(ctx, raw, u.state, u.burned); err != nil {
			return tokenState{}, err
		}
		if raw, err = old.encode(); err != nil {
			return tokenState{}, err
		}
	}
	now := time.Now()
	switch {
	case old.good(now, refused):
		return old, nil // of this process or another
	case r.rotates && old.Refresh == "":
		return tokenState{}, fmt.Errorf("coze: there are no tokens yet: %w", ErrLoginRequired)
	case old.Lost != "" && old.bearable(now, refused):
		return old, nil
	case old.Lost != "":
		return tokenState{}, old.lost(nil)
	}
	next, err := r.exchange(ctx, raw, old)
	if err != nil && old.bearable(now, refused) {
		r.mu.Lock()
		r.pause = time.Now().Add(pauseAfterFail)
		r.mu.Unlock()
		return old, nil // it was early: the old token is still good, and there will be another try
	}
	return next, err
}

func (r *renewer) takeUnsaved() *unsavedState {
	r.mu.Lock()
	defer r.mu.Unlock()
	u := r.unsaved
	r.unsaved = nil
	return u
}

// exchange gets a new pair and stores it. The order keeps the time short in which a crash can lose it.
func (r *renewer) exchange(ctx context.Context, raw []byte, old tokenState) (tokenState, error) {
	if r.rotates {
		begun := old
		begun.Renewing = time.Now().UnixMilli()
		var err error
		if raw, err = r.save(ctx, raw, begun); err != nil {
			return tokenState{}, err
		}
	}
	pair, err := r.renew(ctx, old.Refresh)
	if err != nil {
		return r.failed(ctx, raw, old, err)
	}
	next := newTokenState(r.app, pair, time.Now())
	if next.Refresh == "" {
		next.Refresh = old.Refresh
	}
	return r.keep(ctx, raw, next, old.Refresh)
}

// keep stores what came of the refresh token burned, in place of raw.
func (r *renewer) keep(ctx context.Context, raw []byte, next tokenState, burned string) (tokenState, error) {
	ctx, cancel := detached(ctx)
	defer cancel()
	var err error
	for range maxRenewals {
		if _, err = r.save(ctx, raw, next); !errors.Is(err, ErrTokenStoreConflict) {
			break
		}
		// A store whose lock ran out. A new login counts more than ours; but what else is built on the burned token is void.
		var now tokenState
		if raw, now, err = r.load(ctx); err != nil || now.Refresh != burned {
			return now, err
		}
	}
	if err == nil {
		return next, nil
	}
	r.mu.Lock()
	r.unsaved = &unsavedState{next, burned}
	r.mu.Unlock()
	return tokenState{}, fmt.Errorf("coze: new tokens are kept in memory until they can be stored: %w", err)
}

// failed finds out what a failure means for the old refresh token.
func (r *renewer) failed(ctx context.Context, raw []byte, old tokenState, cause error) (tokenState, error) {
	var refused *OAuthError
	if !r.rotates || !errors.As(cause, &refused) {
		return tokenState{}, cause // perhaps the server has made a new pair: the note of the renewal stays
	}
	ctx, cancel := detached(ctx)
	defer cancel()
	if _, now, err := r.load(ctx); err == nil && now.Refresh != old.Refresh {
		return now, nil // the lock ran out, and another process was there first
	}
	switch refused.Code {
	case ErrInvalidRequest, "invalid_grant": // the second is RFC 6749's
		old.Lost = lostRefused
		if old.Renewing != 0 {
			old.Lost = lostInterrupted
		}
		_, err := r.save(ctx, raw, old)
		return tokenState{}, errors.Join(old.lost(cause), err)
	case ErrOAuthInternal, "": // nobody knows
		return tokenState{}, cause
	}
	_, err := r.save(ctx, raw, old) // refused for the app or the user: the token was not used
	return tokenState{}, errors.Join(cause, err)
}

func (r *renewer) load(ctx context.Context) ([]byte, tokenState, error) {
	raw, err := r.store.Load(ctx)
	if err != nil {
		return nil, tokenState{}, fmt.Errorf("coze: load the tokens: %w", err)
	}
	state, err := r.decode(raw)
	return raw, state, err
}

func (r *renewer) save(ctx context.Context, old []byte, state tokenState) ([]byte, error) {
	raw, err := state.encode()
	if err == nil {
		err = r.store.CompareAndSave(ctx, old, raw)
	}
	if err != nil {
		return nil, fmt.Errorf("coze: store the tokens: %w", err)
	}
	return raw, nil
}

func (r *renewer) decode(raw []byte) (tokenState, error) {
	state, err := decodeTokenState(raw)
	if err == nil && state.App != "" && state.App != r.app {
		err = fmt.Errorf("coze: the token store holds tokens of %s, not of %s", state.App, r.app)
	}
	return state, err
}
