package coze_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestReadmeBlocks: pitfall D58. Every Go block of the READMEs stands, line by line, in example_test.go of this package or of
// voice, where it is compiled and run.
func TestReadmeBlocks(t *testing.T) {
	t.Parallel()
	code := ""
	for _, name := range []string{"example_test.go", filepath.Join("voice", "example_test.go")} {
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		code += dedent(string(source))
	}
	for _, name := range []string{"README.md", "README.zh-CN.md"} {
		text, err := os.ReadFile(filepath.Join("..", "..", name))
		if err != nil {
			t.Fatal(err)
		}
		blocks := strings.Split(string(text), "```go\n")[1:]
		if len(blocks) < 4 {
			t.Errorf("%s has %d blocks", name, len(blocks))
		}
		for _, b := range blocks {
			block, _, _ := strings.Cut(b, "```")
			if strings.Count(block, "{") != strings.Count(block, "}") {
				t.Errorf("%s: this block does not end:\n%s", name, block)
			}
			if !strings.Contains(code, dedent(block)) {
				t.Errorf("%s: this block is not in example_test.go:\n%s", name, block)
			}
		}
	}
}

// dedent drops the white space at both ends of each line.
func dedent(s string) string {
	var b strings.Builder
	for line := range strings.Lines(s) {
		b.WriteString(strings.TrimSpace(line) + "\n")
	}
	return b.String()
}
