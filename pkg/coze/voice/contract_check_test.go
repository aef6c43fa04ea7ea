package voice_test

import (
	"testing"
	"testing/synctest"

	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/cozekit/cozekit/pkg/coze/voice"
)

// TestContractCheckSeesFrames: the check of the client looks at the events of its websockets too.
func TestContractCheckSeesFrames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t, func(p *peer) {
			p.send(event("chat.created", `{}`))
			p.send(event("chat.mood", `{"mood":"private"}`))
			bot(p)
		})
		found := make(chan coze.Drift, 10)
		c, err := voice.Chat(t.Context(), s.client(coze.WithContractCheck(func(d coze.Drift) { found <- d })), voice.ChatRequest{BotID: "b"})
		if err != nil {
			t.Fatal(err)
		}
		d := <-found
		if d.Rule != coze.DriftUnknownEvent || d.Source != coze.DriftInFrame || d.Operation != "ConnectChatSocket" || d.Value != "chat.mood" {
			t.Errorf("got %+v", d)
		}
		c.Close(t.Context())
	})
}
