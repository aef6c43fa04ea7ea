package coze_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/google/go-cmp/cmp"
)

// TestProxyAnswers: redirects, pages and broken connections become refusals of the platform.
func TestProxyAnswers(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		answer  func(w http.ResponseWriter)
		want    int
		message string
	}{
		{"redirect", func(w http.ResponseWriter) {
			w.Header().Set("Location", "https://evil.example/")
			w.WriteHeader(http.StatusFound)
		}, 502, `"code":5000`},
		{"page", func(w http.ResponseWriter) {
			w.Header().Set("Content-Type", "text/html")
			_, _ = io.WriteString(w, "<script>")
		}, 502, `"code":5000`},
		{"page of a gateway", func(w http.ResponseWriter) {
			w.Header().Set("Content-Type", "text/html")
			w.Header().Set("X-Tt-Logid", "L")
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = io.WriteString(w, "<h1>down</h1>")
		}, 503, `"logid":"L"`},
		{"refusal", func(w http.ResponseWriter) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, `{"code":4200,"msg":"gone","extra":1}`)
		}, 200, `{"code":4200,"msg":"gone","extra":1}`},
		{"refusal with a status", func(w http.ResponseWriter) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = io.WriteString(w, `{"code":4100,"msg":"bad token"}`)
		}, 401, `{"code":4100,"msg":"bad token"}`},
		{"long answer", func(w http.ResponseWriter) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, `{"code":0,"data":"`+strings.Repeat("x", 200_000)+`"}`)
		}, 200, `xxx"}`},
		{"no server", func(http.ResponseWriter) { panic(http.ErrAbortHandler) }, 502, `could not be reached`},
	}
	for _, tt := range tests {
		client := serverClient(t, func(w http.ResponseWriter, _ *http.Request) { tt.answer(w) }, noRetry)
		rsp, body := fetch(t, "GET", proxyFor(t, client, coze.ProxyConfig{})+"/v1/bots/1", "")
		if rsp.StatusCode != tt.want || !strings.Contains(body, tt.message) || rsp.Header.Get("Location") != "" || strings.Contains(body, "<") {
			t.Errorf("%s: %s %.300s", tt.name, rsp.Status, body)
		}
	}
}

// TestProxyRenewsTokens: a refused token is renewed once, and what can be replayed is sent again.
func TestProxyRenewsTokens(t *testing.T) {
	t.Parallel()
	var bodies []string
	client := serverClient(t, func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		bodies = append(bodies, string(b))
		w.Header().Set("Content-Type", "application/json")
		if r.Header.Get("Authorization") != "Bearer new" {
			_, _ = io.WriteString(w, `{"code":4100,"msg":"expired"}`)
			return
		}
		_, _ = io.WriteString(w, `{"code":0}`)
	}, coze.WithTokenSource(&twoTokens{fresh: "new"}))
	url := proxyFor(t, client, coze.ProxyConfig{})
	if _, body := fetch(t, "POST", url+"/v3/chat", `{"a":1}`); body != `{"code":0}` {
		t.Error(body)
	}
	if d := cmp.Diff([]string{`{"a":1}`, `{"a":1}`}, bodies); d != "" {
		t.Error(d)
	}
	_, body := fetch(t, "POST", url+"/v1/files/upload", "--x--", "Content-Type", "multipart/form-data; boundary=x")
	if !strings.Contains(body, "4100") || len(bodies) != 3 {
		t.Errorf("an upload, which cannot be sent twice: %s, %d requests", body, len(bodies))
	}
}

// TestProxyPrepareAndAnswer: what is sent and what comes back can be changed and refused.
func TestProxyPrepareAndAnswer(t *testing.T) {
	t.Parallel()
	rec := &recorder{data: `{"user_id":"u"}`}
	url := proxyFor(t, stubClient(t, rec), coze.ProxyConfig{
		Prepare: func(c *coze.ProxyCall) error {
			switch c.Operation {
			case "CreateChat":
				c.Query.Set("conversation_id", "9")
				c.Body = []byte(`{"bot_id":"mine"}`)
				return nil
			case "RetrieveBot":
				if c.PathValues["bot_id"] != "7" {
					t.Errorf("path values %v", c.PathValues)
				}
				return &coze.Error{Code: coze.CodeNotFound, Message: "no such bot"}
			}
			return errors.New("the data base is down")
		},
		Answer: func(_ *coze.ProxyCall, rsp *http.Response) error {
			text := `{"code":0,"data":"changed"}`
			rsp.Body, rsp.ContentLength = io.NopCloser(strings.NewReader(text)), int64(len(text))
			rsp.Header.Set("Content-Length", "27")
			return nil
		},
	})
	if _, body := fetch(t, "POST", url+"/v3/chat?conversation_id=1", `{"bot_id":"yours"}`); body != `{"code":0,"data":"changed"}` {
		t.Error(body)
	}
	if got := rec.last().URL.RawQuery + " " + string(rec.body); got != `conversation_id=9 {"bot_id":"mine"}` {
		t.Error(got)
	}
	if rsp, body := fetch(t, "GET", url+"/v1/bots/7", ""); rsp.StatusCode != http.StatusNotFound || !strings.Contains(body, "no such bot") {
		t.Error(rsp.Status, body)
	}
	if rsp, body := fetch(t, "GET", url+"/v1/files/retrieve", ""); rsp.StatusCode != http.StatusBadGateway || strings.Contains(body, "data base") {
		t.Error(rsp.Status, body)
	}
}
