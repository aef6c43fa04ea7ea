package main

import (
	"net/http"
	"strings"
	"testing"

	"github.com/coder/websocket"
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
