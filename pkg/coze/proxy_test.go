package coze_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/cozekit/cozekit/pkg/cozetest"
	"github.com/google/go-cmp/cmp"
)

func everybody(*http.Request) error { return nil }

// everything is what the tests of a proxy allow.
var everything = []coze.ProxyRoute{
	coze.ProxyChat, coze.ProxyConversations, coze.ProxyWorkflows, coze.ProxyFiles, coze.ProxyVoice, coze.ProxyWidget,
}

// proxyFor serves a proxy of client below /api, and returns its address.
func proxyFor(t *testing.T, client *coze.Client, cfg coze.ProxyConfig) string {
	t.Helper()
	if cfg.Allow == nil {
		cfg.Allow = everything
	}
	if cfg.Authorize == nil {
		cfg.Authorize = everybody
	}
	p, err := coze.NewProxy(client, cfg)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(http.StripPrefix("/api", p))
	t.Cleanup(srv.Close)
	return srv.URL + "/api"
}

// fetch sends a request and returns the answer, whose body it has read.
func fetch(t *testing.T, method, url, body string, header ...string) (*http.Response, string) {
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
	rsp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer rsp.Body.Close()
	text, err := io.ReadAll(rsp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return rsp, string(text)
}

// TestProxyIsNeverOpen: what would make an open proxy is refused at once, and the error says what to do.
func TestProxyIsNeverOpen(t *testing.T) {
	t.Parallel()
	client := stubClient(t, &recorder{})
	noToken, err := coze.NewClient(coze.WithBaseURL(coze.BaseURLCN))
	if err != nil {
		t.Fatal(err)
	}
	ok := coze.ProxyConfig{Allow: []coze.ProxyRoute{coze.ProxyChat}, Authorize: everybody}
	with := func(f func(*coze.ProxyConfig)) coze.ProxyConfig { c := ok; f(&c); return c }
	allow := func(r coze.ProxyRoute) coze.ProxyConfig {
		return with(func(c *coze.ProxyConfig) { c.Allow = []coze.ProxyRoute{r} })
	}
	tests := []struct {
		name, want string
		client     *coze.Client
		cfg        coze.ProxyConfig
	}{
		{"no client", "client is nil", nil, ok},
		{"no token", "no token", noToken, ok},
		{"nothing allowed", "list in Allow", client, with(func(c *coze.ProxyConfig) { c.Allow = nil })},
		{"nobody asked", "without Authorize anybody", client, with(func(c *coze.ProxyConfig) { c.Authorize = nil })},
		{"negative limit", "negative", client, with(func(c *coze.ProxyConfig) { c.MaxBody = -1 })},
		{"every origin", "origin", client, with(func(c *coze.ProxyConfig) { c.Origins = []string{"*"} })},
		{"origin with a path", "origin", client, with(func(c *coze.ProxyConfig) { c.Origins = []string{"https://a.example/x"} })},
		{"unknown operation", "no operation", client, allow("CreateChatt")},
		{"login", "login", client, allow("CreateOAuthToken")},
		{"login by its path", "not one for a proxy", client, allow("POST /api/permission/oauth2/token")},
		{"method", "does not begin with", client, allow("TRACE /v1/x")},
		{"everything", "not allowed", client, allow("GET /*")},
		{"dots", "not allowed", client, allow("GET /v1/../x")},
		{"empty element", "not allowed", client, allow("GET /v1//x")},
	}
	for _, tt := range tests {
		if _, err := coze.NewProxy(tt.client, tt.cfg); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want an error with %q", tt.name, err, tt.want)
		}
	}
	if _, err := coze.NewProxy(client, ok); err != nil {
		t.Error(err)
	}
}

// TestProxyServesClients: a client of this SDK works with the proxy as its server, whatever its own token is.
func TestProxyServesClients(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t)
	behind, err := coze.NewClient(coze.WithBaseURL(srv.URL()), coze.WithToken(srv.Token()))
	if err != nil {
		t.Fatal(err)
	}
	client, err := coze.NewClient(coze.WithBaseURL(proxyFor(t, behind, coze.ProxyConfig{})), coze.WithToken("of the caller"),
		coze.WithDefaultHeader("Cookie", "session=1"), coze.WithDefaultHeader("X-Forwarded-For", "1.2.3.4"))
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	s, err := client.Chat.Stream(ctx, coze.CreateChatRequest{
		BotID: botID, UserID: "u", AdditionalMessages: []coze.EnterMessage{coze.UserMessage("hello")},
	})
	if err != nil {
		t.Fatal(err)
	}
	types, last := collect(s)
	if last != nil || len(types) < 5 || types[len(types)-1] != "done" {
		t.Errorf("the stream gave %v, %v", types, last)
	}
	conversation, err := client.Conversations.Create(ctx, coze.CreateConversationRequest{BotID: botID, Name: "n"})
	if err != nil {
		t.Fatal(err)
	}
	for c, err := range client.Conversations.All(ctx, coze.ListConversationsRequest{BotID: botID}) {
		if err != nil || c.ID == "" {
			t.Error(c, err)
		}
	}
	if _, err := client.Conversations.Update(ctx, conversation.ID, coze.UpdateConversationRequest{Name: "m"}); err != nil {
		t.Error(err)
	}
	text := "%PDF-1.7\n" + strings.Repeat("All the world's a stage. ", 40_000)
	file, err := client.Files.Upload(ctx, coze.UploadFileRequest{File: coze.Upload{Name: "a.pdf", Reader: reader(text)}})
	if err != nil || file.Bytes != int64(len(text)) {
		t.Errorf("upload: %+v, %v", file, err)
	}
	_, err = client.Conversations.Get(ctx, coze.RetrieveConversationRequest{ConversationID: "1"})
	if refused(t, err).LogID == "" || !errors.Is(err, coze.ErrNotFound) {
		t.Errorf("a refusal of the server came as %v", err)
	}
	_, err = client.Workspaces.List(ctx, coze.ListWorkspacesRequest{})
	if !errors.Is(err, coze.ErrForbidden) || refused(t, err).HTTPStatus != 403 {
		t.Errorf("an operation that is not allowed: %v", err)
	}
	for _, c := range srv.Calls() {
		if c.Operation == "ListWorkspaces" {
			t.Error("it reached the server")
		}
		for _, name := range []string{"Cookie", "X-Forwarded-For", "Forwarded", "Via", "Origin", "Referer"} {
			if c.Header.Get(name) != "" {
				t.Errorf("%s: header %s came through", c.Operation, name)
			}
		}
	}
}

// TestProxyDropsWhatIsNotForTheServer: of a request its content goes on, and the rest is the client's.
func TestProxyDropsWhatIsNotForTheServer(t *testing.T) {
	t.Parallel()
	var got *http.Request
	var host string
	client := serverClient(t, func(w http.ResponseWriter, r *http.Request) {
		got, host = r.Clone(t.Context()), r.Host
		w.Header().Set("Set-Cookie", "a=b")
		w.Header().Set("Server", "gateway")
		w.Header().Set("Access-Control-Allow-Origin", "*")
		w.Header().Set("X-Tt-Logid", "log1")
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"code":0,"data":{}}`)
	}, coze.WithDefaultHeader("X-Of-The-Client", "1"))
	url := proxyFor(t, client, coze.ProxyConfig{})
	rsp, body := fetch(t, "POST", url+"/v3/chat?conversation_id=7&authorization=Bearer%20x&Authorization=x&AUTHORIZATION=x&access_token=y&Access_Token=y", `{"bot_id":"1"}`,
		"Authorization", "Bearer of the caller", "Cookie", "a=b", "X-Forwarded-Host", "evil", "Forwarded", "for=1", "Te", "trailers",
		"Proxy-Authorization", "Basic x", "X-Of-The-Client", "2", "X-Secret", "s", "Accept", "text/event-stream")
	if rsp.StatusCode != http.StatusOK || body != `{"code":0,"data":{}}` {
		t.Fatalf("%s %s", rsp.Status, body)
	}
	want := []string{"Accept", "Accept-Encoding", "Authorization", "Content-Length", "Content-Type", "User-Agent", "X-Coze-Client-User-Agent", "X-Of-The-Client"}
	for name := range got.Header {
		if !strings.Contains(strings.Join(want, " "), name) {
			t.Errorf("header %s went on", name)
		}
	}
	if got.Header.Get("Authorization") != "Bearer "+testToken || got.Header.Get("X-Of-The-Client") != "1" {
		t.Errorf("the headers are not the client's: %v", got.Header)
	}
	if got.URL.RawQuery != "conversation_id=7" || strings.Contains(host, "127.0.0.1") == false || "http://"+host+"/api" == url {
		t.Errorf("query %q, host %q", got.URL.RawQuery, host)
	}
	wantAnswer := http.Header{
		"Cache-Control": {"no-store"}, "Content-Security-Policy": {"default-src 'none'; frame-ancestors 'none'; sandbox"},
		"Content-Type": {"application/json"}, "X-Content-Type-Options": {"nosniff"}, "X-Tt-Logid": {"log1"},
		"Cross-Origin-Resource-Policy": {"same-origin"}, "Content-Length": {"20"}, "Date": rsp.Header["Date"],
	}
	if d := cmp.Diff(wantAnswer, rsp.Header); d != "" {
		t.Errorf("headers of the answer (-want +got):\n%s", d)
	}
}

// TestProxyPaths: a path that could be read in two ways, or that leads to an operation that is not allowed, goes nowhere.
func TestProxyPaths(t *testing.T) {
	t.Parallel()
	rec := &recorder{}
	p, err := coze.NewProxy(stubClient(t, rec), coze.ProxyConfig{
		Allow: []coze.ProxyRoute{"CreateChat", "RetrieveChat", "RetrieveBot", "GetPlugin", "GET /v1/apps/{app_id}", "GET /v1/workflows/{id}"}, Authorize: everybody,
	})
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		method, target, want string // path at the server; empty if refused
	}{
		{"POST", "/v3/chat", "/v3/chat"},
		{"GET", "/v3/chat/retrieve", "/v3/chat/retrieve"},
		{"POST", "/v3/chat/retrieve", "/v3/chat/retrieve"}, // as the vendor's SDKs for Node and Python have it
		{"GET", "/v1/bots/7", "/v1/bots/7"},
		{"GET", "/v1/bots/7?connector_id=1", "/v1/bots/7"},
		{"GET", "/v1/apps/7", "/v1/apps/7"},
		{"GET", "/v1/plugins/7", "/v1/plugins/7"},
		{"GET", "/v1/workflows/7", "/v1/workflows/7"},
		{"GET", "/v1/plugins/mget", ""}, // BatchGetPlugins, not the plugin mget
		{"GET", "/v3/chat", ""},
		{"HEAD", "/v1/bots/7", ""},
		{"CONNECT", "/v1/bots/7", ""},
		{"OPTIONS", "/v1/bots/7", ""},
		{"POST", "/v3/chat/", ""},
		{"POST", "//v3/chat", ""},
		{"POST", "/v3//chat", ""},
		{"POST", "/v3/./chat", ""},
		{"POST", "/v1/../v3/chat", ""},
		{"POST", "/v3/chat/message/list", ""},
		{"POST", "/V3/chat", ""},
		{"POST", "/v3/%63hat", ""},
		{"POST", "/v3%2fchat", ""},
		{"GET", "/v1/bots/%2e%2e", ""},
		{"GET", "/v1/bots/..", ""},
		{"GET", "/v1/bots/7%2f..%2f8", ""},
		{"GET", "/v1/bots/7%5c8", ""},
		{"GET", "/v1/bots/7;x=1", ""},
		{"GET", "/v1/bots/7%00", ""},
		{"GET", "/v1/bots/7%20", ""},
		{"GET", "/v1/bots/" + strings.Repeat("7", 200), ""},
		{"GET", "/v1/bots/", ""},
		{"GET", "/v1/workspaces", ""},
		{"GET", "http://evil.example/v1/bots/7", "/v1/bots/7"}, // an absolute URL names no other server
		{"GET", "/", ""},
		{"GET", "/v1/bots/7?a=%zz", ""},
	}
	for _, tt := range tests {
		rec.reqs = nil
		w := httptest.NewRecorder()
		p.ServeHTTP(w, httptest.NewRequest(tt.method, tt.target, nil))
		switch {
		case tt.want == "" && (len(rec.reqs) > 0 || w.Code < 400 || !strings.Contains(w.Body.String(), `"code":4`)):
			t.Errorf("%s %s: %d %s, and %d requests went on", tt.method, tt.target, w.Code, w.Body, len(rec.reqs))
		case tt.want != "" && (len(rec.reqs) != 1 || rec.last().URL.Path != tt.want || rec.last().URL.Host != "api.coze.cn"):
			t.Errorf("%s %s: %d %s", tt.method, tt.target, w.Code, w.Body)
		}
	}
}

// FuzzProxyPath: no path leads to anything but the operations that are allowed, in the form in which the document writes them.
func FuzzProxyPath(f *testing.F) {
	for _, s := range []string{"/v3/chat", "/v1/bots/1", "/v1/bots/%2e%2e", "//v3/chat", "/v1/bots/a%2fb", "/v1/plugins/mget", "/v1/bots/1?a=b;c"} {
		f.Add("GET", s)
		f.Add("POST", s)
	}
	var mu sync.Mutex
	var sent []*http.Request
	client, err := coze.NewClient(coze.WithBaseURL(coze.BaseURLCN), coze.WithToken("t"), coze.WithHTTPClient(&http.Client{
		Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			mu.Lock()
			defer mu.Unlock()
			sent = append(sent, r)
			return response(r, 200, "application/json", `{"code":0}`), nil
		}),
	}))
	if err != nil {
		f.Fatal(err)
	}
	p, err := coze.NewProxy(client, coze.ProxyConfig{Allow: []coze.ProxyRoute{"CreateChat", "RetrieveBot", "GetPlugin"}, Authorize: everybody})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, method, target string) {
		r, err := http.NewRequestWithContext(t.Context(), method, "http://proxy.example/", nil)
		if err != nil || !strings.HasPrefix(target, "/") {
			t.Skip()
		}
		u, err := r.URL.Parse(target)
		if err != nil {
			t.Skip()
		}
		r.URL = u
		mu.Lock()
		sent = nil
		mu.Unlock()
		p.ServeHTTP(httptest.NewRecorder(), r)
		for _, s := range sent {
			id := strings.TrimPrefix(strings.TrimPrefix(s.URL.RequestURI(), "/v1/bots/"), "/v1/plugins/")
			id, _, _ = strings.Cut(id, "?")
			known := r.Method == http.MethodPost && s.URL.Path == "/v3/chat" && u.Path == "/v3/chat" || r.Method == http.MethodGet && id != "" && id != "mget" && !strings.ContainsAny(id, "/%;\\")
			if !known || s.URL.Host != "api.coze.cn" || s.Method != r.Method {
				t.Errorf("%s %s went on as %s %s", method, target, s.Method, s.URL)
			}
		}
	})
}

// TestProxyLimits: what is too long is refused in the form of the platform, whether its length is announced or not.
func TestProxyLimits(t *testing.T) {
	t.Parallel()
	client := serverClient(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"code":0}`)
	})
	url := proxyFor(t, client, coze.ProxyConfig{MaxBody: 1000, MaxUpload: 50_000})
	for _, tt := range []struct {
		name, path, kind string
		size, status     int
	}{
		{"json", "/v3/chat", "application/json", 1000, 200},
		{"json that is too long", "/v3/chat", "application/json", 1001, 413},
		{"upload", "/v1/files/upload", "multipart/form-data; boundary=x", 50_000, 200},
		{"upload that is too long", "/v1/files/upload", "multipart/form-data; boundary=x", 50_001, 413},
		{"a form", "/v3/chat", "application/x-www-form-urlencoded", 5, 415},
	} {
		for _, announced := range []bool{true, false} {
			body := strings.Repeat("x", tt.size)
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+tt.path, reader(body))
			if err != nil {
				t.Fatal(err)
			}
			if announced {
				req.ContentLength = int64(tt.size)
			}
			req.Header.Set("Content-Type", tt.kind)
			rsp, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(tt.name, err)
			}
			text, _ := io.ReadAll(rsp.Body)
			rsp.Body.Close()
			if rsp.StatusCode != tt.status || tt.status != 200 && !strings.HasPrefix(string(text), `{"code":4`) {
				t.Errorf("%s, announced %v: %s %s", tt.name, announced, rsp.Status, text)
			}
		}
	}
}
