package cozetest_test

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cozekit/cozekit/pkg/cozetest"
)

// TestBubble streams with pauses of an hour in no time.
func TestBubble(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := cozetest.NewServer(t, cozetest.InMemory(), cozetest.WithDeltaPause(time.Minute))
		srv.Bot("7", func(turn *cozetest.Turn) error {
			turn.Pause(time.Hour)
			turn.Stream("a", "b", "c")
			return nil
		})
		began := time.Now()
		text := memoryClient(t, srv).stream("/v3/chat", chatBody("7", "Hi", true))
		if got := time.Since(began); got != time.Hour+2*time.Minute || !strings.Contains(text, "chat.completed") {
			t.Errorf("took %v for\n%s", got, text)
		}
	})
}

// TestCancel cancels a chat while its stream is read: no message event comes after the answer to the cancel call.
func TestCancel(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := cozetest.NewServer(t, cozetest.InMemory())
		ended := false
		srv.Bot("7", func(turn *cozetest.Turn) error {
			defer func() { ended = true }()
			for {
				turn.Stream("tick")
				turn.Pause(time.Second)
			}
		})
		c := memoryClient(t, srv)
		resp := c.send(http.MethodPost, "/v3/chat", chatBody("7", "Hi", true))
		defer func() { _ = resp.Body.Close() }()
		r := bufio.NewReader(resp.Body)
		_, _ = r.ReadString('\n')
		data, _ := r.ReadString('\n')
		chat := decode(t, strings.TrimPrefix(data, "data:"))
		ids := obj{"conversation_id": chat["conversation_id"], "chat_id": chat["id"]}
		time.Sleep(2500 * time.Millisecond)
		if got := c.ok(http.MethodPost, "/v3/chat/cancel", ids); got.str("status") != "canceled" {
			t.Errorf("got %s", got.text)
		}
		rest, err := io.ReadAll(r)
		if err != nil || !strings.HasSuffix(string(rest), "event:done\ndata:\"[DONE]\"\n\n") || strings.Contains(string(rest), "chat.completed") {
			t.Errorf("got %v after\n%s", err, rest)
		}
		if !ended {
			t.Error("the script goes on")
		}
		if got := c.do(http.MethodPost, "/v3/chat/cancel", ids); got.Code != 4104 {
			t.Errorf("got %s for canceling twice", got.text)
		}
		c.ok(http.MethodPost, "/v3/chat?conversation_id="+chat["conversation_id"].(string), chatBody(bot, "Next", false))
	})
}

// TestStall leaves a stalled chat: it stays in progress until it is canceled.
func TestStall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := cozetest.NewServer(t, cozetest.InMemory())
		srv.Bot("7", func(turn *cozetest.Turn) error {
			turn.Stream("one")
			turn.Stall()
			return nil
		})
		c := memoryClient(t, srv)
		resp := c.send(http.MethodPost, "/v3/chat", chatBody("7", "Hi", true))
		r := bufio.NewReader(resp.Body)
		_, _ = r.ReadString('\n')
		data, _ := r.ReadString('\n')
		time.Sleep(time.Hour)
		_ = resp.Body.Close()
		synctest.Wait()
		chat := decode(t, strings.TrimPrefix(data, "data:"))
		ids := obj{"conversation_id": chat["conversation_id"], "chat_id": chat["id"]}
		if got := c.ok(http.MethodPost, "/v3/chat/cancel", ids); got.str("status") != "canceled" {
			t.Errorf("got %s", got.text)
		}
	})
}

func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t)
	var wg sync.WaitGroup
	for i := range 32 {
		wg.Go(func() {
			c := newClient(t, srv)
			if i%2 == 0 {
				c = memoryClient(t, srv)
			}
			for range 5 {
				text := c.stream("/v3/chat", chatBody(bot, fmt.Sprint("question ", i), true))
				if !strings.Contains(text, fmt.Sprintf(`"content":"You said: question %d"`, i)) {
					t.Errorf("%d: got\n%s", i, text)
				}
				r := c.ok(http.MethodPost, "/v3/chat", chatBody(bot, "q", false))
				wait(t, c, "?conversation_id="+r.str("conversation_id")+"&chat_id="+r.str("id"))
			}
			_ = srv.Calls()
		})
	}
	wg.Wait()
	if n := len(srv.Calls()); n < 32*15 {
		t.Errorf("got %d calls", n)
	}
}

// TestCloseLeavesNothing closes a server with streams, waiting tools and idle connections of both networks.
func TestCloseLeavesNothing(t *testing.T) { //nolint:paralleltest // counts goroutines
	srv, err := cozetest.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv.Bot("stall", func(turn *cozetest.Turn) error { turn.Stall(); return nil })
	srv.Bot("tool", func(turn *cozetest.Turn) error { turn.UseTool("x", nil); return nil })
	srv.Bot("pause", func(turn *cozetest.Turn) error { turn.Pause(time.Hour); return nil })
	socket := &http.Transport{}
	clients := []*client{newClient(t, srv), memoryClient(t, srv)}
	clients[0].http = &http.Client{Transport: socket}
	for _, c := range clients {
		for _, b := range []string{"stall", "tool", "pause"} {
			c.ok(http.MethodPost, "/v3/chat", chatBody(b, "Hi", false))
			resp := c.send(http.MethodPost, "/v3/chat", chatBody(b, "Hi", true))
			t.Cleanup(func() { _ = resp.Body.Close() })
		}
	}
	if err := srv.Close(); err != nil {
		t.Errorf("got %v", err)
	}
	if err := srv.Close(); err != nil {
		t.Errorf("got %v from closing again", err)
	}
	socket.CloseIdleConnections()
	noneLeft(t)
}

// noneLeft waits until no goroutine of a server is left.
func noneLeft(t *testing.T) {
	t.Helper()
	deadline := time.Now().Add(5 * time.Second)
	for {
		buf := make([]byte, 1<<20)
		stacks := string(buf[:runtime.Stack(buf, true)])
		left := 0
		for g := range strings.SplitSeq(stacks, "\n\n") {
			if strings.Contains(g, "cozetest.(*") || strings.Contains(g, "http.(*conn)") || strings.Contains(g, "net.(*pipe)") {
				left++
			}
		}
		if left == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d goroutines are left:\n%s", left, stacks)
		}
		runtime.Gosched()
	}
}

func TestStartRefusesABadAddress(t *testing.T) {
	t.Parallel()
	if _, err := cozetest.Start("not an address"); err == nil {
		t.Error("got no error")
	}
}
