package call

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"time"
)

// Token is an access token. It prints as [redacted] with every verb and in every log.
type Token struct {
	Access  string    // the secret that goes into the Authorization header
	Expires time.Time // when the server stops accepting it; zero if it is not known to expire
}

const redacted = "[redacted]"

// Redact is what stands for a secret in text: "[redacted]", or nothing for an empty one.
func Redact(secret string) string {
	if secret == "" {
		return ""
	}
	return redacted
}

// Format never shows the token. String alone would not do: fmt asks it for some verbs only.
func (Token) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// String never shows the token.
func (Token) String() string { return redacted }

// GoString never shows the token.
func (Token) GoString() string { return redacted }

// LogValue never shows the token.
func (Token) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText never shows the token.
func (Token) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// TokenSource supplies the access token of each request. It is called before every try, possibly by many goroutines at
// once, and must be safe for that; it may block, and returns when ctx ends.
type TokenSource interface {
	Token(ctx context.Context) (Token, error)
}

// Refresher is a [TokenSource] that can be told that the server refused a token. A call that is refused with HTTP status 401
// or code 4100 asks it for another token and is then sent once more.
type Refresher interface {
	TokenSource

	// Refresh returns a token in place of the refused one: a new one, or the present one if it is another by now.
	Refresh(ctx context.Context, refused Token) (Token, error)
}

// TokenFunc makes a function a [TokenSource].
type TokenFunc func(ctx context.Context) (Token, error)

// Token calls f.
func (f TokenFunc) Token(ctx context.Context) (Token, error) { return f(ctx) }

// StaticToken is a [TokenSource] for one token that does not change, such as a personal or a service access token.
func StaticToken(access string) TokenSource {
	// A closure, because fmt would print the token in a field that is not exported.
	return TokenFunc(func(context.Context) (Token, error) { return Token{Access: access}, nil })
}
