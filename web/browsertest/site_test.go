package browsertest_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/cozekit/cozekit/pkg/coze/webchat/widget"
	"github.com/cozekit/cozekit/pkg/cozetest"
)

// policy is what pages of strict sites say: no script and no style but files of their own, and Trusted Types.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' blob: data:; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types coze-chat"

// site is a web site with a chat widget, and the fake platform behind it.
type site struct {
	url  string
	fake *cozetest.Server
	bot  string // id

	mu       sync.Mutex
	body     string                      // of the page
	script   string                      // of the page
	handlers map[string]http.HandlerFunc // in place of the platform's, by the path below /api
}

// newSite makes a site whose page has a floating widget.
func newSite(t *testing.T, script cozetest.Script, opts ...cozetest.Option) *site {
	t.Helper()
	s := &site{fake: cozetest.NewServer(t, opts...), handlers: map[string]http.HandlerFunc{}}
	s.bot = newBot(t, s.fake, script)
	s.element("")
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.page)
	mux.HandleFunc("GET /page.js", s.pageScript)
	mux.HandleFunc("GET /page.css", pageStyle)
	mux.HandleFunc("GET /coze-chat.js", serve(widget.Script()))
	mux.HandleFunc("GET /coze-chat.mjs", serve(widget.Module()))
	mux.HandleFunc("GET /ada.svg", icon)
	mux.HandleFunc("GET /favicon.ico", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	mux.HandleFunc("/api/", s.api(t))
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

// newBot makes a bot with a name and first words.
func newBot(t *testing.T, fake *cozetest.Server, script cozetest.Script) string {
	t.Helper()
	client, err := coze.NewClient(coze.WithBaseURL(fake.URL()), coze.WithToken(fake.Token()))
	if err != nil {
		t.Fatal(err)
	}
	made, err := client.Bots.Create(t.Context(), coze.CreateBotRequest{
		SpaceID: cozetest.DefaultWorkspaceID, Name: "Ada", Description: "Your guide to the workshop",
		OnboardingInfo: &coze.OnboardingInfo{
			Prologue:           "Hello! I know **every tool** in this workshop. What would you like to build today?",
			SuggestedQuestions: []string{"How do I sharpen a chisel?", "Plan a small bookshelf", "Which glue for oak?"},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.Bots.Publish(t.Context(), coze.PublishBotRequest{BotID: made.BotID, ConnectorIDs: []string{"1024", "999"}})
	if err != nil {
		t.Fatal(err)
	}
	fake.Bot(made.BotID, script)
	return made.BotID
}

// element sets the page to one widget with these attributes beside the id of the bot.
func (s *site) element(attributes string) {
	s.write(fmt.Sprintf("<coze-chat bot-id=%q icon='/ada.svg' %s></coze-chat>", s.bot, attributes), "")
}

// write sets the body of the page, and its script, which runs when the widget is loaded. BOT in the script is the id of the bot.
func (s *site) write(body, script string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.body, s.script = body, strings.ReplaceAll(script, "BOT", s.bot)
}

// handle answers calls to a path in place of the platform.
func (s *site) handle(path string, handler http.HandlerFunc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.handlers[path] = handler
}

func (s *site) page(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", policy)
	_, _ = fmt.Fprintf(w, `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A workshop</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="stylesheet" href="/page.css">
<script src="/coze-chat.js" defer></script><script src="/page.js" defer></script></head>
<body><main><h1>The workshop</h1><p>Tools, wood and <a href="#more">good advice</a>.</p></main>%s</body></html>`, s.body)
}

func (s *site) pageScript(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w.Header().Set("Content-Type", "text/javascript")
	_, _ = io.WriteString(w, s.script)
}

func pageStyle(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/css")
	_, _ = io.WriteString(w, `:root { color-scheme: light dark } body { margin: 0; font: 1.125rem/1.6 Georgia, serif; background: light-dark(#f3efe7, #0d0e12); }
main { max-width: 44rem; margin: 4rem auto; padding: 0 2rem } h1 { font-size: 3rem } #place { height: 46rem; max-width: 64rem; margin: 2rem auto }`)
}

// icon is the picture of the bot.
func icon(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "image/svg+xml")
	_, _ = io.WriteString(w, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><rect width="64" height="64" fill="#4f46e5"/>
<g fill="none" stroke="#fff" stroke-width="4" stroke-linecap="round" stroke-linejoin="round"><path d="M20 46 32 16l12 30M24.5 36h15"/></g></svg>`)
}

func serve(script []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
		_, _ = w.Write(script)
	}
}

// api hands calls on to the fake platform, with its token unless the page sends one.
func (s *site) api(t *testing.T) http.HandlerFunc {
	t.Helper()
	target, err := url.Parse(s.fake.URL())
	if err != nil {
		t.Fatal(err)
	}
	proxy := handOn(target, s.fake.Token())
	return func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		handler := s.handlers[strings.TrimPrefix(r.URL.Path, "/api")]
		s.mu.Unlock()
		if handler != nil {
			handler(w, r)
			return
		}
		proxy.ServeHTTP(w, r)
	}
}

// handOn is a proxy that cuts /api off the path. What it reads of a body ends with its announced length: the transport looks for more
// behind it, and if the answer comes before it does, the server has closed the body by then, and the transport breaks the answer off.
func handOn(target *url.URL, token string) *httputil.ReverseProxy {
	return &httputil.ReverseProxy{FlushInterval: -1, Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(target)
		r.Out.URL.Path = strings.TrimPrefix(r.In.URL.Path, "/api")
		for _, name := range []string{"Cookie", "Origin", "Referer"} {
			r.Out.Header.Del(name)
		}
		if r.In.Header.Get("Authorization") == "" {
			r.Out.Header.Set("Authorization", "Bearer "+token)
		}
		if body := r.Out.Body; r.Out.ContentLength > 0 {
			r.Out.Body = struct {
				io.Reader
				io.Closer
			}{io.LimitReader(body, r.Out.ContentLength), body}
		}
	}, ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) }}
}

// calls returns the requests that the platform got of one operation.
func (s *site) calls(operation string) []cozetest.Call {
	var found []cozetest.Call
	for _, c := range s.fake.Calls() {
		if c.Operation == operation {
			found = append(found, c)
		}
	}
	return found
}
