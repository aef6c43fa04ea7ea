package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"time"

	"github.com/cozekit/cozekit/pkg/coze"
)

// pipes answers every request with a stream that stays open, without sockets: what is measured is the client alone.
type pipes struct{ first string }

func (p pipes) RoundTrip(r *http.Request) (*http.Response, error) {
	pr, pw := net.Pipe()
	context.AfterFunc(r.Context(), func() { _ = pw.Close() })
	if p.first != "" {
		go func() { _, _ = io.WriteString(pw, p.first) }()
	}
	return &http.Response{
		StatusCode: http.StatusOK, Request: r, ProtoMajor: 1, ProtoMinor: 1, ContentLength: -1,
		Header: http.Header{"Content-Type": {"text/event-stream"}}, Body: pr,
	}, nil
}

const firstEvent = "event:conversation.chat.created\ndata:{\"id\":\"7\",\"conversation_id\":\"8\",\"status\":\"created\"}\n\n"

// openStreams: what an open stream costs over a bare response that a goroutine reads with a buffer of its own.
func openStreams(n int) (string, bool) {
	rt := pipes{firstEvent}
	bare, bareGo := cost(n, func(ctx context.Context, stop chan struct{}) {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, coze.BaseURLCN+"/v3/chat", strings.NewReader("{}"))
		must(err)
		rsp, err := rt.RoundTrip(req) //nolint:bodyclose // the goroutine closes it
		must(err)
		ready := make(chan struct{})
		go func() {
			buf := make([]byte, len(firstEvent))
			_, err := io.ReadFull(rsp.Body, buf)
			must(err)
			close(ready)
			<-stop
			_ = rsp.Body.Close()
		}()
		<-ready
	})
	client, err := coze.NewClient(coze.WithBaseURL(coze.BaseURLCN), coze.WithToken("t"), coze.WithHTTPClient(&http.Client{Transport: rt}))
	must(err)
	ours, oursGo := cost(n, func(ctx context.Context, stop chan struct{}) {
		s, err := client.Chat.Stream(ctx, coze.CreateChatRequest{BotID: "1", UserID: "u"})
		must(err)
		ready := make(chan struct{})
		go func() {
			for range s.All() {
				close(ready)
				<-stop
				return
			}
		}()
		<-ready
	})
	each := float64(ours-bare) / float64(n)
	kept := each <= 8<<10 && oursGo <= bareGo
	return fmt.Sprintf("streams: %d open at once; %.1f KiB each over a bare response, goroutines of ours %d: %s",
		n, each/1024, max(oursGo-bareGo, 0), verdict(kept)), kept
}

// cost opens n streams, each read by a goroutine of the caller's, and returns the memory and goroutines that they take.
func cost(n int, open func(context.Context, chan struct{})) (bytes int64, goroutines int) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	before, beforeGo := memory(), runtime.NumGoroutine()
	stop := make(chan struct{})
	for range n {
		open(ctx, stop)
	}
	time.Sleep(50 * time.Millisecond)
	bytes, goroutines = memory()-before, runtime.NumGoroutine()-beforeGo
	close(stop)
	settle(beforeGo)
	return bytes, goroutines
}

func memory() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc + m.StackInuse)
}
