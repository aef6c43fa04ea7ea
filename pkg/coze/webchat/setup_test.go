package webchat_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/cozekit/cozekit/pkg/coze/webchat"
	"github.com/cozekit/cozekit/pkg/cozetest"
)

const botID = cozetest.DefaultBotID

// noLimit lets tests call as often as they like.
var noLimit = webchat.Rate{PerSecond: -1}

// byHeader takes the word of a header for who the visitor is.
func byHeader(_ http.ResponseWriter, r *http.Request) (string, error) {
	return r.Header.Get("X-Visitor"), nil
}

// site is a proxy of a fake server.
type site struct {
	t   *testing.T
	srv *cozetest.Server
	url string
}

func clientOf(t *testing.T, srv *cozetest.Server) *coze.Client {
	t.Helper()
	client, err := coze.NewClient(coze.WithBaseURL(srv.URL()), coze.WithToken(srv.Token()))
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// newSite serves a proxy without limits of rate, unless change sets some.
func newSite(t *testing.T, srv *cozetest.Server, change func(*webchat.ProxyConfig)) *site {
	t.Helper()
	cfg := webchat.ProxyConfig{Bots: []string{botID}, Visitor: byHeader, VisitorRate: noLimit, ChatRate: noLimit, IPRate: noLimit}
	if change != nil {
		change(&cfg)
	}
	p, err := webchat.NewProxy(clientOf(t, srv), cfg)
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(p)
	t.Cleanup(web.Close)
	return &site{t, srv, web.URL}
}

// as is the client of a visitor: that of this SDK, with the proxy as its server.
func (s *site) as(visitor string) *coze.Client {
	s.t.Helper()
	c, err := coze.NewClient(coze.WithBaseURL(s.url), coze.WithToken("none"), coze.WithDefaultHeader("X-Visitor", visitor),
		coze.WithRetry(coze.RetryPolicy{Retries: -1}))
	if err != nil {
		s.t.Fatal(err)
	}
	return c
}

// say asks a question and returns the ids of conversation, chat and answer.
func say(ctx context.Context, t *testing.T, c *coze.Client, conversation, question string) (conversationID, chatID, answerID string) {
	t.Helper()
	s, err := c.Chat.Stream(ctx, coze.CreateChatRequest{
		BotID: botID, UserID: "what the page says", ConversationID: conversation,
		AdditionalMessages: []coze.EnterMessage{coze.UserMessage(question)},
	})
	if err != nil {
		t.Fatal(err)
	}
	for ev, err := range s.All() {
		if err != nil {
			t.Fatal(err)
		}
		if ev.Chat != nil {
			conversationID, chatID = ev.Chat.ConversationID, ev.Chat.ID
		}
		if ev.Type == coze.ChatEventMessageCompleted && ev.Message.Type == coze.MessageTypeAnswer {
			answerID = ev.Message.ID
		}
	}
	return conversationID, chatID, answerID
}

// call sends a request and decodes the code of the answer.
func (s *site) call(visitor, method, path, body string) (status, code int, text string) {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("X-Visitor", visitor)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	rsp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer rsp.Body.Close()
	raw, _ := io.ReadAll(rsp.Body)
	var e struct {
		Code int `json:"code"`
	}
	_ = json.Unmarshal(raw, &e)
	return rsp.StatusCode, e.Code, string(raw)
}

// lastCall is what the fake got last for an operation.
func (s *site) lastCall(operation string) cozetest.Call {
	s.t.Helper()
	calls := s.srv.Calls()
	for i := len(calls) - 1; i >= 0; i-- {
		if calls[i].Operation == operation {
			return calls[i]
		}
	}
	s.t.Fatalf("%s did not reach the server", operation)
	return cozetest.Call{}
}

func form(t *testing.T, name, content string, more ...string) (kind string, body *bytes.Buffer) {
	t.Helper()
	body = &bytes.Buffer{}
	w := multipart.NewWriter(body)
	f, err := w.CreateFormFile("file", name)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(f, content)
	for _, field := range more {
		_ = w.WriteField(field, "1")
	}
	_ = w.Close()
	return w.FormDataContentType(), body
}

func wantNotFound(t *testing.T, what string, err error) {
	t.Helper()
	var e *coze.Error
	if !errors.As(err, &e) || e.Code != coze.CodeNotFound || e.HTTPStatus != http.StatusNotFound {
		t.Errorf("%s: %v, want that it does not exist", what, err)
	}
}

var goroutineID = regexp.MustCompile(`^goroutine (\d+) `)

func ours() map[string]string {
	buf := make([]byte, 4<<20)
	list := map[string]string{}
	for stack := range strings.SplitSeq(string(buf[:runtime.Stack(buf, true)]), "\n\n") {
		id := goroutineID.FindStringSubmatch(stack)
		for line := range strings.SplitSeq(stack, "\n") {
			if id != nil && strings.Contains(line, "cozekit/cozekit/pkg/coze") && !strings.Contains(line, "_test.") {
				list[id[1]] = stack
			}
		}
	}
	return list
}

// noLeaks fails the test if goroutines of ours outlive it. The test must not be parallel.
func noLeaks(t *testing.T) {
	t.Helper()
	before := ours()
	t.Cleanup(func() {
		for n := 0; ; n++ {
			leaked := ""
			for id, stack := range ours() {
				if before[id] == "" {
					leaked = stack
				}
			}
			if leaked == "" {
				return
			}
			if n == 500 {
				t.Fatalf("a goroutine outlives the test:\n%s", leaked)
			}
			time.Sleep(10 * time.Millisecond) // one that is about to end
		}
	})
}
