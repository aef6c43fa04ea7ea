package transport

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"sync"
	"time"

	"github.com/cozekit/cozekit/pkg/call"
)

// limitError is a time limit of this SDK that ran out. It matches [call.ErrTimeout] and [context.DeadlineExceeded].
type limitError struct {
	text  string
	after time.Duration
}

func (e *limitError) Error() string {
	if e.after == 0 {
		return e.text
	}
	return e.text + " of " + e.after.String()
}

func (e *limitError) Is(target error) bool {
	return target == call.ErrTimeout || target == context.DeadlineExceeded
}

// Timeout tells users of net.Error that time ran out.
func (e *limitError) Timeout() bool { return true }

// wrap puts operation and host in front of an error that is not a refusal. A limit of this SDK that ended the request is
// named as such, so that it is told from the caller's own deadline.
func (x *exchange) wrap(ctx context.Context, err error) error {
	var refused *call.Error
	var wrapped *opError
	if err == nil || errors.As(err, &refused) || errors.As(err, &wrapped) {
		return err
	}
	var asURL *url.Error
	if errors.As(err, &asURL) {
		err = asURL.Err // its text repeats the URL with the query
	}
	var limit *limitError
	if ctx.Err() != nil && errors.As(context.Cause(ctx), &limit) {
		err = limit
	}
	return x.failed(err)
}

// opError says which operation and host an error belongs to.
type opError struct {
	op      *Op
	url     *url.URL // nil if it was never made
	request *call.SentRequest
	err     error
}

// failed puts operation and host in front of err, and the request behind it.
func (x *exchange) failed(err error) *opError { return &opError{x.op, x.url, x.sent(), err} }

func (e *opError) Error() string {
	if e.url == nil {
		return fmt.Sprintf("coze: %s: %v", e.op.ID, e.err)
	}
	return fmt.Sprintf("coze: %s: %s %s%s: %v", e.op.ID, e.op.Method, e.url.Host, e.url.Path, e.err)
}

func (e *opError) Unwrap() error { return e.err }

// SentRequest is for [call.CurlOf].
func (e *opError) SentRequest() *call.SentRequest { return e.request }

// liveBody is the body of an answer that stays open. A read that waits longer than the idle limit ends it; time between
// reads does not count.
type liveBody struct {
	x      *exchange
	body   io.ReadCloser
	ctx    context.Context
	cancel context.CancelCauseFunc
	timer  *time.Timer
	idle   time.Duration
	close  sync.Once
	err    error
	watch  *watch // nil = nobody follows it
}

func newLiveBody(ctx context.Context, x *exchange, body io.ReadCloser, cancel context.CancelCauseFunc, idle *limitError) *liveBody {
	b := &liveBody{x: x, body: body, ctx: ctx, cancel: cancel, idle: idle.after}
	b.timer = time.AfterFunc(idle.after, func() { cancel(idle) })
	b.timer.Stop()
	return b
}

func (b *liveBody) Read(p []byte) (int, error) {
	b.timer.Reset(b.idle)
	n, err := b.body.Read(p)
	b.timer.Stop()
	if err == nil || err == io.EOF && n > 0 && b.watch != nil {
		return n, nil // the next read gets EOF alone, once the events of this one are out
	}
	if err != io.EOF {
		if b.ctx.Err() != nil {
			err = context.Cause(b.ctx)
		}
		err = b.x.wrap(b.ctx, err)
	}
	if b.watch != nil {
		b.watch.readEnded(err)
	}
	return n, err
}

func (b *liveBody) Close() error {
	b.close.Do(func() {
		b.timer.Stop()
		b.err = b.body.Close()
		b.cancel(context.Canceled)
		if b.watch != nil {
			b.watch.end(nil)
		}
	})
	return b.err
}
