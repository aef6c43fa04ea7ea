package coze_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/google/go-cmp/cmp"
)

const (
	created    = `event:conversation.chat.created` + "\n" + `data:{"id":"7","conversation_id":"8","status":"created"}` + "\n\n"
	delta      = `event:conversation.message.delta` + "\n" + `data:{"id":"9","conversation_id":"8","role":"assistant","type":"answer","content":"hi","content_type":"text"}` + "\n\n"
	completed  = `event:conversation.chat.completed` + "\n" + `data:{"id":"7","conversation_id":"8","status":"completed","usage":{"token_count":3}}` + "\n\n"
	done       = `event:done` + "\n" + `data:"[DONE]"` + "\n\n"
	chatFailed = `event:conversation.chat.failed` + "\n"
)

var question = coze.CreateChatRequest{BotID: "1", UserID: "u", AdditionalMessages: []coze.EnterMessage{coze.UserMessage("hello")}}

// openStream opens a stream whose body is given.
func openStream(t *testing.T, body string, opts ...coze.CallOption) *coze.ChatStream {
	t.Helper()
	c := stubClient(t, answer(200, "text/event-stream; charset=utf-8", body))
	s, err := c.Chat.Stream(t.Context(), question, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func collect(s *coze.ChatStream) (types []string, last error) {
	for ev, err := range s.All() {
		types = append(types, string(ev.Type))
		last = err
	}
	return types, last
}

// TestChatStreamEnds covers how streams end: behaviour.md 1.3 and 1.4, pitfalls 16 and D9b.
func TestChatStreamEnds(t *testing.T) {
	t.Parallel()
	ok := []string{"conversation.chat.created", "conversation.message.delta", "conversation.chat.completed", "done"}
	tests := []struct {
		name, body string
		want       []string
		err        error
	}{
		{"quoted done", created + delta + completed + done, ok, nil},
		{"bare done", created + delta + completed + "event:done\ndata:[DONE]\n\n", ok, nil},
		{"empty done", created + delta + completed + "event:done\n\n", ok, nil},
		{"done with debug_url", created + delta + completed + "event: done\ndata: {\"debug_url\":\"u\"}\n\n", ok, nil},
		{"done without its last line end", created + delta + completed + "event:done\ndata:\"[DONE]\"", ok, nil},
		{"no done", created + delta + completed, ok[:3], nil},
		{"nothing is read after done", created + delta + completed + done + "event:nonsense\ndata:{\n\n", ok, nil},
		{"ids and comments", ": hello\nid: 1\n" + created + "id: 2\n: x\n" + delta + completed + done, ok, nil},
		{"unknown events are delivered", created + "event:brand.new\ndata:{\"a\":1}\n\n" + completed + done, []string{ok[0], "brand.new", ok[2], ok[3]}, nil},
		{"names of Coze Studio", created + "event:conversation.chat.required_action\ndata:{\"id\":\"7\",\"status\":\"requires_action\"}\n\nevent:conversation.stream.done\ndata:{}\n\n",
			[]string{ok[0], "conversation.chat.requires_action", "done"}, nil},
		{"broken off", created + delta, []string{ok[0], ok[1], ""}, io.ErrUnexpectedEOF},
		{"empty", "", []string{""}, io.ErrUnexpectedEOF},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := collect(openStream(t, tt.body))
			if d := cmp.Diff(tt.want, got); d != "" || !errors.Is(err, tt.err) {
				t.Errorf("error %v; events (-want +got):\n%s", err, d)
			}
		})
	}
}

// TestInStreamErrors: pitfalls 11 and D9, failures inside a stream are typed and keep code, event and log id.
func TestInStreamErrors(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, body    string
		code          int
		message       string
		event         string
		chatStatusSet bool
	}{
		{"error event", "event:error\ndata:{\"code\":4011,\"msg\":\"no balance\"}\n\n", 4011, "no balance", "error", false},
		{"error event with a string code", "event:error\ndata:{\"code\":\"702232007\",\"msg\":\"long\"}\n\n", 702232007, "long", "error", false},
		{"empty error event", "event:error\ndata:{}\n\n", 0, "the stream reported a failure without saying which", "error", false},
		{"error of Coze Studio", "event:conversation.error\ndata:{\"code\":\"5000\",\"msg\":\"x\"}\n\n", 5000, "x", "error", false},
		{"chat failed with last_error", chatFailed + "data:{\"id\":\"7\",\"conversation_id\":\"8\",\"status\":\"failed\",\"last_error\":{\"code\":4010,\"msg\":\"long prompt\"}}\n\n", 4010, "long prompt", "conversation.chat.failed", true},
		{"chat failed with bare code", chatFailed + "data:{\"code\":701231,\"msg\":\"error\"}\n\n", 701231, "error", "conversation.chat.failed", false},
		{"chat failed with bare string code", chatFailed + "data:{\"code\":\"701231\",\"msg\":\"error\"}\n\n", 701231, "error", "conversation.chat.failed", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var last coze.ChatEvent
			var err error
			for last, err = range openStream(t, created+tt.body+done).All() {
				continue
			}
			e := refused(t, err)
			if e.Code != tt.code || e.Message != tt.message || e.Event != tt.event || e.LogID != "LOG1" || e.Op != "CreateChat" || e.HTTPStatus != 200 {
				t.Errorf("got %#v", e)
			}
			if string(last.Type) != tt.event || (last.Chat != nil && last.Chat.Status == coze.ChatStatusFailed) != tt.chatStatusSet {
				t.Errorf("the event beside the error is %+v", last)
			}
		})
	}
}

// TestStreamRefusals: pitfall D10. What is not a stream is an error at once, also JSON with code 0.
func TestStreamRefusals(t *testing.T) {
	t.Parallel()
	for name, rt := range map[string]roundTrip{
		"refused in JSON":   answer(200, "application/json", `{"code":4015,"msg":"unpublished"}`),
		"JSON with code 0":  answer(200, "application/json", `{"code":0,"data":{"id":"1"}}`),
		"HTML":              answer(200, "text/html", "<p>"),
		"500 with a stream": answer(500, "text/event-stream", created),
	} {
		s, err := stubClient(t, rt).Chat.Stream(background(t), question)
		if s != nil {
			t.Errorf("%s: got a stream", name)
		}
		refused(t, err)
	}
	_, err := stubClient(t, answer(200, "application/json", `{"code":4015,"msg":"unpublished"}`)).Chat.Stream(background(t), question)
	if e := refused(t, err); e.Code != coze.CodeBotNotPublished {
		t.Errorf("got %v", err)
	}
}

// TestDamagedEvent: data that is no JSON ends the stream with an error that names the event.
func TestDamagedEvent(t *testing.T) {
	t.Parallel()
	_, err := collect(openStream(t, created+"event:conversation.message.delta\ndata:{\"id\":\n\n"+completed))
	if err == nil || !strings.Contains(err.Error(), "coze: CreateChat") || !strings.Contains(err.Error(), "conversation.message.delta") {
		t.Errorf("got %v", err)
	}
}

// TestStreamBytewise: whatever the pieces in which a stream arrives, the events are the same.
func TestStreamBytewise(t *testing.T) {
	t.Parallel()
	body := ":c\r\n" + created + strings.ReplaceAll(delta, "\n", "\r\n") + strings.ReplaceAll(completed, "\n", "\r") + "event:done\ndata:\"[DONE]\""
	want, err := collect(openStream(t, body))
	if err != nil || len(want) != 4 {
		t.Fatalf("%v, %v", want, err)
	}
	for i := range len(body) {
		c := stubClient(t, roundTrip(func(r *http.Request) (*http.Response, error) {
			rsp := response(r, 200, "text/event-stream", "")
			rsp.Body = io.NopCloser(io.MultiReader(reader(body[:i]), reader(body[i:])))
			return rsp, nil
		}))
		s, err := c.Chat.Stream(background(t), question)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := collect(s); err != nil || cmp.Diff(want, got) != "" {
			t.Fatalf("split at %d: %v, %v", i, got, err)
		}
	}
}

// TestStreamTime: pitfalls 9 and D11. A stream may last for hours, but silence over the idle limit ends it.
func TestStreamTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := stubClient(t, roundTrip(func(r *http.Request) (*http.Response, error) {
			pr, pw := io.Pipe()
			go func() {
				_, _ = io.WriteString(pw, created)
				for range 60 {
					time.Sleep(4 * time.Minute)
					_, _ = io.WriteString(pw, delta)
				}
			}()
			rsp := response(r, 200, "text/event-stream", "")
			context.AfterFunc(r.Context(), func() { pw.CloseWithError(r.Context().Err()) })
			rsp.Body = pr
			return rsp, nil
		}))
		s, err := c.Chat.Stream(t.Context(), question)
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		types, err := collect(s)
		if len(types) != 62 || !errors.Is(err, coze.ErrTimeout) || !strings.Contains(err.Error(), "idle timeout of 5m0s") {
			t.Errorf("%d events, %v", len(types), err)
		}
		if got, want := time.Since(start), 60*4*time.Minute+5*time.Minute; got != want {
			t.Errorf("ended after %v, want %v", got, want)
		}
	})
}

// platform is a stub that streams without end and knows cancel and retrieve.
type platform struct {
	mu        sync.Mutex
	canceled  []string
	onCancel  string // answer of the cancel call
	firstOnly bool   // only headers, no event
}

func (p *platform) RoundTrip(r *http.Request) (*http.Response, error) {
	switch r.URL.Path {
	case "/v3/chat/cancel":
		b, _ := io.ReadAll(r.Body)
		p.mu.Lock()
		defer p.mu.Unlock()
		p.canceled = append(p.canceled, string(b))
		return response(r, 200, "application/json", p.onCancel), nil
	case "/v3/chat/retrieve":
		return response(r, 200, "application/json", `{"code":0,"data":{"id":"7","conversation_id":"8","status":"completed"}}`), nil
	}
	pr, pw := io.Pipe()
	context.AfterFunc(r.Context(), func() { pw.CloseWithError(r.Context().Err()) })
	if !p.firstOnly {
		go func() { _, _ = io.WriteString(pw, created+delta) }()
	}
	rsp := response(r, 200, "text/event-stream", "")
	rsp.Body = pr
	return rsp, nil
}

const canceledChat = `{"code":0,"data":{"id":"7","conversation_id":"8","status":"canceled"}}`

// TestCancelOnClose: pitfalls 10 and D9c. A stream that is left also stops the chat on the server, if asked to.
func TestCancelOnClose(t *testing.T) {
	t.Parallel()
	want := []string{`{"conversation_id":"8","chat_id":"7"}`}
	open := func(t *testing.T, ctx context.Context, p *platform, opts ...coze.CallOption) *coze.ChatStream {
		s, err := stubClient(t, p).Chat.Stream(ctx, question, opts...)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	t.Run("break", func(t *testing.T) {
		p := &platform{onCancel: canceledChat}
		s := open(t, t.Context(), p, coze.WithCancelOnClose())
		for ev := range s.All() {
			if ev.Type == coze.ChatEventMessageDelta {
				break
			}
		}
		if d := cmp.Diff(want, p.canceled); d != "" {
			t.Error(d)
		}
		if s.ChatID() != "7" || s.ConversationID() != "8" || s.LogID() != "LOG1" {
			t.Errorf("ids %s %s %s", s.ChatID(), s.ConversationID(), s.LogID())
		}
		if err := s.Close(); err != nil || len(p.canceled) != 1 {
			t.Errorf("second Close: %v, %d cancel calls", err, len(p.canceled))
		}
	})
	t.Run("end of the context", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			p := &platform{onCancel: canceledChat}
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			_, err := collect(open(t, ctx, p, coze.WithCancelOnClose()))
			if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, coze.ErrTimeout) {
				t.Errorf("got %v", err)
			}
			if d := cmp.Diff(want, p.canceled); d != "" {
				t.Error(d)
			}
		})
	})
	t.Run("already over on the server", func(t *testing.T) {
		p := &platform{onCancel: `{"code":4104,"msg":"over"}`}
		s := open(t, t.Context(), p, coze.WithCancelOnClose())
		for range s.All() {
			break
		}
		if err := s.Close(); err != nil {
			t.Errorf("code 4104 is an error: %v", err)
		}
	})
	t.Run("not asked for", func(t *testing.T) {
		p := &platform{onCancel: canceledChat}
		for range open(t, t.Context(), p).All() {
			break
		}
		if len(p.canceled) != 0 {
			t.Error("canceled without being asked to")
		}
	})
	t.Run("ended by itself", func(t *testing.T) {
		calls := 0
		c := stubClient(t, roundTrip(func(r *http.Request) (*http.Response, error) {
			calls++
			return response(r, 200, "text/event-stream", created+completed+done), nil
		}))
		s, err := c.Chat.Stream(t.Context(), question, coze.WithCancelOnClose())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := collect(s); err != nil || calls != 1 {
			t.Errorf("%v, %d calls", err, calls)
		}
	})
}

// TestSubmitToolOutputsStream: the continuation is a stream like the first.
func TestSubmitToolOutputsStream(t *testing.T) {
	t.Parallel()
	var sent []byte
	c := stubClient(t, roundTrip(func(r *http.Request) (*http.Response, error) {
		sent, _ = io.ReadAll(r.Body)
		return response(r, 200, "text/event-stream", created+delta+completed+done), nil
	}))
	s, err := c.Chat.SubmitToolOutputsStream(background(t), coze.SubmitToolOutputsRequest{
		ConversationID: "8", ChatID: "7", ToolOutputs: []coze.ToolOutput{{ToolCallID: "t", Output: "o"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if types, err := collect(s); err != nil || len(types) != 4 {
		t.Errorf("%v, %v", types, err)
	}
	if want := `{"tool_outputs":[{"tool_call_id":"t","output":"o"}],"stream":true}`; string(sent) != want {
		t.Errorf("sent %s", sent)
	}
}

func TestAccumulator(t *testing.T) {
	t.Parallel()
	ev := func(kind, data string) string { return "event:" + kind + "\ndata:" + data + "\n\n" }
	body := created +
		ev("conversation.message.delta", `{"id":"9","type":"answer","reasoning_content":"hm","content":""}`) +
		ev("conversation.message.delta", `{"id":"9","type":"answer","content":"hel"}`) +
		ev("conversation.message.delta", `{"id":"9","type":"answer","content":"lo"}`) +
		ev("conversation.audio.delta", `{"id":"9","type":"answer","content_type":"audio","content":"AQID"}`) +
		ev("conversation.message.completed", `{"id":"9","type":"answer","content":"hello"}`) +
		ev("conversation.message.completed", `{"id":"10","type":"follow_up","content":"and?"}`) + completed + done
	var acc coze.ChatAccumulator
	for e, err := range openStream(t, body).All() {
		if err != nil {
			t.Fatal(err)
		}
		if err := acc.Add(e); err != nil {
			t.Fatal(err)
		}
	}
	r := acc.Result()
	if r.Answer() != "hello" || acc.Reasoning() != "hm" || string(acc.Audio()) != "\x01\x02\x03" || r.Chat.Usage.TokenCount != 3 || len(r.Messages) != 2 {
		b, _ := json.Marshal(r)
		t.Errorf("got %s", b)
	}
	if err := acc.Add(coze.ChatEvent{Type: coze.ChatEventAudioDelta, Message: &coze.Message{Content: "%"}}); err == nil {
		t.Error("damaged audio was accepted")
	}
}

// TestEventsCanBeKept: the raw data of an event stays as it is when later events come.
func TestEventsCanBeKept(t *testing.T) {
	t.Parallel()
	var kept []coze.ChatEvent
	for ev, err := range openStream(t, created+strings.Repeat(delta, 200)+completed+done).All() {
		if err != nil {
			t.Fatal(err)
		}
		kept = append(kept, ev)
	}
	for _, ev := range kept[1:201] {
		if !strings.HasPrefix(string(ev.Raw), `{"id":"9"`) || ev.Message.Content != "hi" || !json.Valid(ev.Raw) {
			t.Fatalf("kept event is damaged: %s", ev.Raw)
		}
	}
}
