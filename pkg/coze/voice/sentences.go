package voice

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxTextBytes is how much text one run of a speech session may have, in bytes of UTF-8.
const MaxTextBytes = 1024

// splitText cuts text into pieces of at most limit bytes, at the end of a sentence if there is one in the second half of the
// piece, else at a comma or a space, else between two characters.
func splitText(text string, limit int) []string {
	var pieces []string
	for text = strings.TrimSpace(text); text != ""; text = strings.TrimSpace(text) {
		n := len(text)
		if n > limit {
			n = cut(text, limit)
		}
		if p := strings.TrimSpace(text[:n]); p != "" {
			pieces = append(pieces, p)
		}
		text = text[n:]
	}
	return pieces
}

// cut finds the best place to cut text, which is longer than limit.
func cut(text string, limit int) int {
	end := limit
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	if end == 0 {
		end = limit // not UTF-8
	}
	best, bestRank := end, 0
	for i, r := range text[:end] {
		after := i + utf8.RuneLen(r)
		if r == utf8.RuneError {
			after = i + 1
		}
		rank := breakRank(r, text[after:])
		if rank > 0 && rank >= bestRank && after >= end/2 && after <= end {
			best, bestRank = after, rank
		}
	}
	return best
}

// breakRank tells how good a place after r is, with rest following.
func breakRank(r rune, rest string) int {
	switch r {
	case '。', '！', '？', '…', '\n':
		return 3
	case '.', '!', '?':
		next, _ := utf8.DecodeRuneInString(rest)
		if rest == "" || unicode.IsSpace(next) {
			return 3
		}
	case '；', ';', '，', ',', '、', '：', ':':
		return 2
	}
	if unicode.IsSpace(r) {
		return 1
	}
	return 0
}
