package cozetest

import (
	"net/http"
	"strings"
)

// identity is whom a token stands for.
type identity struct {
	userID string
}

// authenticate finds out who calls, unless the operation needs no token.
func (x *exchange) authenticate() bool {
	scheme, token, _ := strings.Cut(x.r.Header.Get("Authorization"), " ")
	if strings.EqualFold(scheme, "Bearer") {
		x.caller = x.srv.state.identity(strings.TrimSpace(token))
	}
	if x.caller != nil || x.op.open {
		return true
	}
	msg := "authentication is invalid: no bearer token"
	if scheme != "" {
		msg = "authentication is invalid: the token is not known here"
	}
	x.refuse(&refusal{code: codeInvalidToken, msg: msg, status: http.StatusUnauthorized})
	return false
}
