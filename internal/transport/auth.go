package transport

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/cozekit/cozekit/pkg/call"
)

// authorizer puts the access token on the request. A call whose token is refused is sent once more with another, if its
// source can get one and its body can be sent again.
type authorizer struct{ next handler }

func (a *authorizer) handle(ctx context.Context, x *exchange) error {
	tokens := x.settings.Tokens
	if tokens == nil && x.op.NoAuth {
		return a.next.handle(ctx, x)
	}
	if tokens == nil {
		return errors.New("this call needs an access token: the client was made without one")
	}
	t, err := tokens.Token(ctx)
	if err != nil {
		return fmt.Errorf("get an access token: %w", err)
	}
	if err := x.authorize(t); err != nil {
		return err
	}
	err = a.next.handle(ctx, x)
	source, ok := tokens.(call.Refresher)
	if !ok || !tokenRefused(err) || x.body != nil && !x.body.replay {
		return err
	}
	fresh, refreshErr := source.Refresh(ctx, t)
	if refreshErr != nil {
		return errors.Join(err, fmt.Errorf("get another access token: %w", refreshErr))
	}
	if fresh.Access == t.Access {
		return err
	}
	if err := x.authorize(fresh); err != nil {
		return err
	}
	return a.next.handle(ctx, x)
}

func (x *exchange) authorize(t call.Token) error {
	if t.Access == "" {
		return errors.New("the token source returned an empty access token")
	}
	if !validHeaderValue(t.Access) {
		return errors.New("the access token has control characters, perhaps a line end")
	}
	x.token = t.Access
	x.header["Authorization"] = []string{"Bearer " + t.Access}
	return nil
}

func tokenRefused(err error) bool {
	var refused *call.Error
	return errors.As(err, &refused) && (refused.HTTPStatus == http.StatusUnauthorized || refused.Code == call.CodeInvalidToken)
}
