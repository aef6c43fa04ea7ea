package coze_test

import (
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"
)

var goroutineID = regexp.MustCompile(`^goroutine (\d+) `)

// ours are the stacks of goroutines that run code of this module outside of tests, by their number.
func ours() map[string]string {
	buf := make([]byte, 4<<20)
	list := map[string]string{}
	for stack := range strings.SplitSeq(string(buf[:runtime.Stack(buf, true)]), "\n\n") {
		id := goroutineID.FindStringSubmatch(stack)
		if id == nil {
			continue
		}
		for line := range strings.SplitSeq(stack, "\n") {
			if strings.Contains(line, "cozekit/cozekit/") && !strings.Contains(line, "coze_test.") && !strings.Contains(line, "_test.go") {
				list[id[1]] = stack
			}
		}
	}
	return list
}

// noLeaks fails the test if goroutines of ours outlive it. The test must not be parallel.
func noLeaks(t *testing.T) {
	t.Helper()
	before := ours()
	t.Cleanup(func() {
		var leaked string
		for range 100 {
			leaked = ""
			for id, stack := range ours() {
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

// TestNoLeaksSees: the check finds a stream whose reader is neither read to its end nor closed.
func TestNoLeaksSees(t *testing.T) {
	before := ours()
	r := openStream(t, created+delta+completed+done).Answer()
	if _, err := r.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	if len(ours()) != len(before)+1 {
		t.Error("the goroutine of an open reader is not seen")
	}
	if err := r.Close(); err != nil || len(ours()) != len(before) {
		t.Errorf("after Close: %v, %d goroutines of ours", err, len(ours()))
	}
}
