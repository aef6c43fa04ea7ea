package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/cozekit/cozekit/pkg/stream"
	"github.com/openai/openai-go/v3/packages/ssestream"
	"github.com/tmaxmax/go-sse"
)

const deltas = 1000

// chatBody is a chat stream as the platform sends it, with one message delta for each word.
func chatBody() []byte {
	const ids = `"id":"7382159487131697202","conversation_id":"7381473525342978089"`
	const message = `"conversation_id":"7381473525342978089","bot_id":"7379462189365198898","role":"assistant","type":"answer"`
	var b bytes.Buffer
	event := func(name, format string, args ...any) {
		fmt.Fprintf(&b, "event:"+name+"\ndata:"+format+"\n\n", args...)
	}
	event("conversation.chat.created", `{%s,"bot_id":"7379462189365198898","status":"created"}`, ids)
	for i := range deltas {
		event("conversation.message.delta", `{"id":"7382159494123470858",%s,"content":"piece %d 好","content_type":"text",`+
			`"chat_id":"7382159487131697202"}`, message, i)
	}
	event("conversation.chat.completed", `{%s,"status":"completed","usage":{"token_count":633,"output_count":19,"input_count":614}}`, ids)
	event("done", `"[DONE]"`)
	return b.Bytes()
}

// streamDecoding decodes a chat stream of 1,000 deltas from memory into typed events.
func streamDecoding() comparison {
	body := chatBody()
	client := stubClient("text/event-stream", body)
	ours := func() {
		s, err := client.Chat.Stream(context.Background(), coze.CreateChatRequest{BotID: "1", UserID: "u"})
		must(err)
		n := 0
		for ev, err := range s.All() {
			must(err)
			if ev.Message != nil {
				n += len(ev.Message.Content)
			}
		}
		wantContent(n)
	}
	return comparison{
		title: "A chat stream of 1,000 deltas, from memory into typed events", per: deltas + 3, unit: "event",
		contestants: []contestant{
			{"cozekit client.Chat.Stream", ours},
			{"openai-go ssestream + encoding/json", func() { openAIStream(body) }},
			{"tmaxmax/go-sse + encoding/json", func() { tmaxmaxStream(body) }},
		},
		bounds: []bound{
			{"at least 3x openai-go", func(r results) bool {
				return r["openai-go ssestream + encoding/json"].ns >= 3*r["cozekit client.Chat.Stream"].ns
			}},
			{"at most 3 allocations an event", func(r results) bool { return r["cozekit client.Chat.Stream"].allocs <= 3.05 }},
		},
	}
}

func openAIStream(body []byte) {
	bare := bytes.Replace(body, []byte(`"[DONE]"`), []byte(`[DONE]`), 1) // the form that it knows
	s := ssestream.NewStream[coze.Message](ssestream.NewDecoder(&http.Response{
		Header: http.Header{"Content-Type": {"text/event-stream"}}, Body: io.NopCloser(bytes.NewReader(bare)),
	}), nil)
	n := 0
	for s.Next() {
		n += len(s.Current().Content)
	}
	must(s.Err())
	wantContent(n)
}

func tmaxmaxStream(body []byte) {
	n := 0
	for ev, err := range sse.Read(bytes.NewReader(body), nil) {
		must(err)
		if !strings.HasPrefix(ev.Type, "conversation.message") {
			continue
		}
		var m coze.Message
		must(json.Unmarshal([]byte(ev.Data), &m))
		n += len(m.Content)
	}
	wantContent(n)
}

var contentBytes = func() (n int) {
	for i := range deltas {
		n += len(fmt.Sprintf("piece %d 好", i))
	}
	return n
}()

func wantContent(n int) {
	if n != contentBytes {
		panic(fmt.Sprintf("%d bytes of content, want %d", n, contentBytes))
	}
}

// streamFraming splits the same stream into events without looking into their data.
func streamFraming() comparison {
	body := chatBody()
	return comparison{
		title: "The same stream, framing alone", per: deltas + 3, unit: "event",
		contestants: []contestant{
			{"cozekit stream.Decoder", func() {
				n := 0
				for ev, err := range stream.Events(bytes.NewReader(body)) {
					must(err)
					n += min(len(ev.Data), 1)
				}
				wantEvents(n)
			}},
			{"bufio.Scanner, lines only", func() {
				n := 0
				for s := bufio.NewScanner(bytes.NewReader(body)); s.Scan(); {
					if bytes.HasPrefix(s.Bytes(), []byte("data:")) {
						n++
					}
				}
				wantEvents(n)
			}},
			{"tmaxmax/go-sse Read", func() {
				n := 0
				for _, err := range sse.Read(bytes.NewReader(body), nil) {
					must(err)
					n++
				}
				wantEvents(n)
			}},
		},
		bounds: []bound{{"at most 100 ns an event over a line scan", func(r results) bool {
			return r["cozekit stream.Decoder"].ns-r["bufio.Scanner, lines only"].ns <= 100
		}}},
	}
}

func wantEvents(n int) {
	if n != deltas+3 {
		panic(fmt.Sprintf("%d events", n))
	}
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
