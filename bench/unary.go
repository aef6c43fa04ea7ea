package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"

	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
)

// stub answers every request from memory.
type stub struct {
	kind string
	body []byte
}

func (s stub) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		_, _ = io.Copy(io.Discard, r.Body)
		_ = r.Body.Close()
	}
	return &http.Response{
		StatusCode: http.StatusOK, Request: r, ProtoMajor: 1, ProtoMinor: 1, ContentLength: int64(len(s.body)),
		Header: http.Header{"Content-Type": {s.kind}, "X-Tt-Logid": {"20261121044400"}},
		Body:   io.NopCloser(bytes.NewReader(s.body)),
	}, nil
}

func stubClient(kind string, body []byte) *coze.Client {
	httpClient := &http.Client{Transport: stub{kind, body}}
	c, err := coze.NewClient(coze.WithBaseURL(coze.BaseURLCN), coze.WithToken("t"), coze.WithHTTPClient(httpClient))
	must(err)
	return c
}

const chatReply = `{"code":0,"msg":"","data":{"id":"7382159487131697202",` +
	`"conversation_id":"7381473525342978089","bot_id":"7379462189365198898",` +
	`"created_at":1718792949,"completed_at":1718792952,"last_error":null,"meta_data":{"k":"v"},"status":"in_progress",` +
	`"usage":{"token_count":633,"output_count":19,"input_count":614}},"detail":{"logid":"20261121044400"}}`

// unaryCall sends one chat request and decodes the answer.
func unaryCall() comparison {
	const ours, hand, openAI = "cozekit client.Chat.Create", "hand-written net/http + encoding/json", "openai-go client.Post"
	req := coze.CreateChatRequest{
		BotID: "7379462189365198898", UserID: "u", AdditionalMessages: []coze.EnterMessage{coze.UserMessage("hello")},
	}
	client := stubClient("application/json", []byte(chatReply))
	httpClient := &http.Client{Transport: stub{"application/json", []byte(chatReply)}}
	ai := openai.NewClient(
		option.WithHTTPClient(httpClient), option.WithBaseURL(coze.BaseURLCN), option.WithAPIKey("t"), option.WithMaxRetries(0))
	return comparison{
		title: "One unary call through a stub RoundTripper", per: 1, unit: "call",
		contestants: []contestant{
			{ours, func() {
				chat, err := client.Chat.Create(context.Background(), req)
				must(err)
				wantChat(chat)
			}},
			{hand, func() { wantChat(handWritten(httpClient, req)) }},
			{openAI, func() {
				var out envelope
				must(ai.Post(context.Background(), "v3/chat", req, &out))
				wantChat(&out.Data)
			}},
		},
		bounds: []bound{
			{"at most 1.3x the time of the hand-written call", func(r results) bool { return r[ours].ns <= 1.3*r[hand].ns }},
			{"at most 1.3x its allocations", func(r results) bool { return r[ours].allocs <= 1.3*r[hand].allocs }},
		},
	}
}

type envelope struct {
	Code int       `json:"code"`
	Msg  string    `json:"msg"`
	Data coze.Chat `json:"data"`
}

// handWritten is what one writes without an SDK.
func handWritten(client *http.Client, in coze.CreateChatRequest) *coze.Chat {
	body, err := json.Marshal(in)
	must(err)
	ctx := context.Background()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, coze.BaseURLCN+"/v3/chat", bytes.NewReader(body))
	must(err)
	req.Header.Set("Authorization", "Bearer t")
	req.Header.Set("Content-Type", "application/json")
	rsp, err := client.Do(req)
	must(err)
	defer rsp.Body.Close()
	raw, err := io.ReadAll(rsp.Body)
	must(err)
	var out envelope
	must(json.Unmarshal(raw, &out))
	if rsp.StatusCode != http.StatusOK || out.Code != 0 {
		panic(out.Msg)
	}
	return &out.Data
}

func wantChat(c *coze.Chat) {
	if c.Status != coze.ChatStatusInProgress || c.Usage.TokenCount != 633 {
		panic("wrong chat")
	}
}
