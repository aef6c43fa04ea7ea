package coze_test

import (
	"context"
	"errors"
	"fmt"
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

// script answers retrieve calls one by one; the last answer repeats.
type script struct {
	mu     sync.Mutex
	states []string // status, "!" = 502, "?" = broken connection, "x" = refused for good
	looks  int
	cancel string // answer of the cancel call
	calls  []string
}

func (s *script) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.Body != nil {
		_, _ = io.Copy(io.Discard, r.Body)
	}
	s.calls = append(s.calls, r.URL.Path)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	switch r.URL.Path {
	case "/v3/chat":
		return response(r, 200, "application/json", chatJSON("in_progress")), nil
	case "/v3/chat/cancel":
		return response(r, 200, "application/json", s.cancel), nil
	case "/v3/chat/message/list":
		return response(r, 200, "application/json", `{"code":0,"data":[{"id":"9","type":"answer","content":"hi"},{"id":"10","type":"verbose","content":"{}"}]}`), nil
	}
	state := s.states[min(s.looks, len(s.states)-1)]
	s.looks++
	switch state {
	case "!":
		return response(r, 502, "text/html", "<p>bad gateway"), nil
	case "?":
		return nil, errors.New("connection reset")
	case "x":
		return response(r, 200, "application/json", `{"code":4200,"msg":"gone"}`), nil
	}
	return response(r, 200, "application/json", chatJSON(state)), nil
}

func chatJSON(status string) string {
	return fmt.Sprintf(`{"code":0,"data":{"id":"7","conversation_id":"8","status":%q,"last_error":{"code":%d,"msg":"m"}}}`,
		status, map[string]int{"failed": 4010}[status])
}

// TestWait: pitfalls D1 and D3. Waiting ends in each terminal state, an unknown one is an error, and failed looks are borne.
func TestWait(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		states []string
		status coze.ChatStatus
		is     error
		after  time.Duration
	}{
		{"completed at once", []string{"completed"}, coze.ChatStatusCompleted, nil, 0},
		{"completed later", []string{"created", "in_progress", "completed"}, coze.ChatStatusCompleted, nil, 2500 * time.Millisecond},
		{"failed", []string{"in_progress", "failed"}, coze.ChatStatusFailed, coze.ErrTooLarge, time.Second},
		{"canceled", []string{"in_progress", "canceled"}, coze.ChatStatusCanceled, coze.ErrCanceled, time.Second},
		{"requires action", []string{"requires_action"}, coze.ChatStatusRequiresAction, nil, 0},
		{"unknown", []string{"in_progress", "dreaming"}, "dreaming", coze.ErrUnknownStatus, time.Second},
		{"one 502", []string{"!", "completed"}, coze.ChatStatusCompleted, nil, time.Second},
		{"broken connections", []string{"in_progress", "?", "?", "completed"}, coze.ChatStatusCompleted, nil, 1000*time.Millisecond + 1500*time.Millisecond + 2250*time.Millisecond},
		{"too many failures", []string{"in_progress", "!"}, coze.ChatStatusInProgress, coze.ErrServer, 13125 * time.Millisecond},
		{"refused for good", []string{"in_progress", "x"}, coze.ChatStatusInProgress, coze.ErrNotFound, time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				chat, err := stubClient(t, &script{states: tt.states}).Chat.Wait(t.Context(), "8", "7", coze.PollPolicy{})
				if chat == nil || chat.Status != tt.status || chat.ID != "7" {
					t.Fatalf("chat %+v", chat)
				}
				if tt.is == nil && err != nil || !errors.Is(err, tt.is) {
					t.Errorf("error %v, want %v", err, tt.is)
				}
				if got := time.Since(start); got != tt.after {
					t.Errorf("after %v, want %v", got, tt.after)
				}
			})
		})
	}
}

// TestWaitDeadline: pitfall D2. At the end of the context the chat is canceled on the server, and the last known chat comes
// back; code 4104 means that it has ended meanwhile.
func TestWaitDeadline(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		states []string
		cancel string
		policy coze.PollPolicy
		status coze.ChatStatus
		is     error
		calls  string // last call
	}{
		{"canceled", []string{"in_progress"}, canceledChat, coze.PollPolicy{}, coze.ChatStatusCanceled, context.DeadlineExceeded, "/v3/chat/cancel"},
		{"ended meanwhile", []string{"in_progress", "completed"}, `{"code":4104,"msg":"over"}`, coze.PollPolicy{Interval: time.Hour}, coze.ChatStatusCompleted, nil, "/v3/chat/retrieve"},
		{"left running", []string{"in_progress"}, "", coze.PollPolicy{LeaveRunning: true}, coze.ChatStatusInProgress, context.DeadlineExceeded, "/v3/chat/retrieve"},
		{"cancel refused", []string{"in_progress"}, `{"code":5000,"msg":"x"}`, coze.PollPolicy{}, coze.ChatStatusInProgress, context.DeadlineExceeded, "/v3/chat/cancel"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
				defer cancel()
				s := &script{states: tt.states, cancel: tt.cancel}
				start := time.Now()
				chat, err := stubClient(t, s).Chat.Wait(ctx, "8", "7", tt.policy)
				if chat == nil || chat.Status != tt.status || !errors.Is(err, tt.is) || tt.is == nil && err != nil {
					t.Errorf("chat %+v, error %v", chat, err)
				}
				if got := time.Since(start); got != 1500*time.Millisecond {
					t.Errorf("came back after %v", got)
				}
				if got := s.calls[len(s.calls)-1]; got != tt.calls {
					t.Errorf("last call %s, want %s", got, tt.calls)
				}
			})
		})
	}
}

func TestCreateAndPoll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &script{states: []string{"in_progress", "completed"}}
		r, err := stubClient(t, s).Chat.CreateAndPoll(t.Context(), question, coze.PollPolicy{}, coze.WithExtraField("x", 1), coze.WithHeader("X-A", "b"))
		if err != nil || r.Answer() != "hi" || len(r.Messages) != 2 {
			t.Errorf("%+v, %v", r, err)
		}
		want := []string{"/v3/chat", "/v3/chat/retrieve", "/v3/chat/retrieve", "/v3/chat/message/list"}
		if d := cmp.Diff(want, s.calls); d != "" {
			t.Error(d)
		}
		failed := &script{states: []string{"failed"}}
		r, err = stubClient(t, failed).Chat.CreateAndPoll(t.Context(), question, coze.PollPolicy{})
		if e := refused(t, err); e.Code != 4010 || r.Chat.Status != coze.ChatStatusFailed || len(r.Messages) != 2 {
			t.Errorf("%+v, %v", r, err)
		}
	})
	req := question
	req.AutoSaveHistory = coze.Ptr(false)
	_, err := stubClient(t, &script{}).Chat.CreateAndPoll(background(t), req, coze.PollPolicy{})
	if err == nil || !strings.Contains(err.Error(), "auto_save_history") {
		t.Errorf("got %v", err)
	}
}
