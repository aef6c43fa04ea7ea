package browsertest_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// patience is how long something may take on a loaded machine.
const patience = 90 * time.Second

// eyes helps tests to look into the widget, and notes what breaks the policy of the page.
const eyes = `
window.violations = [];
document.addEventListener('securitypolicyviolation', (e) => violations.push(e.effectiveDirective + ' ' + e.blockedURI + ' ' + e.sample));
window.chat = (n = 0) => document.querySelectorAll('coze-chat')[n].shadowRoot;
window.all = (selector) => [...chat().querySelectorAll(selector)].filter((e) => e.checkVisibility({ visibilityProperty: true }));
window.one = (selector) => all(selector)[0];
window.labeled = (label) => all('[aria-label]').find((e) => e.getAttribute('aria-label') === label);
window.texts = (selector) => all(selector).map((e) => e.textContent.trim());
`

// tab is a page in the browser, with cookies and storage of its own.
type tab struct {
	t   *testing.T
	ctx context.Context

	mu       sync.Mutex
	problems []string
	expected []string // parts of problems that the test provokes
}

// open opens the page of a site. The test fails at its end if the page had an error on the console or broke its policy.
func open(t *testing.T, s *site, actions ...chromedp.Action) *tab {
	t.Helper()
	tb := blank(t)
	tb.do(actions...)
	tb.do(chromedp.Navigate(s.url))
	return tb
}

// blank opens an empty tab.
func blank(t *testing.T) *tab {
	t.Helper()
	ctx := newBrowser(t)
	tb := &tab{t: t, ctx: ctx}
	chromedp.ListenTarget(ctx, tb.listen)
	tb.do(cdplog.Enable(), chromedp.ActionFunc(func(ctx context.Context) error {
		_, err := page.AddScriptToEvaluateOnNewDocument(eyes).Do(ctx)
		return err
	}))
	t.Cleanup(tb.check)
	return tb
}

func (tb *tab) listen(event any) {
	switch e := event.(type) {
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.APITypeError || e.Type == runtime.APITypeWarning {
			var words []string
			for _, a := range e.Args {
				words = append(words, string(a.Value)+a.Description)
			}
			tb.note("console: " + strings.Join(words, " "))
		}
	case *runtime.EventExceptionThrown:
		tb.note("exception: " + e.ExceptionDetails.Error())
	case *cdplog.EventEntryAdded:
		if e.Entry.Level == cdplog.LevelError || e.Entry.Level == cdplog.LevelWarning {
			tb.note(fmt.Sprintf("log: %s %s", e.Entry.Text, e.Entry.URL))
		}
	}
}

func (tb *tab) note(problem string) {
	tb.mu.Lock()
	defer tb.mu.Unlock()
	tb.problems = append(tb.problems, problem)
}

// expect tells that problems with this text belong to the test.
func (tb *tab) expect(part string) {
	tb.mu.Lock()
	defer tb.mu.Unlock()
	tb.expected = append(tb.expected, part)
}

func (tb *tab) check() {
	var violations []string
	if err := chromedp.Run(tb.ctx, chromedp.Evaluate("window.violations ?? []", &violations)); err != nil {
		tb.t.Errorf("the page is gone: %v", err)
	}
	for _, v := range violations {
		tb.t.Errorf("Content-Security-Policy: %s", v)
	}
	tb.mu.Lock()
	defer tb.mu.Unlock()
problems:
	for _, p := range tb.problems {
		for _, part := range tb.expected {
			if strings.Contains(p, part) {
				continue problems
			}
		}
		tb.t.Errorf("the page has a problem: %s", p)
	}
	if tb.t.Failed() {
		tb.screenshot("failed-" + tb.t.Name())
	}
}

// do runs actions, and ends the test if one fails.
func (tb *tab) do(actions ...chromedp.Action) {
	tb.t.Helper()
	ctx, cancel := context.WithTimeout(tb.ctx, 2*patience)
	defer cancel()
	if err := chromedp.Run(ctx, actions...); err != nil {
		tb.t.Fatal(err)
	}
}

// eval returns the value of an expression, after its promise if it is one.
func eval[T any](tb *tab, expression string) T {
	tb.t.Helper()
	var value T
	if err := tb.evaluate(expression, &value); err != nil {
		tb.t.Fatalf("%s: %v", expression, err)
	}
	return value
}

func (tb *tab) evaluate(expression string, value any) error {
	ctx, cancel := context.WithTimeout(tb.ctx, 2*patience)
	defer cancel()
	return chromedp.Run(ctx, chromedp.Evaluate(expression, value, func(p *runtime.EvaluateParams) *runtime.EvaluateParams {
		return p.WithAwaitPromise(true)
	}))
}

// run runs statements.
func (tb *tab) run(statements string) {
	tb.t.Helper()
	eval[bool](tb, "(async () => {"+statements+"; return true; })()")
}

// wait waits until an expression is true.
func (tb *tab) wait(expression string) {
	tb.t.Helper()
	deadline := time.Now().Add(patience)
	for {
		var ok bool
		err := tb.evaluate("!!("+expression+")", &ok)
		if ok {
			return
		}
		if time.Now().After(deadline) {
			var text string
			_ = tb.evaluate("[...document.querySelectorAll('coze-chat')].map((e) => e.shadowRoot.textContent).join('|')", &text)
			tb.screenshot("late-" + tb.t.Name())
			tb.t.Fatalf("it never came true: %s (%v)\nthe widget says: %s", expression, err, text)
		}
		time.Sleep(20 * time.Millisecond) // between looks, not instead of them
	}
}

// click clicks in the middle of an element, as a mouse does.
func (tb *tab) click(element string) {
	tb.t.Helper()
	tb.wait(element)
	point := eval[[]float64](tb, `(async () => {
		const e = `+element+`;
		e.scrollIntoView({ block: 'nearest' });
		await Promise.allSettled(e.getRootNode().getAnimations().map((a) => a.effect.getTiming().iterations === 1 ? a.finished : null));
		const r = e.getBoundingClientRect();
		return [r.left + r.width / 2, r.top + r.height / 2];
	})()`)
	tb.do(chromedp.MouseClickXY(point[0], point[1]))
}

// button is the expression for what has a label.
func button(label string) string { return fmt.Sprintf("labeled(%q)", label) }

// write types a text into the field that has the focus.
func (tb *tab) write(text string) {
	tb.t.Helper()
	tb.do(input.InsertText(text))
}

// press presses keys, for example kb.Enter.
func (tb *tab) press(keys string, options ...chromedp.KeyOption) {
	tb.t.Helper()
	tb.do(chromedp.KeyEvent(keys, options...))
}

// start opens the floating panel and waits until one can write.
func (tb *tab) start() {
	tb.t.Helper()
	tb.click(button("Open chat"))
	tb.ready()
}

// ready waits until nothing is under way.
func (tb *tab) ready() {
	tb.t.Helper()
	tb.wait(`one('.messages')?.dataset.phase === 'ready'`)
}

// ask sends a question.
func (tb *tab) ask(question string) {
	tb.t.Helper()
	tb.click("one('textarea')")
	tb.write(question)
	tb.click("one('.send')")
}

// still waits for animations to end.
const still = `Promise.allSettled([...document.querySelectorAll('coze-chat')].flatMap((e) => e.shadowRoot.getAnimations())
	.filter((a) => a.effect.getTiming().iterations === 1).map((a) => a.finished)).then(() => true)`

// screenshot keeps a picture of the page in screenshots.
func (tb *tab) screenshot(name string) {
	var picture []byte
	ctx, cancel := context.WithTimeout(tb.ctx, patience)
	defer cancel()
	var settled bool
	err := chromedp.Run(ctx, chromedp.Evaluate(still, &settled, func(p *runtime.EvaluateParams) *runtime.EvaluateParams {
		return p.WithAwaitPromise(true)
	}), chromedp.CaptureScreenshot(&picture))
	if err != nil {
		tb.t.Logf("no screenshot: %v", err)
		return
	}
	file := filepath.Join("screenshots", strings.ReplaceAll(name, "/", "-")+".png")
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		tb.t.Log(err)
		return
	}
	if err := os.WriteFile(file, picture, 0o644); err != nil {
		tb.t.Log(err)
	}
}
