package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"

	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/openai/openai-go/v3/packages/ssestream"
)

// workflowBody is a streamed run of a workflow whose end node sends one message for each word.
func workflowBody() []byte {
	const node = `"node_title":"End","node_type":"End","node_id":"900001","node_execute_uuid":"7382159487131697202"`
	var b bytes.Buffer
	event := func(id int, name, format string, args ...any) {
		fmt.Fprintf(&b, "id: %d\nevent: %s\ndata: "+format+"\n\n", append([]any{id, name}, args...)...)
	}
	for i := range deltas {
		event(i, "Message", `{"content":"piece %d 好","content_type":"text","node_is_finish":%t,"node_seq_id":"%d",%s}`,
			i, i == deltas-1, i, node)
	}
	event(deltas, "Done", `{"debug_url":"https://www.coze.cn/work_flow?execute_id=7382159487131697202"}`)
	return b.Bytes()
}

// workflowDecoding decodes a workflow stream of 1,000 messages from memory into typed events.
func workflowDecoding() comparison {
	const ours, openAI = "cozekit client.Workflows.Runs.Stream", "openai-go ssestream + encoding/json"
	body := workflowBody()
	client := stubClient("text/event-stream", body)
	return comparison{
		title: "A workflow stream of 1,000 messages, from memory into typed events", per: deltas + 1, unit: "event",
		contestants: []contestant{
			{ours, func() {
				s, err := client.Workflows.Runs.Stream(context.Background(), coze.StreamRunWorkflowRequest{WorkflowID: "1"})
				must(err)
				n := 0
				for ev, err := range s.All() {
					must(err)
					if ev.Message != nil {
						n += len(ev.Message.Content)
					}
				}
				wantContent(n)
			}},
			{openAI, func() {
				s := ssestream.NewStream[coze.WorkflowStreamMessage](ssestream.NewDecoder(&http.Response{
					Header: http.Header{"Content-Type": {"text/event-stream"}}, Body: io.NopCloser(bytes.NewReader(body)),
				}), nil)
				n := 0
				for s.Next() {
					n += len(s.Current().Content)
				}
				must(s.Err())
				wantContent(n)
			}},
		},
		bounds: []bound{
			{"at least 3x openai-go", func(r results) bool { return r[openAI].ns >= 3*r[ours].ns }},
			{"at most 4 allocations an event", func(r results) bool { return r[ours].allocs <= 4.05 }},
		},
	}
}
