package coze_test

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/google/go-cmp/cmp"
)

// TestLogs: pitfalls D34, D51 and D52. Nothing is logged by default, each client has its own logger, and no body, query
// or token is in a log.
func TestLogs(t *testing.T) {
	t.Parallel()
	var a, b bytes.Buffer
	logger := func(w io.Writer) coze.ClientOption {
		return coze.WithLogger(slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelDebug})))
	}
	one, two := stubClient(t, &recorder{}, logger(&a)), stubClient(t, answer(401, "application/json", `{"code":4100,"msg":"`+testToken+`"}`), logger(&b))
	_, _ = one.Conversations.Create(background(t), coze.CreateConversationRequest{Name: "private"}, coze.WithQuery("q", "private"))
	_, _ = two.Users.Me(background(t))
	for _, log := range []string{a.String(), b.String()} {
		if strings.Contains(log, testToken) || strings.Contains(log, "private") {
			t.Errorf("secrets in the log: %s", log)
		}
	}
	if !strings.Contains(a.String(), "op=CreateConversation") || !strings.Contains(b.String(), "level=WARN") || strings.Contains(a.String(), "GetCurrentUser") {
		t.Errorf("logs:\n%s%s", a.String(), b.String())
	}
}

// TestLogLines: one line a call, with all that one needs to find it again.
func TestLogLines(t *testing.T) {
	t.Parallel()
	const failed = chatFailed + `data:{"id":"7","last_error":{"code":5000,"msg":"broken"}}` + "\n\n"
	type attrs = map[string]any
	tests := []struct {
		name string
		rt   roundTrip
		call func(*testing.T, *coze.Client)
		want attrs
	}{
		{"a refusal", answer(200, "application/json", `{"code":4200,"msg":"no"}`), func(t *testing.T, c *coze.Client) {
			_, _ = c.Bots.Get(t.Context(), "73", coze.RetrieveBotRequest{})
		}, attrs{"level": "WARN", "op": "RetrieveBot", "path": "/v1/bots/73", "method": "GET", "code": 4200.0}},
		{"a success", answer(200, "application/json", `{"code":0,"data":{}}`), func(t *testing.T, c *coze.Client) {
			_, _ = c.Bots.Get(t.Context(), "73", coze.RetrieveBotRequest{})
		}, attrs{"level": "DEBUG", "op": "RetrieveBot", "path": "/v1/bots/73", "method": "GET", "code": 0.0}},
		{"a stream", answer(200, "text/event-stream", created+completed+done), func(t *testing.T, c *coze.Client) {
			s, _ := c.Chat.Stream(t.Context(), question)
			_, _ = collect(s)
		}, attrs{"level": "DEBUG", "op": "CreateChat", "path": "/v3/chat", "method": "POST", "code": 0.0, "events": 3.0, "first_event_ms": 2000.0}},
		{"a stream that fails", answer(200, "text/event-stream", created+failed), func(t *testing.T, c *coze.Client) {
			s, _ := c.Chat.Stream(t.Context(), question)
			_, _ = collect(s)
		}, attrs{"level": "WARN", "op": "CreateChat", "path": "/v3/chat", "method": "POST", "code": 5000.0, "events": 2.0, "first_event_ms": 2000.0}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var out bytes.Buffer
				handler := slog.NewJSONHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug})
				slow := roundTrip(func(r *http.Request) (*http.Response, error) {
					time.Sleep(2 * time.Second)
					return tt.rt(r)
				})
				tt.call(t, stubClient(t, slow, coze.WithLogger(slog.New(handler))))
				got := attrs{}
				if err := json.Unmarshal(out.Bytes(), &got); err != nil {
					t.Fatalf("not one line: %s", out.String())
				}
				maps.Copy(tt.want, attrs{
					"msg": "coze call", "host": "api.coze.cn", "status": 200.0, "logid": "LOG1", "attempts": 1.0, "duration_ms": 2000.0,
				})
				if text, _ := got["error"].(string); (text != "") != (got["level"] == "WARN") {
					t.Errorf("level %v with error %q", got["level"], text)
				}
				delete(got, "time")
				delete(got, "error")
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Errorf("-want +got:\n%s", diff)
				}
			})
		})
	}
}

// TestLoggedBodies: bodies are logged on demand only, and without what the document marks as sensitive.
func TestLoggedBodies(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	handler := slog.NewJSONHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug})
	c := stubClient(t, &recorder{data: `{"token":"s3cret","room_id":"7","note":"` + testToken + `"}`}, coze.WithLogger(slog.New(handler)), coze.WithLoggedBodies())
	logged := func() (request, answer any) {
		got := map[string]any{}
		if err := json.Unmarshal(out.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		out.Reset()
		return got["request_body"], got["answer_body"]
	}
	room := coze.CreateAudioRoomRequest{BotID: "b", ConnectorID: "c"}
	if _, err := c.Audio.Rooms.Create(t.Context(), room, coze.WithExtraField("api_key", "s3cret")); err != nil {
		t.Fatal(err)
	}
	const request = `{"bot_id":"b","connector_id":"c","api_key":"[redacted]"}`
	const reply = `{"code":0,"msg":"","data":{"token":"[redacted]","room_id":"7","note":"[redacted]"}}`
	if got, answered := logged(); got != request || answered != reply {
		t.Errorf("got  %v\nand  %v\nwant %s\nand  %s", got, answered, request, reply)
	}
	_, err := c.Files.Upload(t.Context(), coze.UploadFileRequest{File: coze.Upload{Name: "a.txt", Reader: strings.NewReader("private")}})
	if got, _ := logged(); err != nil || !strings.HasPrefix(got.(string), "[multipart/form-data of ") {
		t.Errorf("an upload: %v, %v", got, err)
	}
	if err := c.Do(t.Context(), http.MethodPost, "/v9/x", nil, strings.Repeat("x", 20_000), nil); err != nil {
		t.Fatal(err)
	}
	if got, _ := logged(); got != "[application/json of 20002 bytes, left out]" {
		t.Errorf("a large body: %v", got)
	}
}
