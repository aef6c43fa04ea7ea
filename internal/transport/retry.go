package transport

import (
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/cozekit/cozekit/pkg/call"
)

// The defaults of [call.RetryPolicy].
const (
	defaultRetries       = 2
	defaultMinDelay      = 500 * time.Millisecond
	defaultMaxDelay      = 8 * time.Second
	defaultMaxRetryAfter = 30 * time.Second
)

// retrier repeats a call where that cannot do work twice; call.RetryPolicy tells when.
type retrier struct {
	policy call.RetryPolicy
	next   handler
}

func (r *retrier) handle(ctx context.Context, x *exchange) error {
	p := r.policy
	if x.settings.Retry != nil {
		p = *x.settings.Retry
	}
	p = withDefaults(p)
	for retry := 0; ; retry++ {
		err := r.next.handle(ctx, x)
		if err == nil || retry >= p.Retries || ctx.Err() != nil || !x.repeatable(err) {
			return err
		}
		wait, ok := x.delay(p, retry)
		if deadline, has := ctx.Deadline(); !ok || has && time.Until(deadline) < wait {
			return err // waiting would only turn a telling error into a timeout
		}
		x.watch.retry(ctx, wait, err)
		if Sleep(ctx, wait) != nil {
			return err
		}
		x.status, x.rspHeader, x.raw = 0, nil, nil
	}
}

func withDefaults(p call.RetryPolicy) call.RetryPolicy {
	if p.Retries == 0 {
		p.Retries = defaultRetries
	}
	p.MinDelay = orDefault(p.MinDelay, defaultMinDelay)
	p.MaxDelay = orDefault(p.MaxDelay, defaultMaxDelay)
	p.MaxRetryAfter = orDefault(p.MaxRetryAfter, defaultMaxRetryAfter)
	return p
}

// repeatable tells whether a repetition is possible and cannot do work twice.
func (x *exchange) repeatable(err error) bool {
	if x.body != nil && !x.body.replay {
		return false
	}
	var refused *call.Error
	if errors.As(err, &refused) {
		return refusedUnseen(refused) || x.op.Retry == RetrySafe && mayPass(refused.HTTPStatus)
	}
	if neverSent(err) {
		return true
	}
	var network net.Error
	var limit *limitError
	broken := errors.As(err, &network) || isBrokenConnection(err) || errors.As(err, &limit) && limit.after > 0
	switch x.op.Retry {
	case RetrySafe:
		return broken
	case RetryBeforeResponse:
		return broken && x.status == 0
	}
	return false
}

// refusedUnseen tells a refusal for the rate of requests: nothing was done.
func refusedUnseen(e *call.Error) bool {
	switch e.Code {
	case call.CodeRateLimited, call.CodeModelRPMExceeded:
		return true
	case 0:
		return e.HTTPStatus == http.StatusTooManyRequests
	}
	return e.HTTPStatus == http.StatusTooManyRequests && e.Retryable()
}

func mayPass(status int) bool {
	switch status {
	case http.StatusRequestTimeout, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// neverSent tells an error of making the connection. What a kept connection lost before the first byte, net/http sends
// again by itself.
func neverSent(err error) bool {
	var op *net.OpError
	var dns *net.DNSError
	return errors.As(err, &op) && op.Op == "dial" || errors.As(err, &dns)
}

// delay is how long to wait before the next try; not ok if the server asks for more than the policy bears.
func (x *exchange) delay(p call.RetryPolicy, retry int) (d time.Duration, ok bool) {
	if after, has := retryAfter(x.rspHeader); has {
		return after, after <= p.MaxRetryAfter
	}
	most := min(p.MinDelay<<min(retry, 20), p.MaxDelay)
	return rand.N(most) + 1, true
}

// retryAfter reads the header of that name: seconds, or a date.
func retryAfter(h http.Header) (time.Duration, bool) {
	v := h.Get("Retry-After")
	if v == "" {
		return 0, false
	}
	if n, err := strconv.ParseInt(v, 10, 32); err == nil && n >= 0 {
		return time.Duration(n) * time.Second, true
	}
	at, err := http.ParseTime(v)
	if err != nil {
		return 0, false
	}
	return max(time.Until(at), 0), true
}

// Sleep waits for d or for the end of ctx, whose cause it then returns.
func Sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
