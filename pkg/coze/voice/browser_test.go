//go:build !js

package voice_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestInABrowser runs a session that was compiled for js/wasm, with the websocket of Node.js, which is that of browsers: the
// token comes in the URL. Without Node.js of version 20 or later it is skipped.
func TestInABrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles for js/wasm")
	}
	t.Parallel()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("there is no node")
	}
	inNode := func(args ...string) (string, error) {
		out, err := exec.CommandContext(t.Context(), node, append([]string{"--experimental-websocket"}, args...)...).CombinedOutput()
		return string(out), err
	}
	if out, err := inNode("-e", "WebSocket"); err != nil {
		t.Skipf("node has no websocket: %.200s", out)
	}
	root, err := exec.CommandContext(t.Context(), "go", "env", "GOROOT").Output()
	if err != nil {
		t.Skip("there is no go")
	}
	loader := filepath.Join(strings.TrimSpace(string(root)), "lib", "wasm", "wasm_exec_node.js")
	program := filepath.Join(t.TempDir(), "browser.wasm")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", program, "./testdata/browser")
	build.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	var query, header string
	s := &server{t: t}
	target := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		query, header = r.URL.RawQuery, r.Header.Get("Authorization")
		s.upgrade(w, r, 0, bot)
	}))
	defer target.Close()
	out, err := inNode(loader, program, target.URL)
	if err != nil || !strings.Contains(out, "hello 4 bytes") {
		t.Errorf("%v: %s", err, out)
	}
	if query != "authorization=Bearer%20secret-token&bot_id=b" || header != "" {
		t.Errorf("query %s, header %q", query, header)
	}
}
