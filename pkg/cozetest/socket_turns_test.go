package cozetest_test

import (
	"strings"
	"testing"

	"github.com/cozekit/cozekit/pkg/cozetest"
)

// TestChatSocketListensWhileItTells: a client that says several things before it reads again is heard, also while the last event of an
// answer waits for it. Through memory no buffer hides that.
func TestChatSocketListensWhileItTells(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t)
	srv.Bot("7", func(turn *cozetest.Turn) error {
		turn.Say(turn.Question())
		return nil
	})
	s := connect(t, srv, chatPath+"7")
	s.send("conversation.message.create", userMessage("one"))
	events := s.until("conversation.audio.completed")
	chat := ofType(events, "conversation.chat.created")[0]
	ids := "?conversation_id=" + chat.text("conversation_id") + "&chat_id=" + chat.text("id")
	if status := wait(t, memoryClient(t, srv), ids); status != "completed" {
		t.Fatalf("the chat is %s", status)
	}
	for range 3 {
		s.send("conversation.message.create", userMessage("two"))
		s.send("conversation.chat.cancel", nil)
	}
	s.send("conversation.message.create", userMessage("three"))
	if e := s.next(); e.Type != "conversation.chat.completed" || e.text("id") != chat.text("id") {
		t.Errorf("got %s %s, want the end of the first chat", e.Type, e.Data)
	}
	events = s.until("conversation.chat.completed")
	if got := order(events); !strings.HasPrefix(got, "message.completed") || len(ofType(events, "conversation.chat.canceled")) != 3 {
		t.Errorf("got order %s", got)
	}
}
