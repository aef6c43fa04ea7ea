package call

import (
	"net/http"
	"net/url"
	"time"
)

// An Option changes one call. Options come from the With functions of this package; package coze re-exports them.
type Option interface{ apply(*Settings) }

type option func(*Settings)

func (o option) apply(s *Settings) { o(s) }

// Settings is what the options of one call add up to. The transport reads it; applications need not.
type Settings struct {
	Header        http.Header
	Query         url.Values
	ExtraFields   []ExtraField
	Infos         []*ResponseInfo
	Timeout       time.Duration
	Tokens        TokenSource
	Retry         *RetryPolicy
	Hooks         []*Hooks
	CancelOnClose bool
}

// Followups are the options for further calls that a method makes on behalf of one call: headers, timeout, token and hooks,
// but not what belongs to the first request alone.
func (s Settings) Followups() []Option {
	return []Option{option(func(to *Settings) {
		to.Header, to.Timeout, to.Tokens, to.Hooks = s.Header.Clone(), s.Timeout, s.Tokens, s.Hooks
	})}
}

// ExtraField is a field that is added to the JSON body of a request.
type ExtraField struct {
	Name  string
	Value any
}

// Collect applies options in order.
func Collect(opts []Option) Settings {
	var s Settings
	for _, o := range opts {
		if o != nil {
			o.apply(&s)
		}
	}
	return s
}

// WithHeader sets a request header for this call, in place of any value that the SDK or the client would send. It may not
// be used for Authorization: use a token source. Names and values that HTTP does not allow are refused.
func WithHeader(name, value string) Option {
	return option(func(s *Settings) {
		if s.Header == nil {
			s.Header = http.Header{}
		}
		s.Header.Set(name, value)
	})
}

// WithQuery adds a query parameter that the request type does not have, or replaces one that it has.
func WithQuery(name, value string) Option {
	return option(func(s *Settings) {
		if s.Query == nil {
			s.Query = url.Values{}
		}
		s.Query.Set(name, value)
	})
}

// WithExtraField puts a field into the JSON object that is sent, or replaces one: the door for fields that the platform
// has and the document does not know yet. value is encoded as JSON. Calls without a JSON body refuse it.
func WithExtraField(name string, value any) Option {
	return option(func(s *Settings) { s.ExtraFields = append(s.ExtraFields, ExtraField{name, value}) })
}

// WithResponse fills info once the answer has come, for refusals too. Do not share info between calls that run at the
// same time.
func WithResponse(info *ResponseInfo) Option {
	return option(func(s *Settings) { s.Infos = append(s.Infos, info) })
}

// WithTimeout limits each try of this call in place of the default (30 s, or what the document gives the operation). For
// streams it is the time until the response header. The caller's context always limits the whole call as well.
func WithTimeout(d time.Duration) Option {
	return option(func(s *Settings) { s.Timeout = d })
}

// WithCallToken takes the access token of this call from source instead of the client's, for gateways that act for many
// users with one client.
func WithCallToken(source TokenSource) Option {
	return option(func(s *Settings) { s.Tokens = source })
}

// WithCancelOnClose makes a chat stream that is left before its end also stop the chat on the server: by breaking out of
// the loop, by Close, or by the end of its context. The cancel call uses a context of its own of at most 5 s.
// Operations other than chat streams refuse it.
func WithCancelOnClose() Option {
	return option(func(s *Settings) { s.CancelOnClose = true })
}
