package coze_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/google/go-cmp/cmp"
)

// diary is hooks that write down what they are told.
type diary struct {
	lines  []string
	result coze.Outcome
}

type contextKey struct{}

func (d *diary) add(ctx context.Context, format string, args ...any) {
	line := fmt.Sprintf(format, args...)
	if ctx.Value(contextKey{}) != d {
		line += " with a foreign context"
	}
	d.lines = append(d.lines, line)
}

func (d *diary) hooks() coze.Hooks {
	return coze.Hooks{
		Call: func(ctx context.Context, c *coze.RequestInfo) context.Context {
			ctx = context.WithValue(ctx, contextKey{}, d)
			d.add(ctx, "call %s %s %s%s", c.Op, c.Method, c.Host, c.Path)
			return ctx
		},
		Request: func(ctx context.Context, _ *coze.RequestInfo, t coze.TryInfo) { d.add(ctx, "request %d", t.Attempt) },
		Response: func(ctx context.Context, _ *coze.RequestInfo, t coze.TryResult) {
			d.add(ctx, "response %d http %d code %d %s after %v: %v", t.Attempt, t.Status, t.Code, t.LogID, t.Duration, t.Err != nil)
		},
		Retry: func(ctx context.Context, _ *coze.RequestInfo, r coze.RetryInfo) {
			d.add(ctx, "retry %d http %d code %d in %v: %v", r.Attempt, r.Status, r.Code, r.Wait, r.Err != nil)
		},
		Event: func(ctx context.Context, _ *coze.RequestInfo, e coze.EventInfo) {
			d.add(ctx, "event %d %s %d", e.Index, e.Name, e.Size)
		},
		Done: func(ctx context.Context, _ *coze.RequestInfo, r coze.Outcome) {
			d.result = r
			d.add(ctx, "done %d http %d code %d %s after %v: %v", r.Attempts, r.Status, r.Code, r.LogID, r.Duration, r.Err != nil)
		},
	}
}

func (d *diary) check(t *testing.T, what string, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, d.lines); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
	d.lines = nil
}

// TestHooks: what is told of a call that is repeated, and that the hooks' context is the one that the requests have.
func TestHooks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var d diary
		slow := func(r *http.Request) (*http.Response, error) {
			if r.Context().Value(contextKey{}) != &d {
				t.Error("the request has not the context of the hook")
			}
			time.Sleep(time.Second)
			return response(r, 200, "application/json", `{"code":4013,"msg":"slow down"}`), nil
		}
		f := &failing{failures: []func(*http.Request) (*http.Response, error){slow, status(429, "Retry-After", "2")}}
		c := stubClient(t, f, coze.WithHooks(d.hooks()), coze.WithRetry(coze.RetryPolicy{MaxDelay: 1, MinDelay: 1}))
		if _, err := c.Bots.Get(t.Context(), "73", coze.RetrieveBotRequest{}); err != nil {
			t.Fatal(err)
		}
		d.check(t, "a call with two repetitions",
			"call RetrieveBot GET api.coze.cn/v1/bots/73",
			"request 1", "response 1 http 200 code 4013 LOG1 after 1s: true", "retry 1 http 200 code 4013 in 1ns: true",
			"request 2", "response 2 http 429 code 0 LOG1 after 0s: true", "retry 2 http 429 code 0 in 2s: true",
			"request 3", "response 3 http 200 code 0 LOG1 after 0s: false",
			"done 3 http 200 code 0 LOG1 after 3.000000001s: false")
	})
	synctest.Test(t, func(t *testing.T) {
		var d diary
		c := stubClient(t, &failing{failures: []func(*http.Request) (*http.Response, error){reset}}, coze.WithHooks(d.hooks()))
		_, err := c.Users.Me(t.Context())
		if err == nil || !errors.Is(err, d.result.Err) || d.result.Err.Error() != err.Error() {
			t.Errorf("the call reports %v, the hook was told %v", err, d.result.Err)
		}
		d.check(t, "a broken connection", "call GetCurrentUser GET api.coze.cn/v1/users/me", "request 1",
			"response 1 http 0 code 0  after 0s: true", "done 1 http 0 code 0  after 0s: true")
		if _, err := c.Bots.Get(t.Context(), "", coze.RetrieveBotRequest{}); err == nil || len(d.lines) > 0 {
			t.Errorf("a call that was never sent was told: %v, %v", d.lines, err)
		}
	})
}

// TestHooksOfStreams: events and the end of a stream, however it ends.
func TestHooksOfStreams(t *testing.T) {
	t.Parallel()
	const failed = chatFailed + `data:{"id":"7","conversation_id":"8","last_error":{"code":5000,"msg":"no"}}` + "\n\n"
	const usage = `event:conversation.chat.completed` + "\n" +
		`data:{"id":"7","usage":{"token_count":633,"output_count":"19","input_count":614}}` + "\n\n"
	first := []string{"call CreateChat POST api.coze.cn/v3/chat", "request 1", "response 1 http 200 code 0 LOG1 after 0s: false"}
	tests := []struct {
		name, body string
		leave      int // after so many events; 0 = never
		events     []string
		done       string
		err        error
	}{
		{"whole", created + usage + done, 0, []string{
			"event 1 conversation.chat.created 51", "event 2 conversation.chat.completed 76", "event 3 done 8",
		}, "done 1 http 200 code 0 LOG1 after 0s: false", nil},
		{"failed", created + failed, 0, []string{"event 1 conversation.chat.created 51", "event 2 conversation.chat.failed 70"},
			"done 1 http 200 code 5000 LOG1 after 0s: true", coze.ErrServer},
		{"truncated", created, 0, []string{"event 1 conversation.chat.created 51"},
			"done 1 http 200 code 0 LOG1 after 0s: true", io.ErrUnexpectedEOF},
		{"left", created + usage + done, 1, []string{"event 1 conversation.chat.created 51"},
			"done 1 http 200 code 0 LOG1 after 0s: false", nil},
		{"undecodable", "event:conversation.chat.created\ndata:{\n\n", 0, []string{"event 1 conversation.chat.created 1"},
			"done 1 http 200 code 0 LOG1 after 0s: true", nil},
	}
	for _, tt := range tests {
		for how, wrap := range map[string]func(io.Reader) io.Reader{"data with EOF": iotest.DataErrReader, "EOF alone": asItIs, "byte by byte": iotest.OneByteReader} {
			t.Run(tt.name+", "+how, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					var d diary
					c := stubClient(t, roundTrip(func(r *http.Request) (*http.Response, error) {
						rsp := response(r, 200, "text/event-stream", "")
						rsp.Body = io.NopCloser(wrap(strings.NewReader(tt.body)))
						return rsp, nil
					}), coze.WithHooks(d.hooks()))
					s, err := c.Chat.Stream(t.Context(), question)
					if err != nil {
						t.Fatal(err)
					}
					n := 0
					for range s.All() {
						if n++; n == tt.leave {
							break
						}
					}
					_ = s.Close()
					d.check(t, tt.name, slices.Concat(first, tt.events, []string{tt.done})...)
					if tt.err != nil && !errors.Is(d.result.Err, tt.err) {
						t.Errorf("the hook was told %v, want %v", d.result.Err, tt.err)
					}
					if want := (coze.TokenUsage{Input: 614, Output: 19, Total: 633}); tt.name == "whole" && d.result.Usage != want {
						t.Errorf("usage %+v", d.result.Usage)
					}
					if d.result.Events != len(tt.events) {
						t.Errorf("%d events", d.result.Events)
					}
				})
			})
		}
	}
}

func asItIs(r io.Reader) io.Reader { return r }

// TestHookOfDownload: a download is over when it is closed.
func TestHookOfDownload(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var d diary
		c := stubClient(t, answer(200, "audio/mpeg", "bytes"), coze.WithHooks(d.hooks()))
		sound, err := c.Audio.Speech.Create(t.Context(), coze.CreateSpeechRequest{Input: "hi", VoiceID: "1"})
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.ReadAll(sound)
		if n := len(d.lines); n != 3 {
			t.Errorf("before Close %d hooks were called: %q", n, d.lines)
		}
		time.Sleep(time.Second)
		_ = sound.Close()
		if got := d.lines[len(d.lines)-1]; got != "done 1 http 200 code 0 LOG1 after 1s: false" {
			t.Errorf("the last hook was told %s", got)
		}
	})
}

// TestHooksOfCall: hooks of the client come before those of the call, and each may be missing.
func TestHooksOfCall(t *testing.T) {
	t.Parallel()
	var order []string
	named := func(name string) coze.Hooks {
		return coze.Hooks{Done: func(_ context.Context, c *coze.RequestInfo, r coze.Outcome) {
			order = append(order, fmt.Sprint(name, " ", c.BotID, c.WorkflowID, c.ConversationID, " ", r.Usage.Total))
		}}
	}
	c := stubClient(t, &recorder{data: `{"id":"1","usage":{"token_count":7}}`}, coze.WithHooks(named("first")), coze.WithHooks(named("second")))
	calls := []func() error{
		func() error {
			_, err := c.Chat.Create(t.Context(), coze.CreateChatRequest{BotID: "b", UserID: "u", ConversationID: "c"}, coze.WithHooks(named("own")))
			return err
		},
		func() error {
			_, err := c.Bots.Get(t.Context(), "b2", coze.RetrieveBotRequest{})
			return err
		},
		func() error {
			return c.Do(t.Context(), http.MethodGet, "/v9/x", nil, nil, nil, coze.WithQuery("workflow_id", "w"))
		},
	}
	for _, run := range calls {
		if err := run(); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{"first bc 7", "second bc 7", "own bc 7", "first b2 7", "second b2 7", "first w 7", "second w 7"}
	if diff := cmp.Diff(want, order); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestHookPanics: a panic in a hook reaches the caller and leaves no body open and no slot taken.
func TestHookPanics(t *testing.T) {
	t.Parallel()
	kinds := map[string]coze.Hooks{
		"Call":     {Call: func(context.Context, *coze.RequestInfo) context.Context { panic("mine") }},
		"Request":  {Request: func(context.Context, *coze.RequestInfo, coze.TryInfo) { panic("mine") }},
		"Response": {Response: func(context.Context, *coze.RequestInfo, coze.TryResult) { panic("mine") }},
		"Event":    {Event: func(context.Context, *coze.RequestInfo, coze.EventInfo) { panic("mine") }},
		"Done":     {Done: func(context.Context, *coze.RequestInfo, coze.Outcome) { panic("mine") }},
	}
	for name, h := range kinds {
		var opened, closed atomic.Int32
		c := stubClient(t, roundTrip(func(r *http.Request) (*http.Response, error) {
			opened.Add(1)
			rsp := response(r, 200, "text/event-stream", created+completed+done)
			if !strings.HasSuffix(r.URL.Path, "chat") {
				rsp = response(r, 200, "application/json", `{"code":0,"data":{}}`)
			}
			rsp.Body = &countClose{rsp.Body, &closed}
			return rsp, nil
		}), coze.WithRateLimit(coze.RateLimit{Concurrent: 1}))
		panics := func(f func()) (p any) {
			defer func() { p = recover() }()
			f()
			return nil
		}
		unary := panics(func() { _, _ = c.Users.Me(t.Context(), coze.WithHooks(h)) })
		streamed := panics(func() {
			if s, err := c.Chat.Stream(t.Context(), question, coze.WithHooks(h)); err == nil {
				_, _ = collect(s)
			}
		})
		if (unary == nil) != (name == "Event") || streamed == nil {
			t.Errorf("%s: panics %v and %v", name, unary, streamed)
		}
		if _, err := c.Users.Me(t.Context()); err != nil || opened.Load() != closed.Load() {
			t.Errorf("%s: %d bodies opened, %d closed; the next call: %v", name, opened.Load(), closed.Load(), err)
		}
	}
}

// TestHooksWhileClosing: a stream that another goroutine closes is done once, whatever its loop is doing.
func TestHooksWhileClosing(t *testing.T) {
	t.Parallel()
	for range 50 {
		var dones, events atomic.Int32
		hooks := coze.Hooks{
			Event: func(context.Context, *coze.RequestInfo, coze.EventInfo) { events.Add(1) },
			Done:  func(context.Context, *coze.RequestInfo, coze.Outcome) { dones.Add(1) },
		}
		s := openStream(t, created+strings.Repeat(delta, 20)+completed+done, coze.WithHooks(hooks))
		var wg sync.WaitGroup
		wg.Go(func() { _, _ = collect(s) })
		wg.Go(func() { _ = s.Close() })
		wg.Wait()
		if dones.Load() != 1 || events.Load() > 23 {
			t.Fatalf("%d times done, %d events", dones.Load(), events.Load())
		}
	}
}
