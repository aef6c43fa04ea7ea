// Package leaks finds goroutines that outlive a test.
package leaks

import (
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"
)

var goroutineID = regexp.MustCompile(`^goroutine (\d+) `)

// Goroutines are the stacks of goroutines that run code of this module outside of tests, by their number.
func Goroutines() map[string]string {
	buf := make([]byte, 4<<20)
	list := map[string]string{}
	for stack := range strings.SplitSeq(string(buf[:runtime.Stack(buf, true)]), "\n\n") {
		id := goroutineID.FindStringSubmatch(stack)
		if id == nil {
			continue
		}
		for line := range strings.SplitSeq(stack, "\n") {
			ours := strings.Contains(line, "cozekit/cozekit/")
			if ours && !strings.Contains(line, "_test.") && !strings.Contains(line, "internal/leaks") {
				list[id[1]] = stack
			}
		}
	}
	return list
}

// Check fails the test if such goroutines outlive it by a minute. The test must not be parallel.
func Check(t testing.TB) {
	t.Helper()
	before := Goroutines()
	t.Cleanup(func() {
		var leaked string
		for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); {
			leaked = ""
			for id, stack := range Goroutines() {
				if before[id] == "" {
					leaked = stack
				}
			}
			if leaked == "" {
				return
			}
			time.Sleep(10 * time.Millisecond) // one that is about to end
		}
		t.Errorf("a goroutine outlives the test:\n%s", leaked)
	})
}
