package coze

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/cozekit/cozekit/internal/transport"
)

// PollPolicy says how often the methods named Wait look, and what happens when the caller stops waiting. The zero value is
// a good one.
type PollPolicy struct {
	Interval     time.Duration // after the first look; default 1 s, which is also the least that the platform asks for
	MaxInterval  time.Duration // the interval grows by half each time up to this; default 5 s
	LeaveRunning bool          // chats only: do not cancel on the server when the context ends; no call stops other work

	// Jitter is the share of an interval, 0 to 1, that chance may add to it, so that many who wait do not ask at the same
	// time. The default, 0, is 0 for chats and 0.2 for all else; below 0 means none.
	Jitter float64

	// Random gives the chance, from 0 up to but without 1, for tests; default [rand.Float64]. It is called by the waiting
	// goroutine only.
	Random func() float64
}

// maxFailedPolls is how many looks in a row may fail, by a broken connection or an overloaded server, before Wait gives up.
const maxFailedPolls = 5

// defaultJitter is that of all waiting but for chats.
const defaultJitter = 0.2

// ErrUnknownStatus means that a chat, a run or a task is in a state that this SDK does not know, or that it was left in one,
// so that nobody can tell whether it ends.
var ErrUnknownStatus = errors.New("unknown status")

// errNoState is a look that failed: the answer is well but empty.
var errNoState = errors.New("coze: the answer of the server tells no state")

// poll is some work on the server that is looked at until it is over.
type poll[T any] struct {
	policy PollPolicy
	look   func(context.Context) (T, error)
	judge  func(T) (over bool, err error) // err is the outcome
}

// waitEnded is the end of the caller's context before that of the work.
type waitEnded struct{ cause error }

func (e *waitEnded) Error() string { return e.cause.Error() }

// run waits. It always returns the last known state, last if there is no other; known says that last need not be looked at
// again at once. The error is that of judge, of a failed look, or a *waitEnded.
func (p poll[T]) run(ctx context.Context, last T, known bool) (T, error) {
	interval := newInterval(p.policy)
	for failed := 0; ; {
		if known {
			if over, err := p.judge(last); over {
				return last, err
			}
		}
		if known || failed > 0 {
			if err := transport.Sleep(ctx, interval.next()); err != nil {
				return last, &waitEnded{err}
			}
		}
		state, err := p.look(ctx)
		switch {
		case err == nil:
			last, known, failed = state, true, 0
		case ctx.Err() != nil:
			return last, &waitEnded{context.Cause(ctx)}
		case failed+1 < maxFailedPolls && mayPass(err):
			failed++
		default:
			return last, err
		}
	}
}

// wait is run for work that cannot be stopped on the server; what names it in the error.
func (p poll[T]) wait(ctx context.Context, what string, last T) (T, error) {
	if p.policy.Jitter == 0 {
		p.policy.Jitter = defaultJitter
	}
	last, err := p.run(ctx, last, false)
	var ended *waitEnded
	if errors.As(err, &ended) {
		err = fmt.Errorf("coze: wait for %s: %w", what, ended.cause)
	}
	return last, err
}

// mayPass tells an error that a repetition may not meet: of the network, of an overloaded server, of a time limit.
func mayPass(err error) bool {
	var refused *Error
	if !errors.As(err, &refused) {
		return !errors.Is(err, ErrUnsupported)
	}
	return refused.Retryable()
}

// interval is the time between two looks, growing by half up to a maximum.
type interval struct {
	now, most time.Duration
	jitter    float64
	random    func() float64
}

func newInterval(p PollPolicy) *interval {
	i := &interval{p.Interval, p.MaxInterval, min(p.Jitter, 1), p.Random}
	if i.now <= 0 {
		i.now = time.Second
	}
	if i.most <= 0 {
		i.most = 5 * time.Second
	}
	if i.random == nil {
		i.random = rand.Float64
	}
	return i
}

func (i *interval) next() time.Duration {
	d := i.now
	i.now = max(d, min(d+d/2, i.most))
	if i.jitter > 0 {
		d += time.Duration(float64(d) * i.jitter * i.random())
	}
	return d
}

// requireID refuses an empty id at once; waiting would take it for a failure that may pass.
func requireID(op, name, id string) error {
	if id == "" {
		return fmt.Errorf("coze: %s: %s is required", op, name)
	}
	return nil
}
