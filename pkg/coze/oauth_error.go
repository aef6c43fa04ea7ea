package coze

import (
	"errors"
	"fmt"

	"github.com/cozekit/cozekit/pkg/call"
)

// An OAuthCode is the word with which an OAuth endpoint refuses. The codes are errors, to be used with [errors.Is].
type OAuthCode string

// The documented codes. ErrAccessDenied matches both access_denied (the user refused) and access_deny (the app may not);
// the Code of an [OAuthError] tells which.
const (
	ErrAuthorizationPending OAuthCode = call.OAuthAuthorizationPending // the user has not confirmed the device yet
	ErrSlowDown             OAuthCode = call.OAuthSlowDown             // the device polls too often
	ErrAccessDenied         OAuthCode = call.OAuthAccessDenied         // the user refused, or the app may not be used so
	ErrDeviceCodeExpired    OAuthCode = call.OAuthDeviceCodeExpired    // the user did not confirm in time
	ErrInvalidRequest       OAuthCode = call.OAuthInvalidRequest       // a parameter, code or refresh token is wrong or used up
	ErrInvalidClient        OAuthCode = call.OAuthInvalidClient        // id, secret, key or JWT of the app are wrong
	ErrUnsupportedGrantType OAuthCode = call.OAuthUnsupportedGrantType // the app is of another type than the flow
	ErrOAuthInternal        OAuthCode = call.OAuthOAuthInternalError   // the authorization server failed
)

// Error makes a code usable as the target of [errors.Is].
func (c OAuthCode) Error() string { return "coze: OAuth code " + string(c) }

// ErrLoginRequired means that the tokens of a user are lost or void, and that only a new login of the user helps.
var ErrLoginRequired = errors.New("the user must log in again")

// OAuthError is a refusal by an OAuth endpoint: RFC 6749, section 5.2, in the platform's form. It wraps the [*Error], so
// that categories such as [ErrUnauthorized], and [Explain], work too. Secrets that a server repeats are taken out.
type OAuthError struct {
	Code    OAuthCode // "" if the refusal had none, as that of a gateway
	Message string
	LogID   string // to quote to Coze support
	Err     *Error
}

// Error is the text of the [*Error].
func (e *OAuthError) Error() string {
	if e.Err == nil {
		return fmt.Sprintf("coze: %s (code %s, logid %s)", e.Message, e.Code, e.LogID)
	}
	return e.Err.Error()
}

// Unwrap returns the [*Error].
func (e *OAuthError) Unwrap() error {
	if e.Err == nil {
		return nil
	}
	return e.Err
}

// Is matches the codes of this package.
func (e *OAuthError) Is(target error) bool {
	code, ok := target.(OAuthCode)
	return ok && (code == e.Code || code == ErrAccessDenied && e.Code == call.OAuthAppAccessDenied)
}

// oauthError makes an OAuthError of a refusal, and leaves other errors alone.
func oauthError(err error) error {
	var refused *Error
	if !errors.As(err, &refused) {
		return err
	}
	return &OAuthError{Code: OAuthCode(refused.CodeText), Message: refused.Message, LogID: refused.LogID, Err: refused}
}
