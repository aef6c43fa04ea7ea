package voice_test

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/cozekit/cozekit/pkg/coze/voice"
	"github.com/cozekit/cozekit/pkg/cozetest"
)

// The tests here go against the fake server, which checks every event of ours against the document.

func fakeClient(t *testing.T, srv *cozetest.Server) *coze.Client {
	t.Helper()
	client, err := coze.NewClient(coze.WithBaseURL(srv.URL()), coze.WithToken(srv.Token()))
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func fakeChat(t *testing.T, srv *cozetest.Server, u *coze.ChatUpdate, opts ...voice.Option) *voice.ChatSession {
	t.Helper()
	c, err := voice.Chat(t.Context(), fakeClient(t, srv), voice.ChatRequest{BotID: botID, Update: u}, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func wantClosed(t *testing.T, c *voice.ChatSession) {
	t.Helper()
	if err := c.Close(t.Context()); err != nil {
		t.Errorf("Close: %v", err)
	}
}

// tone is PCM of 16 bits at 24,000 Hz.
func tone(d time.Duration) (pcm []byte) {
	for i := range int(24000 * d.Seconds()) {
		pcm = binary.LittleEndian.AppendUint16(pcm, uint16(int16(9000*math.Sin(float64(i)/8))))
	}
	return pcm
}

func TestToolsOfAVoiceChat(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t)
	srv.Bot(botID, func(turn *cozetest.Turn) error {
		turn.CallTool("weather", map[string]string{"city": "Oslo"})
		for _, out := range turn.WaitTools() {
			turn.Say("It is " + out.Output + ".")
		}
		return nil
	})
	c := fakeChat(t, srv, nil)
	if err := c.SendText(t.Context(), "What is the weather?"); err != nil {
		t.Fatal(err)
	}
	turn, err := c.Turn(t.Context())
	if err != nil || len(turn.ToolCalls()) != 1 || turn.ToolCalls()[0].Function.Name != "weather" {
		t.Fatalf("%+v %v", turn, err)
	}
	if err := c.SubmitToolOutputs(t.Context(), turn.Chat.ID, coze.ToolOutput{ToolCallID: turn.ToolCalls()[0].ID, Output: "sunny"}); err != nil {
		t.Fatal(err)
	}
	if turn, err = c.Turn(t.Context()); err != nil || turn.Text != "It is sunny." || len(turn.Audio) == 0 {
		t.Errorf("%+v %v", turn, err)
	}
	wantClosed(t, c)
}

func TestServerFindsUtterances(t *testing.T) {
	t.Parallel()
	c := fakeChat(t, cozetest.NewServer(t), &coze.ChatUpdate{
		TurnDetection: &coze.SocketTurnDetection{Type: coze.SocketTurnDetectionTypeServerVAD, SilenceDurationMs: coze.Ptr(int32(200))},
	})
	for range 2 {
		for _, pcm := range [][]byte{tone(400 * time.Millisecond), make([]byte, 48*400)} {
			if err := c.AppendAudio(t.Context(), pcm); err != nil {
				t.Fatal(err)
			}
		}
		turn, err := c.Turn(t.Context())
		if err != nil || turn.Heard != cozetest.DefaultTranscript || !strings.HasPrefix(turn.Text, "You said: ") || len(turn.Audio)%2 != 0 {
			t.Errorf("%+v %v", turn, err)
		}
	}
	wantClosed(t, c)
}

func TestInterruptAnAnswer(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t)
	srv.Bot(botID, func(turn *cozetest.Turn) error {
		turn.Stream("A story. ", "And ")
		turn.Pause(time.Hour)
		return nil
	})
	var c *voice.ChatSession
	c = fakeChat(t, srv, nil, voice.WithHandlers(voice.Handlers{On: map[coze.SocketEventType][]func(voice.Event){
		coze.SocketEventConversationMessageDelta: {func(voice.Event) {
			if err := c.Interrupt(t.Context()); err != nil {
				t.Error(err)
			}
		}},
	}}))
	if err := c.SendText(t.Context(), "Tell me a story"); err != nil {
		t.Fatal(err)
	}
	turn, err := c.Turn(t.Context())
	if err != nil || turn.Canceled == nil || turn.Canceled.Code != coze.ConversationChatCanceledCodeClientCanceled {
		t.Errorf("%+v %v", turn, err)
	}
	if err := c.Close(t.Context()); err != nil && !strings.Contains(err.Error(), "cancel") {
		t.Errorf("Close: %v", err)
	}
}

// TestReconnectGoesOnWithTheConversation breaks the connection after the first turn.
func TestReconnectGoesOnWithTheConversation(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t, cozetest.WithFaults(cozetest.Fault{Kind: cozetest.FaultDropSocket, Events: 12, Times: 1}))
	c := fakeChat(t, srv, nil, voice.WithReconnect(voice.Reconnect{Delay: 10 * time.Millisecond}))
	if err := c.SendText(t.Context(), "Hello"); err != nil {
		t.Fatal(err)
	}
	var conversation string
	for ev, err := range c.Events() {
		if err != nil {
			t.Fatal(err)
		}
		if chat, ok := ev.Data.(*coze.Chat); ok {
			conversation = chat.ConversationID
		}
		if ev.Type == voice.EventReconnected {
			break
		}
		if ev.Type == coze.SocketEventConversationChatCompleted { // the fault is still to come, at the next event
			if err := c.SendText(t.Context(), "Are you there?"); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := c.SendText(t.Context(), "And now?"); err != nil {
		t.Fatal(err)
	}
	turn, err := c.Turn(t.Context())
	if err != nil || conversation == "" || turn.Chat.ConversationID != conversation {
		t.Errorf("%+v %v, want conversation %s", turn, err, conversation)
	}
	wantClosed(t, c)
	for _, e := range srv.SocketEvents() {
		if e.Session == 2 {
			var u coze.ChatUpdate
			if err := json.Unmarshal(e.Data, &u); err != nil || u.ChatConfig == nil || u.ChatConfig.ConversationID != conversation {
				t.Errorf("the second session began with %s %s", e.Type, e.Data)
			}
			return
		}
	}
	t.Error("there was no second session")
}

func TestFaultsOfTheServer(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault cozetest.Fault
		want  func(error) bool
	}{
		"refused token":  {cozetest.Fault{Kind: cozetest.FaultRefuseSocket, Code: 4100}, func(err error) bool { return errors.Is(err, coze.ErrUnauthorized) }},
		"refused":        {cozetest.Fault{Kind: cozetest.FaultRefuseSocket, Code: 4101}, func(err error) bool { return errors.Is(err, coze.ErrForbidden) }},
		"broken at once": {cozetest.Fault{Kind: cozetest.FaultDropSocket}, func(err error) bool { return closeCode(err) == 1006 }},
		"broken":         {cozetest.Fault{Kind: cozetest.FaultDropSocket, Events: 4}, func(err error) bool { return closeCode(err) == 1006 }},
		"said goodbye":   {cozetest.Fault{Kind: cozetest.FaultCloseSocket, Events: 4, Code: 4001}, func(err error) bool { return closeCode(err) == 4001 }},
		"silent":         {cozetest.Fault{Kind: cozetest.FaultSilentSocket, Events: 4}, func(err error) bool { return errors.Is(err, coze.ErrTimeout) }},
		"an error event": {cozetest.Fault{Kind: cozetest.FaultErrorEvent, Events: 4, Code: 5000}, func(err error) bool { return errors.Is(err, coze.ErrServer) }},
		"slow":           {cozetest.Fault{Kind: cozetest.FaultSlowSocket, Duration: time.Millisecond}, func(err error) bool { return err == nil }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := cozetest.NewServer(t, cozetest.WithFaults(test.fault))
			c, err := voice.Chat(t.Context(), fakeClient(t, srv), voice.ChatRequest{BotID: botID}, voice.WithPing(50*time.Millisecond, time.Second))
			if err == nil {
				if err = c.SendText(t.Context(), "Hello"); err == nil {
					_, err = c.Turn(t.Context())
				}
				_ = c.Close(t.Context())
			}
			if !test.want(err) || srv.Faults()[0].Happened == 0 {
				t.Errorf("%v, %+v", err, srv.Faults())
			}
		})
	}
}

func closeCode(err error) int {
	var closed *voice.CloseError
	if errors.As(err, &closed) {
		return closed.Code
	}
	return 0
}

// TestLimitConfigIsSent: the server paces what it sends, and so does Speak.
func TestLimitConfigIsSent(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t)
	start := time.Now()
	var pieces int
	err := voice.Speak(t.Context(), fakeClient(t, srv), "Hi", writerFunc(func([]byte) { pieces++ }), voice.WithOutputAudio(coze.OutputAudio{
		PCMConfig: &coze.PCMConfig{
			FrameSizeMs: coze.Ptr(100.0), LimitConfig: &coze.AudioLimitConfig{Period: coze.Ptr(int32(1)), MaxFrameNum: coze.Ptr(int32(4))},
		},
	}))
	// 0.2 s of tones and 0.3 s of silence are five frames.
	if err != nil || pieces != 5 || time.Since(start) < time.Second {
		t.Errorf("%d pieces in %v: %v", pieces, time.Since(start), err)
	}
}

type writerFunc func([]byte)

func (f writerFunc) Write(p []byte) (int, error) { f(p); return len(p), nil }
