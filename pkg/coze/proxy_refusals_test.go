package coze_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/cozekit/cozekit/pkg/coze"
)

// TestProxyOrigins: pages of other origins are served only if they are listed, and their preflights answered.
func TestProxyOrigins(t *testing.T) {
	t.Parallel()
	rec := &recorder{}
	url := proxyFor(t, stubClient(t, rec), coze.ProxyConfig{Origins: []string{"https://shop.example"}})
	own := strings.TrimSuffix(url, "/api")
	tests := []struct {
		name, method string
		header       []string
		status       int
		allowed      string
	}{
		{"no browser", "POST", nil, 200, ""},
		{"own page", "POST", []string{"Origin", own, "Sec-Fetch-Site", "same-origin"}, 200, ""},
		{"listed", "POST", []string{"Origin", "https://shop.example", "Sec-Fetch-Site", "cross-site"}, 200, "https://shop.example"},
		{"preflight", "OPTIONS", []string{"Origin", "https://shop.example", "Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "authorization"}, 204, "https://shop.example"},
		{"other", "POST", []string{"Origin", "https://evil.example"}, 403, ""},
		{"other, by http", "POST", []string{"Origin", "http://shop.example"}, 403, ""},
		{"sandboxed", "POST", []string{"Origin", "null"}, 403, ""},
		{"without Origin", "POST", []string{"Sec-Fetch-Site", "cross-site"}, 403, ""},
		{"preflight of another", "OPTIONS", []string{"Origin", "https://evil.example", "Access-Control-Request-Method", "POST"}, 403, ""},
		{"options", "OPTIONS", nil, 403, ""},
	}
	for _, tt := range tests {
		rec.reqs = nil
		body := ""
		if tt.method == "POST" {
			body = "{}"
		}
		rsp, _ := fetch(t, tt.method, url+"/v3/chat", body, tt.header...)
		if rsp.StatusCode != tt.status || rsp.Header.Get("Access-Control-Allow-Origin") != tt.allowed || (tt.status == 200) != (len(rec.reqs) == 1) {
			t.Errorf("%s: %s, headers %v, %d requests", tt.name, rsp.Status, rsp.Header, len(rec.reqs))
		}
		if tt.status == 204 && rsp.Header.Get("Access-Control-Allow-Headers") != "authorization" {
			t.Error(rsp.Header)
		}
	}
}

// TestProxyLogs: one line a call, without token, body and query.
func TestProxyLogs(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	client := stubClient(t, &recorder{}, coze.WithLogger(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))))
	url := proxyFor(t, client, coze.ProxyConfig{})
	fetch(t, "POST", url+"/v3/chat?conversation_id=12345", `{"x":"body"}`)
	fetch(t, "GET", url+"/v1/workspaces", "")
	lines := strings.Split(strings.TrimSpace(log.String()), "\n")
	if len(lines) != 2 || !strings.Contains(lines[0], "op=CreateChat") || !strings.Contains(lines[1], "coze proxy: refused") {
		t.Errorf("the log is\n%s", log.String())
	}
	leaks(t, "the log", log.String(), testToken, "12345", "body")
}

// TestProxyRefusals: whom Authorize does not know gets the refusal of the platform, and reasons stay in the log.
func TestProxyRefusals(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	client := stubClient(t, &recorder{}, coze.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
	strangers := map[string]error{
		"stranger": errors.New("no row in table sessions"),
		"banned":   &coze.Error{HTTPStatus: 403, Code: coze.CodePermissionDenied, Message: "your account is closed"},
	}
	url := proxyFor(t, client, coze.ProxyConfig{Authorize: func(r *http.Request) error { return strangers[r.Header.Get("Authorization")] }})
	for name, want := range map[string]string{
		"stranger": `401 {"code":4100,"msg":"the proxy does not know the caller","detail":{"logid":""}}`,
		"banned":   `403 {"code":4101,"msg":"your account is closed","detail":{"logid":""}}`,
	} {
		rsp, body := fetch(t, "POST", url+"/v3/chat", "{}", "Authorization", name)
		if got := rsp.Status[:4] + body; got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	if !strings.Contains(log.String(), "no row in table sessions") {
		t.Error("the reason is not in the log")
	}
}

// TestProxyOfStudio: what a Coze Studio does not serve is refused as such, and not asked for.
func TestProxyOfStudio(t *testing.T) {
	t.Parallel()
	rec := &recorder{}
	url := proxyFor(t, stubClient(t, rec, coze.WithStudio("http://localhost:8888")), coze.ProxyConfig{})
	for path, want := range map[string]int{"/v1/audio/speech": http.StatusNotImplemented, "/v3/chat": http.StatusOK} {
		rsp, body := fetch(t, "POST", url+path, "{}")
		if rsp.StatusCode != want || want != http.StatusOK && !strings.Contains(body, "does not offer") {
			t.Errorf("%s: %s %s", path, rsp.Status, body)
		}
	}
	if len(rec.reqs) != 1 {
		t.Errorf("%d requests went on", len(rec.reqs))
	}
}

// TestProxyLimitsOfClient: calls of others count against the rate limit of the client, too.
func TestProxyLimitsOfClient(t *testing.T) {
	t.Parallel()
	rec := &recorder{}
	client := stubClient(t, rec, coze.WithRateLimit(coze.RateLimit{PerSecond: 1e-9, Burst: 1}))
	url := proxyFor(t, client, coze.ProxyConfig{})
	fetch(t, "POST", url+"/v3/chat", "{}")
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/v3/chat", nil)
	if err != nil {
		t.Fatal(err)
	}
	if rsp, err := http.DefaultClient.Do(req); err == nil {
		rsp.Body.Close()
		t.Errorf("a call beyond the limit: %s", rsp.Status)
	}
	if len(rec.reqs) != 1 {
		t.Errorf("%d requests went on", len(rec.reqs))
	}
}
