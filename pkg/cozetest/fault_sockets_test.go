package cozetest_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"github.com/cozekit/cozekit/pkg/coze"
	cozevoice "github.com/cozekit/cozekit/pkg/coze/voice"
	"github.com/cozekit/cozekit/pkg/cozetest"
)

// breakInTurn lets the next call have the first fault, the one after it the second, and so on.
func breakInTurn(t *testing.T, srv *cozetest.Server, faults ...cozetest.Fault) {
	t.Helper()
	for i := range faults {
		faults[i].Times = 1
	}
	if err := srv.SetFaults(faults...); err != nil {
		t.Fatal(err)
	}
}

func TestSocketFaults(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t)
	breakInTurn(t, srv,
		cozetest.Fault{Kind: cozetest.FaultRefuseSocket, Code: 4027, Text: "overdue"},
		cozetest.Fault{Kind: cozetest.FaultRefuseSocket, Code: 4100},
		cozetest.Fault{Kind: cozetest.FaultDropSocket, Events: 3},
		cozetest.Fault{Kind: cozetest.FaultCloseSocket, Events: 1, Code: 4001, Text: "go away"},
		cozetest.Fault{Kind: cozetest.FaultCloseSocket},
	)
	c := memoryClient(t, srv)
	if status, code, _ := refusedHandshake(t, c, speechPath); status != 400 || code != 4027 {
		t.Errorf("got status %d, code %d", status, code)
	}
	if status, code, _ := refusedHandshake(t, c, speechPath); status != 401 || code != 4100 {
		t.Errorf("got status %d, code %d", status, code)
	}
	s := connect(t, srv, chatPath+bot)
	s.send("conversation.message.create", userMessage("x"))
	s.next()
	s.next()
	if code, text := s.closed(); code != -1 || !strings.Contains(text, "EOF") && !strings.Contains(text, "closed") {
		t.Errorf("got close code %d, %q", code, text)
	}
	if code, reason := connect(t, srv, speechPath).closed(); code != 4001 || reason != "go away" {
		t.Errorf("got close code %d, %q", code, reason)
	}
	if code, _ := connectQuietly(t, srv, speechPath).closed(); code != 1011 {
		t.Errorf("got close code %d", code)
	}
	connect(t, srv, speechPath)
	breakInTurn(t, srv, cozetest.Fault{Kind: cozetest.FaultErrorEvent, Events: 2, Code: 4028, Text: "no credits"})
	s = connect(t, srv, chatPath+bot)
	s.send("conversation.message.create", userMessage("x"))
	s.next()
	if e := s.next(); e.Type != "error" || e.code() != 4028 || e.text("msg") != "no credits" {
		t.Errorf("got %+v %s", e, e.Data)
	}
	s.until("conversation.chat.completed")
}

// TestSilentSocket answers neither events nor pings nor a close.
func TestSilentSocket(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := cozetest.NewServer(t, cozetest.InMemory(), cozetest.WithFaults(cozetest.Fault{Kind: cozetest.FaultSilentSocket, Events: 1}))
		s := connect(t, srv, chatPath+bot)
		s.send("conversation.message.create", userMessage("x"))
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		if err := s.conn.Ping(s.conn.CloseRead(ctx)); !errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
			t.Errorf("got %v", err)
		}
		chat, err := cozevoice.Chat(t.Context(), voiceClient(t, srv), cozevoice.ChatRequest{BotID: bot}, cozevoice.WithPing(time.Second, time.Second))
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		if _, err := chat.Turn(t.Context()); !errors.Is(err, coze.ErrTimeout) || time.Since(began) > 3*time.Second {
			t.Errorf("got %v after %v", err, time.Since(began))
		}
		if err := connect(t, srv, chatPath+bot).conn.Close(websocket.StatusNormalClosure, ""); err == nil {
			t.Error("a silent server has answered a close")
		}
		if len(srv.SocketEvents()) != 0 {
			t.Error("a silent server has heard something")
		}
	})
}

func TestSlowSocket(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := cozetest.NewServer(t, cozetest.InMemory(), cozetest.WithFaults(cozetest.Fault{Kind: cozetest.FaultSlowSocket, Duration: time.Second}))
		began := time.Now()
		s := connect(t, srv, speechPath)
		s.send("input_text_buffer.append", obj{"delta": "Hi"})
		s.send("input_text_buffer.complete", nil)
		n := len(s.until("speech.audio.completed"))
		if got := time.Since(began); got < time.Duration(n)*time.Second {
			t.Errorf("took %v for %d events", got, n)
		}
	})
}

// TestVoiceSeesFaults shows what the client makes of them.
func TestVoiceSeesFaults(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t)
	client := voiceClient(t, srv)
	turn := func(opts ...cozevoice.Option) error {
		t.Helper()
		s, err := cozevoice.Chat(t.Context(), client, cozevoice.ChatRequest{BotID: bot}, opts...)
		if err != nil {
			return err
		}
		defer s.Close(t.Context())
		if err := s.SendText(t.Context(), "Hello"); err != nil {
			return err
		}
		_, err = s.Turn(t.Context())
		return err
	}
	breakInTurn(t, srv,
		cozetest.Fault{Kind: cozetest.FaultRefuseSocket, Code: 4101},
		cozetest.Fault{Kind: cozetest.FaultDropSocket, Events: 5},
		cozetest.Fault{Kind: cozetest.FaultCloseSocket, Events: 5, Code: 1013, Text: "busy"},
		cozetest.Fault{Kind: cozetest.FaultErrorEvent, Events: 5, Code: 4028},
		cozetest.Fault{Kind: cozetest.FaultDropSocket, Events: 5},
	)
	var refused *coze.Error
	if err := turn(); !errors.Is(err, coze.ErrForbidden) || !errors.As(err, &refused) || refused.HTTPStatus != 403 || refused.LogID == "" {
		t.Errorf("got %v", err)
	}
	var closed *cozevoice.CloseError
	if err := turn(); !errors.As(err, &closed) || closed.Code != 1006 {
		t.Errorf("got %v", err)
	}
	if err := turn(); !errors.As(err, &closed) || closed.Code != 1013 || closed.Reason != "busy" {
		t.Errorf("got %v", err)
	}
	if err := turn(); !errors.As(err, &refused) || refused.Code != 4028 {
		t.Errorf("got %v", err)
	}
	if err := turn(cozevoice.WithReconnect(cozevoice.Reconnect{Delay: time.Millisecond})); !errors.Is(err, cozevoice.ErrReconnected) {
		t.Errorf("got %v", err)
	}
	if err := turn(); err != nil {
		t.Errorf("got %v from a server that is well", err)
	}
}
