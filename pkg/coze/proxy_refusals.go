package coze

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
)

// setProxySafety sets the headers that keep an answer from becoming a page of the proxy's origin, or an entry of a cache.
func setProxySafety(h http.Header) {
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; sandbox")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
}

// proxyRefusal is an answer of the proxy's own.
func proxyRefusal(status, code int, message string) *Error {
	return &Error{HTTPStatus: status, Code: code, Message: message}
}

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
		writeRefusal(w, answer)
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
	writeRefusal(w, answer)
}

// refusalFor is what a caller may know of an error.
func refusalFor(err error) *Error {
	var refused *Error
	switch {
	case errors.As(err, &refused):
		answer := *refused
		if answer.HTTPStatus < 400 {
			answer.HTTPStatus = statusFor(&answer)
		}
		if answer.Code == 0 {
			answer.Code = CodeInternal
		}
		return &answer
	case errors.Is(err, ErrTimeout), errors.Is(err, context.DeadlineExceeded):
		return proxyRefusal(http.StatusGatewayTimeout, CodeInternal, "the server did not answer in time")
	case errors.Is(err, ErrUnsupported):
		return proxyRefusal(http.StatusNotImplemented, CodeNotFound, "the server does not offer this operation")
	}
	return proxyRefusal(http.StatusBadGateway, CodeInternal, "the server could not be reached")
}

func statusFor(e *Error) int {
	switch e.Category() {
	case ErrUnauthorized:
		return http.StatusUnauthorized
	case ErrForbidden:
		return http.StatusForbidden
	case ErrNotFound:
		return http.StatusNotFound
	case ErrRateLimited:
		return http.StatusTooManyRequests
	case ErrBadRequest:
		return http.StatusBadRequest
	}
	return http.StatusBadGateway
}

func writeRefusal(w http.ResponseWriter, e *Error) {
	type detail struct {
		LogID string `json:"logid"`
	}
	body, _ := json.Marshal(struct { // strings and numbers
		Code   int    `json:"code"`
		Msg    string `json:"msg"`
		Detail detail `json:"detail"`
	}{e.Code, strings.ToValidUTF8(e.Message, "?"), detail{e.LogID}})
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if e.LogID != "" {
		h.Set("X-Tt-Logid", e.LogID)
	}
	w.WriteHeader(e.HTTPStatus)
	_, _ = w.Write(body)
}
