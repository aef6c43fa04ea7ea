package browsertest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"github.com/cozekit/cozekit/pkg/cozetest"
)

const answer = `To sharpen a chisel you need a flat stone and patience.

1. **Flatten the back.** Work it on the stone until the last centimetre shines.
2. **Set the angle.** 25° for the bevel, 30° for the edge.
3. **Raise a burr**, then take it off on the back.

| Stone | Grit | For |
|---|---:|---|
| Coarse | 400 | nicks |
| Fine | 4000 | the edge |

` + "```python\nfor grit in (400, 1000, 4000):\n    hone(chisel, grit, strokes=30)\n```\n\n> Let the stone do the work: see [the guide](https://example.com/guide)."

func TestTokensArriveOneByOne(t *testing.T) {
	more := make(chan struct{})
	s := newSite(t, func(turn *cozetest.Turn) error {
		turn.Event("conversation.message.delta", delta(turn, "First words"))
		select {
		case <-more:
		case <-turn.Context().Done():
		}
		turn.Stream("First words", " and **the rest**.")
		turn.FollowUp("And then?", "Show me")
		return nil
	}, cozetest.ExpectViolations())
	tb := open(t, s)
	tb.start()
	tb.screenshot("welcome")
	tb.ask("Tell me")
	tb.wait(`texts('.assistant .bubble').at(-1) === 'First words'`)
	if got := eval[string](tb, `one('.send').getAttribute('aria-label')`); got != "Stop answering" {
		t.Errorf("while an answer comes the button is %q", got)
	}
	close(more)
	tb.ready()
	tb.wait(`all('.assistant .bubble strong').length === 1`)
	tb.click(`all('.chip').find((c) => c.textContent === 'And then?')`)
	tb.wait(`texts('.user .bubble').at(-1) === 'And then?'`)
	tb.ready()
}

func TestRichAnswerAndHistory(t *testing.T) {
	s := newSite(t, func(turn *cozetest.Turn) error {
		turn.Think("The visitor wants a sharp chisel. I should name the steps, the stones and the angles.")
		turn.Say(answer)
		turn.FollowUp("What about gouges?", "Which oil is best?")
		return nil
	})
	tb := open(t, s)
	tb.start()
	tb.click(`all('.chip')[0]`)
	tb.wait(`all('.assistant table').length === 1 && all('.assistant pre').length === 1`)
	tb.ready()
	tb.wait(`all('.thoughts').length === 1`)
	tb.screenshot("answer")
	html := eval[string](tb, `one('.assistant .markdown').innerHTML`)
	tb.do(reload())
	tb.start()
	tb.wait(`texts('.user .bubble')[0] === 'How do I sharpen a chisel?'`)
	if again := eval[string](tb, `one('.assistant .markdown').innerHTML`); again != html {
		t.Errorf("after a reload the answer is\n%s\nbefore it was\n%s", again, html)
	}
	if n := len(s.calls("CreateConversation")); n != 1 {
		t.Errorf("%d conversations were made, want 1", n)
	}
	tb.ask("And gouges?")
	tb.wait(`all('.assistant table').length === 2`)
	tb.ready()
	if n := len(s.calls("CreateConversation")); n != 1 {
		t.Errorf("after a reload %d conversations were made, want 1", n)
	}
}

func TestStop(t *testing.T) {
	s := newSite(t, func(turn *cozetest.Turn) error {
		if strings.Contains(turn.Question(), "again") {
			turn.Say("Here I am.")
			return nil
		}
		turn.Event("conversation.message.delta", delta(turn, "This takes"))
		turn.Pause(time.Hour)
		return nil
	}, cozetest.ExpectViolations())
	tb := open(t, s)
	tb.start()
	tb.ask("Count to a million")
	tb.wait(`texts('.assistant .bubble').at(-1) === 'This takes'`)
	tb.click(button("Stop answering"))
	tb.wait(`texts('.notice').at(-1) === 'Stopped'`)
	waitFor(t, func() bool { return len(s.calls("CancelChat")) == 1 })
	tb.write("again")
	tb.press(kb.Enter)
	tb.wait(`texts('.assistant .bubble').at(-1) === 'Here I am.'`)
	tb.ready()
}

func TestFailureAndRetry(t *testing.T) {
	fail := true
	s := newSite(t, func(turn *cozetest.Turn) error {
		if fail {
			fail = false
			turn.Fail(4028, "no balance is left")
		}
		turn.Say("Now it works.")
		return nil
	})
	tb := open(t, s)
	tb.start()
	tb.ask("Hello?")
	tb.wait(`texts('.failure p')[0] === 'The quota of this service is used up.'`)
	tb.screenshot("failure")
	tb.click(`one('.failure button')`)
	tb.wait(`texts('.assistant .bubble').at(-1) === 'Now it works.' && all('.failure').length === 0`)
	tb.ready()
	if n := eval[int](tb, `all('.message').length`); n != 2 {
		t.Errorf("%d messages are shown, want 2", n)
	}
	tb.do(reload())
	tb.start()
	tb.wait(`all('.message').length === 2`)
}

func TestRefusalIsShownWithLogID(t *testing.T) {
	s := newSite(t, cozetest.Echo)
	s.handle("/v3/chat", refuse(`{"code":4013,"msg":"too fast","detail":{"logid":"20261121ABC"}}`))
	tb := open(t, s)
	tb.start()
	tb.ask("Hello?")
	tb.wait(`one('.failure')?.textContent.includes('Too many requests') && one('.failure').textContent.includes('Log ID: 20261121ABC')`)
	s.handle("/v3/chat", cut)
	tb.click(`one('.failure button')`)
	tb.wait(`one('.failure')?.textContent.includes('cut off') && texts('.assistant .bubble')[0] === 'Half an ans'`)
}
