package voice_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/cozekit/cozekit/pkg/coze/voice"
)

func TestPitfallD28NothingIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t, func(p *peer) { p.greet("chat") }) // and hangs up
		for range 50 {
			c, err := voice.Chat(t.Context(), s.client(), voice.ChatRequest{BotID: "b"})
			if err != nil {
				continue // it was faster
			}
			<-c.Done()
		}
		synctest.Wait()
		if n := ours(); n != 0 {
			t.Errorf("%d goroutines are left", n)
		}
	})
}

func TestPitfallD29CloseDoesNotWaitForEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t, func(p *peer) {
			p.greet("chat")
			for range 200 {
				p.send(messageEvent("delta", "1", "answer", "x"))
			}
			p.drain()
		})
		var n atomic.Int64
		c := openChat(t, s, voice.WithHandlers(voice.Handlers{Event: func(voice.Event) { n.Add(1); time.Sleep(time.Minute) }}))
		go c.Wait(t.Context())
		time.Sleep(90 * time.Second)
		start := time.Now()
		if err := c.Close(t.Context()); err != nil || time.Since(start) > time.Second {
			t.Errorf("%v after %v", err, time.Since(start))
		}
		time.Sleep(time.Hour)
		if n.Load() > 2 {
			t.Errorf("%d events were handled", n.Load())
		}
	})
}

func TestPitfallD30CloseLosesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const frames = 2500
		var got []string
		var end error
		s := newServer(t, func(p *peer) {
			p.greet("chat")
			for {
				var e clientEvent
				_, b, err := p.conn.Read(context.Background())
				if err != nil {
					end = err
					return
				}
				mustUnmarshal(t, b, &e)
				got = append(got, string(e.Data))
				if len(got)%100 == 0 {
					time.Sleep(10 * time.Millisecond)
				}
			}
		})
		c := openChat(t, s)
		for i := range frames {
			if err := c.AppendAudio(t.Context(), []byte(fmt.Sprintf("%06d", i))); err != nil {
				t.Fatal(err)
			}
		}
		if err := c.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		s.running.Wait()
		if len(got) != frames || websocket.CloseStatus(end) != websocket.StatusNormalClosure {
			t.Fatalf("%d of %d frames came, and then %v", len(got), frames, end)
		}
		for i, data := range got {
			if want := fmt.Sprintf(`{"delta":%q}`, b64(fmt.Sprintf("%06d", i))); data != want {
				t.Fatalf("frame %d is %s, want %s", i, data, want)
			}
		}
	})
}

func TestPitfallD31EventsWithoutDetail(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t, func(p *peer) {
			p.send(`{"event_type":"chat.created"}`, `{"event_type":"conversation.audio.delta"}`, `{"event_type":"error","data":null}`, `nonsense`, `{"event_type":"x.y","data":[1]}`)
			p.drain()
		})
		c := openChat(t, s)
		var kinds []string
		for ev, err := range c.Events() {
			if err != nil {
				t.Fatal(err)
			}
			kinds = append(kinds, string(ev.Type)+string(ev.Raw))
			if ev.Err() != nil && ev.Err().Error() == "" {
				t.Error("no text")
			}
			if len(kinds) == 5 {
				break
			}
		}
		if got := strings.Join(kinds, " "); got != "chat.created conversation.audio.delta error nonsense x.y[1]" {
			t.Error(got)
		}
	})
}

func TestPitfallD59DeadPeer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t, func(p *peer) { p.greet("chat"); time.Sleep(time.Hour) }) // reads nothing, so answers no ping
		c := openChat(t, s)
		start := time.Now()
		_, err := c.Turn(t.Context())
		if !errors.Is(err, coze.ErrTimeout) || time.Since(start) > 31*time.Second {
			t.Errorf("%v after %v", err, time.Since(start))
		}
		if e := wantClose(t, err, 1006); e.LogID != "log-1" || e.Host != "fake.localhost" || !strings.Contains(err.Error(), "ConnectChatSocket") {
			t.Errorf("%v", err)
		}
	})
}

func TestPitfallD59ReadLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		big := messageEvent("delta", "1", "answer", strings.Repeat("x", 1<<20))
		s := newServer(t, func(p *peer) { p.greet("chat"); p.send(big); p.drain() })
		if ev, err := second(openChat(t, s)); err != nil || len(ev.Data.(*coze.Message).Content) != 1<<20 {
			t.Errorf("%v", err)
		}
		if _, err := second(openChat(t, s, voice.WithReadLimit(64<<10))); err == nil || !strings.Contains(err.Error(), "read limit") {
			t.Errorf("%v", err)
		}
	})
}

func second(c *voice.ChatSession) (ev voice.Event, err error) {
	n := 0
	for ev, err = range c.Events() {
		if n++; n == 2 || err != nil {
			return ev, err
		}
	}
	return ev, err
}

func TestPitfallD60BackPressure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t, func(p *peer) { p.greet("chat"); time.Sleep(10 * time.Second); p.drain() })
		c := openChat(t, s)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var err error
		n := 0
		for ; err == nil; n++ {
			err = c.AppendAudio(ctx, make([]byte, 960))
		}
		if !errors.Is(err, context.DeadlineExceeded) || n > 100 {
			t.Errorf("%v after %d frames", err, n)
		}
		start := time.Now()
		if err := c.AppendAudio(t.Context(), make([]byte, 960)); err != nil || time.Since(start) < 8*time.Second {
			t.Errorf("%v after %v", err, time.Since(start))
		}
	})
}

func TestPitfallD61HandlersAndPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var all, audio, one, two int
		h := voice.Handlers{
			Event: func(voice.Event) { all++ },
			Audio: func(a *voice.Audio) { audio += len(a.Bytes) },
			On: map[coze.SocketEventType][]func(voice.Event){
				coze.SocketEventConversationChatCreated: {
					func(voice.Event) { one++; panic("boom") },
					func(voice.Event) { two++ },
				},
			},
		}
		c := openChat(t, newServer(t, bot), voice.WithHandlers(h))
		c.SendText(t.Context(), "hi")
		if turn, err := c.Turn(t.Context()); err != nil || turn.Text != "hello" {
			t.Errorf("%+v %v", turn, err)
		}
		if all != 11 || audio != 4 || one != 1 || two != 1 {
			t.Error(all, audio, one, two)
		}
		var p *voice.HandlerPanic
		if err := c.Close(t.Context()); !errors.As(err, &p) || p.Value != "boom" || p.Stack == "" {
			t.Errorf("Close: %v", err)
		}
	})
}

// TestPanicsAreReported: a handler for panics is told, and one of its own panics is contained as well.
func TestPanicsAreReported(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told []string
		h := voice.Handlers{
			Event: func(voice.Event) { panic("boom") },
			Panic: func(p *voice.HandlerPanic) {
				if told = append(told, string(p.Event.Type)); len(told) == 2 {
					panic("again")
				}
			},
		}
		c := openChat(t, newServer(t, bot), voice.WithHandlers(h))
		c.SendText(t.Context(), "hi")
		if turn, err := c.Turn(t.Context()); err != nil || turn.Text != "hello" || len(told) != 11 || told[0] != "chat.created" {
			t.Errorf("%+v %v, told of %v", turn, err, told)
		}
		var p *voice.HandlerPanic
		if err := c.Close(t.Context()); !errors.As(err, &p) || p.Value != "again" {
			t.Errorf("Close: %v", err)
		}
	})
}

func TestPitfallD62OptionsAreShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t, bot)
		update := coze.ChatUpdate{ChatConfig: &coze.SocketChatConfig{UserID: "u"}}
		req := voice.ChatRequest{BotID: "b", Update: &update}
		opt := voice.WithOutputAudio(coze.OutputAudio{VoiceID: "v"})
		client := s.client()
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				c, err := voice.Chat(t.Context(), client, req, opt)
				if err != nil {
					t.Error(err)
					return
				}
				c.Close(t.Context())
			})
		}
		wg.Wait()
		if update.OutputAudio != nil || update.ChatConfig.ConversationID != "" {
			t.Errorf("the caller's update was changed: %+v", update)
		}
	})
}

func TestPitfallD63AtMostThreeGoroutines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t, bot)
		var most atomic.Int64
		c := openChat(t, s, voice.WithPing(time.Second, time.Second), voice.WithHandlers(voice.Handlers{
			Event: func(voice.Event) { most.Store(max(most.Load(), int64(ours()))) },
		}))
		for range 20 {
			c.SendText(t.Context(), "hi")
			c.Turn(t.Context())
			time.Sleep(700 * time.Millisecond)
		}
		if n := most.Load(); n < 2 || n > 3 {
			t.Errorf("%d goroutines", n)
		}
	})
}
