package voice

import (
	"time"

	"github.com/cozekit/cozekit/pkg/coze"
)

// The defaults of the options.
const (
	DefaultReadLimit    = 16 << 20         // bytes
	DefaultPingInterval = 20 * time.Second // between two pings
	DefaultPingTimeout  = 10 * time.Second // from a ping to its pong
)

// An Option changes how a session behaves. Options hold values only: they can be shared by sessions.
type Option interface{ apply(*options) }

type option func(*options)

func (o option) apply(to *options) { o(to) }

type options struct {
	readLimit    int64
	pingInterval time.Duration
	pingTimeout  time.Duration
	reconnect    *Reconnect
	handlers     Handlers
	inputAudio   *coze.InputAudio
	outputAudio  *coze.OutputAudio
}

func collect(opts []Option) options {
	o := options{readLimit: DefaultReadLimit, pingInterval: DefaultPingInterval, pingTimeout: DefaultPingTimeout}
	for _, opt := range opts {
		if opt != nil {
			opt.apply(&o)
		}
	}
	return o
}

// WithReadLimit bounds one event of the server, in bytes; 0 means the default, [DefaultReadLimit]. A longer one ends the
// session. A negative number switches the limit off.
func WithReadLimit(bytes int64) Option {
	return option(func(o *options) {
		switch {
		case bytes > 0:
			o.readLimit = bytes
		case bytes < 0:
			o.readLimit = -1
		default:
			o.readLimit = DefaultReadLimit
		}
	})
}

// WithPing changes how a server that has gone silent is noticed: every interval it is sent a ping, and if the pong does not
// come within timeout, the session ends with an error that matches [coze.ErrTimeout]. 0 means the default, a negative interval
// switches pings off. Browsers do not let programs send pings: there the option does nothing.
func WithPing(interval, timeout time.Duration) Option {
	return option(func(o *options) {
		if interval != 0 {
			o.pingInterval = interval
		}
		if timeout > 0 {
			o.pingTimeout = timeout
		}
	})
}

// WithHandlers has h called for the events of the session. See [Handlers] for by whom.
func WithHandlers(h Handlers) Option {
	return option(func(o *options) { o.handlers = h })
}

// WithInputAudio says what the audio is that will be appended, where a request does not.
func WithInputAudio(a coze.InputAudio) Option {
	return option(func(o *options) { o.inputAudio = &a })
}

// WithOutputAudio says what audio the server is to send, and in which voice, where a request does not. A limit_config in it is
// for the server to keep; [Speak] also keeps it on this side.
func WithOutputAudio(a coze.OutputAudio) Option {
	return option(func(o *options) { o.outputAudio = &a })
}
