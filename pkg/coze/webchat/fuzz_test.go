package webchat_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/cozekit/cozekit/pkg/coze/webchat"
)

// upstream answers everything as if it were the visitor's, and keeps what it got.
type upstream struct {
	mu   sync.Mutex
	sent []sentCall
}

type sentCall struct{ method, uri, body string }

func (u *upstream) RoundTrip(r *http.Request) (*http.Response, error) {
	body := ""
	if r.Body != nil {
		raw, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		body = string(raw)
	}
	u.mu.Lock()
	u.sent = append(u.sent, sentCall{r.Method, r.URL.RequestURI(), body})
	u.mu.Unlock()
	return &http.Response{
		StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(strings.NewReader(`{"code":0,"data":{"id":"77","conversation_id":"77","meta_data":{}}}`)),
	}, nil
}

func (u *upstream) take() []sentCall {
	u.mu.Lock()
	defer u.mu.Unlock()
	sent := u.sent
	u.sent = nil
	return sent
}

func newUpstream(t testing.TB) (*upstream, http.Handler) {
	t.Helper()
	u := &upstream{}
	client, err := coze.NewClient(coze.WithBaseURL(coze.BaseURLCN), coze.WithToken("t"), coze.WithHTTPClient(&http.Client{Transport: u}))
	if err != nil {
		t.Fatal(err)
	}
	p, err := webchat.NewProxy(client, webchat.ProxyConfig{
		Bots: []string{"11"}, Apps: []string{"22"}, Workflows: []string{"33"}, VisitorRate: noLimit, ChatRate: noLimit, IPRate: noLimit,
		Visitor: func(http.ResponseWriter, *http.Request) (string, error) { return "anna", nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	return u, p
}

// FuzzChatBody: whatever a page sends, the chat that goes on is with a bot of the configuration, of the visitor, with no fields
// but those that pages need.
func FuzzChatBody(f *testing.F) {
	u, p := newUpstream(f)
	for _, s := range []string{
		`{"bot_id":"11","additional_messages":[{"role":"user","content":"x","content_type":"text"}]}`,
		`{"bot_id":"12","bot_id":"11","user_id":"admin"}`,
		`{"BOT_ID":"11","Bot_Id":"12","publish_status":"unpublished_draft"}`,
		`{"bot_id":"11","additional_messages":[{"role":"user","content":"[{\"file_id\":\"5\"}]","content_type":"object_string"}]}`,
		`{"bot_id":"11","tools":[],"custom_config":{},"stream":true,"meta_data":{"a":"b"}}`,
		`{"workflow_id":"33","app_id":"22","additional_messages":[],"parameters":{"CONVERSATION_NAME":"x"}}`,
		`{"workflow_id":"33","bot_id":"11","app_id":"22"}`,
	} {
		f.Add("/v3/chat", s)
		f.Add("/v1/workflows/chat", s)
	}
	known := map[string]bool{
		"bot_id": true, "user_id": true, "additional_messages": true, "stream": true, "auto_save_history": true, "connector_id": true,
		"meta_data": true, "shortcut_command": true, "enable_card": true, "workflow_id": true, "app_id": true, "parameters": true,
		"conversation_id": true, "ext": true, "workflow_version": true, "app_version": true,
	}
	f.Fuzz(func(t *testing.T, path, body string) {
		if path != "/v3/chat" && path != "/v1/workflows/chat" {
			t.Skip()
		}
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		p.ServeHTTP(httptest.NewRecorder(), r)
		for _, s := range u.take() {
			if !strings.HasSuffix(strings.Split(s.uri, "?")[0], "/chat") {
				continue
			}
			var got map[string]json.RawMessage
			if err := json.Unmarshal([]byte(s.body), &got); err != nil {
				t.Fatalf("%q went on as %q", body, s.body)
			}
			for name := range got {
				if !known[name] {
					t.Errorf("field %s of %q went on", name, body)
				}
			}
			bot, app, flow := string(got["bot_id"]), string(got["app_id"]), string(got["workflow_id"])
			if path == "/v3/chat" && (bot != `"11"` || string(got["user_id"]) != `"anna"`) ||
				path != "/v3/chat" && (flow != `"33"` || bot != "" && bot != `"11"` || app != "" && app != `"22"` || string(got["ext"]) != `{"user_id":"anna"}`) {
				t.Errorf("%q went on as %s", body, s.body)
			}
		}
	})
}

// FuzzUploadBody: whatever a page sends, what goes on is one file with a type that is taken.
func FuzzUploadBody(f *testing.F) {
	u, p := newUpstream(f)
	f.Add("--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.pdf\"\r\n\r\n%PDF-\r\n--x--\r\n")
	f.Add("--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\\\".pdf\"\r\nContent-Type: text/html\r\n\r\n%PDF-\r\n--x\r\n\r\n--x--\r\n")
	f.Add("--x\nContent-Disposition: form-data; name=file; filename*=utf-8''%0d%0a.pdf\n\n%PDF-\n--x--")
	f.Fuzz(func(t *testing.T, body string) {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/v1/files/upload", strings.NewReader(body))
		r.Header.Set("Content-Type", "multipart/form-data; boundary=x")
		p.ServeHTTP(httptest.NewRecorder(), r)
		for _, s := range u.take() {
			head, rest, ok := strings.Cut(s.body, "\r\n\r\n")
			lines := strings.Split(head, "\r\n")
			if !ok || len(lines) != 3 || !strings.HasPrefix(lines[1], `Content-Disposition: form-data; name="file"; filename="`) ||
				strings.Count(lines[1], `"`) != 4 || strings.Count(rest, lines[0]) != 1 {
				t.Errorf("%q went on as %q", body, s.body)
			}
		}
	})
}
