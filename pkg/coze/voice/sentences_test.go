package voice

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestSplitText(t *testing.T) {
	for _, test := range []struct {
		text  string
		limit int
		want  []string
	}{
		{"", 10, nil},
		{" \n ", 10, nil},
		{"short", 10, []string{"short"}},
		{"One is. Two is, three.", 16, []string{"One is. Two is,", "three."}},
		{"Hello there. You!", 14, []string{"Hello there.", "You!"}},
		{"version 1.25 is out", 12, []string{"version", "1.25 is out"}},
		{"你好。你好。", 12, []string{"你好。", "你好。"}},
		{"你好你好", 7, []string{"你好", "你好"}},
		{"abcdefghij", 4, []string{"abcd", "efgh", "ij"}},
		{"\x80\x80\x80\x80\x80\x80", 4, []string{"\x80\x80\x80\x80", "\x80\x80"}},
	} {
		if got := splitText(test.text, test.limit); !slices.Equal(got, test.want) {
			t.Errorf("%q at %d: %q, want %q", test.text, test.limit, got, test.want)
		}
	}
}

func FuzzSplitText(f *testing.F) {
	f.Add("你好。 Hello there. You!", 9)
	f.Fuzz(func(t *testing.T, text string, limit int) {
		limit = 4 + max(limit, 0)%100
		pieces := splitText(text, limit)
		for _, p := range pieces {
			if p == "" || len(p) > limit || utf8.ValidString(text) && !utf8.ValidString(p) {
				t.Fatalf("%q at %d: %q", text, limit, pieces)
			}
		}
		squeeze := func(s string) string { return strings.Join(strings.Fields(s), "") }
		if got, want := squeeze(strings.Join(pieces, "")), squeeze(text); got != want {
			t.Fatalf("%q became %q", want, got)
		}
	})
}
