package main

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/cozekit/cozekit/pkg/coze/voice"
	"github.com/cozekit/cozekit/pkg/cozetest"
)

func TestServesWebsockets(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	conn, _, err := websocket.Dial(t.Context(), p.url+"/v1/audio/speech", &websocket.DialOptions{
		HTTPHeader: http.Header{"Authorization": {"Bearer pat_test"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, greeting, err := conn.Read(t.Context()); err != nil || !strings.Contains(string(greeting), `"event_type":"speech.created"`) {
		t.Errorf("got greeting %s, %v", greeting, err)
	}
	_ = conn.Close(websocket.StatusNormalClosure, "")
	if err := p.stop(); err != nil {
		t.Errorf("got %v at the end", err)
	}
}

// TestWebsocketsByControl lets websockets misbehave, and tells what was said on them.
func TestWebsocketsByControl(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	client, err := coze.NewClient(coze.WithBaseURL(p.url), coze.WithToken("pat_test"), coze.WithHTTPClient(p.client))
	if err != nil {
		t.Fatal(err)
	}
	turn := func() error {
		s, err := voice.Chat(t.Context(), client, voice.ChatRequest{BotID: cozetest.DefaultBotID}, voice.WithPing(100*time.Millisecond, 2*time.Second))
		if err != nil {
			return err
		}
		defer func() { _ = s.Close(t.Context()) }()
		if err := s.SendText(t.Context(), "Hello"); err != nil {
			return err
		}
		_, err = s.Turn(t.Context())
		return err
	}
	closeCode := func(err error) int {
		var closed *voice.CloseError
		if errors.As(err, &closed) {
			return closed.Code
		}
		return 0
	}
	if status, text := p.send(http.MethodPost, "/_fake/faults", `[
		{"kind":"refuse-socket","times":1},{"kind":"close-socket","events":3,"code":4001,"times":1},
		{"kind":"drop-socket","events":3,"times":1},{"kind":"silent-socket","events":3,"times":1},{"kind":"error-event","events":3,"code":4028,"times":1}]`,
	); status != http.StatusOK {
		t.Fatalf("got status %d: %s", status, text)
	}
	if err := turn(); !errors.Is(err, coze.ErrForbidden) {
		t.Errorf("refused: got %v", err)
	}
	for _, code := range []int{4001, 1006} {
		if err := turn(); closeCode(err) != code {
			t.Errorf("got %v, want close code %d", err, code)
		}
	}
	if err := turn(); !errors.Is(err, coze.ErrTimeout) {
		t.Errorf("silent: got %v", err)
	}
	var refused *coze.Error
	if err := turn(); !errors.As(err, &refused) || refused.Code != 4028 {
		t.Errorf("an error event: got %v", err)
	}
	if err := turn(); err != nil {
		t.Errorf("got %v from a server that is well", err)
	}
	var events []socketEvent
	_, text := p.send(http.MethodGet, "/_fake/events?operation=ConnectChatSocket&last=1", "")
	if err := json.Unmarshal([]byte(text), &events); err != nil || len(events) != 1 || events[0].Type != "conversation.message.create" ||
		!strings.Contains(events[0].Data, `"content":"Hello"`) || events[0].LogID == "" {
		t.Errorf("got %s", text)
	}
}
