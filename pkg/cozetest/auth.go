package cozetest

import "net/http"

// authenticate finds out who calls, unless the operation needs no token. OAuth endpoints check for themselves.
func (x *exchange) authenticate() bool {
	if x.speaksOAuth() {
		return true
	}
	msg := "authentication is invalid: no bearer token"
	if token := x.bearerToken(); token != "" {
		x.caller, msg = x.srv.state.identity(token), "authentication is invalid: the token is not known here"
	}
	if x.caller != nil && (x.expired || x.caller.expires != 0 && x.srv.now() >= x.caller.expires) {
		x.caller, msg = nil, "authentication is invalid: the token has expired"
	}
	if x.caller != nil {
		return x.authorize()
	}
	if x.op.open {
		return true
	}
	x.refuse(&refusal{code: codeInvalidToken, msg: msg, status: http.StatusUnauthorized})
	return false
}
