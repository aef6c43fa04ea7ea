package coze_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/google/go-cmp/cmp"
)

// recorder keeps what was sent and answers with success.
type recorder struct {
	mu   sync.Mutex
	reqs []*http.Request
	body []byte
	data string
}

func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.reqs, r.body = append(r.reqs, req), nil
	if req.Body != nil {
		r.body, _ = io.ReadAll(req.Body)
		_ = req.Body.Close()
	}
	data := r.data
	if data == "" {
		data = "{}"
	}
	return response(req, 200, "application/json", `{"code":0,"msg":"","data":`+data+`}`), nil
}

func (r *recorder) last() *http.Request { return r.reqs[len(r.reqs)-1] }

// TestUnsetIsNotSent: pitfalls 8 and D33. A minimal request carries required fields only, and conversation_id travels in
// the query (pitfall 19).
func TestUnsetIsNotSent(t *testing.T) {
	t.Parallel()
	rec := &recorder{}
	c := stubClient(t, rec)
	if _, err := c.Chat.Create(background(t), coze.CreateChatRequest{BotID: "1", UserID: "u"}); err != nil {
		t.Fatal(err)
	}
	if got, want := rec.last().URL.String(), "https://api.coze.cn/v3/chat"; got != want {
		t.Errorf("URL %s, want %s", got, want)
	}
	if got, want := string(rec.body), `{"bot_id":"1","user_id":"u","stream":false}`; got != want {
		t.Errorf("body %s, want %s", got, want)
	}
	req := coze.CreateChatRequest{BotID: "1", UserID: "u", ConversationID: "c 1", AutoSaveHistory: coze.Ptr(false)}
	if _, err := c.Chat.Create(background(t), req); err != nil {
		t.Fatal(err)
	}
	if got, want := rec.last().URL.RawQuery, "conversation_id=c+1"; got != want {
		t.Errorf("query %s, want %s", got, want)
	}
	if !strings.Contains(string(rec.body), `"auto_save_history":false`) {
		t.Errorf("auto_save_history: false was not sent: %s", rec.body)
	}
}

// TestRequestIsNotChanged: pitfall D35, also under -race with a request that goroutines share.
func TestRequestIsNotChanged(t *testing.T) {
	t.Parallel()
	c := stubClient(t, &recorder{})
	req := coze.CreateChatRequest{BotID: "1", UserID: "u", CustomVariables: map[string]string{"a": "b"}}
	before, _ := json.Marshal(req)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if _, err := c.Chat.Create(background(t), req); err != nil {
				t.Error(err)
			}
			for range c.Bots.All(background(t), coze.ListBotsRequest{WorkspaceID: "1"}) {
				break
			}
		})
	}
	wg.Wait()
	if after, _ := json.Marshal(req); !bytes.Equal(before, after) {
		t.Errorf("changed from %s to %s", before, after)
	}
}

// TestPathValues: pitfall D17. A value in the path reaches no other endpoint.
func TestPathValues(t *testing.T) {
	t.Parallel()
	rec := &recorder{}
	c := stubClient(t, rec)
	if _, err := c.Bots.Get(background(t), "../x/{bot_id}?a=b#c", coze.RetrieveBotRequest{}); err != nil {
		t.Fatal(err)
	}
	if got, want := rec.last().URL.RequestURI(), "/v1/bots/..%2Fx%2F%7Bbot_id%7D%3Fa=b%23c"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	for _, id := range []string{"", ".", ".."} {
		_, err := c.Bots.Get(background(t), id, coze.RetrieveBotRequest{})
		if err == nil || !strings.Contains(err.Error(), "bot_id") {
			t.Errorf("id %q: %v", id, err)
		}
	}
	if len(rec.reqs) != 1 {
		t.Errorf("%d requests were sent, want 1", len(rec.reqs))
	}
}

// TestRequiredIsChecked: what is required and not set is refused before anything is sent.
func TestRequiredIsChecked(t *testing.T) {
	t.Parallel()
	rec := &recorder{}
	c := stubClient(t, rec)
	_, err := c.Chat.Create(background(t), coze.CreateChatRequest{BotID: "1"})
	if err == nil || err.Error() != "coze: CreateChat: user_id is required" {
		t.Errorf("got %v", err)
	}
	_, err = c.Conversations.List(background(t), coze.ListConversationsRequest{})
	if err == nil || !strings.Contains(err.Error(), "bot_id is required") {
		t.Errorf("got %v", err)
	}
	_, err = c.Files.Upload(background(t), coze.UploadFileRequest{})
	if err == nil || !strings.Contains(err.Error(), "file is required") {
		t.Errorf("got %v", err)
	}
	if len(rec.reqs) != 0 {
		t.Errorf("%d requests were sent", len(rec.reqs))
	}
}

// TestQueryTypes: pitfalls D19b and D32, numbers, bools and names of query parameters.
func TestQueryTypes(t *testing.T) {
	t.Parallel()
	rec := &recorder{data: `{"items":[],"total":0}`}
	c := stubClient(t, rec)
	_, err := c.Bots.List(background(t), coze.ListBotsRequest{
		WorkspaceID: "w&1", PublishStatus: coze.BotPublishStatusAll, PageNum: coze.Ptr[int32](2), PageSize: coze.Ptr[int32](50),
	})
	if err != nil {
		t.Fatal(err)
	}
	want := url.Values{"workspace_id": {"w&1"}, "publish_status": {"all"}, "page_num": {"2"}, "page_size": {"50"}}
	if d := cmp.Diff(want, rec.last().URL.Query()); d != "" {
		t.Error(d)
	}
	if _, err = c.Bots.Get(background(t), "1", coze.RetrieveBotRequest{IsPublished: coze.Ptr(false)}); err != nil {
		t.Fatal(err)
	}
	if got := rec.last().URL.RawQuery; got != "is_published=false" {
		t.Errorf("query %s", got)
	}
}

// TestCallOptions: pitfalls 7 and D44. Options work on every call, and none of them panics.
func TestCallOptions(t *testing.T) {
	t.Parallel()
	rec := &recorder{}
	c := stubClient(t, rec, coze.WithDefaultHeader("X-Team", "a"))
	var info coze.ResponseInfo
	_, err := c.Conversations.Create(background(t), coze.CreateConversationRequest{BotID: "1"},
		coze.WithHeader("X-Tt-Logid", "mine"), coze.WithHeader("X-Team", "b"), coze.WithQuery("new", "1 2"), nil,
		coze.WithExtraField("new_field", []int{1}), coze.WithExtraField("bot_id", "2"), coze.WithResponse(&info))
	if err != nil {
		t.Fatal(err)
	}
	got := rec.last()
	if got.Header.Get("X-Tt-Logid") != "mine" || got.Header.Get("X-Team") != "b" || got.URL.RawQuery != "new=1+2" {
		t.Errorf("sent %s with %v", got.URL, got.Header)
	}
	if want := `{"new_field":[1],"bot_id":"2"}`; string(rec.body) != want {
		t.Errorf("body %s, want %s", rec.body, want)
	}
	if info.HTTPStatus != 200 || info.LogID != "LOG1" || info.Attempts != 1 || !strings.HasPrefix(string(info.Body), `{"code":0`) {
		t.Errorf("info %+v", info)
	}
	for name, opt := range map[string]coze.CallOption{
		"extra field without a body": coze.WithExtraField("a", 1), "authorization": coze.WithHeader("authorization", "x"),
		"line end in a header": coze.WithHeader("X-A", "a\r\nX-B: c"), "cancel of no stream": coze.WithCancelOnClose(),
	} {
		if _, err := c.Users.Me(background(t), opt); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
}

// TestHeaderCase: pitfall D45. Names of headers are compared without case, and the option of the call wins, always.
func TestHeaderCase(t *testing.T) {
	t.Parallel()
	rec := &recorder{}
	c := stubClient(t, rec, coze.WithDefaultHeader("x-team", "client"), coze.WithDefaultHeader("X-TEAM", "client 2"))
	for _, want := range []string{"call", "client 2"} {
		var opts []coze.CallOption
		if want == "call" {
			opts = append(opts, coze.WithHeader("X-tEaM", want))
		}
		if _, err := c.Users.Me(background(t), opts...); err != nil {
			t.Fatal(err)
		}
		if got := rec.last().Header.Values("X-Team"); cmp.Diff([]string{want}, got) != "" {
			t.Errorf("sent %q, want %q", got, want)
		}
	}
}

// TestDo calls an endpoint that the document does not know.
func TestDo(t *testing.T) {
	t.Parallel()
	rec := &recorder{data: `{"a":"b"}`}
	c := stubClient(t, rec)
	var out struct{ A string }
	err := c.Do(background(t), "POST", "/v9/new/thing", url.Values{"q": {"1", "2"}}, map[string]any{"x": 1}, &out, coze.WithExtraField("y", 2))
	if err != nil || out.A != "b" {
		t.Fatalf("%+v, %v", out, err)
	}
	if got := rec.last(); got.Method != http.MethodPost || got.URL.String() != "https://api.coze.cn/v9/new/thing?q=1&q=2" || string(rec.body) != `{"x":1,"y":2}` {
		t.Errorf("sent %s %s %s", got.Method, got.URL, rec.body)
	}
	flat := stubClient(t, answer(200, "application/json", `{"code":0,"a":"flat"}`))
	if err := flat.Do(background(t), "GET", "/v9/flat", nil, nil, &out); err != nil || out.A != "flat" {
		t.Errorf("%+v, %v", out, err)
	}
	bad := stubClient(t, answer(200, "application/json", `{"code":4200,"msg":"no"}`))
	if e := refused(t, bad.Do(background(t), "GET", "/v9/x", nil, nil, nil)); e.Op != "GET /v9/x" {
		t.Errorf("op %s", e.Op)
	}
	for _, path := range []string{"v1/x", "/v1/../x", "/v1/x?y=z"} {
		if err := c.Do(background(t), "GET", path, nil, nil, nil); err == nil {
			t.Errorf("path %s was accepted", path)
		}
	}
}

// TestUserAgent: the platform is told the SDK in the vendor's form.
func TestUserAgent(t *testing.T) {
	t.Parallel()
	rec := &recorder{}
	if _, err := stubClient(t, rec).Users.Me(background(t)); err != nil {
		t.Fatal(err)
	}
	h := rec.last().Header
	if ua := h.Get("User-Agent"); !strings.HasPrefix(ua, "cozekit/"+coze.Version+" go/") {
		t.Errorf("User-Agent %q", ua)
	}
	var info map[string]string
	if err := json.Unmarshal([]byte(h.Get("X-Coze-Client-User-Agent")), &info); err != nil || info["lang"] != "cozekit" || info["version"] != coze.Version || info["os_name"] != runtime.GOOS {
		t.Errorf("X-Coze-Client-User-Agent %q: %v", h.Get("X-Coze-Client-User-Agent"), err)
	}
	if h.Get("Authorization") != "Bearer "+testToken {
		t.Error("no Authorization header")
	}
}

// TestTokenSource: the source is asked for each request with the context of the call, and its error is the call's.
func TestTokenSource(t *testing.T) {
	t.Parallel()
	rec := &recorder{}
	calls := 0
	c := stubClient(t, rec, coze.WithTokenSource(coze.TokenFunc(func(ctx context.Context) (coze.Token, error) {
		calls++
		return coze.Token{Access: "t" + string(rune('0'+calls))}, ctx.Err()
	})))
	for range 2 {
		if _, err := c.Users.Me(background(t)); err != nil {
			t.Fatal(err)
		}
	}
	if got := rec.last().Header.Get("Authorization"); got != "Bearer t2" {
		t.Errorf("sent %s", got)
	}
	ctx, cancel := context.WithCancel(background(t))
	cancel()
	if _, err := c.Users.Me(ctx); err == nil || len(rec.reqs) != 2 {
		t.Errorf("got %v after %d requests", err, len(rec.reqs))
	}
	bad := stubClient(t, rec, coze.WithTokenSource(coze.StaticToken("a\nb")))
	if _, err := bad.Users.Me(background(t)); err == nil || strings.Contains(err.Error(), "a\nb") {
		t.Errorf("a token with a line end: %v", err)
	}
}
