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

	"github.com/coder/websocket"
	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/cozekit/cozekit/pkg/coze/voice"
)

// Each test here is a line of pitfalls.md, in the bubble of testing/synctest, which also fails when a goroutine is left.

func TestPitfallD20ContextCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t, func(p *peer) { p.greet("chat"); p.drain() })
		c := openChat(t, s)
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		start := time.Now()
		if _, err := c.Turn(ctx); !errors.Is(err, context.Canceled) || time.Since(start) != time.Second {
			t.Errorf("Turn: %v after %v", err, time.Since(start))
		}
		ctx, cancel = context.WithCancel(t.Context())
		c2, err := voice.Chat(ctx, s.client(), voice.ChatRequest{BotID: "b"})
		if err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(time.Second, cancel)
		for _, err := range c2.Events() {
			if err != nil && !errors.Is(err, context.Canceled) {
				t.Errorf("Events: %v", err)
			}
		}
		<-c2.Done()
	})
}

func TestPitfallD21CloseInsideAHandler(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t, bot)
		var c *voice.ChatSession
		closed := errors.New("not called")
		h := voice.Handlers{On: map[coze.SocketEventType][]func(voice.Event){
			coze.SocketEventConversationChatCompleted: {func(voice.Event) { closed = c.Close(t.Context()) }},
		}}
		c = openChat(t, s, voice.WithHandlers(h))
		if err := c.SendText(t.Context(), "hi"); err != nil {
			t.Fatal(err)
		}
		if err := c.Wait(t.Context()); err != nil || closed != nil {
			t.Errorf("Wait: %v, Close: %v", err, closed)
		}
	})
}

func TestPitfallD22SendInAHandlerWhileClosing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t, bot)
		var c *voice.ChatSession
		var sent error
		h := voice.Handlers{On: map[coze.SocketEventType][]func(voice.Event){
			coze.SocketEventConversationChatCompleted: {func(voice.Event) {
				go c.Close(t.Context())
				synctest.Wait()
				sent = c.SendText(t.Context(), "again")
			}},
		}}
		c = openChat(t, s, voice.WithHandlers(h))
		c.SendText(t.Context(), "hi")
		if err := c.Wait(t.Context()); err != nil || !errors.Is(sent, voice.ErrClosed) {
			t.Errorf("Wait: %v, SendText: %v", err, sent)
		}
	})
}

func TestPitfallD23HangUpIsAnError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t, func(p *peer) {
			p.greet("chat")
			p.until("conversation.message.create")
			p.conn.Close(websocket.StatusInternalError, "overloaded")
		})
		c := openChat(t, s)
		c.SendText(t.Context(), "hi")
		_, err := c.Turn(t.Context())
		if e := wantClose(t, err, 1011); e.Reason != "overloaded" || e.LogID != "log-1" {
			t.Errorf("%+v", e)
		}
		var last error
		for _, err := range c.Events() {
			last = err
		}
		wantClose(t, last, 1011)
		wantClose(t, c.SendText(t.Context(), "still there?"), 1011)
		wantClose(t, c.Err(), 1011)
		wantClose(t, c.Close(t.Context()), 1011)
	})
}

func TestPitfallD24TurnMayBeCalledAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := openChat(t, newServer(t, bot))
		for i := 1; i <= 3; i++ {
			c.SendText(t.Context(), "hi")
			turn, err := c.Turn(t.Context())
			if err != nil || turn.Text != "hello" || turn.Heard != fmt.Sprintf("ask %d", i) || string(turn.Audio) != "\x01\x02\x03\x04" ||
				turn.Chat.ID != fmt.Sprint(i) || len(turn.Messages) != 2 || len(turn.Sentences) != 1 {
				t.Errorf("turn %d: %+v, %v", i, turn, err)
			}
		}
	})
}

func TestPitfallD25OpenCloseOpenClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t, bot)
		client := s.client()
		for range 3 {
			c, err := voice.Chat(t.Context(), client, voice.ChatRequest{BotID: "b"})
			if err != nil {
				t.Fatal(err)
			}
			c.SendText(t.Context(), "hi")
			if turn, err := c.Turn(t.Context()); err != nil || turn.Text != "hello" {
				t.Errorf("%+v %v", turn, err)
			}
			for range 2 {
				if err := c.Close(t.Context()); err != nil {
					t.Error(err)
				}
			}
		}
	})
}

func TestPitfallD26HostsPathsHeadersAndHTTPClient(t *testing.T) {
	for _, test := range []struct {
		base, ws, host string
		url            string
	}{
		{coze.BaseURLCN, "", "ws.coze.cn", "/v1/chat?bot_id=b"},
		{coze.BaseURLCom, "", "ws.coze.com", "/v1/chat?bot_id=b"},
		{"https://gateway.example/coze/", "", "gateway.example", "/coze/v1/chat?bot_id=b"},
		{"http://localhost:8080", "", "localhost:8080", "/v1/chat?bot_id=b"},
		{coze.BaseURLCN, "wss://sockets.example/p/", "sockets.example", "/p/v1/chat?bot_id=b"},
	} {
		synctest.Test(t, func(t *testing.T) {
			var host string
			s := newServerFunc(t, func(s *server, w http.ResponseWriter, r *http.Request, n int) {
				host = r.Host
				s.upgrade(w, r, n, bot)
			})
			opts := []coze.ClientOption{coze.WithBaseURL(test.base), coze.WithDefaultHeader("X-Own", "1")}
			if test.ws != "" {
				opts = append(opts, coze.WithWebsocketURL(test.ws))
			}
			c, err := voice.Chat(t.Context(), s.client(opts...), voice.ChatRequest{BotID: "b"})
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close(t.Context())
			h := s.headers[0]
			if host != test.host || s.urls[0] != test.url || h.Get("X-Own") != "1" || h.Get("Authorization") != "Bearer secret-token" ||
				!strings.HasPrefix(h.Get("User-Agent"), "cozekit/") || h.Get("X-Coze-Client-User-Agent") == "" {
				t.Errorf("%s%s %v", host, s.urls[0], h)
			}
		})
	}
}

func TestPitfallD27HandshakeErrors(t *testing.T) {
	t.Run("refused", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := newServerFunc(t, func(_ *server, w http.ResponseWriter, _ *http.Request, _ int) {
				w.Header().Set("X-Tt-Logid", "log-7")
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(http.StatusForbidden)
				fmt.Fprint(w, `{"code":4101,"msg":"no permission for secret-token"}`)
			})
			_, err := voice.Chat(t.Context(), s.client(), voice.ChatRequest{BotID: "b"})
			var e *coze.Error
			if !errors.As(err, &e) || e.HTTPStatus != 403 || e.Code != 4101 || e.LogID != "log-7" || e.Op != "ConnectChatSocket" ||
				e.Permission != "chat" || strings.Contains(err.Error(), "secret-token") || !strings.Contains(err.Error(), "no permission") {
				t.Errorf("%v", err)
			}
		})
	})
	t.Run("refused by an event", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := newServer(t, func(p *peer) {
				p.send(event("error", `{"code":4101,"msg":"no permission"}`))
				p.conn.Close(websocket.StatusNormalClosure, "")
			})
			_, err := voice.Chat(t.Context(), s.client(), voice.ChatRequest{BotID: "b"})
			var e *coze.Error
			if !errors.As(err, &e) || e.Code != 4101 || e.LogID != "log-1" || e.Event != "error" {
				t.Errorf("%v", err)
			}
		})
	})
	t.Run("an error, then a hang-up", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := newServer(t, func(p *peer) {
				p.greet("chat")
				p.send(event("error", `{"code":4101,"msg":"no permission"}`))
				p.conn.Close(websocket.StatusNoStatusRcvd, "")
			})
			c := openChat(t, s)
			if _, err := c.Turn(t.Context()); !errors.Is(err, coze.ErrForbidden) {
				t.Errorf("Turn: %v", err)
			}
			_, err := c.Turn(t.Context())
			wantClose(t, err, 1005)
			if !errors.Is(err, coze.ErrForbidden) {
				t.Errorf("%v does not tell why", err)
			}
		})
	})
	t.Run("hung up at once", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := newServer(t, func(p *peer) { p.conn.Close(4001, "go away") })
			_, err := voice.Chat(t.Context(), s.client(), voice.ChatRequest{BotID: "b"})
			wantClose(t, err, 4001)
		})
	})
	t.Run("silence", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := newServerFunc(t, func(_ *server, _ http.ResponseWriter, r *http.Request, _ int) { <-r.Context().Done() })
			start := time.Now()
			_, err := voice.Chat(t.Context(), s.client(coze.WithTimeouts(coze.Timeouts{Header: 7 * time.Second})), voice.ChatRequest{BotID: "b"})
			if !errors.Is(err, coze.ErrTimeout) || time.Since(start) != 7*time.Second {
				t.Errorf("%v after %v", err, time.Since(start))
			}
		})
	})
}
