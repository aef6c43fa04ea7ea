package coze_test

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/cozekit/cozekit/pkg/coze"
)

// twoTokens gives an old token until it is told that it was refused.
type twoTokens struct {
	refreshed int
	err       error
	fresh     string
}

func (s *twoTokens) Token(context.Context) (coze.Token, error) {
	return coze.Token{Access: "old"}, nil
}

func (s *twoTokens) Refresh(_ context.Context, refused coze.Token) (coze.Token, error) {
	s.refreshed++
	if refused.Access != "old" {
		return coze.Token{}, errors.New("another token was refused")
	}
	return coze.Token{Access: s.fresh}, s.err
}

// TestRefusedTokenIsRefreshed: pitfalls 3 and D39. A call whose token is refused is sent once more with another.
func TestRefusedTokenIsRefreshed(t *testing.T) {
	t.Parallel()
	for name, refusal := range map[string]func(*http.Request) *http.Response{
		"code 4100 with 200": func(r *http.Request) *http.Response {
			return response(r, 200, "application/json", `{"code":4100,"msg":"expired"}`)
		},
		"401 without a body": func(r *http.Request) *http.Response { return response(r, 401, "text/html", "") },
	} {
		tests := []struct {
			name             string
			source           *twoTokens
			works            bool
			refreshed, calls int
		}{
			{"another token", &twoTokens{fresh: "new"}, true, 1, 2},
			{"the same token", &twoTokens{fresh: "old"}, false, 1, 1},
			{"no other token", &twoTokens{err: errors.New("revoked")}, false, 1, 1},
			{"a token that is refused too", &twoTokens{fresh: "bad"}, false, 1, 2},
		}
		for _, tt := range tests {
			t.Run(name+", "+tt.name, func(t *testing.T) {
				calls := 0
				c := stubClient(t, roundTrip(func(r *http.Request) (*http.Response, error) {
					calls++
					if r.Header.Get("Authorization") != "Bearer new" {
						return refusal(r), nil
					}
					return response(r, 200, "application/json", `{"code":0,"data":{"user_id":"1"}}`), nil
				}), coze.WithTokenSource(tt.source))
				_, err := c.Users.Me(t.Context())
				if (err == nil) != tt.works || calls != tt.calls || tt.source.refreshed != tt.refreshed {
					t.Errorf("%v after %d calls, %d refreshes", err, calls, tt.source.refreshed)
				}
				if err != nil && !errors.Is(err, coze.ErrUnauthorized) {
					t.Errorf("the refusal is lost: %v", err)
				}
			})
		}
	}
}

// TestCallToken: one call with a token of its own.
func TestCallToken(t *testing.T) {
	t.Parallel()
	rec := &recorder{}
	c := stubClient(t, rec)
	if _, err := c.Users.Me(background(t), coze.WithCallToken(coze.StaticToken("mine"))); err != nil {
		t.Fatal(err)
	}
	if got := rec.last().Header.Get("Authorization"); got != "Bearer mine" {
		t.Errorf("sent %s", got)
	}
}
