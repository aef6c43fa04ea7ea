package transport

import "testing"

func TestSpecial(t *testing.T) {
	for _, c := range []byte{'"', '\\', 0, '\n', 0x1f} {
		for n := range 40 {
			for at := range n {
				b := make([]byte, n)
				for i := range b {
					b[i] = "aé好 ~\x7f!#[]"[i%13]
				}
				b[at] = c
				if got := special(b); got != at {
					t.Fatalf("special(%q) = %d, want %d", b, got, at)
				}
			}
		}
	}
}
