package voice_test

import (
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/cozekit/cozekit/pkg/coze/voice"
)

func TestReconnect(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var second []clientEvent
		s := newServer(t, func(p *peer) {
			p.greet("chat")
			if p.n == 0 {
				p.send(answer("1", "hello")...)
				p.send(event("input_audio_buffer.completed", ""))
				p.recv()
				p.recv()
				p.conn.CloseNow()
				return
			}
			for range 3 {
				p.recv()
			}
			second = p.got
			p.send(answer("2", "back")...)
			p.drain()
		})
		c, err := voice.Chat(t.Context(), s.client(), voice.ChatRequest{BotID: "b", Update: &coze.ChatUpdate{PrologueContent: "p"}},
			voice.WithReconnect(voice.Reconnect{}))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close(t.Context())
		if turn, err := c.Turn(t.Context()); err != nil || turn.Text != "hello" {
			t.Fatalf("%+v %v", turn, err)
		}
		synctest.Wait()
		c.AppendAudio(t.Context(), make([]byte, 960))
		synctest.Wait()
		c.AppendAudio(t.Context(), make([]byte, 480)) // into the gap
		c.SendText(t.Context(), "still there?")
		var r *voice.Reconnected
		for ev, err := range c.Events() {
			if err != nil {
				t.Fatal(err)
			}
			if ev.Type == voice.EventReconnected {
				r = ev.Data.(*voice.Reconnected)
				break
			}
		}
		wantClose(t, r.Cause, 1006)
		if r.From != 0 || r.To != 960 || r.Tries != 1 {
			t.Errorf("%+v", r)
		}
		if turn, err := c.Turn(t.Context()); err != nil || turn.Text != "back" {
			t.Errorf("%+v %v", turn, err)
		}
		if string(second[0].Data) != `{"chat_config":{"conversation_id":"c1"},"prologue_content":"p"}` ||
			second[1].Type != "input_audio_buffer.append" || second[2].Type != "conversation.message.create" {
			t.Errorf("%s", second)
		}
	})
}

func TestReconnectGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServerFunc(t, func(s *server, w http.ResponseWriter, r *http.Request, n int) {
			if n > 0 {
				w.WriteHeader(http.StatusBadGateway)
				return
			}
			s.upgrade(w, r, n, func(p *peer) { p.greet("chat"); time.Sleep(time.Second) })
		})
		c := openChat(t, s, voice.WithReconnect(voice.Reconnect{Tries: 3}))
		_, err := c.Turn(t.Context())
		var e *coze.Error
		if wantClose(t, err, 1006); !errors.As(err, &e) || e.HTTPStatus != 502 || s.n != 4 {
			t.Errorf("%v after %d connections", err, s.n)
		}
		<-c.Done()
	})
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t, func(p *peer) {
			p.greet("chat")
			time.Sleep(time.Second)
			p.conn.Close(websocket.StatusNormalClosure, "bye")
		})
		c := openChat(t, s, voice.WithReconnect(voice.Reconnect{}))
		_, err := c.Turn(t.Context())
		if wantClose(t, err, 1000); s.n != 1 {
			t.Errorf("%d connections", s.n)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t, func(p *peer) { p.greet("chat"); time.Sleep(time.Second); p.conn.CloseNow() })
		c := openChat(t, s, voice.WithReconnect(voice.Reconnect{}))
		if _, err := c.Turn(t.Context()); !errors.Is(err, voice.ErrReconnected) {
			t.Errorf("%v", err)
		}
		time.Sleep(time.Second + time.Millisecond) // it is lost again
		if err := c.Close(t.Context()); err == nil {
			t.Log("closed between two connections") // either is right
		}
	})
}
