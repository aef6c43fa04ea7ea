package transport

import (
	"context"
	"errors"
	"fmt"

	"github.com/cozekit/cozekit/pkg/call"
)

// authorizer puts the access token on the request.
type authorizer struct {
	tokens call.TokenSource
	next   handler
}

func (a *authorizer) handle(ctx context.Context, x *exchange) error {
	if x.op.NoAuth {
		return a.next.handle(ctx, x)
	}
	if a.tokens == nil {
		return errors.New("this call needs an access token: the client was made without one")
	}
	t, err := a.tokens.Token(ctx)
	if err != nil {
		return fmt.Errorf("get an access token: %w", err)
	}
	if t.Access == "" {
		return errors.New("the token source returned an empty access token")
	}
	if !validHeaderValue(t.Access) {
		return errors.New("the access token has control characters, perhaps a line end")
	}
	x.token = t.Access
	x.header["Authorization"] = []string{"Bearer " + t.Access}
	return a.next.handle(ctx, x)
}
