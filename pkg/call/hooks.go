package call

import (
	"context"
	"time"
)

// Hooks are functions of the application that are called while a call goes its way: for metrics, traces and tests. Any of
// them may be nil. They are called one after the other by the goroutine that makes the call, those of a stream by the one
// that reads or closes it: what a hook takes, the call takes longer. Calls that run at the same time call them at the same
// time, so they must be safe for concurrent use.
//
// Hooks get no bodies, queries, headers and tokens; of an error, [CurlOf] shows the request. What they are given must not be
// changed, and RequestInfo may be kept. A panic in a hook is not caught: it goes through the call to the caller, like a panic in
// any function of his, and leaves no connection behind.
//
// A call that is refused before anything is sent, for a field that is missing say, is not told: the caller has the error.
type Hooks struct {
	// Call is called once, before the first try. The context that it returns, unless nil, is that of the call from then on:
	// of all other hooks, the token source and the HTTP requests.
	Call func(ctx context.Context, c *RequestInfo) context.Context

	// Request is called before each try, when the rate limit has let it go. A try with another token, after the first was
	// refused, counts too; no Retry comes before it.
	Request func(ctx context.Context, c *RequestInfo, t TryInfo)

	// Response is called after each try, with its error if there is one. A stream or download that is open by then goes on.
	Response func(ctx context.Context, c *RequestInfo, t TryResult)

	// Retry is called before the wait for another try.
	Retry func(ctx context.Context, c *RequestInfo, r RetryInfo)

	// Event is called for each event of a stream, before the application gets it; keep-alives are left out.
	Event func(ctx context.Context, c *RequestInfo, e EventInfo)

	// Done is called once, when the call is over: with its error if there is one, for streams and downloads when they are
	// closed. It is the last one, unless another goroutine closes a stream that is being read.
	Done func(ctx context.Context, c *RequestInfo, r Outcome)
}

// RequestInfo says which call a hook is told of. It is the same pointer for all hooks of a call.
type RequestInfo struct {
	Op     string // operation as the OpenAPI document names it, e.g. CreateChat; method and path for Client.Do
	Method string // HTTP method
	Scheme string // https or http
	Host   string // host, with a port if there is one
	Path   string // path, without the query
	Route  string // path with {name} in place of its ids
	Stream bool   // the answer is a stream of events

	// What the request names, "" where it does not.
	BotID, WorkflowID, AppID, ConversationID string
}

// TryInfo is a try that is about to be sent.
type TryInfo struct {
	Attempt int // 1 for the first
}

// TryResult is how a try went.
type TryResult struct {
	Attempt  int           // 1 for the first
	Status   int           // HTTP status, 0 without an answer
	Code     int           // Coze code of a refusal, else 0
	LogID    string        // log id of the answer, if it had one
	Duration time.Duration // from sending to the decoded answer, or to the header of a stream
	Err      error         // what went wrong, nil if nothing
}

// RetryInfo is a repetition that is about to be waited for.
type RetryInfo struct {
	Attempt int           // the try that failed, 1 for the first
	Wait    time.Duration // until the next one
	Status  int           // HTTP status of the one that failed, 0 without an answer
	Code    int           // Coze code of its refusal, else 0
	Err     error         // why it failed
}

// EventInfo is an event of a stream.
type EventInfo struct {
	Name  string        // as the server wrote it, e.g. conversation.message.delta
	Index int           // 1 for the first
	Size  int           // bytes of its data
	After time.Duration // since the start of the call
}

// Outcome is how a call went.
type Outcome struct {
	Attempts   int           // how often the request was sent
	Status     int           // HTTP status of the last try, 0 without an answer
	Code       int           // Coze code of a refusal, or of a failure that the stream reported; else 0
	LogID      string        // log id, to quote to Coze support
	Duration   time.Duration // from the start to the decoded answer, or to the end of the stream or download
	Events     int           // number of events of a stream
	FirstEvent time.Duration // from the start to the first event; 0 if none came
	Usage      TokenUsage    // as the answer or the stream told, else zero
	Err        error         // what went wrong; nil too for a stream that the application left early
}

// TokenUsage is a number of tokens of the model.
type TokenUsage struct {
	Input  int64
	Output int64
	Total  int64
}

// WithHooks calls h for this call, after the hooks of the client.
func WithHooks(h Hooks) Option {
	return option(func(s *Settings) { s.Hooks = append(s.Hooks, &h) })
}
