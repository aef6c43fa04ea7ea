package gate

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/cozekit/cozekit/pkg/call"
)

// Harden sets the headers that keep an answer from becoming a page of the proxy's origin, or an entry of a cache.
func Harden(h http.Header) {
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; sandbox")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
}

// Refuse is a refusal of a handler's own.
func Refuse(status, code int, message string) *call.Error {
	return &call.Error{HTTPStatus: status, Code: code, Message: message}
}

// Visible is what a caller may know of an error: refusals in full, of others nothing.
func Visible(err error) *call.Error {
	var refused *call.Error
	if !errors.As(err, &refused) {
		return Refuse(http.StatusBadGateway, call.CodeInternal, "the server could not be reached")
	}
	answer := *refused
	if answer.HTTPStatus < 400 {
		answer.HTTPStatus = statusFor(&answer)
	}
	if answer.Code == 0 {
		answer.Code = call.CodeInternal
	}
	return &answer
}

func statusFor(e *call.Error) int {
	switch e.Category() {
	case call.ErrUnauthorized:
		return http.StatusUnauthorized
	case call.ErrForbidden:
		return http.StatusForbidden
	case call.ErrNotFound:
		return http.StatusNotFound
	case call.ErrRateLimited:
		return http.StatusTooManyRequests
	case call.ErrBadRequest:
		return http.StatusBadRequest
	}
	return http.StatusBadGateway
}

// Write answers with a refusal, in the form of the platform.
func Write(w http.ResponseWriter, e *call.Error) {
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
