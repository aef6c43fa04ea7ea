package coze

import (
	"fmt"
	"io"
	"log/slog"
	"time"
)

// TokenPair is what a login by OAuth yields. It prints as [redacted], and is encoded as such: stores of this package know
// how to keep it.
type TokenPair struct {
	hidden
	Access  string    // the access token
	Refresh string    // renews the access token, once, within 30 days; "" for JWT flows
	Expires time.Time // when Access expires, by the clock of this machine; zero if the server did not say
}

// Token is the access token alone.
func (p TokenPair) Token() Token { return Token{Access: p.Access, Expires: p.Expires} }

const redacted = "[redacted]"

// hidden makes a struct that embeds it print as [redacted], whatever the verb, the logger or the encoder.
type hidden struct{}

func (hidden) Format(f fmt.State, _ rune)   { _, _ = io.WriteString(f, redacted) }
func (hidden) String() string               { return redacted }
func (hidden) GoString() string             { return redacted }
func (hidden) LogValue() slog.Value         { return slog.StringValue(redacted) }
func (hidden) MarshalText() ([]byte, error) { return []byte(redacted), nil }
