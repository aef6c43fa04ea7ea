package browsertest_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/evanw/esbuild/pkg/api"

	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/cozekit/cozekit/pkg/cozetest"
)

// The visitor of the page is known by a cookie of the site.
const session = "session-of-the-visitor"

// vendorScript bundles the page's script with the vendor's SDK, as its package has it, for browsers. The SDK is the one that interop
// pins.
func vendorScript(t *testing.T) []byte {
	t.Helper()
	const packages = "../../interop/node_modules"
	if _, err := os.Stat(filepath.Join(packages, "@coze", "api")); err != nil {
		if os.Getenv("CI") == "true" && os.Getenv("WEB_TEST") != "" { // make test comes before it is installed
			t.Fatalf("the vendor's SDK is not installed: %v", err)
		}
		t.Skip("NOTE: the vendor's SDK is not installed; run make web-test")
	}
	dir, err := filepath.Abs(packages)
	if err != nil {
		t.Fatal(err)
	}
	result := api.Build(api.BuildOptions{
		EntryPoints: []string{"testdata/vendor-sdk/page.js"}, NodePaths: []string{dir}, Outfile: "page.js",
		Bundle: true, Platform: api.PlatformBrowser, Format: api.FormatIIFE, Target: api.ES2022, Charset: api.CharsetUTF8,
	})
	if len(result.Errors) > 0 {
		t.Fatalf("the page is not bundled: %v", result.Errors)
	}
	return result.OutputFiles[0].Contents
}

// vendorSite is a page with the vendor's SDK, and below /api a proxy of the fake for those who have the cookie of the page.
func vendorSite(t *testing.T, fake *cozetest.Server) http.Handler {
	t.Helper()
	client, err := coze.NewClient(coze.WithBaseURL(fake.URL()), coze.WithToken(fake.Token()))
	if err != nil {
		t.Fatal(err)
	}
	proxy, err := coze.NewProxy(client, coze.ProxyConfig{
		Allow: []coze.ProxyRoute{coze.ProxyChat, coze.ProxyConversations, coze.ProxyFiles, "ConnectChatSocket"},
		Authorize: func(r *http.Request) error {
			if c, err := r.Cookie("session"); err != nil || c.Value != session {
				return errors.New("a stranger")
			}
			return nil
		},
		MaxBody: 10_000,
	})
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "session", Value: session, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode})
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; connect-src 'self'")
		_, _ = io.WriteString(w, `<!doctype html><html lang="en"><meta charset="utf-8"><title>The vendor's SDK</title>`+
			`<script src="/page.js" defer></script><output></output>`)
	})
	mux.HandleFunc("GET /page.js", serve(vendorScript(t)))
	mux.HandleFunc("GET /favicon.ico", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	mux.Handle("/api/", http.StripPrefix("/api", proxy))
	return mux
}

// openVendor opens the page with the SDK and notes what it sends and receives.
func openVendor(t *testing.T, fake *cozetest.Server) (*tab, *exchange) {
	t.Helper()
	x := &exchange{}
	server := httptest.NewServer(x.tee(vendorSite(t, fake)))
	t.Cleanup(server.Close)
	tb := blank(t)
	x.watch(tb)
	tb.do(chromedp.Navigate(server.URL))
	tb.wait(`document.documentElement.dataset.ready === 'yes'`)
	return tb, x
}

// TestVendorSDK: the vendor's SDK, unmodified, does its work in a page behind coze.NewProxy, and never sees the token.
func TestVendorSDK(t *testing.T) {
	fake := cozetest.NewServer(t)
	more := make(chan struct{})
	fake.Bot(cozetest.DefaultBotID, func(turn *cozetest.Turn) error {
		if turn.Question() != "Slowly, please" {
			return cozetest.Echo(turn)
		}
		turn.StreamSeq(func(yield func(string) bool) {
			if !yield("First words") {
				return
			}
			select {
			case <-more:
				yield(" and the rest.")
			case <-turn.Context().Done():
			}
		})
		return nil
	})
	tb, x := openVendor(t, fake)
	vendorStreams(t, tb, more)
	vendorPolls(t, tb)
	vendorConverses(t, tb)
	vendorUploads(t, tb)
	vendorTalks(t, tb)
	vendorIsRefused(t, tb)

	x.without(t, tb, fake.Token())
	// What is looked at is all there is: pieces of requests, cookies, answers and both directions of the websocket are found.
	sent, received := x.texts()
	for _, part := range []string{"Slowly, please", session, "event_2", "Are you there?", "/api/v1/files/upload"} {
		if !strings.Contains(sent, part) {
			t.Errorf("%q is not in what was recorded of requests", part)
		}
	}
	for _, part := range []string{" and the rest.", session, `"conversation.chat.completed"`, "tools.csv"} {
		if !strings.Contains(received, part) {
			t.Errorf("%q is not in what was recorded of answers", part)
		}
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	slices.Sort(x.auth)
	for _, value := range slices.Compact(x.auth) {
		if value = strings.ReplaceAll(value, "%20", " "); strings.TrimSpace(value) != "Bearer" {
			t.Errorf("the page authenticates by %q", value)
		}
	}
	if len(x.auth) < 10 {
		t.Errorf("only %d requests of the SDK were seen", len(x.auth))
	}
	if strange := fakeCallers(fake); len(strange) > 0 {
		t.Errorf("the proxy passed on %q", strange)
	}
}

// fakeCallers are headers of the page that must not reach the platform.
func fakeCallers(fake *cozetest.Server) (found []string) {
	for _, c := range fake.Calls() {
		for _, name := range []string{"Cookie", "Origin", "Referer", "User-Agent"} {
			if v := c.Header.Get(name); strings.Contains(v, session) || strings.Contains(v, "Chrome") || name != "User-Agent" && v != "" {
				found = append(found, c.Operation+" "+name+": "+v)
			}
		}
	}
	return found
}

func vendorStreams(t *testing.T, tb *tab, more chan<- struct{}) {
	t.Helper()
	tb.run(`window.over = false; stream('` + cozetest.DefaultBotID + `', 'Slowly, please').then(() => { over = true; }, (e) => { over = String(e); })`)
	tb.wait(`document.querySelector('output').textContent === 'First words'`)
	if eval[bool](tb, `over !== false`) {
		t.Error("the stream is over before its end was sent")
	}
	close(more)
	tb.wait(`over`)
	if got := eval[string](tb, `over + seen.text`); got != "trueFirst words and the rest." {
		t.Errorf("the stream gave %q", got)
	}
	events := eval[[]string](tb, `[...new Set(seen.events)]`)
	want := []string{
		"conversation.chat.created", "conversation.chat.in_progress", "conversation.message.delta", "conversation.message.completed",
		"conversation.chat.completed", "done",
	}
	if !reflect.DeepEqual(events, want) {
		t.Errorf("the events are %q", events)
	}
}

func vendorPolls(t *testing.T, tb *tab) {
	t.Helper()
	type polled struct {
		Chat     coze.Chat      `json:"chat"`
		Messages []coze.Message `json:"messages"`
	}
	got := eval[polled](tb, `poll('`+cozetest.DefaultBotID+`', 'Are you there?')`)
	if got.Chat.Status != coze.ChatStatusCompleted || got.Chat.BotID != cozetest.DefaultBotID {
		t.Errorf("the chat that was polled is %+v", got.Chat)
	}
	i := slices.IndexFunc(got.Messages, func(m coze.Message) bool { return m.Type == coze.MessageTypeAnswer })
	if i < 0 || got.Messages[i].Content != "You said: Are you there?" || got.Messages[i].ChatID != got.Chat.ID {
		t.Errorf("the messages are %+v", got.Messages)
	}
}

func vendorConverses(t *testing.T, tb *tab) {
	t.Helper()
	made := eval[coze.Conversation](tb, `conversations.create('`+cozetest.DefaultBotID+`', { from: 'a page' })`)
	type listed struct {
		Conversations []coze.Conversation `json:"conversations"`
		HasMore       bool                `json:"has_more"`
	}
	list := eval[listed](tb, `conversations.list('`+cozetest.DefaultBotID+`')`)
	i := slices.IndexFunc(list.Conversations, func(c coze.Conversation) bool { return c.ID == made.ID })
	if made.ID == "" || i < 0 || list.Conversations[i].MetaData["from"] != "a page" || len(list.Conversations) != 3 || list.HasMore {
		t.Errorf("%+v was made, listed are %+v", made, list)
	}
}

func vendorUploads(t *testing.T, tb *tab) {
	t.Helper()
	file := eval[coze.File](tb, `upload('tools.csv', 'chisel,gouge,saw')`)
	if file.ID == "" || file.FileName != "tools.csv" || file.Bytes != 16 {
		t.Errorf("the file that was uploaded is %+v", file)
	}
}

func vendorTalks(t *testing.T, tb *tab) {
	t.Helper()
	type event struct {
		Type string `json:"event_type"`
		Data struct {
			Type    string `json:"type"`
			Content string `json:"content"`
		} `json:"data"`
	}
	events := eval[[]event](tb, `talk('`+cozetest.DefaultBotID+`', 'Hello')`)
	text, sounds := "", 0
	for _, e := range events {
		switch e.Type {
		case "conversation.message.delta":
			text += e.Data.Content
		case "conversation.audio.delta":
			sounds++
		}
	}
	if text != "You said: Hello" || sounds == 0 {
		t.Errorf("by websocket came %q and %d pieces of sound", text, sounds)
	}
}

func vendorIsRefused(t *testing.T, tb *tab) {
	t.Helper()
	type refusal struct {
		Type    string `json:"type"`
		Status  int    `json:"status"`
		Code    int    `json:"code"`
		Message string `json:"message"`
		LogID   string `json:"logID"`
	}
	tb.expect("the server responded with a status of 4")
	got := eval[map[string]refusal](tb, `refusals('`+cozetest.DefaultBotID+`')`)
	for name, want := range map[string]struct {
		refusal
		fromServer bool // and so with a log id
	}{
		"another operation":          {refusal{"PermissionDeniedError", 403, coze.CodePermissionDenied, "the proxy does not offer this operation", ""}, false},
		"a chat that does not exist": {refusal{"NotFoundError", 404, coze.CodeNotFound, "chat 2 does not exist", ""}, true},
		"a body that is too long":    {refusal{"BadRequestError", 400, coze.CodeInvalidParameter, "requests have at most 10000 bytes here", ""}, false},
		"a stream":                   {refusal{"event error", 0, coze.CodeNotFound, "bot 99", ""}, true},
	} {
		r := got[name]
		if r.Type != want.Type || r.Status != want.Status || r.Code != want.Code || !strings.Contains(r.Message, want.Message) || (r.LogID != "") != want.fromServer {
			t.Errorf("of the refusal of %s the SDK makes %+v", name, r)
		}
	}
	if len(got) != 4 {
		t.Errorf("there are %d refusals", len(got))
	}
}
