package main

import (
	"bufio"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestStartsFast runs the program as it is shipped. Processor time is what it needs for itself on a machine that is busy.
func TestStartsFast(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles the program")
	}
	t.Parallel()
	program := filepath.Join(t.TempDir(), "fakecoze")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-buildvcs=false", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	cmd := exec.CommandContext(t.Context(), program, "-addr", "127.0.0.1:0")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	greeting, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Error(err)
	}
	resp, err := http.Get(strings.TrimSpace(strings.TrimPrefix(greeting, "url:")) + "/v1/users/me")
	if err != nil || resp.StatusCode != http.StatusUnauthorized {
		t.Fatalf("got %+v, %v", resp, err)
	}
	_ = resp.Body.Close()
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Error(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("got %v at the end", err)
	}
	const limit = 200 * time.Millisecond
	took := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	if t.Logf("%v of processor time", took); took > limit {
		t.Errorf("took %v of processor time up to the first answer and the end, want at most %v", took, limit)
	}
}
