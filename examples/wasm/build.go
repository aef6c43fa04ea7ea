package main

import (
	"bytes"
	"context"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"time"
)

//go:embed page/index.html page/start.js
var sources embed.FS

const program = "github.com/cozekit/cozekit/examples/wasm/page"

// buildPage compiles the program of the page, and returns a handler of all its files.
func buildPage(ctx context.Context, bot string) (http.Handler, error) {
	dir, err := os.MkdirTemp("", "cozekit")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	out := filepath.Join(dir, "page.wasm")
	cmd := exec.CommandContext(ctx, "go", "build", "-ldflags=-s -w", "-o", out, program)
	cmd.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm", "CGO_ENABLED=0")
	if text, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("compile the page: %w: %s", err, text)
	}
	wasm, err := os.ReadFile(out)
	if err != nil {
		return nil, err
	}
	root, err := exec.CommandContext(ctx, "go", "env", "GOROOT").Output()
	if err != nil {
		return nil, fmt.Errorf("find Go: %w", err)
	}
	support, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(root)), "lib", "wasm", "wasm_exec.js"))
	if err != nil {
		return nil, err
	}
	fmt.Printf("the page is a program of %.1f MB\n", float64(len(wasm))/1e6)
	start, err := sources.ReadFile("page/start.js")
	if err != nil {
		return nil, err
	}
	page, err := template.ParseFS(sources, "page/index.html")
	if err != nil {
		return nil, err
	}
	var html bytes.Buffer
	if err := page.Execute(&html, struct{ Bot string }{bot}); err != nil {
		return nil, err
	}
	return pageFiles{"/": html.Bytes(), "/page.wasm": wasm, "/wasm_exec.js": support, "/start.js": start}, nil
}

// pageFiles are files by their paths.
type pageFiles map[string][]byte

// ServeHTTP serves a file. The policy allows scripts and the program of this page, nothing else.
func (f pageFiles) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	content, ok := f[r.URL.Path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; "+
		"base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Type", map[string]string{
		"": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".wasm": "application/wasm",
	}[path.Ext(r.URL.Path)])
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
}
