package transport

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/cozekit/cozekit/pkg/call"
)

// observer reports a call to the caller's ResponseInfo when it is over or its stream is open, and to hooks and logger when it
// is over altogether.
type observer struct {
	logger *slog.Logger
	bodies bool // log them too
	hooks  []*call.Hooks
	next   handler
}

func (o *observer) handle(ctx context.Context, x *exchange) error {
	w := o.watch(ctx, x)
	if w != nil {
		x.watch = w
		ctx = w.begin(ctx)
	}
	err := o.next.handle(ctx, x)
	if err != nil {
		err = x.wrap(ctx, err)
		x.showRequest(err)
	}
	for _, info := range x.settings.Infos {
		*info = call.ResponseInfo{
			HTTPStatus: x.status, Header: x.rspHeader, LogID: x.logID(err), Body: x.raw,
			Attempts: x.attempts, Duration: time.Since(x.start),
		}
		info.SetRequest(x.sent)
	}
	switch {
	case w == nil:
	case err == nil && x.live != nil:
		x.live.watch = w // until it is closed
	default:
		w.end(err)
	}
	return err
}

// watch returns what follows the call, nil if nobody wants to know.
func (o *observer) watch(ctx context.Context, x *exchange) *watch {
	logs := o.logger != nil && o.logger.Enabled(ctx, slog.LevelWarn)
	if len(o.hooks)+len(x.settings.Hooks) == 0 && !logs {
		return nil
	}
	w := &watch{x: x, hooks: o.hooks}
	if n := len(x.settings.Hooks); n > 0 {
		w.hooks = append(w.hooks[:len(w.hooks):len(w.hooks)], x.settings.Hooks...)
	}
	if logs {
		w.ended = o.log
	}
	return w
}

// showRequest lets [call.CurlOf] find the request behind a refusal.
func (x *exchange) showRequest(err error) {
	var refused *call.Error
	if errors.As(err, &refused) && refused.Request == nil {
		refused.Request = x.sent()
	}
}

func (x *exchange) logID(err error) string {
	var refused *call.Error
	if errors.As(err, &refused) && refused.LogID != "" {
		return refused.LogID
	}
	if id := x.rspHeader.Get(logIDHeader); id != "" {
		return id
	}
	var e Envelope
	if len(x.raw) > 0 && Unmarshal(x.raw, &e) == nil {
		return e.logID()
	}
	return ""
}

func (e *Envelope) logID() string {
	var d detailBody
	if len(e.Detail) > 0 {
		_ = Unmarshal(e.Detail, &d)
	}
	return d.LogID
}

// log writes one line for a call. Bodies are in it only where the client asked for them, and without their secrets.
func (o *observer) log(w *watch, r call.Outcome) {
	level := slog.LevelDebug
	if r.Err != nil {
		level = slog.LevelWarn
	}
	if !o.logger.Enabled(w.ctx, level) {
		return
	}
	attrs := []slog.Attr{
		slog.String("op", w.info.Op), slog.String("method", w.info.Method), slog.String("host", w.info.Host),
		slog.String("path", w.info.Path), slog.Int("status", r.Status), slog.Int("code", r.Code), slog.String("logid", r.LogID),
		slog.Int("attempts", r.Attempts), slog.Int64("duration_ms", r.Duration.Milliseconds()),
	}
	if w.info.Stream {
		attrs = append(attrs, slog.Int("events", r.Events), slog.Int64("first_event_ms", r.FirstEvent.Milliseconds()))
	}
	if r.Err != nil {
		attrs = append(attrs, slog.String("error", r.Err.Error()))
	}
	if o.bodies {
		attrs = append(attrs, w.x.bodyAttrs()...)
	}
	o.logger.LogAttrs(w.ctx, level, "coze call", attrs...)
}

// maxLoggedBody bounds a body in a log line, in bytes.
const maxLoggedBody = 16 << 10

func (x *exchange) bodyAttrs() []slog.Attr {
	var attrs []slog.Attr
	secrets := x.secrets()
	if body, left := x.sentBody(secrets); body+left != "" {
		attrs = append(attrs, slog.String("request_body", body+left))
	}
	if len(x.raw) == 0 {
		return attrs
	}
	answer := "[not JSON, left out]"
	if len(x.raw) > maxLoggedBody {
		answer = "[over 16 KiB, left out]"
	} else if clean, err := RedactAnswer(x.raw); err == nil {
		answer = string(withoutSecrets(clean, secrets))
	}
	return append(attrs, slog.String("answer_body", answer))
}
