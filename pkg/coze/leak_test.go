package coze_test

import (
	"testing"

	"github.com/cozekit/cozekit/internal/leaks"
)

// TestLeaksAreSeen: the check finds a stream whose reader is neither read to its end nor closed.
func TestLeaksAreSeen(t *testing.T) {
	before := leaks.Goroutines()
	more := func() (n int) { // those of other tests may end meanwhile
		for id := range leaks.Goroutines() {
			if before[id] == "" {
				n++
			}
		}
		return n
	}
	r := openStream(t, created+delta+completed+done).Answer()
	if _, err := r.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	if more() != 1 {
		t.Error("the goroutine of an open reader is not seen")
	}
	if err := r.Close(); err != nil || more() != 0 {
		t.Errorf("after Close: %v, %d goroutines more", err, more())
	}
}
