package browsertest_test

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/cozekit/cozekit/pkg/cozetest"
)

// attacks reads the list that the tests of the sanitiser have, too.
func attacks(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile("../test/attacks.ts")
	if err != nil {
		t.Fatal(err)
	}
	array := regexp.MustCompile(`(?s)// attacks begin\n[^=]*= (\[.*\]);\n// attacks end`).FindSubmatch(text)
	if array == nil {
		t.Fatal("the list of attacks is not between its marks")
	}
	var list []string
	if err := json.Unmarshal(array[1], &list); err != nil {
		t.Fatal(err)
	}
	if len(list) < 50 {
		t.Fatalf("there are only %d attacks", len(list))
	}
	return list
}

// harmless tells what of the elements in messages is not allowed, after every link and element in them was clicked.
const harmless = `(async () => {
	const bad = [];
	for (const e of all('.markdown *, .bubble *')) {
		if (!/^(a|b|blockquote|br|button|code|dd|del|details|div|dl|dt|em|h[1-6]|hr|i|img|ins|kbd|li|mark|ol|p|path|pre|q|s|small|span|strong|sub|summary|sup|svg|table|tbody|td|th|thead|tr|u|ul)$/.test(e.localName)) bad.push(e.outerHTML);
		for (const { name, value } of e.attributes) {
			if (/^on|^style$|^srcdoc$|^id$|^name$/.test(name) || /^\s*(javascript|vbscript|data:text)/i.test(value)) bad.push(e.outerHTML);
		}
	}
	const stay = (event) => event.preventDefault();
	document.addEventListener('click', stay);
	for (const e of all('.markdown a, .markdown x, .markdown details, .markdown p')) {
		e.dispatchEvent(new MouseEvent('mouseover', { bubbles: true, composed: true }));
		if (e.localName !== 'a' || !/^https?:/.test(e.href)) e.click();
	}
	document.removeEventListener('click', stay);
	await new Promise((r) => setTimeout(r, 100));
	if (window.pwned !== undefined) bad.push('script ran');
	return bad;
})()`

func TestAttacksInMessages(t *testing.T) {
	list := attacks(t)
	s := newSite(t, func(turn *cozetest.Turn) error {
		for _, a := range list {
			turn.Say(a)
		}
		turn.Say(strings.Join(list, "\n\n"))
		turn.FollowUp(list[1])
		return nil
	})
	tb := open(t, s)
	tb.start()
	tb.ask("<img src=x onerror=window.pwned=1><script>window.pwned=1</script>")
	tb.ready()
	tb.wait(`all('.message.assistant').length >= ` + itoa(len(list)+1))
	for _, bad := range eval[[]string](tb, harmless) {
		t.Errorf("while streamed: %s", bad)
	}
	tb.do(reload())
	tb.start()
	tb.wait(`all('.message').length > 10`)
	for _, bad := range eval[[]string](tb, harmless) {
		t.Errorf("from history: %s", bad)
	}
	tb.screenshot("attacks")
}

func TestTokenIsRenewedOnce(t *testing.T) {
	s := newSite(t, cozetest.Echo)
	s.write(`<p id="log"></p>`, `window.old = []; window.client = new CozeWebSDK.WebChatClient({
		config: { botInfo: { botId: 'BOT' } }, ui: { base: { icon: '/ada.svg' } },
		auth: { type: 'token', token: 'expired', onRefreshToken: async (token) => { old.push(token); return '`+s.fake.Token()+`'; } },
	});`)
	tb := open(t, s)
	tb.expect("the server responded with a status of 401")
	tb.start()
	tb.ask("Hello")
	tb.wait(`all('.message.assistant[data-status="done"]').length === 1`)
	if old := eval[[]string](tb, "old"); len(old) != 1 || old[0] != "expired" {
		t.Errorf("onRefreshToken was called with %q, want once with the old token", old)
	}
	if got := eval[string](tb, "client.getToken()"); got != s.fake.Token() {
		t.Error("getToken does not return the new token")
	}
}

func TestWhatSignedOutVisitorsSee(t *testing.T) {
	s := newSite(t, cozetest.Echo)
	s.write("", `new CozeWebSDK.WebChatClient({ config: { botInfo: { botId: 'BOT' } }, ui: { base: { icon: '/ada.svg', lang: 'zh-CN' } },
		auth: { type: 'token', token: 'expired', onRefreshToken: () => 'expired too' } });`)
	tb := open(t, s)
	tb.expect("the server responded with a status of 401")
	tb.click(button("打开对话"))
	tb.wait(`one('.toast')?.textContent.includes('尚未登录') && one('.toast').textContent.includes('日志 ID: ')`)
	tb.screenshot("signed-out")
}
