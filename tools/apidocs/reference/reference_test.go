package reference_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/cozekit/cozekit/tools/apidocs/reference"
)

const root = "../../.."

// page is made once, with a renderer that draws nothing.
var page = sync.OnceValues(func() (*reference.Page, error) { return reference.Make(root, filepath.Join("testdata", "renderer")) })

func makePage(t *testing.T) *reference.Page {
	t.Helper()
	p, err := page()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestSamplesCompile compiles every call that was written by the tool, inside the repository: it is the method as it is.
func TestSamplesCompile(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("package main\n\nimport (\n\t\"context\"\n\t\"fmt\"\n\t\"io\"\n\n\t\"github.com/cozekit/cozekit/pkg/coze\"\n)\n\n" +
		"var file io.Reader\n\nfunc main() { fmt.Println(file) }\n")
	n := 0
	for _, o := range makePage(t).Operations {
		if !strings.HasPrefix(o.Sample, "// examples/") {
			n++
			fmt.Fprintf(&b, "\nfunc call%d(ctx context.Context, client *coze.Client) error {\n%s\treturn nil\n}\n", n, o.Sample)
		}
	}
	if n < 20 {
		t.Errorf("only %d samples are written by the tool", n)
	}
	dir := t.TempDir()
	source := filepath.Join(dir, "main.go")
	if err := os.WriteFile(source, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	absolute, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{
		filepath.Join(absolute, "examples", "apidocs-samples", "main.go"): source,
	}})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "overlay.json"), overlay, 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "go", "build", "-overlay", filepath.Join(dir, "overlay.json"),
		"-o", filepath.Join(dir, "samples"), "./examples/apidocs-samples")
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "GOWORK=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestSamplesOfExamples: what is said to come from an example is there, and stays short.
func TestSamplesOfExamples(t *testing.T) {
	t.Parallel()
	p, found := makePage(t), 0
	for _, o := range p.Operations {
		first, code, _ := strings.Cut(o.Sample, "\n")
		name, ok := strings.CutPrefix(first, "// examples/")
		if !ok {
			continue
		}
		found++
		source, err := os.ReadFile(filepath.Join(root, "examples", filepath.FromSlash(name)))
		if err != nil {
			t.Error(err)
			continue
		}
		if !strings.Contains(squeeze(string(source)), squeeze(code)) {
			t.Errorf("%s: %s has no\n%s", o.ID, name, code)
		}
		if n := strings.Count(code, "\n"); n > 30 {
			t.Errorf("%s: %d lines", o.ID, n)
		}
		if !strings.Contains(code, "client.") && !regexp.MustCompile(`\w+\.\w+\(`).MatchString(code) {
			t.Errorf("%s: it calls nothing:\n%s", o.ID, code)
		}
	}
	if found != p.Examples || found < 40 {
		t.Errorf("%d samples of examples, the page says %d", found, p.Examples)
	}
}

// TestPage looks into the document that the page shows.
func TestPage(t *testing.T) {
	t.Parallel()
	p := makePage(t)
	if len(p.Operations) < 134 || len(p.Events) < 100 || len(p.Webhooks) < 7 {
		t.Errorf("%d operations, %d events, %d webhooks", len(p.Operations), len(p.Events), len(p.Webhooks))
	}
	html := string(p.HTML)
	for _, want := range []string{
		`"x-codeSamples":[{`, `"name":"ChatEvent"`, `"name":"Socket chat"`, `"x-tagGroups":[`, "terms of the renderer",
		"Go: `client.Bots.Create`", "Permission: `createBot`", `\u003cSchemaDefinition schemaRef=`, `drawn<\/script`,
	} {
		if !strings.Contains(html, want) {
			t.Errorf("the page has no %s", want)
		}
	}
	for _, bad := range []string{"logo-mini.svg", "sourceMappingURL", "</script>\n</script>", "{{title", "{{script", "{{license", "{{spec"} {
		if strings.Contains(html, bad) {
			t.Errorf("the page has %s", bad)
		}
	}
	spec, _, ok := strings.Cut(html[strings.Index(html, "Redoc.init(")+len("Redoc.init("):], ", {\n")
	var document struct {
		Paths map[string]map[string]struct {
			ID string `json:"operationId"`
		} `json:"paths"`
	}
	if err := json.Unmarshal([]byte(spec), &document); err != nil || !ok {
		t.Fatal(err)
	}
	if got := document.Paths["/v1/bot/create"]["post"].ID; got != "CreateBot" {
		t.Errorf("operation %q", got)
	}
}

// TestRendererChanged: a renderer that fetches something else is not taken unseen.
func TestRendererChanged(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "bundles")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"redoc.standalone.js", "redoc.standalone.js.LICENSE.txt"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("draw()"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := reference.Make(root, filepath.Dir(dir)); err == nil || !strings.Contains(err.Error(), "no longer fetches") {
		t.Errorf("got %v", err)
	}
	if _, err := reference.Make(root, "nowhere"); err == nil {
		t.Error("a renderer that does not exist was read")
	}
	if _, err := reference.Make(t.TempDir(), filepath.Join("testdata", "renderer")); err == nil {
		t.Error("a folder without a document was read")
	}
}

// TestCheck opens a page that draws only a part of what it should, complains and fetches.
func TestCheck(t *testing.T) {
	t.Parallel()
	program, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("Chromium is not installed")
	}
	p := &reference.Page{
		Operations: []reference.Operation{
			{ID: "Drawn", Anchor: "tag/A/operation/Drawn", Sample: "call(\n\tctx)"},
			{ID: "Bare", Anchor: "tag/A/operation/Bare", Sample: "other(ctx)"},
			{ID: "Missing", Anchor: "tag/A/operation/Missing", Sample: "call(ctx)"},
			{ID: "Last", Anchor: "tag/A/operation/Last", Sample: "last"},
		},
		Events: []string{"event.there", "event.gone"}, Webhooks: []string{"HookThere", "HookGone"},
	}
	file := filepath.Join(t.TempDir(), "page.html")
	html := `<!DOCTYPE html><title>x</title><div id="page"><p id="tag/A/operation/Drawn">call(ctx)<p id="tag/A/operation/Bare">
		<p id="tag/W/operation/HookThere">event.there<p id="tag/A/operation/Last">last</div>
		<script>console.error("I complain"); new Image().src = "http://127.0.0.1:1/picture.png"; setTimeout(() => nothing(), 0)</script>`
	if err := os.WriteFile(file, []byte(html), 0o644); err != nil {
		t.Fatal(err)
	}
	problems, err := p.Check(t.Context(), program, file)
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Join(problems, "\n")
	for _, want := range []string{
		"Missing is not in the page", "Bare has no Go sample", "the event event.gone", "the webhook HookGone",
		"error: I complain", "nothing is not defined", "asks for http://127.0.0.1:1/picture.png",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("it is not told: %s\nbut\n%s", want, got)
		}
	}
	for _, bad := range []string{"Drawn", "Last", "event.there", "HookThere"} {
		if strings.Contains(got, bad) {
			t.Errorf("%s is told\n%s", bad, got)
		}
	}
	if _, err := p.Check(t.Context(), "/nowhere/chromium", file); err == nil {
		t.Error("a browser that does not exist was started")
	}
}

func squeeze(s string) string { return strings.Join(strings.Fields(s), "") }
