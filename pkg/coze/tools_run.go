package coze

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"github.com/cozekit/cozekit/pkg/call"
)

// Tools are the functions that a bot may have called on this side (local plugins, 端插件), by the names that the bot knows.
// args is the JSON text that the model wrote. A string and a [json.RawMessage] are the output as they are, anything else is
// encoded as JSON; a file is map[string]string{"file_id": id}. An error becomes the output {"error":"..."}, which the model
// reads and may act upon, and so does a panic.
//
// A tool must be safe for concurrent use and return when its context ends. [ToolFunc] makes one from a function that takes a
// struct.
type Tools map[string]func(ctx context.Context, args json.RawMessage) (any, error)

// ToolPolicy bounds [ChatService.RunWithTools]. The zero value is a good one.
type ToolPolicy struct {
	MaxRounds   int // how often the chat may ask for tools; default 10
	Concurrency int // how many calls of one round run at a time; default 8

	// Event is called with each event as it comes but for the one that reports a failure, by the goroutine that called
	// RunWithTools. An error from it ends the run with that error.
	Event func(ChatEvent) error
}

// ErrTooManyRounds means that a chat asked for tools once more after ToolPolicy.MaxRounds rounds.
var ErrTooManyRounds = errors.New("the chat asked for tools too often")

var errToolsNeedHistory = errors.New("coze: RunWithTools: auto_save_history must not be false: " +
	"the platform takes the outputs of tools only for chats that are stored")

// RunWithTools starts a chat and answers its calls of tools until it ends: it streams, runs the calls of a round concurrently,
// hands all outputs back together and streams on. It blocks until the chat has ended and all tools have returned; ctx limits
// the whole and is the context of the tools. When ctx ends while the chat runs, [WithCancelOnClose] makes that stop the chat
// on the server; a chat that waits for tools cannot be stopped, and takes their outputs later by SubmitToolOutputs.
//
// A tool that is not in tools, and a call that is not of a function, get an error for output. A refusal of the first request
// is returned at once, with a nil result. Once the chat has started, the result is never nil and holds the messages of all
// rounds: with an error those that came before. The error is nil for a chat that is completed; it matches [ErrTooManyRounds]
// if the chat asked too often, and is as [ChatService.Complete] says otherwise.
//
// Of the options, headers, timeout, token and WithCancelOnClose go with all calls, the others with the first call alone.
// Coze Studio and chatflows take no outputs of tools.
//
// Coze documentation: https://www.coze.cn/open/docs/developer_guides/chat_submit_tool_outputs
//
// API: POST /v3/chat, POST /v3/chat/submit_tool_outputs
func (s *ChatService) RunWithTools(
	ctx context.Context, req CreateChatRequest, tools Tools, policy ToolPolicy, opts ...CallOption,
) (*ChatResult, error) {
	if req.AutoSaveHistory != nil && !*req.AutoSaveHistory {
		return nil, errToolsNeedHistory
	}
	events, err := s.Stream(ctx, req, opts...)
	if err != nil {
		return nil, err
	}
	settings := call.Collect(opts)
	more := settings.Followups()
	if settings.CancelOnClose {
		more = append(more, WithCancelOnClose())
	}
	var acc ChatAccumulator
	for round := 1; ; round++ {
		if err = acc.drain(events, policy.Event); err == nil {
			err = s.outcome(acc.Chat())
		}
		if err != nil || acc.Chat().Status != ChatStatusRequiresAction {
			return acc.Result(), err
		}
		chat := acc.Chat()
		calls := pendingCalls(chat)
		switch {
		case len(calls) == 0:
			return acc.Result(), fmt.Errorf("coze: chat %s needs an action that is no call of a tool: %w", chat.ID, ErrUnsupported)
		case round > orDefault(policy.MaxRounds, 10):
			return acc.Result(), fmt.Errorf("coze: chat %s: %w: %d rounds", chat.ID, ErrTooManyRounds, round-1)
		}
		outputs, err := tools.run(ctx, calls, orDefault(policy.Concurrency, 8))
		if err != nil {
			return acc.Result(), fmt.Errorf("coze: tools of chat %s: %w", chat.ID, err)
		}
		events, err = s.SubmitToolOutputsStream(ctx, SubmitToolOutputsRequest{
			ConversationID: chat.ConversationID, ChatID: chat.ID, ToolOutputs: outputs, ConnectorID: req.ConnectorID,
		}, more...)
		if err != nil {
			return acc.Result(), err
		}
	}
}

func orDefault(n, def int) int {
	if n > 0 {
		return n
	}
	return def
}

func pendingCalls(chat *Chat) []ToolCall {
	if chat.RequiredAction == nil || chat.RequiredAction.SubmitToolOutputs == nil {
		return nil
	}
	return chat.RequiredAction.SubmitToolOutputs.ToolCalls
}

// run runs calls, at most limit at a time, and returns once all that have begun have ended. The error is that of ctx.
func (t Tools) run(ctx context.Context, calls []ToolCall, limit int) ([]ToolOutput, error) {
	outputs := make([]ToolOutput, len(calls))
	slots := make(chan struct{}, limit)
	var wg sync.WaitGroup
	for i, c := range calls {
		if ctx.Err() != nil {
			break
		}
		select {
		case <-ctx.Done():
		case slots <- struct{}{}:
			wg.Go(func() {
				defer func() { <-slots }()
				outputs[i] = ToolOutput{ToolCallID: c.ID, Output: toolError(errNoReturn)} // in case of runtime.Goexit
				outputs[i].Output = t.call(ctx, c)
			})
		}
	}
	wg.Wait()
	return outputs, context.Cause(ctx)
}

var errNoReturn = errors.New("the tool ended without an output")

// call runs one call; whatever goes wrong becomes its output.
func (t Tools) call(ctx context.Context, c ToolCall) (output string) {
	defer func() {
		if p := recover(); p != nil {
			output = toolError(fmt.Errorf("the tool panicked: %v", p))
		}
	}()
	if c.Function == nil {
		return toolError(fmt.Errorf("calls of type %q are not supported", c.Type))
	}
	f := t[c.Function.Name]
	if f == nil {
		return toolError(fmt.Errorf("there is no tool %q", c.Function.Name))
	}
	v, err := f(ctx, json.RawMessage(c.Function.Arguments))
	if err != nil {
		return toolError(err)
	}
	switch v := v.(type) {
	case string:
		return v
	case json.RawMessage:
		return string(v)
	}
	b, err := json.Marshal(v)
	if err != nil {
		return toolError(err)
	}
	return string(b)
}

func toolError(err error) string {
	b, _ := json.Marshal(map[string]string{"error": err.Error()}) // strings only: it cannot fail
	return string(b)
}
