package browsertest_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"github.com/cozekit/cozekit/pkg/cozetest"
)

func itoa(n int) string { return strconv.Itoa(n) }

// phone makes the tab a phone.
func phone() chromedp.Action {
	return chromedp.Tasks{emulation.SetDeviceMetricsOverride(390, 844, 2, true), emulation.SetTouchEmulationEnabled(true)}
}

// prefer sets what the system of the visitor prefers.
func prefer(scheme string) chromedp.Action {
	return emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}})
}

func TestMobile(t *testing.T) {
	s := newSite(t, func(turn *cozetest.Turn) error {
		turn.Say(answer)
		return nil
	})
	tb := open(t, s, phone())
	tb.start()
	tb.ask("How do I sharpen a chisel?")
	tb.wait(`all('.assistant table').length === 1`)
	tb.ready()
	tb.screenshot("mobile")
	rect := eval[[]float64](tb, `(() => { const r = one('.panel').getBoundingClientRect(); return [r.left, r.top, r.width, r.height, innerWidth, innerHeight]; })()`)
	if rect[0] != 0 || rect[1] != 0 || rect[2] != rect[4] || rect[3] != rect[5] {
		t.Errorf("on a phone the panel is at %v, want the whole screen", rect)
	}
	if wide := eval[[]string](tb, `all('.scroller *').filter((e) => !e.closest('pre, .table') && e.getBoundingClientRect().right > innerWidth + 1).map((e) => e.outerHTML.slice(0, 80))`); len(wide) > 0 {
		t.Errorf("on a phone this is too wide: %q", wide)
	}
	tb.click(button("Close chat"))
	tb.wait(`labeled('Open chat')`)
}

func TestThemes(t *testing.T) {
	s := newSite(t, func(turn *cozetest.Turn) error {
		turn.Think("Steps, stones, angles.")
		turn.Say(answer)
		turn.FollowUp("What about gouges?")
		return nil
	})
	background := `getComputedStyle(one('.panel')).backgroundColor`
	for _, c := range []struct{ system, option, want string }{
		{"light", "", "rgb(255, 255, 255)"},
		{"dark", "", "rgb(22, 23, 29)"},
		{"light", "theme=dark", "rgb(22, 23, 29)"},
		{"dark", "theme=light", "rgb(255, 255, 255)"},
	} {
		t.Run(strings.TrimSpace(c.system+" "+c.option), func(t *testing.T) {
			s.element(c.option)
			tb := open(t, s, prefer(c.system))
			tb.start()
			if got := eval[string](tb, background); got != c.want {
				t.Errorf("the background is %s, want %s", got, c.want)
			}
			if c.system == "dark" && c.option == "" {
				tb.ask("How do I sharpen a chisel?")
				tb.wait(`all('.assistant table').length === 1`)
				tb.ready()
				tb.screenshot("dark")
			}
		})
	}
}

func TestChinese(t *testing.T) {
	s := newSite(t, cozetest.Echo)
	s.element(`lang="zh-CN" title="工坊助手" conversations feedback width="420"`)
	tb := open(t, s)
	tb.click(button("打开对话"))
	tb.ready()
	tb.click("one('textarea')")
	tb.write("如何磨凿子？")
	tb.click(button("发送"))
	tb.wait(`all('.message.assistant[data-status="done"]').length === 1`)
	tb.screenshot("chinese")
	english := eval[[]string](tb, `all('[aria-label], [title], button, textarea').flatMap((e) => [e.ariaLabel, e.title, e.placeholder]).filter((w) => w && /[A-Za-z]{4}/.test(w))`)
	if len(english) > 0 {
		t.Errorf("in Chinese there are English words: %q", english)
	}
	if got := eval[string](tb, `one('h2').textContent + one('.panel').offsetWidth + document.querySelector('coze-chat').title`); got != "工坊助手420" {
		t.Errorf("title and width are %q", got)
	}
}

func TestInlineWithFooter(t *testing.T) {
	s := newSite(t, func(turn *cozetest.Turn) error {
		turn.Say(answer)
		turn.FollowUp("What about gouges?")
		return nil
	})
	s.write(`<div id="place"></div>`, `window.client = new CozeWebSDK.WebChatClient({
		config: { type: 'bot', botInfo: { botId: 'BOT' } },
		userInfo: { id: 'ann', nickname: 'Ann' },
		ui: {
			base: { icon: '/ada.svg', zIndex: 7 },
			chatBot: { el: document.getElementById('place'), title: 'Workshop guide', feedback: { isNeedFeedback: true } },
			conversations: { isNeed: true },
			footer: { expressionText: 'Answers may be wrong. {{rules}} and {{bad}}', linkvars: {
				rules: { text: 'House rules', link: 'https://example.com/rules' }, bad: { text: 'bad link', link: 'javascript:window.pwned=1' } } },
		},
	});`)
	tb := open(t, s)
	tb.ready()
	tb.ask("How do I sharpen a chisel?")
	tb.wait(`all('.assistant table').length === 1`)
	tb.ready()
	tb.run(`document.getElementById('place').scrollIntoView()`)
	tb.screenshot("inline")
	if got := eval[[]string](tb, `all('.footer a').map((a) => a.href)`); len(got) != 1 || got[0] != "https://example.com/rules" {
		t.Errorf("the links of the footer are %q", got)
	}
	if got := eval[string](tb, `texts('.message.user .avatar')[0] + texts('.footer')[0]`); got != "AAnswers may be wrong. House rules and bad link" {
		t.Errorf("avatar and footer are %q", got)
	}
	body := string(s.calls("CreateChat")[0].Body)
	if !strings.Contains(body, `"user_id":"ann"`) || !strings.Contains(body, `"connector_id":"999"`) {
		t.Errorf("the question was %s", body)
	}
}
