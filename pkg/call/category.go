package call

// A Category says what kind of failure an error is. Categories are errors themselves, to be used with [errors.Is].
type Category string

// Error makes a category usable as the target of [errors.Is].
func (c Category) Error() string { return "coze: " + string(c) }

// The categories. An [Error] has at most one, by its code or else by its HTTP status; ErrTimeout is also what a call
// reports that ran into a time limit of this SDK.
const (
	ErrBadRequest   Category = "bad request"   // a parameter is wrong or missing; HTTP 400
	ErrUnauthorized Category = "unauthorized"  // the token is missing, wrong or expired; HTTP 401
	ErrForbidden    Category = "forbidden"     // the token may not do this; HTTP 403
	ErrNotFound     Category = "not found"     // no such thing, or not published; HTTP 404
	ErrConflict     Category = "conflict"      // the state does not allow it now; HTTP 409
	ErrTooLarge     Category = "too large"     // more than the server accepts; HTTP 413
	ErrRateLimited  Category = "rate limited"  // too many requests; HTTP 429
	ErrQuota        Category = "quota used up" // balance, credits or daily quota; HTTP 402
	ErrUnsupported  Category = "unsupported"   // this server or plan does not offer it; HTTP 405, 501
	ErrCanceled     Category = "canceled"      // somebody stopped the work
	ErrPending      Category = "pending"       // OAuth device flow: the user has not decided yet
	ErrTimeout      Category = "timeout"       // HTTP 408 and 504, or a time limit of this SDK
	ErrServer       Category = "server error"  // the server failed; HTTP 5xx
)

func categoryOfStatus(status int) Category {
	switch status {
	case 400, 406, 411, 414, 415, 422:
		return ErrBadRequest
	case 401, 407:
		return ErrUnauthorized
	case 402:
		return ErrQuota
	case 403, 451:
		return ErrForbidden
	case 404, 410:
		return ErrNotFound
	case 405, 501:
		return ErrUnsupported
	case 408, 504:
		return ErrTimeout
	case 409, 412, 423:
		return ErrConflict
	case 413:
		return ErrTooLarge
	case 429:
		return ErrRateLimited
	}
	if status >= 500 {
		return ErrServer
	}
	return ""
}
