package webchat_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/cozekit/cozekit/pkg/coze/webchat"
	"github.com/cozekit/cozekit/pkg/coze/webchat/widget"
	"github.com/cozekit/cozekit/pkg/cozetest"
)

var cookieKey = bytes.Repeat([]byte("k"), webchat.MinCookieKey)

// newChat serves a whole chat below /chat, over TLS or not.
func newChat(t *testing.T, serve func(http.Handler) *httptest.Server, change func(*webchat.Config)) *httptest.Server {
	t.Helper()
	cfg := webchat.Config{ProxyConfig: webchat.ProxyConfig{Bots: []string{botID}, Visitor: webchat.CookieVisitor(webchat.CookieConfig{Key: cookieKey})}}
	if change != nil {
		change(&cfg)
	}
	h, err := webchat.Handler(clientOf(t, cozetest.NewServer(t)), cfg)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/chat/", http.StripPrefix("/chat", h))
	srv := serve(mux)
	t.Cleanup(srv.Close)
	return srv
}

// browser keeps cookies.
func browser(t *testing.T, srv *httptest.Server) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	c := *srv.Client()
	c.Jar = jar
	return &c
}

func do(t *testing.T, c *http.Client, method, url, body string, header ...string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	rsp, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer rsp.Body.Close()
	raw, _ := io.ReadAll(rsp.Body)
	return rsp, string(raw)
}

// TestPage: the page loads what it needs from its own place, under a policy without unsafe-inline, and nothing can be put into it.
func TestPage(t *testing.T) {
	t.Parallel()
	srv := newChat(t, httptest.NewServer, func(c *webchat.Config) {
		c.Page = webchat.Page{
			Title: `</title><script>alert(1)</script>`, Lang: "zh-CN",
			Attributes:     map[string]string{"conversations": "", "title": `"><script>alert(2)</script>`},
			FrameAncestors: []string{"https://shop.example"},
		}
	})
	c := browser(t, srv)
	rsp, page := do(t, c, "GET", srv.URL+"/chat/", "")
	if rsp.StatusCode != http.StatusOK || strings.Count(page, "<script") != 1 || !strings.Contains(page, `bot-id="`+botID+`"`) ||
		!strings.Contains(page, `conversations=""`) || !strings.Contains(page, `<html lang="zh-CN">`) {
		t.Errorf("%s\n%s", rsp.Status, page)
	}
	policy := rsp.Header.Get("Content-Security-Policy")
	if strings.Contains(policy, "unsafe") || !strings.HasPrefix(policy, "default-src 'none'; script-src 'self';") ||
		!strings.Contains(policy, "; frame-ancestors 'self' https://shop.example; require-trusted-types-for 'script'") || rsp.Header.Get("X-Content-Type-Options") != "nosniff" {
		t.Error(rsp.Header)
	}
	if strings.Contains(page, " style=") || strings.Contains(page, " onload=") {
		t.Error("something is inline")
	}
	script := regexp.MustCompile(`src="(coze-chat.js\?v=\w+)"`).FindStringSubmatch(page)
	if script == nil {
		t.Fatal(page)
	}
	rsp, text := do(t, c, "GET", srv.URL+"/chat/"+script[1], "")
	if text != string(widget.Script()) || rsp.Header.Get("Cache-Control") != "public, max-age=31536000, immutable" ||
		rsp.Header.Get("Content-Type") != "text/javascript; charset=utf-8" {
		t.Errorf("%s %v", rsp.Status, rsp.Header)
	}
	rsp, _ = do(t, c, "GET", srv.URL+"/chat/coze-chat.js", "", "If-None-Match", rsp.Header.Get("Etag"))
	if rsp.StatusCode != http.StatusNotModified || rsp.Header.Get("Cache-Control") != "no-cache" {
		t.Errorf("%s %v", rsp.Status, rsp.Header)
	}
	for path, want := range map[string]int{
		"/chat/page.css": 200, "/chat/coze-chat.mjs": 200, "/chat/api/v1/bots/" + botID: 200, "/chat/token": 404, "/chat/x": 404,
		"/chat/api/v1/workspaces": 403, "/chat/api": 404, "/chat/api/": 403,
	} {
		if rsp, text := do(t, c, "GET", srv.URL+path, ""); rsp.StatusCode != want {
			t.Errorf("%s: %s %.200s", path, rsp.Status, text)
		}
	}
}

// TestPageRefuses what would run code, or open the page to all.
func TestPageRefuses(t *testing.T) {
	t.Parallel()
	client := clientOf(t, cozetest.NewServer(t))
	for _, page := range []webchat.Page{
		{Attributes: map[string]string{"onclick": "x"}},
		{Attributes: map[string]string{"style": "x"}},
		{Attributes: map[string]string{"a b": "x"}},
		{Attributes: map[string]string{"api-base": "https://evil.example"}},
		{Lang: `"><script>`},
		{FrameAncestors: []string{"*"}},
		{FrameAncestors: []string{"https://a.example; script-src *"}},
	} {
		cfg := webchat.Config{ProxyConfig: webchat.ProxyConfig{Bots: []string{botID}, Visitor: byHeader}, Page: page}
		if _, err := webchat.Handler(client, cfg); err == nil {
			t.Errorf("%+v is taken", page)
		}
	}
}

// TestCookies: two browsers are two visitors, a browser stays one, and a cookie that was made up is as none.
func TestCookies(t *testing.T) {
	t.Parallel()
	for name, serve := range map[string]func(http.Handler) *httptest.Server{"http": httptest.NewServer, "https": httptest.NewTLSServer} {
		srv := newChat(t, serve, nil)
		api := srv.URL + "/chat/api"
		one, two := browser(t, srv), browser(t, srv)
		rsp, _ := do(t, one, "GET", srv.URL+"/chat/", "")
		cookie := rsp.Cookies()[0]
		if !cookie.HttpOnly || cookie.SameSite != http.SameSiteLaxMode || cookie.Secure != (name == "https") || cookie.Path != "/" ||
			strings.HasPrefix(cookie.Name, "__Host-") != cookie.Secure {
			t.Errorf("%s: %v", name, cookie)
		}
		if rsp, _ := do(t, one, "GET", srv.URL+"/chat/", ""); len(rsp.Cookies()) > 0 {
			t.Errorf("%s: a second cookie", name)
		}
		rsp, text := do(t, one, "POST", api+"/v1/conversation/create", `{"bot_id":"`+botID+`"}`)
		id := regexp.MustCompile(`"id":"(\d+)"`).FindStringSubmatch(text)
		if rsp.StatusCode != http.StatusOK || id == nil {
			t.Fatal(text)
		}
		list := "/v1/conversations?bot_id=" + botID
		if _, text := do(t, one, "GET", api+list, ""); !strings.Contains(text, id[1]) {
			t.Errorf("%s: the visitor's own list is %s", name, text)
		}
		do(t, two, "GET", srv.URL+"/chat/", "")
		if _, text := do(t, two, "GET", api+list, ""); strings.Contains(text, id[1]) {
			t.Errorf("%s: another sees %s", name, text)
		}
		value, signature, _ := strings.Cut(cookie.Value, ".")
		for _, forged := range []string{value, value + ".", value + "x." + signature, "." + signature, value + "." + strings.Repeat("A", 43), signature + "." + value} {
			rsp, text := do(t, srv.Client(), "GET", api+list, "", "Cookie", cookie.Name+"="+forged)
			if strings.Contains(text, id[1]) || len(rsp.Cookies()) != 1 {
				t.Errorf("%s: forged cookie %q: %s", name, forged, text)
			}
		}
		if _, text := do(t, srv.Client(), "GET", api+list, "", "Cookie", cookie.Name+"=forged; "+cookie.Name+"="+cookie.Value); !strings.Contains(text, id[1]) {
			t.Errorf("%s: a forged cookie before the right one hides it: %s", name, text)
		}
	}
	short := webchat.CookieVisitor(webchat.CookieConfig{Key: []byte("short")})
	if id, err := short(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil)); err == nil || id != "" {
		t.Error("a short key is taken")
	}
}

// TestOtherSites: pages of other sites can change nothing, and get no cookie, unless they are listed.
func TestOtherSites(t *testing.T) {
	t.Parallel()
	srv := newChat(t, httptest.NewServer, func(c *webchat.Config) { c.Origins = []string{"https://shop.example"} })
	create, body := srv.URL+"/chat/api/v1/conversation/create", `{"bot_id":"`+botID+`"}`
	for _, tt := range []struct {
		header []string
		status int
	}{
		{[]string{"Origin", srv.URL, "Sec-Fetch-Site", "same-origin"}, 200},
		{[]string{"Origin", "https://shop.example", "Sec-Fetch-Site", "cross-site"}, 200},
		{[]string{"Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"}, 403},
		{[]string{"Origin", "null"}, 403},
		{[]string{"Sec-Fetch-Site", "same-site"}, 403},
	} {
		rsp, text := do(t, srv.Client(), "POST", create, body, tt.header...)
		if rsp.StatusCode != tt.status || (len(rsp.Cookies()) > 0) != (tt.status == http.StatusOK) {
			t.Errorf("%v: %s %s %v", tt.header, rsp.Status, text, rsp.Cookies())
		}
	}
	rsp, _ := do(t, srv.Client(), "OPTIONS", create, "", "Origin", "https://shop.example", "Access-Control-Request-Method", "POST")
	if rsp.StatusCode != http.StatusNoContent || rsp.Header.Get("Access-Control-Allow-Origin") != "https://shop.example" || len(rsp.Cookies()) > 0 {
		t.Errorf("preflight: %s %v", rsp.Status, rsp.Header)
	}
}

// TestHandlerOfApps: a page for an app names its chatflow.
func TestHandlerOfApps(t *testing.T) {
	t.Parallel()
	srv := newChat(t, httptest.NewServer, func(c *webchat.Config) {
		c.Bots, c.Apps, c.Workflows = nil, []string{"7400000000000000500"}, []string{"7400000000000000501"}
	})
	_, page := do(t, srv.Client(), "GET", srv.URL+"/chat/", "")
	if !strings.Contains(page, `app-id="7400000000000000500"`) || !strings.Contains(page, `workflow-id="7400000000000000501"`) {
		t.Error(page)
	}
	if _, err := webchat.Handler(nil, webchat.Config{}); err == nil {
		t.Error("a handler of nothing is made")
	}
}
