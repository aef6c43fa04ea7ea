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

// TestReconnectTellsWhatWasNotConfirmed: what the server confirms is what came before the event that it answers, not what was sent
// by the time its answer came.
func TestReconnectTellsWhatWasNotConfirmed(t *testing.T) {
	const complete, clear = "input_audio_buffer.complete", "input_audio_buffer.clear"
	for name, test := range map[string]struct {
		sent    []string // "audio" is 960 bytes
		answers []string // when all of that is there
		from    int64    // of what is not confirmed
	}{
		"nothing":    {[]string{"audio", complete, "audio"}, nil, 0},
		"one of two": {[]string{"audio", complete, "audio", complete}, []string{"input_audio_buffer.completed"}, 960},
		"what was said in full counts once": {[]string{"audio", complete, "audio"}, []string{
			"input_audio_buffer.completed", "conversation.audio_transcript.completed",
		}, 960},
		"what was said in full alone": {[]string{"audio", complete, "audio"}, []string{"conversation.audio_transcript.completed"}, 960},
		"thrown away":                 {[]string{"audio", clear, "audio"}, []string{"input_audio_buffer.cleared"}, 960},
		"complete without audio": {[]string{"audio", complete, complete, "audio", complete, "audio"}, []string{
			"input_audio_buffer.completed", "error", "input_audio_buffer.completed",
		}, 1920},
		"found by the server": {[]string{"audio", "audio"}, []string{"input_audio_buffer.speech_started", "input_audio_buffer.speech_stopped"}, 1920},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newServer(t, func(p *peer) {
					p.greet("chat")
					if p.n > 0 {
						p.drain()
						return
					}
					for range test.sent {
						p.recv()
					}
					time.Sleep(time.Second)
					for _, kind := range test.answers {
						p.send(event(kind, `{"content":"x"}`))
					}
					p.conn.CloseNow()
				})
				c := openChat(t, s, voice.WithReconnect(voice.Reconnect{}))
				to := int64(0)
				for _, kind := range test.sent {
					var err error
					switch kind {
					case complete:
						err = c.CompleteAudio(t.Context())
					case clear:
						err = c.ClearAudio(t.Context())
					default:
						to += 960
						err = c.AppendAudio(t.Context(), make([]byte, 960))
					}
					if err != nil {
						t.Fatal(err)
					}
				}
				for ev, err := range c.Events() {
					if err != nil {
						t.Fatal(err)
					}
					if r, ok := ev.Data.(*voice.Reconnected); ok {
						if r.From != test.from || r.To != to {
							t.Errorf("from %d to %d, want %d to %d", r.From, r.To, test.from, to)
						}
						break
					}
				}
			})
		})
	}
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
