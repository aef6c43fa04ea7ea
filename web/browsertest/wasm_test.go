package browsertest_test

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/cozekit/cozekit/pkg/coze"
)

// compiling is how long it may take to compile pkg/coze for browsers, when nothing is in the cache of Go.
const compiling = 8 * time.Minute

// wasmExample runs examples/wasm and returns its address.
func wasmExample(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "wasm")
	build := exec.CommandContext(t.Context(), "go", "build", "-buildvcs=false", "-o", program, "./examples/wasm")
	build.Dir = "../.."
	if text, err := build.CombinedOutput(); err != nil {
		t.Fatalf("examples/wasm does not build: %v\n%s", err, text)
	}
	cmd := exec.CommandContext(t.Context(), program, "-addr", "127.0.0.1:0")
	cmd.Dir = "../.."
	cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, coze.EnvToken+"=") })
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = time.Minute
	var problems bytes.Buffer
	cmd.Stderr = &problems
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	late := time.AfterFunc(compiling, func() { _ = cmd.Process.Kill() })
	defer late.Stop()
	t.Cleanup(func() { // when t.Context is over, which interrupts the program
		if err := cmd.Wait(); err != nil && !errors.Is(err, t.Context().Err()) {
			t.Errorf("examples/wasm ended badly: %v", err)
		}
	})
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if home, ok := strings.CutPrefix(lines.Text(), "open "); ok {
			return home
		}
	}
	t.Fatalf("examples/wasm does not serve: %s", problems.String())
	return ""
}

// holder passes requests on to a server, and holds the end of a stream back after its first piece of an answer.
func holder(t *testing.T, home string, goOn <-chan struct{}) string {
	t.Helper()
	target, err := url.Parse(home)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(&httputil.ReverseProxy{
		FlushInterval: -1,
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.Host = r.In.Host // the example serves pages of its own host only
		},
		ModifyResponse: func(rsp *http.Response) error {
			if strings.HasPrefix(rsp.Header.Get("Content-Type"), "text/event-stream") {
				rsp.Body = &heldBody{lines: bufio.NewReader(rsp.Body), Closer: rsp.Body, goOn: goOn, done: rsp.Request.Context().Done()}
			}
			return nil
		},
	})
	t.Cleanup(server.Close)
	return server.URL + "/"
}

// heldBody gives a stream line by line. What follows a delta comes only when it may.
type heldBody struct {
	io.Closer
	lines *bufio.Reader
	rest  []byte // of a line
	delta bool   // the event of this line is a delta
	hold  bool
	goOn  <-chan struct{}
	done  <-chan struct{}
}

func (b *heldBody) Read(p []byte) (int, error) {
	if len(b.rest) == 0 {
		if b.hold {
			select {
			case <-b.goOn:
			case <-b.done:
				return 0, io.ErrUnexpectedEOF
			}
		}
		line, err := b.lines.ReadBytes('\n')
		if len(line) == 0 {
			return 0, err
		}
		b.rest = line
		b.delta = b.delta || bytes.Contains(line, []byte("conversation.message.delta"))
		b.hold = b.delta && len(bytes.TrimSpace(line)) == 0
		b.delta = b.delta && !b.hold
	}
	n := copy(p, b.rest)
	b.rest = b.rest[n:]
	return n, nil
}

// TestWASM opens the page of examples/wasm: pkg/coze, compiled for browsers, streams an answer into it.
func TestWASM(t *testing.T) {
	tb := blank(t) // first, since it skips the test where there is no browser
	goOn := make(chan struct{})
	home := holder(t, wasmExample(t), goOn)
	x := &exchange{}
	x.watch(tb)
	tb.do(chromedp.Navigate(home))
	tb.wait(`document.querySelector('form')?.dataset.ready === 'yes'`)
	tb.run(`window.shown = []; new MutationObserver((list) => list.forEach((m) => m.addedNodes.forEach((n) => shown.push(n.data))))
		.observe(document.querySelector('output'), { childList: true })`)
	tb.do(chromedp.SetValue("input", "Am I dreaming?", chromedp.ByQuery), chromedp.Click("button", chromedp.ByQuery))
	tb.wait(`shown.length > 0`)
	const whole = "You said: Am I dreaming?"
	first := eval[string](tb, `document.querySelector('output').textContent`)
	if first == "" || first == whole || !strings.HasPrefix(whole, first) {
		t.Errorf("while the answer comes the page says %q", first)
	}
	close(goOn)
	tb.wait(`document.querySelector('output').textContent === '` + whole + `'`)
	texts := eval[[]string](tb, `shown`)
	for i, text := range texts {
		if !strings.HasPrefix(whole, text) || i > 0 && len(text) <= len(texts[i-1]) {
			t.Errorf("the page said %q", texts)
			break
		}
	}
	tb.screenshot("wasm")

	sent, _ := x.texts()
	if !strings.Contains(sent, "Am I dreaming?") {
		t.Error("the question is not in what was recorded")
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, value := range x.auth {
		if value != "Bearer none: the proxy has it" {
			t.Errorf("the page authenticates by %q", value)
		}
	}
	if len(x.auth) == 0 {
		t.Error("no call of the page was seen")
	}
}
