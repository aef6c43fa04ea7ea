package voice_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/cozekit/cozekit/pkg/coze/voice"
	"github.com/cozekit/cozekit/pkg/cozetest"
)

// How sessions with the fake server begin, are interrupted and end.

// heardFrames are the frames of audio that the fake server got, in order.
func heardFrames(t *testing.T, srv *cozetest.Server) (frames []string) {
	t.Helper()
	for _, e := range srv.SocketEvents() {
		if e.Type == string(coze.SocketEventInputAudioBufferAppend) {
			var d coze.InputAudioBufferAppend
			if err := json.Unmarshal(e.Data, &d); err != nil {
				t.Fatal(err)
			}
			frames = append(frames, string(d.Delta))
		}
	}
	return frames
}

// numbered is a frame of 20 ms that says which it is.
func numbered(name string) []byte { return fmt.Appendf(nil, "%-960s", name) }

// TestBurstAndClose: 2,500 frames and Close at once. All of them are there, in order.
func TestBurstAndClose(t *testing.T) {
	t.Parallel()
	const frames = 2500
	srv := cozetest.NewServer(t)
	c := fakeChat(t, srv, nil)
	for i := range frames {
		if err := c.AppendAudio(t.Context(), numbered(fmt.Sprint(i))); err != nil {
			t.Fatal(err)
		}
	}
	wantClosed(t, c)
	got := heardFrames(t, srv)
	if len(got) != frames {
		t.Fatalf("%d of %d frames came", len(got), frames)
	}
	for i, frame := range got {
		if frame != string(numbered(fmt.Sprint(i))) {
			t.Fatalf("frame %d is %.20q", i, frame)
		}
	}
}

// TestCloseWhileOthersAppend: what was accepted arrives, in the order of each who sent it; what was not is refused.
func TestCloseWhileOthersAppend(t *testing.T) {
	t.Parallel()
	const senders = 8
	srv := cozetest.NewServer(t)
	c := fakeChat(t, srv, nil)
	var accepted [senders]int
	var all atomic.Int64
	enough := make(chan struct{})
	var wg sync.WaitGroup
	for i := range senders {
		wg.Go(func() {
			for {
				err := c.AppendAudio(t.Context(), numbered(fmt.Sprint(i, " ", accepted[i])))
				if err != nil {
					if !errors.Is(err, voice.ErrClosed) {
						t.Error(err)
					}
					return
				}
				accepted[i]++
				if all.Add(1) == 500 {
					close(enough)
				}
			}
		})
	}
	<-enough
	wantClosed(t, c)
	wg.Wait()
	var heard [senders]int
	for _, frame := range heardFrames(t, srv) {
		var i, n int
		if _, err := fmt.Sscan(frame, &i, &n); err != nil || n != heard[i] {
			t.Fatalf("sender %d: got frame %d, want %d; %v", i, n, heard[i], err)
		}
		heard[i]++
	}
	if heard != accepted {
		t.Errorf("accepted %v, heard %v", accepted, heard)
	}
}

// TestCloseInALoop sends and closes from within a loop over Events, which then ends without an error.
func TestCloseInALoop(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t)
	c := fakeChat(t, srv, nil)
	answers := 0
	if err := c.SendText(t.Context(), "0"); err != nil {
		t.Fatal(err)
	}
	for ev, err := range c.Events() {
		if err != nil {
			t.Fatal(err)
		}
		if ev.Type != coze.SocketEventConversationChatCompleted {
			continue
		}
		if answers++; answers < 3 {
			err = c.SendText(t.Context(), fmt.Sprint(answers))
		} else {
			err = c.Close(t.Context())
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if answers != 3 || c.Err() != nil {
		t.Errorf("%d answers, %v", answers, c.Err())
	}
}

// TestBargeIn: the user speaks while the bot does, again and again. Each turn ends as canceled, and the next one is the answer to
// what was said meanwhile.
func TestBargeIn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := cozetest.NewServer(t, cozetest.InMemory())
		asked := 0
		srv.Bot(botID, func(turn *cozetest.Turn) error {
			asked++
			turn.Stream(fmt.Sprint("Story ", asked, ". "))
			if asked < 3 {
				turn.Pause(time.Hour)
			}
			return nil
		})
		client, err := coze.NewClient(coze.WithBaseURL(srv.URL()), coze.WithToken(srv.Token()), coze.WithHTTPClient(srv.HTTPClient()))
		if err != nil {
			t.Fatal(err)
		}
		var started int
		c, err := voice.Chat(t.Context(), client, voice.ChatRequest{BotID: botID, Update: &coze.ChatUpdate{
			InputAudio:    &coze.InputAudio{Format: coze.InputAudioFormatPCM, SampleRate: coze.Ptr(coze.AudioSampleRate(24000))},
			TurnDetection: &coze.SocketTurnDetection{Type: coze.SocketTurnDetectionTypeServerVAD},
		}}, voice.WithHandlers(voice.Handlers{On: map[coze.SocketEventType][]func(voice.Event){
			coze.SocketEventInputAudioBufferSpeechStarted: {func(voice.Event) { started++ }},
		}}))
		if err != nil {
			t.Fatal(err)
		}
		speak := func() {
			for _, pcm := range [][]byte{tone(time.Second), make([]byte, 48*1000)} {
				if err := c.AppendAudio(t.Context(), pcm); err != nil {
					t.Fatal(err)
				}
			}
		}
		speak()
		for i := 1; i <= 3; i++ {
			if i < 3 {
				time.AfterFunc(10*time.Second, speak) // the answer is being given by then
			}
			turn, err := c.Turn(t.Context())
			if err != nil || !strings.HasPrefix(turn.Text, fmt.Sprint("Story ", i)) || turn.Heard != cozetest.DefaultTranscript || started != min(i+1, 3) {
				t.Fatalf("turn %d: %+v, %v, %d utterances", i, turn, err, started)
			}
			if i == 3 && turn.Canceled == nil {
				continue
			}
			if i == 3 || turn.Canceled == nil || turn.Canceled.Code != coze.ConversationChatCanceledCodeUserSpoke {
				t.Errorf("turn %d: canceled by %+v", i, turn.Canceled)
			}
		}
		wantClosed(t, c)
	})
}
