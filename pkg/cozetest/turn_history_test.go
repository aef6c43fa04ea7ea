package cozetest_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/cozekit/cozekit/pkg/cozetest"
)

// TestHistory: a script sees what was said before, until the context is cleared.
func TestHistory(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t, cozetest.InMemory())
	srv.Bot("7", func(turn *cozetest.Turn) error {
		var said []string
		for _, m := range turn.History() {
			if m.Type == "question" || m.Type == "answer" {
				said = append(said, string(m.Role)+" "+m.Content)
			}
		}
		turn.StreamSeq(func(yield func(string) bool) {
			turn.Pause(time.Nanosecond)
			yield("[" + strings.Join(said, "; ") + "]")
		})
		return nil
	})
	c := memoryClient(t, srv)
	conv := c.ok(http.MethodPost, "/v1/conversation/create", obj{"messages": []obj{{"role": "user", "content": "0", "content_type": "text"}}}).str("id")
	ask := func(question string) string {
		events := parseEvents(t, c.stream("/v3/chat?conversation_id="+conv, chatBody("7", question, true)))
		return decode(t, events[2].data)["content"].(string)
	}
	for _, tc := range [][2]string{
		{"1", "[user 0]"},
		{"2", "[user 0; user 1; assistant [user 0]]"},
	} {
		if got := ask(tc[0]); got != tc[1] {
			t.Errorf("%s: got %s, want %s", tc[0], got, tc[1])
		}
	}
	c.ok(http.MethodPost, "/v1/conversations/"+conv+"/clear", nil)
	if got := ask("3"); got != "[]" {
		t.Errorf("got %s after the context was cleared", got)
	}
	if got := ask("4"); got != "[user 3; assistant []]" {
		t.Errorf("got %s", got)
	}
}

func TestConversationsOfChatflows(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t, cozetest.InMemory())
	c := memoryClient(t, srv)
	create := func(body obj) reply { return c.do(http.MethodPost, "/v1/workflow/conversation/create", body) }
	first := create(obj{"conversation_name": "support", "app_id": cozetest.DefaultAppID}).str("id")
	if again := create(obj{"conversation_name": "support", "get_or_create": true}).str("id"); again != first || first == "" {
		t.Errorf("got %s, want %s", again, first)
	}
	if other := create(obj{"conversation_name": "support"}).str("id"); other == first {
		t.Error("got the old one for a new one")
	}
	if r := create(obj{"app_id": "99"}); r.Code != 4200 {
		t.Errorf("got %s for an unknown app", r.text)
	}
	if got := c.ok(http.MethodGet, "/v1/conversation/retrieve?conversation_id="+first, nil).str("name"); got != "support" {
		t.Errorf("got name %q", got)
	}
}
