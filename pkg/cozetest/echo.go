package cozetest

import (
	"strings"
	"unicode"
)

// Echo is the script of the bot with id [DefaultBotID]: it repeats the question, in Chinese if that has Chinese characters, and
// suggests two more.
func Echo(t *Turn) error {
	q := t.Question()
	switch {
	case q == "":
		t.Say("You have not asked anything yet.")
		t.FollowUp("What can you do?", "Who are you?")
	case strings.ContainsFunc(q, func(r rune) bool { return unicode.Is(unicode.Han, r) }):
		t.Say("你刚才说的是：" + q)
		t.FollowUp("可以说得更详细一些吗？", "你还会做什么？")
	default:
		t.Say("You said: " + q)
		t.FollowUp("Can you tell me more about that?", "What else can you do?")
	}
	return nil
}
