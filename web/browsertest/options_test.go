package browsertest_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/cozekit/cozekit/pkg/coze/webchat"
	"github.com/cozekit/cozekit/pkg/cozetest"
)

// useWeather answers by a tool of the platform.
func useWeather(turn *cozetest.Turn) error {
	call := delta(turn, `{"name":"weather","arguments":{"city":"Lima"}}`)
	call["type"] = "function_call"
	turn.Event("conversation.message.completed", call)
	turn.Say("Sunny.")
	return nil
}

func TestToolSteps(t *testing.T) {
	s := newSite(t, useWeather, cozetest.ExpectViolations())
	tb := open(t, s)
	tb.start()
	tb.ask("Weather?")
	tb.ready()
	tb.wait(`texts('.assistant .bubble').at(-1) === 'Sunny.' && all('.step').length === 1`)
	tb.click(`one('.step summary')`)
	tb.wait(`texts('.step')[0].includes('weather') && one('.step pre').textContent === '{"city":"Lima"}'`)
}

// TestWhatCanBeLeftOut: options that take something away, and the older names of options.
func TestWhatCanBeLeftOut(t *testing.T) {
	s := newSite(t, useWeather, cozetest.ExpectViolations())
	s.write(`<div id="place"></div>`, `const mark = document.createElement('b'); mark.textContent = 'new!';
		window.client = new CozeWebSDK.WebChatClient({ config: { botId: 'BOT' }, el: document.getElementById('place'),
			componentProps: { title: 'Old title', lang: 'zh-CN', uploadable: false, icon: '/ada.svg' },
			ui: { header: { extra: () => mark, isNeedClose: true }, chatBot: { isNeedAudio: false, isNeedClearContext: false, isNeedClearMessage: false,
				isNeedFunctionCallMessage: false }, footer: { isShow: false, expressionText: 'Not seen' } } });`)
	tb := open(t, s)
	tb.ready()
	if got := eval[string](tb, `texts('.header').join()`); got != "Old titlenew!" {
		t.Errorf("the header says %q", got)
	}
	if got := eval[[]string](tb, `all('button').map((b) => b.getAttribute('aria-label') ?? b.textContent)`); strings.Join(got[:1], "") != "关闭对话" ||
		strings.Contains(strings.Join(got, " "), "清") || eval[bool](tb, `one('.files-button') !== undefined`) {
		t.Errorf("the buttons are %q", got)
	}
	tb.click("one('textarea')")
	tb.write("Hi")
	tb.click(button("发送"))
	tb.wait(`texts('.assistant .bubble').at(-1) === 'Sunny.'`)
	tb.ready()
	if n := eval[int](tb, `all('.step, .footer').length`); n != 0 {
		t.Errorf("%d steps of tools and footers are shown", n)
	}
}

// TestWhatIsSent: options that go to the platform.
func TestWhatIsSent(t *testing.T) {
	s := newSite(t, cozetest.Echo)
	s.write("", `new CozeWebSDK.WebChatClient({ config: { botInfo: { botId: 'BOT', parameters: { city: 'Lima' } } }, ui: { base: { icon: '/ada.svg' } },
		auth: { type: 'unauth', connectorId: '1024' }, userInfo: { id: 'ann' }, extra: { webChat: { page: 'shop' } } });`)
	tb := open(t, s)
	tb.start()
	tb.ask("Hi")
	tb.ready()
	var got map[string]any
	if err := json.Unmarshal(s.calls("CreateChat")[0].Body, &got); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"user_id": `"ann"`, "connector_id": `"1024"`, "meta_data": `{"page":"shop"}`, "parameters": `{"city":"Lima"}`,
	} {
		if text, _ := json.Marshal(got[name]); string(text) != want {
			t.Errorf("%s is %s, want %s", name, text, want)
		}
	}
}

// TestConversationsOfAnApp: behind webchat.Handler, conversations of an app are found again after a reload, and a new one is another.
func TestConversationsOfAnApp(t *testing.T) {
	const flow = "7411000000000000022"
	fake := cozetest.NewServer(t)
	fake.Chatflow(flow, func(r *cozetest.Run) error { r.Message("Answer", "About ", r.Question()); return nil })
	client, err := coze.NewClient(coze.WithBaseURL(fake.URL()), coze.WithToken(fake.Token()))
	if err != nil {
		t.Fatal(err)
	}
	handler, err := webchat.Handler(client, webchat.Config{
		ProxyConfig: webchat.ProxyConfig{
			Apps: []string{cozetest.DefaultAppID}, Workflows: []string{flow}, Visitor: webchat.CookieVisitor(webchat.CookieConfig{}),
		},
		Page: webchat.Page{Attributes: map[string]string{"conversations": "", "conversation-name": "Help", "app-version": "v1", "icon": "data:,"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/chat/", http.StripPrefix("/chat", handler))
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	tb := open(t, &site{url: server.URL + "/chat/", fake: fake})
	tb.expect("data:,") // the icon is no picture
	tb.showPanel()
	ask := func(question string) {
		tb.ask(question)
		tb.wait(`texts('.assistant .bubble').at(-1) === 'About ` + question + `'`)
		tb.ready()
	}
	ask("glue")
	tb.click(button("New conversation"))
	tb.wait(`all('.message').length === 0`)
	ask("oak")
	tb.do(reload())
	tb.showPanel()
	tb.wait(`texts('.user .bubble').join() === 'oak'`)
	ask("pine")
	tb.wait(`chat().querySelectorAll('.conversations .open').length === 2`)
	if got := eval[string](tb, `[...chat().querySelectorAll('.conversations .open')].map((e) => e.textContent.trim()).join()`); got != "Help 2,Help" {
		t.Errorf("the conversations are %s", got)
	}
	for _, c := range fake.Calls() {
		if c.Operation == "ChatWorkflow" && !strings.Contains(string(c.Body), `"app_version":"v1"`) {
			t.Errorf("the question was %s", c.Body)
		}
	}
}
