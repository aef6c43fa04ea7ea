package coze

import (
	"errors"
	"log/slog"

	"github.com/cozekit/cozekit/internal/transport"
	"github.com/cozekit/cozekit/pkg/call"
)

// WithLogger logs each call when it is over, a stream when it is closed: one line at debug level for what went well, at
// warning level for what failed. The attributes are op, method, host, path, status, code, logid, attempts, duration_ms, for
// streams events and first_event_ms, and error. Queries, headers and tokens are never logged, bodies only by
// [WithLoggedBodies]. Without it, or with nil, nothing is logged.
func WithLogger(l *slog.Logger) ClientOption {
	return clientOption(func(c *config) error {
		c.transport.Logger = l
		return nil
	})
}

// WithLoggedBodies has [WithLogger] log the JSON bodies of requests and answers too, each up to 16 KiB, as request_body and
// answer_body. What the document marks as sensitive is replaced by [redacted]; what users say is not. It is meant for the time
// of a search for a mistake.
func WithLoggedBodies() ClientOption {
	return clientOption(func(c *config) error {
		c.transport.LogBodies = true
		return nil
	})
}

type hooksOption struct {
	CallOption
	hooks Hooks
}

func (o hooksOption) applyClient(c *config) error {
	c.transport.Hooks = append(c.transport.Hooks, &o.hooks)
	return nil
}

// WithHooks has the functions of h called while calls go their way, all calls of a client or one call. It can be given more
// than once: the hooks are called in their order, those of the client first. [Hooks] tells when each is called, by which
// goroutine, and what a panic does. A client without hooks spends nothing on them.
func WithHooks(h Hooks) SharedOption { return hooksOption{call.WithHooks(h), h} }

// WithMaxAnswer bounds a JSON answer, in bytes; the default is 64 MiB. A longer one is refused by an error that matches
// [ErrAnswerTooLarge], and no more than that is read of it. Streams and downloads are not bounded by it.
func WithMaxAnswer(bytes int64) ClientOption {
	return clientOption(func(c *config) error {
		if bytes <= 0 {
			return errors.New("the limit of an answer is not positive")
		}
		c.transport.MaxJSON = bytes
		return nil
	})
}

// ErrAnswerTooLarge is what a call reports whose JSON answer is over the limit of [WithMaxAnswer].
var ErrAnswerTooLarge = transport.ErrAnswerTooLarge

// CurlOf returns the request behind err as a curl command on one line, to reproduce a failure or to hand it to the support of
// Coze; "" if err is no error of a call. It has method, URL with query, the headers of the platform, and the body if that is
// JSON of at most 16 KiB, of a stream 2 KiB. The access token is $COZE_API_TOKEN, and what the document marks as sensitive is
// [redacted]; ids and what users say are shown.
func CurlOf(err error) string { return call.CurlOf(err) }
