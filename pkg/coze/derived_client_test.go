package coze_test

import (
	"testing"

	"github.com/cozekit/cozekit/internal/transport"
	"github.com/cozekit/cozekit/pkg/coze"
)

// TestDerivedClientTokens: a client made by As uses its own user's tokens for calls and for websockets, and the first client
// keeps its own.
func TestDerivedClientTokens(t *testing.T) {
	t.Parallel()
	rec := &recorder{}
	first := stubClient(t, rec)
	other, err := first.As(coze.StaticToken("other"))
	if err != nil {
		t.Fatal(err)
	}
	for client, want := range map[*coze.Client]string{first: testToken, other: "other"} {
		if _, err := client.Users.Me(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := rec.last().Header.Get("Authorization"); got != "Bearer "+want {
			t.Errorf("a call sent %q, want the token %q", got, want)
		}
		token, err := transport.SocketOf(client).Tokens.Token(t.Context())
		if err != nil || token.Access != want {
			t.Errorf("a websocket would use %q, %v; want %q", token.Access, err, want)
		}
	}
}
