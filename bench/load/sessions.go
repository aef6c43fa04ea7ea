package main

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"time"

	"github.com/coder/websocket"
	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/cozekit/cozekit/pkg/coze/voice"
)

const frameBytes = 960 // 20 ms of PCM at 24,000 Hz

// dialogues is a server that greets, tells when a frame has come, and answers it with 8 KiB of audio.
func dialogues(arrived chan<- time.Time) *httptest.Server {
	answer := fmt.Sprintf(`{"id":"2","event_type":"conversation.audio.delta","data":{"content":%q}}`,
		base64.StdEncoding.EncodeToString(make([]byte, 8<<10)))
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		defer func() { _ = c.CloseNow() }()
		for reply := `{"id":"1","event_type":"chat.created"}`; ; reply = answer {
			if c.Write(r.Context(), websocket.MessageText, []byte(reply)) != nil {
				return
			}
			if _, _, err := c.Read(r.Context()); err != nil {
				return
			}
			if arrived != nil {
				arrived <- time.Now()
			}
		}
	}))
}

// openSessions: what an open voice session costs over a bare websocket, after a frame each way.
func openSessions(n int) (string, bool) {
	srv := dialogues(nil)
	defer srv.Close()
	bare, bareGo := cost(n, func(ctx context.Context, _ chan struct{}) {
		c := bareSocket(ctx, srv.URL)
		must(c.Write(ctx, websocket.MessageText, make([]byte, frameBytes)))
		_, _, err := c.Read(ctx)
		must(err)
		context.AfterFunc(ctx, func() { _ = c.CloseNow() })
	})
	client := clientOf(srv.URL)
	ours, oursGo := cost(n, func(ctx context.Context, _ chan struct{}) {
		s := session(ctx, client)
		must(s.AppendAudio(ctx, make([]byte, frameBytes)))
		nextAudio(s)
	})
	bytes, goroutines := float64(ours-bare)/float64(n), float64(oursGo-bareGo)/float64(n)
	kept := bytes <= 64<<10 && goroutines <= 3
	return fmt.Sprintf("sessions: %d open at once; %.1f KiB and %.2f goroutines each over a bare websocket: %s",
		n, bytes/1024, goroutines, verdict(kept)), kept
}

// frameLatency: what a session adds to the way of a frame to the server.
func frameLatency(n int) (string, bool) {
	arrived := make(chan time.Time, 1)
	srv := dialogues(arrived)
	defer srv.Close()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	bare := bareSocket(ctx, srv.URL)
	message := make([]byte, base64.StdEncoding.EncodedLen(frameBytes)+80)
	s := session(ctx, clientOf(srv.URL))
	pcm := make([]byte, frameBytes)
	var bareTook, took []time.Duration
	for range n {
		start := time.Now()
		must(bare.Write(ctx, websocket.MessageText, message))
		bareTook = append(bareTook, (<-arrived).Sub(start))
		_, _, err := bare.Read(ctx)
		must(err)
		start = time.Now()
		must(s.AppendAudio(ctx, pcm))
		took = append(took, (<-arrived).Sub(start))
		nextAudio(s)
	}
	slices.Sort(bareTook)
	slices.Sort(took)
	added := took[n/2] - bareTook[n/2]
	kept := added < 100*time.Microsecond
	return fmt.Sprintf("frames: %d of 20 ms; the median takes %v to a server on loopback, %v more than bare: %s",
		n, took[n/2], added, verdict(kept)), kept
}

func bareSocket(ctx context.Context, target string) *websocket.Conn {
	c, _, err := websocket.Dial(ctx, "ws"+strings.TrimPrefix(target, "http"), nil) //nolint:bodyclose // Dial closes it
	must(err)
	_, _, err = c.Read(ctx)
	must(err)
	return c
}

func clientOf(target string) *coze.Client {
	client, err := coze.NewClient(coze.WithBaseURL(target), coze.WithToken("t"))
	must(err)
	return client
}

func session(ctx context.Context, client *coze.Client) *voice.ChatSession {
	s, err := voice.Chat(ctx, client, voice.ChatRequest{BotID: "1"})
	must(err)
	return s
}

// nextAudio takes events up to the next piece of audio.
func nextAudio(s *voice.ChatSession) {
	for ev, err := range s.Events() {
		must(err)
		if _, ok := ev.Data.(*voice.Audio); ok {
			return
		}
	}
}
