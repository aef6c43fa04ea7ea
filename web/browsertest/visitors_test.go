package browsertest_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/cozekit/cozekit/pkg/coze/webchat"
	"github.com/cozekit/cozekit/pkg/cozetest"
)

// webchatSite serves webchat.Handler below /chat/, as a site of a user does.
func webchatSite(t *testing.T, fake *cozetest.Server) (home string) {
	t.Helper()
	client, err := coze.NewClient(coze.WithBaseURL(fake.URL()), coze.WithToken(fake.Token()))
	if err != nil {
		t.Fatal(err)
	}
	chat, err := webchat.Handler(client, webchat.Config{
		ProxyConfig: webchat.ProxyConfig{
			Bots: []string{newBot(t, fake, cozetest.Echo)}, Visitor: webchat.CookieVisitor(webchat.CookieConfig{}),
			VisitorRate: webchat.Rate{PerSecond: -1}, ChatRate: webchat.Rate{PerSecond: -1},
		},
		Page: webchat.Page{Title: "The workshop", Attributes: map[string]string{"conversations": "", "feedback": "", "icon": "/ada.svg"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/chat/", http.StripPrefix("/chat", chat))
	mux.HandleFunc("GET /ada.svg", icon)
	mux.HandleFunc("GET /favicon.ico", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL + "/chat/"
}

// conversationIDs are those that the page gets when it asks for the list.
func conversationIDs(tb *tab, bot string) []string {
	tb.t.Helper()
	return eval[[]string](tb, `fetch('api/v1/conversations?bot_id=`+bot+`&connector_id=999').then((r) => r.json()).then((r) => r.data.conversations.map((c) => c.id))`)
}

// TestVisitorsCannotForge: what the handler of users shows to one visitor, another one does not see, not by knowing its ids either.
func TestVisitorsCannotForge(t *testing.T) {
	fake := cozetest.NewServer(t)
	home := webchatSite(t, fake)
	anna := blank(t)
	x := &exchange{}
	x.watch(anna)
	bob := blank(t) // another browser, which shares neither cookies nor storage
	for _, tb := range []*tab{anna, bob} {
		tb.do(chromedp.Navigate(home))
		tb.ready()
	}
	anna.ask("My secret is 42")
	anna.wait(`texts('.assistant .bubble').at(-1) === 'You said: My secret is 42'`)
	anna.ready()
	var made coze.CreateChatRequest
	for _, c := range fake.Calls() {
		if c.Operation == "CreateChat" {
			if err := json.Unmarshal(c.Body, &made); err != nil {
				t.Fatal(err)
			}
			made.ConversationID = c.Query.Get("conversation_id")
		}
	}
	annas := conversationIDs(anna, made.BotID)
	if len(annas) != 1 || annas[0] != made.ConversationID {
		t.Fatalf("the conversations of the first visitor are %q, the chat is in %q", annas, made.ConversationID)
	}
	if got := conversationIDs(bob, made.BotID); len(got) != 0 {
		t.Errorf("the second visitor sees %q", got)
	}
	visitorForges(t, fake, anna, bob, made)

	bob.ask("Hello")
	bob.wait(`texts('.assistant .bubble').at(-1) === 'You said: Hello'`)
	bob.ready()
	for tb, said := range map[*tab]string{anna: "My secret is 42", bob: "Hello"} {
		tb.do(reload())
		tb.ready()
		tb.wait(`texts('.bubble').join() === '` + said + `,You said: ` + said + `'`)
		tb.wait(`texts('.conversations .open').join() === '` + said + `'`)
	}
	if got := eval[string](bob, `document.cookie`); got != "" {
		t.Errorf("scripts can read the cookie %q", got)
	}
	x.without(t, anna, fake.Token())
}

// visitorForges lets bob's page ask for what is anna's, by its ids. All of it must look as if it did not exist, and nothing of it may
// reach the platform.
func visitorForges(t *testing.T, fake *cozetest.Server, anna, bob *tab, chat coze.CreateChatRequest) {
	t.Helper()
	type message struct {
		ID     string `json:"id"`
		ChatID string `json:"chat_id"`
	}
	id := chat.ConversationID
	messages := eval[[]message](anna, `fetch('api/v1/conversation/message/list?conversation_id=`+id+`', { method: 'POST',
		headers: { 'Content-Type': 'application/json' }, body: '{}' }).then((r) => r.json()).then((r) => r.data)`)
	if len(messages) != 2 {
		t.Fatalf("the first visitor has %d messages, want 2", len(messages))
	}
	m := messages[0]
	before := map[string]int{}
	for _, c := range fake.Calls() {
		before[c.Operation]++
	}
	for what, f := range map[string]struct{ method, path, body, operation string }{
		"list messages":    {"POST", "v1/conversation/message/list?conversation_id=" + id, "{}", "ListMessages"},
		"chat":             {"POST", "v3/chat?conversation_id=" + id, `{"bot_id":"` + chat.BotID + `","user_id":"anna","stream":true}`, "CreateChat"},
		"cancel":           {"POST", "v3/chat/cancel", `{"conversation_id":"` + id + `","chat_id":"` + m.ChatID + `"}`, "CancelChat"},
		"rename":           {"PUT", "v1/conversations/" + id, `{"name":"mine now"}`, "UpdateConversation"},
		"clear":            {"POST", "v1/conversations/" + id + "/clear", "{}", "ClearConversation"},
		"delete a message": {"POST", "v1/conversation/message/delete?conversation_id=" + id + "&message_id=" + m.ID, "", "DeleteMessage"},
		"rate":             {"POST", "v1/conversations/" + id + "/messages/" + m.ID + "/feedback", `{"feedback_type":"like"}`, "CreateMessageFeedback"},
		"delete":           {"DELETE", "v1/conversations/" + id, "", "DeleteConversation"},
	} {
		bob.expect("the server responded with a status of 404")
		got := eval[string](bob, `fetch('api/`+f.path+`', { method: '`+f.method+`', headers: { 'Content-Type': 'application/json' },
			body: '`+f.body+`' || undefined }).then(async (r) => r.status + ' ' + (await r.json()).code)`)
		if got != "404 4200" {
			t.Errorf("%s in a conversation of another visitor: %s", what, got)
		}
		for _, c := range fake.Calls() {
			if c.Operation == f.operation {
				before[c.Operation]--
			}
		}
		if before[f.operation] != 0 {
			t.Errorf("%s in a conversation of another visitor reached the platform", what)
		}
	}
	// What is not offered to visitors is refused without a look at whose it is.
	bob.expect("the server responded with a status of 403")
	for _, path := range []string{"v1/conversation/retrieve?conversation_id=" + id, "v3/chat/message/list?conversation_id=" + id + "&chat_id=" + m.ChatID, "v1/workspaces"} {
		if got := eval[string](bob, `fetch('api/`+path+`').then(async (r) => r.status + ' ' + (await r.json()).code)`); got != "403 4101" {
			t.Errorf("GET %s: %s", path, got)
		}
	}
}
