package coze

import (
	"context"
	"errors"
	"log/slog"
	"net/http"

	"github.com/cozekit/cozekit/internal/gate"
)

// failed answers a request that did not get through.
func (p *proxy) failed(w http.ResponseWriter, r *http.Request, err error) {
	call := proxyCallOf(r.Context())
	if call.limited != nil && call.limited.exceeded.Load() {
		err = tooLarge(true, p.cfg.MaxUpload)
	}
	p.refuse(w, r, call, err)
}

// refuse answers in the form of the platform. What went wrong between proxy and server is in the log, not in the answer.
func (p *proxy) refuse(w http.ResponseWriter, r *http.Request, call *ProxyCall, err error) {
	if r.Context().Err() != nil && errors.Is(err, context.Canceled) {
		return // nobody is there to read it
	}
	answer := refusalFor(err)
	var sent *sentError
	if errors.As(err, &sent) {
		gate.Write(w, answer)
		return
	}
	attrs := []slog.Attr{
		slog.String("method", r.Method), slog.String("path", r.URL.Path),
		slog.Int("status", answer.HTTPStatus), slog.Int("code", answer.Code),
	}
	if call != nil {
		attrs = append(attrs, slog.String("op", call.Operation))
	}
	p.logger.LogAttrs(r.Context(), slog.LevelWarn, "coze proxy: refused", append(attrs, slog.String("error", err.Error()))...)
	gate.Write(w, answer)
}

// refusalFor is what a caller may know of an error.
func refusalFor(err error) *Error {
	var refused *Error
	switch {
	case errors.As(err, &refused):
	case errors.Is(err, ErrTimeout), errors.Is(err, context.DeadlineExceeded):
		err = gate.Refuse(http.StatusGatewayTimeout, CodeInternal, "the server did not answer in time")
	case errors.Is(err, ErrUnsupported):
		err = gate.Refuse(http.StatusNotImplemented, CodeNotFound, "the server does not offer this operation")
	}
	return gate.Visible(err)
}
