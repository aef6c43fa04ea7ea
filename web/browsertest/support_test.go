package browsertest_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"

	"github.com/cozekit/cozekit/pkg/cozetest"
)

// delta is the data of an event with a piece of an answer.
func delta(turn *cozetest.Turn, text string) map[string]any {
	return map[string]any{
		"id": "1", "conversation_id": turn.Request.ConversationID, "chat_id": turn.ChatID(), "role": "assistant", "type": "answer",
		"content": text, "content_type": "text",
	}
}

// shift is held down with keys.
var shift = chromedp.KeyModifiers(input.ModifierShift)

// reload loads the page again.
func reload() chromedp.Action { return chromedp.Reload() }

// waitFor waits until something is true.
func waitFor(t *testing.T, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it never came true")
		}
	}
}

// refuse answers with a JSON body, as the platform does before a stream.
func refuse(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, body)
	}
}

// cut streams a part of an answer and breaks off.
func cut(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	_, _ = io.WriteString(w, event("conversation.message.delta", piece("Half an ans")))
}

// event is a server-sent event in the form of the platform.
func event(name string, data any) string {
	text, err := json.Marshal(data)
	if err != nil {
		panic(err)
	}
	return fmt.Sprintf("event:%s\ndata:%s\n\n", name, text)
}

// piece is a piece of an answer.
func piece(text string) map[string]any {
	return map[string]any{
		"id": "7", "conversation_id": "1", "chat_id": "1", "role": "assistant", "type": "answer", "content": text, "content_type": "text",
	}
}
