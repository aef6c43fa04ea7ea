package transport

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/cozekit/cozekit/pkg/call"
)

// observer reports a call when it is over, or when its stream is open: to the caller's ResponseInfo and to the logger.
// Neither bodies nor headers of requests are logged.
type observer struct {
	logger *slog.Logger
	next   handler
}

func (o *observer) handle(ctx context.Context, x *exchange) error {
	err := o.next.handle(ctx, x)
	for _, info := range x.settings.Infos {
		*info = call.ResponseInfo{
			HTTPStatus: x.status, Header: x.rspHeader, LogID: x.logID(err), Body: x.raw,
			Attempts: x.attempts, Duration: time.Since(x.start),
		}
	}
	if o.logger != nil {
		o.log(ctx, x, err)
	}
	return err
}

func (x *exchange) logID(err error) string {
	var refused *call.Error
	if errors.As(err, &refused) {
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

func (o *observer) log(ctx context.Context, x *exchange, err error) {
	level := slog.LevelDebug
	if err != nil {
		level = slog.LevelWarn
	}
	if !o.logger.Enabled(ctx, level) {
		return
	}
	attrs := []slog.Attr{
		slog.String("op", x.op.ID), slog.String("method", x.op.Method), slog.String("host", x.url.Host),
		slog.String("path", x.url.Path), slog.Int("status", x.status), slog.Int("attempts", x.attempts),
		slog.Duration("duration", time.Since(x.start)), slog.String("logid", x.logID(err)),
	}
	if err != nil {
		attrs = append(attrs, slog.String("error", x.wrap(ctx, err).Error()))
	}
	o.logger.LogAttrs(ctx, level, "coze call", attrs...)
}
