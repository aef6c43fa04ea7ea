package call

import "time"

// RetryPolicy says how often a call is repeated by itself, and how long it waits before. The zero value is the default.
//
// A call is repeated only where that cannot do work twice: when the connection could not be made; when the server refused
// it for its rate (HTTP 429, codes 4013 and 4020); and, for operations that only read (x-coze-retry: safe), also after
// other network errors, a timeout of one try, and HTTP 408, 502, 503 and 504. Operations that have the same effect when sent
// twice (before-response) are repeated after network errors, as long as no answer has begun. A stream is repeated only
// before its first event, an upload only if its reader can seek. A used-up quota (code 4008, also with HTTP 429) is no reason:
// it comes back with the next day, not within seconds.
type RetryPolicy struct {
	Retries       int           // tries after the first; default 2, negative: none
	MinDelay      time.Duration // upper bound of the random wait before the first repetition, doubled each time; default 500 ms
	MaxDelay      time.Duration // upper bound of that bound; default 8 s
	MaxRetryAfter time.Duration // a longer Retry-After of the server ends the repetitions; default 30 s
}

// WithRetry changes how this call is repeated.
func WithRetry(p RetryPolicy) Option {
	return option(func(s *Settings) { s.Retry = &p })
}
