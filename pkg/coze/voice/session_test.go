package voice_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/cozekit/cozekit/pkg/coze/voice"
)

// refreshing is a token source whose first token is bad.
type refreshing struct{ refreshes int }

func (r *refreshing) Token(context.Context) (coze.Token, error) {
	return coze.Token{Access: "old"}, nil
}

func (r *refreshing) Refresh(context.Context, coze.Token) (coze.Token, error) {
	r.refreshes++
	return coze.Token{Access: "new"}, nil
}

func TestRefusedTokenIsRefreshedOnce(t *testing.T) {
	for name, handle := range map[string]func(s *server, w http.ResponseWriter, r *http.Request, n int){
		"by status": func(s *server, w http.ResponseWriter, r *http.Request, n int) {
			if r.Header.Get("Authorization") != "Bearer new" {
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
			s.upgrade(w, r, n, bot)
		},
		"by an event": func(s *server, w http.ResponseWriter, r *http.Request, n int) {
			s.upgrade(w, r, n, func(p *peer) {
				if r.Header.Get("Authorization") != "Bearer new" {
					p.send(event("error", `{"code":4100,"msg":"authentication is invalid"}`))
					return
				}
				bot(p)
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newServerFunc(t, handle)
				source := &refreshing{}
				c, err := voice.Chat(t.Context(), s.client(coze.WithTokenSource(source)), voice.ChatRequest{BotID: "b"})
				if err != nil || source.refreshes != 1 || s.n != 2 {
					t.Fatalf("%v, %d refreshes, %d connections", err, source.refreshes, s.n)
				}
				c.Close(t.Context())
			})
			synctest.Test(t, func(t *testing.T) {
				s := newServerFunc(t, handle)
				_, err := voice.Chat(t.Context(), s.client(), voice.ChatRequest{BotID: "b"})
				if !errors.Is(err, coze.ErrUnauthorized) || s.n != 1 {
					t.Errorf("%v, %d connections", err, s.n)
				}
			})
		})
	}
}

func TestServerThatDoesNotGreet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t, func(p *peer) {
			if p.until("conversation.message.create") {
				p.send(answer("1", "hello")...)
			}
			p.drain()
		})
		c := openChat(t, s)
		c.SendText(t.Context(), "hi")
		if turn, err := c.Turn(t.Context()); err != nil || turn.Text != "hello" {
			t.Errorf("%+v %v", turn, err)
		}
	})
}

func TestRefusedBeforeAnythingIsSent(t *testing.T) {
	client := func(opts ...coze.ClientOption) *coze.Client {
		c, err := coze.NewClient(opts...)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	ctx := t.Context()
	if _, err := voice.Chat(ctx, nil, voice.ChatRequest{BotID: "b"}); err == nil {
		t.Error("a nil client")
	}
	if _, err := voice.Chat(ctx, client(coze.WithBaseURL(coze.BaseURLCN)), voice.ChatRequest{BotID: "b"}); err == nil {
		t.Error("no token")
	}
	if _, err := voice.Chat(ctx, client(coze.WithBaseURL(coze.BaseURLCN), coze.WithToken("t")), voice.ChatRequest{}); err == nil {
		t.Error("no bot")
	}
	_, err := voice.Speech(ctx, client(coze.WithStudio("http://localhost:8888"), coze.WithToken("t")), voice.SpeechRequest{})
	if !errors.Is(err, coze.ErrUnsupported) {
		t.Errorf("Coze Studio: %v", err)
	}
	for _, u := range []string{"https://x", "wss://", "ws://far.example", "wss://a:b@x", "wss://x?token=1"} {
		if _, err := coze.NewClient(coze.WithBaseURL(coze.BaseURLCN), coze.WithWebsocketURL(u)); err == nil {
			t.Errorf("websocket URL %s", u)
		}
	}
}

func TestChatSendsWhatTheDocumentSays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got []clientEvent
		s := newServer(t, func(p *peer) {
			p.greet("chat")
			for {
				if _, ok := p.recv(); !ok {
					got = p.got
					return
				}
			}
		})
		ctx := t.Context()
		c, err := voice.Chat(ctx, s.client(), voice.ChatRequest{BotID: "b", WorkflowID: "w", DeviceID: "7", Update: &coze.ChatUpdate{
			ChatConfig: &coze.SocketChatConfig{ConversationID: "c1"},
		}}, voice.WithOutputAudio(coze.OutputAudio{VoiceID: "v"}))
		if err != nil {
			t.Fatal(err)
		}
		for _, err := range []error{
			c.AppendAudio(ctx, []byte{1, 2}), c.CompleteAudio(ctx), c.ClearAudio(ctx), c.SendText(ctx, "hi"), c.Interrupt(ctx), c.Clear(ctx),
			c.SubmitToolOutputs(ctx, "1", coze.ToolOutput{ToolCallID: "2", Output: "3"}), c.Say(ctx, "x"),
			c.Send(ctx, voice.ClientEvent{Type: "new.event"}), c.Close(ctx),
		} {
			if err != nil {
				t.Error(err)
			}
		}
		s.running.Wait()
		var b strings.Builder
		for _, e := range got {
			fmt.Fprintf(&b, "%s %s\n", e.Type, e.Data)
		}
		want := `chat.update {"chat_config":{"conversation_id":"c1"},"output_audio":{"voice_id":"v"}}
input_audio_buffer.append {"delta":"AQI="}
input_audio_buffer.complete 
input_audio_buffer.clear 
conversation.message.create {"role":"user","content_type":"text","content":"hi"}
conversation.chat.cancel 
conversation.clear 
conversation.chat.submit_tool_outputs {"chat_id":"1","tool_outputs":[{"tool_call_id":"2","output":"3"}]}
input_text.generate_audio {"mode":"text","text":"x"}
new.event 
`
		if b.String() != want || s.urls[0] != "/v1/chat?bot_id=b&device_id=7&workflow_id=w" {
			t.Errorf("%s\n%s", s.urls[0], b.String())
		}
	})
}

func TestTurnsThatEndOtherwise(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		step := make(chan []string, 1)
		s := newServer(t, func(p *peer) {
			p.greet("chat")
			for frames := range step {
				p.send(frames...)
			}
			p.drain()
		})
		c := openChat(t, s)
		ctx := t.Context()
		step <- []string{chatEvent("created", "1", "created"), messageEvent("delta", "1", "answer", "par"), event("conversation.chat.canceled", `{"code":2,"msg":"canceled"}`)}
		turn, err := c.Turn(ctx)
		if err != nil || turn.Canceled == nil || turn.Canceled.Code != coze.ConversationChatCanceledCodeClientCanceled || turn.Text != "par" {
			t.Errorf("canceled: %+v %v", turn, err)
		}
		step <- append([]string{messageEvent("delta", "1", "answer", "late")}, answer("2", "hello")...)
		if turn, err = c.Turn(ctx); err != nil || turn.Text != "hello" || turn.Chat.ID != "2" {
			t.Errorf("after late events: %+v %v", turn, err)
		}
		step <- []string{event("conversation.chat.requires_action", `{"id":"3","status":"requires_action","required_action":{"type":"submit_tool_outputs",`+
			`"submit_tool_outputs":{"tool_calls":[{"id":"t1","type":"function","function":{"name":"f","arguments":"{}"}}]}}}`)}
		if turn, err = c.Turn(ctx); err != nil || len(turn.ToolCalls()) != 1 || turn.ToolCalls()[0].ID != "t1" {
			t.Errorf("tools: %+v %v", turn, err)
		}
		step <- []string{messageEvent("completed", "3", "answer", "tooled"), chatEvent("completed", "3", "completed")}
		if turn, err = c.Turn(ctx); err != nil || turn.Text != "tooled" || turn.ToolCalls() != nil {
			t.Errorf("after tools: %+v %v", turn, err)
		}
		step <- []string{event("conversation.chat.failed", `{"id":"4","status":"failed","last_error":{"code":5000,"msg":"oops"}}`)}
		var refused *coze.Error
		if _, err = c.Turn(ctx); !errors.As(err, &refused) || refused.Code != 5000 || refused.LogID != "log-1" || refused.Op != "ConnectChatSocket" {
			t.Errorf("failed: %v", err)
		}
		step <- []string{event("error", `{"code":4000,"msg":"bad event"}`)}
		if _, err = c.Turn(ctx); !errors.As(err, &refused) || refused.Code != 4000 {
			t.Errorf("error: %v", err)
		}
		step <- []string{
			event("conversation.audio.sentence_start", `{"text":"spoken"}`),
			event("conversation.audio.delta", `{"id":"0","chat_id":"0","content":"AQI=","content_type":"audio","role":"assistant","type":"answer"}`),
			event("conversation.audio.completed", `{"id":"0","chat_id":"0","content":"","content_type":"audio","role":"assistant","type":"answer"}`),
		}
		if turn, err = c.Turn(ctx); err != nil || len(turn.Audio) != 2 || turn.Sentences[0] != "spoken" {
			t.Errorf("said: %+v %v", turn, err)
		}
		step <- append([]string{
			event("conversation.audio.sentence_start", `{"text":"interrupted"}`),
			event("conversation.audio.delta", `{"id":"0","chat_id":"0","content":"AQI=","content_type":"audio","role":"assistant","type":"answer"}`),
		}, answer("5", "hello")...)
		if turn, err = c.Turn(ctx); err != nil || len(turn.Audio) != 4 || len(turn.Sentences) != 1 || turn.Heard != "ask 5" {
			t.Errorf("after speech that was interrupted: %+v %v", turn, err)
		}
		close(step)
	})
}

func TestCloseOnASilentServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t, func(p *peer) { p.greet("chat"); time.Sleep(time.Hour) })
		c := openChat(t, s)
		for range 20 {
			c.AppendAudio(t.Context(), make([]byte, 960))
		}
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		start := time.Now()
		err := c.Close(ctx)
		if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "20 events not sent") || time.Since(start) > 3*time.Second {
			t.Errorf("%v after %v", err, time.Since(start))
		}
		if n := ours(); n != 0 {
			t.Errorf("%d goroutines are left", n)
		}
	})
}

func TestSlowConsumerIsNotADeadPeer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		big := messageEvent("delta", "1", "answer", strings.Repeat("x", 4<<20))
		const n = 8
		s := newServer(t, func(p *peer) {
			p.greet("chat")
			go func() {
				for range n {
					p.send(big)
				}
			}()
			p.drain()
		})
		c := openChat(t, s)
		time.Sleep(10 * time.Minute)
		got := 0
		for ev, err := range c.Events() {
			if err != nil {
				t.Fatal(err)
			}
			if ev.Type == coze.SocketEventConversationMessageDelta {
				if got++; got == n {
					break
				}
			}
		}
	})
}
