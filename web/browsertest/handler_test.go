package browsertest_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/cozekit/cozekit/pkg/coze/webchat"
	"github.com/cozekit/cozekit/pkg/cozetest"
)

// TestTwoVisitorsOfTheHandler opens the page of package webchat in two browsers: each finds its own history after a reload, and only that.
func TestTwoVisitorsOfTheHandler(t *testing.T) {
	fake := cozetest.NewServer(t)
	bot := newBot(t, fake, cozetest.Echo)
	client, err := coze.NewClient(coze.WithBaseURL(fake.URL()), coze.WithToken(fake.Token()))
	if err != nil {
		t.Fatal(err)
	}
	handler, err := webchat.Handler(client, webchat.Config{
		ProxyConfig: webchat.ProxyConfig{Bots: []string{bot}, Visitor: webchat.CookieVisitor(webchat.CookieConfig{})},
		Page:        webchat.Page{Title: "Workshop", Attributes: map[string]string{"conversations": "", "feedback": "", "icon": "data:,"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/chat/", http.StripPrefix("/chat", handler))
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	s := &site{url: server.URL + "/chat/", fake: fake}

	for _, name := range []string{"Ann", "Bob"} {
		tb := open(t, s)
		tb.expect("data:,") // the icon is no picture
		tb.showPanel()
		tb.wait(`one('.welcome .chip')`) // nothing of the other one
		tb.ask("I am " + name)
		tb.wait(`all('.message.assistant[data-status="done"]').length === 1`)
		tb.ready()
		tb.do(reload())
		tb.showPanel()
		tb.wait(`texts('.user .bubble').join() === 'I am ` + name + `'`)
		if got := eval[string](tb, `chat().textContent`); name == "Bob" && strings.Contains(got, "Ann") {
			t.Error("Bob sees something of Ann")
		}
		tb.screenshot("handler-" + name)
	}
}

// showPanel waits for a panel that fills the page, or opens the floating one.
func (tb *tab) showPanel() {
	tb.t.Helper()
	tb.wait(`document.querySelector('coze-chat')?.shadowRoot?.querySelector('.panel, .launcher')`)
	tb.run(`await document.querySelector('coze-chat').show()`)
	tb.ready()
}
