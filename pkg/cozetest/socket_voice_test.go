package cozetest_test

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cozekit/cozekit/gen/cozeapi"
	"github.com/cozekit/cozekit/pkg/coze"
	cozevoice "github.com/cozekit/cozekit/pkg/coze/voice"
	"github.com/cozekit/cozekit/pkg/cozetest"
)

func voiceChat(t *testing.T, srv *cozetest.Server, id string, update *coze.ChatUpdate, opts ...cozevoice.Option) *cozevoice.ChatSession {
	t.Helper()
	s, err := cozevoice.Chat(t.Context(), voiceClient(t, srv), cozevoice.ChatRequest{BotID: id, Update: update}, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close(t.Context()) })
	return s
}

// do fails the test for an error.
func do(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestVoiceChat holds a dialogue: text in, a tool, push to talk, speech that is no answer, a new section.
func TestVoiceChat(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t, cozetest.WithTranscript("and by voice?"))
	srv.Bot("7", func(turn *cozetest.Turn) error {
		if turn.Question() == "weather" {
			turn.Say("It is " + turn.UseTool("weather", obj{"city": "Paris"}) + ".")
			return nil
		}
		return cozetest.Echo(turn)
	})
	s := voiceChat(t, srv, "7", &coze.ChatUpdate{InputAudio: &coze.InputAudio{Format: cozeapi.InputAudioFormatPCM}})
	ctx := t.Context()
	turn := func() *cozevoice.Turn {
		t.Helper()
		turn, err := s.Turn(ctx)
		do(t, err)
		return turn
	}
	do(t, s.SendText(ctx, "Hello"))
	first := turn()
	if first.Text != "You said: Hello" || first.Heard != "Hello" || len(first.Audio) != 15*4800+300*48 || len(first.Sentences) != 1 ||
		first.Chat.Usage.TokenCount == 0 {
		t.Errorf("got %+v", first)
	}
	do(t, s.SendText(ctx, "weather"))
	asked := turn()
	calls := asked.ToolCalls()
	if len(calls) != 1 || calls[0].Function.Name != "weather" {
		t.Fatalf("got %+v", asked)
	}
	do(t, s.SubmitToolOutputs(ctx, asked.Chat.ID, coze.ToolOutput{ToolCallID: calls[0].ID, Output: "sunny"}))
	if got := turn(); got.Text != "It is sunny." || got.Chat.ID != asked.Chat.ID {
		t.Errorf("got %+v", got)
	}
	do(t, s.AppendAudio(ctx, sound(time.Second, 5000)))
	do(t, s.CompleteAudio(ctx))
	if got := turn(); got.Heard != "and by voice?" || got.Text != "You said: and by voice?" || got.Chat.ConversationID != first.Chat.ConversationID {
		t.Errorf("got %+v", got)
	}
	do(t, s.Say(ctx, "Attention, please."))
	if got := turn(); len(got.Audio) == 0 || got.Chat != nil || !slices.Equal(got.Sentences, []string{"Attention, please."}) {
		t.Errorf("got %+v", got)
	}
	do(t, s.Clear(ctx))
	do(t, s.SendText(ctx, "Hello"))
	if got := turn(); got.Chat.SectionID == first.Chat.SectionID {
		t.Errorf("got section %s again", got.Chat.SectionID)
	}
	do(t, s.Close(ctx))
}

// TestVoiceBargeIn speaks while the bot does.
func TestVoiceBargeIn(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t)
	var turns atomic.Int32
	srv.Bot("7", func(turn *cozetest.Turn) error {
		n := turns.Add(1)
		turn.Say("Once upon a time.")
		if n < 3 {
			turn.Stall()
		}
		return nil
	})
	said := make(chan struct{}, 10)
	s := voiceChat(t, srv, "7", &coze.ChatUpdate{
		InputAudio:    &coze.InputAudio{Format: cozeapi.InputAudioFormatPCM},
		TurnDetection: &coze.SocketTurnDetection{Type: cozeapi.SocketTurnDetectionTypeServerVAD},
	}, cozevoice.WithHandlers(cozevoice.Handlers{Event: func(ev cozevoice.Event) {
		if m, ok := ev.Data.(*coze.Message); ok && m.Type == cozeapi.MessageTypeAnswer && ev.Type == cozeapi.SocketEventConversationMessageCompleted {
			said <- struct{}{}
		}
	}}))
	ctx := t.Context()
	do(t, s.AppendAudio(ctx, utterance()))
	var speaking sync.WaitGroup
	speaking.Go(func() {
		<-said
		_ = s.AppendAudio(ctx, utterance())
		<-said
		_ = s.Interrupt(ctx)
	})
	for _, want := range []cozeapi.ConversationChatCanceledCode{1, 2} {
		turn, err := s.Turn(ctx)
		do(t, err)
		if turn.Canceled == nil || turn.Canceled.Code != want || turn.Text != "Once upon a time." {
			t.Errorf("got %+v", turn)
		}
	}
	speaking.Wait()
	do(t, s.SendText(ctx, "And then?"))
	if turn, err := s.Turn(ctx); err != nil || turn.Canceled != nil || turn.Chat.Status != cozeapi.ChatStatusCompleted {
		t.Errorf("got %+v, %v", turn, err)
	}
}

// TestManySockets talks in many sessions at once.
func TestManySockets(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t)
	var wg sync.WaitGroup
	for i := range 16 {
		s := voiceChat(t, srv, bot, nil)
		wg.Go(func() {
			for n := range 3 {
				text := fmt.Sprintf("%d of %d", n, i)
				if err := s.SendText(t.Context(), text); err != nil {
					t.Error(err)
				}
				if turn, err := s.Turn(t.Context()); err != nil || turn.Text != "You said: "+text {
					t.Errorf("got %+v, %v", turn, err)
				}
			}
			if err := s.Close(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}
