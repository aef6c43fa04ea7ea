package browsertest_test

import (
	"os"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/cozekit/cozekit/pkg/cozetest"
)

// audit runs axe-core over the widget and fails the test for what is serious.
func (tb *tab) audit(state string) {
	tb.t.Helper()
	source, err := os.ReadFile("../node_modules/axe-core/axe.min.js")
	if err != nil {
		if os.Getenv("CI") == "true" {
			tb.t.Fatalf("axe-core is not installed: %v", err)
		}
		tb.t.Skip("NOTE: axe-core is not installed; run make web-test")
	}
	var loaded any
	if err := tb.evaluate("(() => { "+string(source)+"\n; return 1; })()", &loaded); err != nil {
		tb.t.Fatal(err)
	}
	eval[bool](tb, still)
	found := eval[[]string](tb, `axe.run(document.querySelector('coze-chat'), { resultTypes: ['violations'] }).then((r) => r.violations
		.filter((v) => v.impact === 'serious' || v.impact === 'critical')
		.flatMap((v) => v.nodes.map((n) => v.id + ' (' + v.impact + '): ' + n.html + ' ' + n.failureSummary)))`)
	for _, f := range found {
		tb.t.Errorf("%s: %s", state, f)
	}
}

func TestAccessibility(t *testing.T) {
	for name, emulate := range map[string]chromedp.Action{
		"light": prefer("light"), "dark": prefer("dark"), "phone": phone(),
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, func(turn *cozetest.Turn) error {
				if strings.Contains(turn.Question(), "fail") {
					turn.Fail(5000, "broken")
				}
				turn.Think("Steps, stones, angles.")
				turn.Say(answer)
				turn.FollowUp("What about gouges?")
				return nil
			})
			s.element(`conversations feedback quote`)
			tb := open(t, s, emulate)
			tb.audit("closed")
			tb.start()
			tb.audit("welcome")
			tb.ask("How do I sharpen a chisel?")
			tb.wait(`all('.assistant table').length === 1`)
			tb.ready()
			tb.audit("answer")
			tb.ask("Now fail")
			tb.wait(`one('.failure')`)
			tb.audit("failure")
			tb.click(button("Show conversations"))
			tb.wait(`one('.conversations .open')`)
			tb.audit("conversations")
			tb.click(`one('.conversations li .icon-button')`)
			tb.wait(`one('dialog')`)
			tb.audit("dialog")
		})
	}
}

func TestScreenReadersHearAnswers(t *testing.T) {
	s := newSite(t, func(turn *cozetest.Turn) error {
		turn.Say("First part.\n\nSecond part.\n\n" + strings.Repeat("Third **part**. ", 5))
		return nil
	})
	tb := open(t, s)
	tb.start()
	tb.run(`window.heard = []; new MutationObserver(() => heard.push(chat().querySelector('[role=status][aria-live]').textContent.trim()))
		.observe(chat().querySelector('[role=status][aria-live]'), { childList: true, characterData: true, subtree: true })`)
	tb.ask("Tell me")
	tb.wait(`heard.join(' ').includes('Third part.')`)
	heard := eval[[]string](tb, "heard")
	if len(heard) > 4 || !strings.Contains(strings.Join(heard, "\n"), "First part.\nSecond part.") {
		t.Errorf("screen readers hear %q", heard)
	}
}
