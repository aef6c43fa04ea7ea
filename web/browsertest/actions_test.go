package browsertest_test

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"github.com/cozekit/cozekit/pkg/cozetest"
)

func TestConversations(t *testing.T) {
	s := newSite(t, cozetest.Echo)
	s.element("conversations")
	tb := open(t, s)
	tb.start()
	tb.ask("About chisels")
	tb.wait(`all('.message.assistant[data-status="done"]').length === 1`)
	tb.ready()
	tb.click(button("New conversation"))
	tb.wait(`all('.message').length === 0`)
	tb.ask("About glue")
	tb.wait(`all('.message.assistant[data-status="done"]').length === 1`)
	tb.ready()
	tb.click(button("Show conversations"))
	tb.wait(`texts('.conversations .open').join() === 'About glue,About chisels'`)
	tb.screenshot("conversations")

	tb.click(button("Rename About chisels"))
	tb.wait(`one('dialog input')`)
	tb.write("Sharp tools")
	tb.press(kb.Enter)
	tb.wait(`texts('.conversations .open')[1] === 'Sharp tools'`)
	tb.click(`all('.conversations .open')[1]`)
	tb.wait(`texts('.user .bubble').join() === 'About chisels'`)

	tb.click(button("Show conversations"))
	tb.click(button("Delete About glue"))
	tb.wait(`one('dialog')`)
	tb.screenshot("confirm")
	tb.click(`one('dialog .danger')`)
	tb.wait(`texts('.conversations .open').join() === 'Sharp tools' && all('dialog').length === 0`)
	if n := len(s.calls("DeleteConversation")); n != 1 {
		t.Errorf("%d conversations were deleted, want 1", n)
	}
	tb.press(kb.Escape)
	tb.wait(`!one('.conversations .open')`)
	tb.do(reload())
	tb.start()
	tb.wait(`texts('.user .bubble').join() === 'About chisels'`)
}

func TestFeedback(t *testing.T) {
	s := newSite(t, cozetest.Echo)
	s.write("", `new CozeWebSDK.WebChatClient({ config: { botInfo: { botId: 'BOT' } }, ui: { base: { icon: '/ada.svg' }, chatBot: { feedback: {
		isNeedFeedback: true, feedbackPanel: { title: 'What went wrong?', placeholder: 'More', tags: [{ label: 'Not true' }, { label: 'Other', isNeedDetail: true }] } } } } });`)
	tb := open(t, s)
	tb.start()
	tb.ask("Hello")
	tb.ready()
	tb.click(button("Good answer"))
	tb.wait(`labeled('Good answer')?.getAttribute('aria-pressed') === 'true'`)
	tb.click(button("Bad answer"))
	tb.click(`all('dialog .chip').find((c) => c.textContent === 'Not true')`)
	tb.click(`all('dialog .chip').find((c) => c.textContent === 'Other')`)
	tb.click(`one('dialog textarea')`)
	tb.write("It only repeats me.")
	tb.screenshot("feedback")
	tb.click(`one('dialog [type=submit]')`)
	tb.wait(`labeled('Bad answer')?.getAttribute('aria-pressed') === 'true'`)
	calls := s.calls("CreateMessageFeedback")
	if len(calls) != 2 || !strings.Contains(string(calls[0].Body), `"like"`) {
		t.Fatalf("%d ratings came, want like and unlike", len(calls))
	}
	want := `{"feedback_type":"unlike","reason_types":["Not true","Other"],"comment":"It only repeats me."}`
	if got := string(calls[1].Body); got != want {
		t.Errorf("the rating is %s, want %s", got, want)
	}
	tb.click(button("Bad answer"))
	tb.wait(`labeled('Bad answer')?.getAttribute('aria-pressed') === 'false'`)
	if n := len(s.calls("DeleteMessageFeedback")); n != 1 {
		t.Errorf("%d ratings were taken back, want 1", n)
	}
}

func TestContextAndDeletion(t *testing.T) {
	s := newSite(t, cozetest.Echo)
	s.element("quote")
	tb := open(t, s)
	tb.start()
	tb.ask("One")
	tb.wait(`all('.message.assistant[data-status="done"]').length === 1`)
	tb.ready()
	tb.click(button("Clear context"))
	tb.wait(`texts('.divider').join() === 'Context cleared'`)
	tb.ask("Two")
	tb.wait(`all('.message.assistant[data-status="done"]').length === 2`)
	tb.ready()
	tb.do(reload())
	tb.start()
	tb.wait(`all('.message').length === 4 && all('.divider').length === 1`)

	tb.click(`all('.message.user')[1].querySelector('[aria-label="Delete message"]')`)
	tb.click(`one('dialog .danger')`)
	tb.wait(`all('.message').length === 3`)
	tb.click(`all('.message.user')[0].querySelector('[aria-label="Quote"]')`)
	tb.wait(`texts('.quoted')[0] === 'One'`)
	tb.ask("Three")
	tb.wait(`texts('.user .bubble').at(-1) === '> One\n\nThree'`)
	tb.ready()
	tb.click(button("Answer again"))
	tb.wait(`one('.messages').dataset.phase === 'ready' && all('.message').length === 5`)

	tb.click(button("Delete all messages"))
	tb.click(`one('dialog .danger')`)
	tb.wait(`one('.welcome')`)
	tb.do(reload())
	tb.start()
	tb.wait(`one('.welcome .chip')`)
}

func TestKeyboardOnly(t *testing.T) {
	s := newSite(t, func(turn *cozetest.Turn) error {
		turn.Say("You said: " + turn.Question())
		turn.FollowUp("First", "Second", "Third")
		return nil
	})
	tb := open(t, s)
	focused := `(chat().activeElement?.getAttribute('aria-label') ?? chat().activeElement?.textContent ?? '')`
	tb.wait(`labeled('Open chat')`)
	tb.press(kb.Tab) // the link of the page
	tb.press(kb.Tab)
	tb.wait(focused + ` === 'Open chat'`)
	tb.press(kb.Enter)
	tb.ready()
	tb.wait(focused + ` === 'Message'`)
	tb.write("one")
	tb.press(kb.Enter, shift)
	tb.write("two")
	tb.press(kb.Enter)
	tb.wait(`texts('.user .bubble')[0] === 'one\ntwo'`)
	tb.ready()
	tb.wait(`texts('.list + .chips .chip').length === 3`)
	for range 30 {
		if eval[string](tb, focused) == "First" {
			break
		}
		tb.press(kb.Tab, shift)
	}
	tb.press(kb.ArrowRight)
	tb.press(kb.ArrowRight)
	tb.press(kb.ArrowRight)
	tb.press(kb.ArrowLeft)
	tb.wait(focused + ` === 'Third'`)
	tb.press(kb.Enter)
	tb.wait(`texts('.user .bubble').at(-1) === 'Third'`)
	tb.ready()
	tb.wait(focused + ` === 'Message'`)

	seen := map[string]bool{}
	for range 40 {
		tb.press(kb.Tab)
		name := eval[string](tb, `chat().activeElement ? `+focused+` : 'OUTSIDE'`)
		seen[name] = true
	}
	if seen["OUTSIDE"] || !seen["Close chat"] || !seen["Attach files"] || !seen["Messages"] {
		t.Errorf("Tab went through %v", seen)
	}
	tb.press(kb.Escape)
	tb.wait(`labeled('Open chat') && ` + focused + ` === 'Open chat'`)
}

func TestCallbacksAndInstances(t *testing.T) {
	s := newSite(t, cozetest.Echo)
	s.write("", `window.log = []; window.veto = true; window.keep = true;
		window.first = new CozeWebSDK.WebChatClient({ config: { bot_id: 'BOT' }, ui: { base: { icon: '/ada.svg' }, asstBtn: { isNeed: false }, chatBot: {
			onBeforeShow: async () => { log.push('before show'); return !veto; }, onShow: () => log.push('show'),
			onBeforeHide: () => { log.push('before hide'); return !keep; }, onHide: () => log.push('hide') } } });
		window.second = new CozeWebSDK.WebChatClient({ config: { botInfo: { botId: 'BOT' } }, ui: { base: { icon: '/ada.svg' } } });
		try { new CozeWebSDK.WebChatClient({}); } catch (e) { log.push(e.name); }`)
	tb := open(t, s)
	tb.wait(`document.querySelectorAll('coze-chat').length === 2`)
	tb.run(`first.showChatBot()`)
	tb.wait(`log.join() === 'OptionError,before show'`)
	tb.run(`veto = false; first.showChatBot(); first.showChatBot()`)
	tb.wait(`log.at(-1) === 'show'`)
	tb.run(`await new Promise((r) => setTimeout(r, 50))`)
	if got := eval[string](tb, `log.join()`); strings.Count(got, ",show") != 1 {
		t.Errorf("shown by two calls at the same time: %s", got)
	}
	tb.run(`first.hideChatBot(); await new Promise((r) => setTimeout(r, 50))`)
	if !eval[bool](tb, `log.at(-1) === 'before hide' && one('.panel') !== undefined`) {
		t.Error("hidden although onBeforeHide said no")
	}
	tb.run(`keep = false; first.hideChatBot()`)
	tb.wait(`log.slice(-2).join() === 'before hide,hide'`)
	tb.run(`first.showChatBot()`)
	tb.wait(`one('.messages')?.dataset.phase === 'ready'`)
	tb.run(`second.showChatBot()`)
	tb.wait(`chat(1).querySelector('.messages').dataset.phase === 'ready'`)
	if n := eval[int](tb, `CozeWebSDK.WebChatClient.clients.length`); n != 2 {
		t.Errorf("there are %d clients, want 2", n)
	}
	tb.run(`first.destroy(); second.destroy(); second.destroy()`)
	if n := eval[int](tb, `CozeWebSDK.WebChatClient.clients.length + document.querySelectorAll('coze-chat').length`); n != 0 {
		t.Errorf("%d clients and elements are left", n)
	}
}
