package cozetest_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cozekit/cozekit/gen/cozeapi"
	"github.com/cozekit/cozekit/pkg/cozetest"
)

func TestChatSocketOptions(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t)
	c := memoryClient(t, srv)
	conv := c.ok(http.MethodPost, "/v1/conversation/create", obj{}).str("id")
	srv.Bot("7", func(turn *cozetest.Turn) error {
		turn.Say(turn.Request.CustomVariables["name"] + " of " + turn.Request.UserID + " in " + turn.Request.ConversationID)
		return nil
	})
	s := connect(t, srv, chatPath+"7&device_id=12")
	s.send("chat.update", obj{"chat_config": obj{"conversation_id": conv, "user_id": "u", "custom_variables": obj{"name": "Ann"}}})
	s.until("chat.updated")
	s.send("chat.update", obj{"chat_config": obj{"meta_data": obj{"a": "b"}}}) // leaves the rest
	if got := string(s.next().Data); !strings.Contains(got, conv) || !strings.Contains(got, `"meta_data":{"a":"b"}`) || !strings.Contains(got, `"client_interrupt"`) {
		t.Errorf("got options %s", got)
	}
	s.send("conversation.message.create", obj{"role": "assistant", "content_type": "text", "content": "I was asked before."})
	s.send("conversation.message.create", userMessage("who?"))
	events := s.until("conversation.chat.completed")
	if got := ofType(events, "conversation.message.completed")[1].text("content"); got != "Ann of u in "+conv {
		t.Errorf("got %q", got)
	}
	if got := events[len(events)-1]; !strings.Contains(string(got.Data), `"meta_data":{"a":"b"}`) {
		t.Errorf("got %s", got.Data)
	}
	section := events[len(events)-1].text("section_id")
	s.send("conversation.clear", nil)
	s.until("conversation.cleared")
	s.send("conversation.message.create", userMessage("again"))
	events = s.until("conversation.chat.completed")
	if chat := events[len(events)-1]; chat.text("section_id") == section || chat.text("conversation_id") != conv {
		t.Errorf("got %s", chat.Data)
	}
	list := c.ok(http.MethodPost, "/v1/conversation/message/list?conversation_id="+conv, obj{"order": "asc"}).all["data"].([]any)
	if first := list[0].(obj); len(list) != 5 || first["content"] != "I was asked before." {
		t.Errorf("got messages %v", list)
	}
	for _, bad := range []obj{
		{"chat_config": obj{"conversation_id": "99"}},
		{"output_audio": obj{"voice_id": "99"}},
		{"input_audio": obj{"codec": "g711u"}},
		{"turn_detection": obj{"interrupt_config": obj{"keywords": []string{"no"}}}},
		{"chat_config": obj{"meta_data": obj{"": "b"}}},
	} {
		s.send("chat.update", bad)
		if e := s.next(); e.Type != "error" || e.code() == 0 {
			t.Errorf("%v: got %+v %s", bad, e, e.Data)
		}
	}
	s.send("conversation.message.create", obj{"role": "user", "content_type": "object_string", "content": "no JSON"})
	if e := s.next(); e.Type != "error" || e.code() != 4000 {
		t.Errorf("got %+v %s", e, e.Data)
	}
	s.send("chat.update", obj{"event_subscriptions": []string{"conversation.chat.completed", "error"}})
	s.send("conversation.message.create", userMessage("quietly"))
	if e := s.next(); e.Type != "conversation.chat.completed" {
		t.Errorf("got %+v", e)
	}
}

func TestChatSocketPrologue(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t)
	s := connect(t, srv, chatPath+bot)
	for words, update := range map[string]obj{
		"Hello!":      {"need_play_prologue": true},
		"Welcome 你好。": {"need_play_prologue": true, "prologue_content": "Welcome 你好。"},
	} {
		s.send("chat.update", update)
		events := s.until("conversation.audio.completed")
		if e := events[1]; order(events) != "chat.updated audio.sentence_start audio.delta audio.completed" || len(e.text("text")) == 0 {
			t.Errorf("%s: got %s %s", words, order(events), e.Data)
		}
	}
}

// TestChatSocketFlow talks with a chatflow that asks back.
func TestChatSocketFlow(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t)
	srv.Chatflow("8", func(r *cozetest.Run) error {
		r.Message("Answer", "About ", r.Question(), ".")
		city := r.Interrupt(cozeapi.InterruptTypeQuestion, "Which city?", nil)
		r.Output("In " + city + " for " + r.Parameters()["who"].(string) + ".")
		return nil
	})
	s := connect(t, srv, chatPath+bot+"&workflow_id=8")
	s.send("chat.update", obj{"chat_config": obj{"parameters": obj{"who": "Bob"}}})
	s.send("conversation.message.create", userMessage("weather"))
	events := s.until("conversation.chat.requires_action")
	if got := order(events); !strings.HasSuffix(got, "audio.completed chat.requires_action") {
		t.Errorf("got order %s", got)
	}
	s.send("conversation.message.create", userMessage("Paris"))
	events = s.until("conversation.chat.completed")
	if got := order(events); !strings.HasPrefix(got, "message.completed chat.created chat.in_progress") {
		t.Errorf("got order %s", got)
	}
	if got := ofType(events, "conversation.message.completed"); got[1].text("content") != "In Paris for Bob." {
		t.Errorf("got %s", got[1].Data)
	}
}

// TestChatSocketPauses answers with pauses in a bubble: audio is not held back by a pause of the script.
func TestChatSocketPauses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := cozetest.NewServer(t, cozetest.InMemory(), cozetest.WithDeltaPause(10*time.Millisecond))
		srv.Bot("7", func(turn *cozetest.Turn) error {
			turn.Say("First.")
			turn.Pause(30 * time.Second)
			turn.Say("Second.")
			return nil
		})
		s := connect(t, srv, chatPath+"7")
		began := time.Now()
		s.send("conversation.message.create", userMessage("go"))
		for n := 0; n < 6*4800; { // nearly all of the first answer, without the silence at its end
			if e := s.next(); e.Type == "conversation.audio.delta" {
				n += len(e.audio(t))
			}
		}
		if got := time.Since(began); got > time.Second {
			t.Errorf("the first audio took %v", got)
		}
		s.until("conversation.chat.completed")
		if got := time.Since(began); got < 30*time.Second || got > 31*time.Second {
			t.Errorf("took %v", got)
		}
	})
}
