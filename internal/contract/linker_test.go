package contract_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/cozekit/cozekit/api"
)

// TestLinker: a program that does not use WithContractCheck contains neither the document nor this package.
func TestLinker(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("links two programs")
	}
	without, with := link(t, "without"), link(t, "with")
	mark := api.Compact[len(api.Compact)/2:][:200]
	if bytes.Contains(without, mark) || bytes.Contains(without, []byte("internal/contract.(*Check).Answer")) {
		t.Error("a program without the check contains it")
	}
	if !bytes.Contains(with, mark) {
		t.Error("a program with the check does not contain the document: this test looks for the wrong thing")
	}
	t.Logf("without: %d bytes; with: %d bytes", len(without), len(with))
}

func link(t *testing.T, program string) []byte {
	t.Helper()
	out := filepath.Join(t.TempDir(), program)
	text, err := exec.CommandContext(t.Context(), "go", "build", "-o", out, "./testdata/"+program).CombinedOutput()
	if err != nil {
		t.Skipf("go build is not possible here: %v\n%s", err, text)
	}
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
