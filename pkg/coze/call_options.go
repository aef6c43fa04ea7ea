package coze

import (
	"context"
	"os"
	"time"

	"github.com/cozekit/cozekit/pkg/call"
)

// A CallOption changes one call. It is [call.Option] under the name of this package.
type CallOption = call.Option

// WithHeader sets a request header for this call, in place of any value that the SDK or the client would send.
// Authorization is refused: use a token source.
func WithHeader(name, value string) CallOption { return call.WithHeader(name, value) }

// WithQuery adds a query parameter that the request type does not have, or replaces one that it has.
func WithQuery(name, value string) CallOption { return call.WithQuery(name, value) }

// WithExtraField puts a field into the JSON object that is sent, or replaces one: the door for fields that the platform
// has and this SDK does not know yet. Calls without a JSON body refuse it.
func WithExtraField(name string, value any) CallOption { return call.WithExtraField(name, value) }

// WithResponse fills info with status, headers, log id and raw body once the answer has come, for refusals too.
func WithResponse(info *ResponseInfo) CallOption { return call.WithResponse(info) }

// WithTimeout limits each try of this call, in place of the client's limit. For streams it is the time to the header.
func WithTimeout(d time.Duration) CallOption { return call.WithTimeout(d) }

// WithCallToken takes the access token of this call from source instead of the client's, for gateways that act for many
// users with one client.
func WithCallToken(source TokenSource) CallOption { return call.WithCallToken(source) }

// WithCancelOnClose makes a chat stream that is left before its end also stop the chat on the server; see [ChatStream].
// Other calls refuse it.
func WithCancelOnClose() CallOption { return call.WithCancelOnClose() }

// Explain tells what a refusal by the server means, what likely caused it and what to do about it. ok is false when err is
// not, and does not wrap, an [*Error].
func Explain(err error) (x Explanation, ok bool) { return call.Explain(err) }

// StaticToken is a [TokenSource] for one token that does not change.
func StaticToken(access string) TokenSource { return call.StaticToken(access) }

// OpenUpload opens a local file for an upload. The caller closes the returned file after the call.
func OpenUpload(path string) (Upload, *os.File, error) { return call.OpenUpload(path) }

// Ptr returns a pointer to a copy of v, for optional bools and numbers of requests.
func Ptr[T any](v T) *T { return &v }

// detached returns a context of its own life for cleaning up after ctx has ended.
func detached(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), cleanupTimeout)
}

// cleanupTimeout bounds what is still sent after the caller's context has ended.
const cleanupTimeout = 5 * time.Second
