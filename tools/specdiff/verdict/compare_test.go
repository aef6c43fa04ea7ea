package verdict_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cozekit/cozekit/tools/specdiff/verdict"
)

// TestExtensions changes what only our extensions say.
func TestExtensions(t *testing.T) {
	const get = "      x-coze-method: Get\n      x-coze-permission: getMetadata\n" +
		"      x-coze-profiles: {cn: served, com: unknown, studio: served}\n"
	replace := func(old, now string) [2]string { return [2]string{get, strings.Replace(get, old, now, 1)} }
	paging := "      x-coze-paging: {style: page, page: page_num, size: page_size, items: items, total: total}\n"
	for _, test := range []struct {
		name   string
		change [2]string
		level  verdict.Level
		want   string // name: text
	}{
		{"renamed method", replace("Get", "Read"), verdict.Major, "client.Bots.Get -> client.Bots.Read: renamed"},
		{"permission", replace("getMetadata", "readBot"), verdict.Minor,
			"client.Bots.Get: needs the permission readBot, was getMetadata"},
		{"permission gone", replace("      x-coze-permission: getMetadata\n", ""), verdict.Patch,
			"client.Bots.Get: needs the permission none, was getMetadata"},
		{"no longer served", replace("studio: served", "studio: unserved"), verdict.Minor,
			"client.Bots.Get: servers: studio is unserved, was served"},
		{"found out", replace("com: unknown", "com: served"), verdict.Patch, "client.Bots.Get: servers: com is served, was unknown"},
		{"shorter", replace("Get\n", "Get\n      x-coze-timeout: 10\n"), verdict.Minor, "client.Bots.Get: one try may take 10 s, was 30 s"},
		{"longer", replace("Get\n", "Get\n      x-coze-timeout: 120\n"), verdict.Patch, "client.Bots.Get: one try may take 120 s, was 30 s"},
		{"errors", replace("Get\n", "Get\n      x-coze-errors: [4000, 4200]\n"), verdict.Patch,
			"client.Bots.Get: x-coze-errors is [4000, 4200], was none"},
		{"retry", [2]string{"x-coze-retry: before-response", "x-coze-retry: never"}, verdict.Minor,
			"client.Bots.Unpublish: retry is never, was before-response"},
		{"total for has_more", [2]string{paging, strings.Replace(paging, ", total: total", "", 1)}, verdict.Minor,
			"client.Bots.List: paging is {items: items, page: page_num, size: page_size, style: page}, was " +
				"{items: items, page: page_num, size: page_size, style: page, total: total}"},
		{"no paging", [2]string{paging, ""}, verdict.Major,
			"client.Bots.List: no longer pages, and has no twin All: it was " +
				"{items: items, page: page_num, size: page_size, style: page, total: total}"},
		{"words", [2]string{"summary: Reads a bot", "summary: Reads one bot"}, verdict.Patch, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, _, r := compare(t, test.change)
			var got string
			for _, g := range r.Groups {
				for _, c := range g.Changes {
					if strings.HasPrefix(c.Rule, "x-coze-") {
						got += fmt.Sprintf("%s: %s", c.Name, c.Text)
					}
				}
			}
			if d := cmp.Diff(test.want, got); d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
			if r.Level != test.level {
				t.Errorf("level %s, want %s", r.Level, test.level)
			}
		})
	}
}

// TestEvents changes streams and sockets, which oasdiff does not know.
func TestEvents(t *testing.T) {
	const streams = `x-coze-streams:
  BotEvent:
    description: The events of a bot.
    events:
      told: {$ref: '#/components/schemas/Bot', description: It tells.}
      done: {$ref: '#/components/schemas/Workspace', description: It is done.}
    end: [done]
x-coze-sockets:
  bots:
    operationId: ConnectBots
    path: /v1/bots
    description: Tells of bots.
    docs: https://www.coze.cn/open/docs/developer_guides/bots
    client: {}
    server:
      bot.told: {$ref: '#/components/schemas/Bot', description: It tells.}
paths:
`
	state := func(source string) verdict.State {
		d, err := verdict.ParseDocument("openapi.yaml", []byte(source))
		if err != nil {
			t.Fatal(err)
		}
		return verdict.State{Document: d, Packages: verdict.Packages{}}
	}
	base, err := before()
	if err != nil {
		t.Fatal(err)
	}
	from := strings.Replace(base.source, "paths:\n", streams, 1)
	to := edit(t, from,
		[2]string{"told: {$ref: '#/components/schemas/Bot', description: It tells.}\n      done",
			"said: {$ref: '#/components/schemas/Bot'}\n      done"},
		[2]string{"    end: [done]", "    end: [done, said]"},
		[2]string{"bot.told: {$ref: '#/components/schemas/Bot', description",
			"bot.told: {$ref: '#/components/schemas/BotList', description"})
	r, err := verdict.Compare("main", state(from), state(to))
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	if err := verdict.WriteText(&got, r); err != nil {
		t.Fatal(err)
	}
	golden(t, filepath.Join("testdata", "events.golden"), got.String())
}

// TestLongReport cuts a comment that GitHub would refuse, and says so.
func TestLongReport(t *testing.T) {
	r := &verdict.Report{Base: "main", Level: verdict.Major}
	for i := range 40 {
		g := verdict.Group{Service: fmt.Sprintf("Service%d", i), Level: verdict.Major}
		for j := range 100 {
			c := verdict.Change{Kind: verdict.Go, Level: verdict.Major, Name: fmt.Sprintf("coze.T%d_%d", i, j), Text: "removed </details> @x"}
			g.Changes = append(g.Changes, c)
			r.Changelog = append(r.Changelog, "- **Breaking:** `"+c.Name+"`")
		}
		r.Groups = append(r.Groups, g)
	}
	var b bytes.Buffer
	if err := verdict.WriteMarkdown(&b, r); err != nil {
		t.Fatal(err)
	}
	got := b.String()
	if len(got) > 60_000 || len(got) < 50_000 {
		t.Errorf("%d bytes", len(got))
	}
	if !strings.HasPrefix(got, verdict.Marker+"\n") || !strings.Contains(got, "**Truncated:** ") {
		t.Error("no marker, or nothing said of what was left out")
	}
	if open, closed := strings.Count(got, "<details>"), strings.Count(got, "</details>"); open != closed {
		t.Errorf("%d <details>, %d </details>", open, closed)
	}
	if strings.Contains(got, "@x") {
		t.Error("the comment calls people")
	}
}

// TestJSON is what a program reads of a report.
func TestJSON(t *testing.T) {
	_, _, r := compare(t, edits[1].changes...)
	var b bytes.Buffer
	if err := verdict.WriteJSON(&b, r); err != nil {
		t.Fatal(err)
	}
	if !json.Valid(b.Bytes()) {
		t.Error("not JSON")
	}
	golden(t, filepath.Join("testdata", "new-field.json"), b.String())
}

// TestDocument compares the real document with itself.
func TestDocument(t *testing.T) {
	file := filepath.Join(root, "api", "openapi.yaml")
	r, err := verdict.Files(root, file, file)
	if err != nil {
		t.Fatal(err)
	}
	if r.Level != verdict.None || len(r.Groups) > 0 {
		t.Errorf("%s, %d groups", r.Level, len(r.Groups))
	}
}

// TestRevisions compares a working tree with the commit before, in a repository of its own.
func TestRevisions(t *testing.T) {
	dir := t.TempDir()
	base, err := before()
	if err != nil {
		t.Fatal(err)
	}
	write := func(name, content string) {
		target := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(target, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	git := func(args ...string) {
		cmd := exec.CommandContext(t.Context(), "git", append([]string{"-c", "user.name=t", "-c", "user.email=t@example.com"}, args...)...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	write("go.mod", "module github.com/cozekit/cozekit\n\ngo 1.25.0\n")
	write("api/openapi.yaml", base.source)
	const coze = "package coze\n\nimport \"github.com/cozekit/cozekit/gen/cozeapi\"\n\n"
	write("gen/cozeapi/types.go", "package cozeapi\n\ntype Bot struct{ Name, IconURL string }\n")
	write("pkg/coze/coze.go", coze+"type Bot = cozeapi.Bot\n\nfunc Old() {}\n")
	// What only bodies of functions use is no fault, and what they return tells types.
	write("internal/transport/transport.go", "package transport\n\nimport \"strings\"\n\n"+
		"func Limits() []int { return make([]int, len(strings.ToUpper(\"x\"))) }\n")
	write("pkg/coze/client.go", "package coze\n\nimport \"github.com/cozekit/cozekit/internal/transport\"\n\nvar Limits = transport.Limits()\n")
	git("init", "-q")
	git("add", "-A")
	git("commit", "-q", "-m", "first")
	write("gen/cozeapi/types.go", "package cozeapi\n\ntype Bot struct{ Name string }\n\ntype Icon struct{}\n")
	write("pkg/coze/coze.go", coze+"type (\n\tBot = cozeapi.Bot\n\tIcon = cozeapi.Icon\n)\n")
	write("pkg/call/call.go", "package call\n")
	write("internal/transport/transport.go", "package transport\n\nfunc Limits() []string { return nil }\n")
	write("pkg/coze/tool/main.go", "package main\n\nfunc main() {}\n")

	r, err := verdict.Revisions(t.Context(), dir, "HEAD")
	if err != nil {
		t.Fatal(err)
	}
	r.Base = "HEAD"
	var got bytes.Buffer
	if err := verdict.WriteText(&got, r); err != nil {
		t.Fatal(err)
	}
	golden(t, filepath.Join("testdata", "revisions.golden"), got.String())

	write("pkg/coze/coze.go", "package coze\n\nvar x int = nothing\n")
	if _, err := verdict.Revisions(t.Context(), dir, "HEAD"); err == nil || !strings.Contains(err.Error(), "does not compile") {
		t.Errorf("a tree that does not compile: %v", err)
	}
	write("pkg/coze/coze.go", "package coze\n\nimport \"github.com/cozekit/cozekit/pkg/gone\"\n\nvar X gone.X\n")
	if _, err := verdict.Revisions(t.Context(), dir, "HEAD"); err == nil || !strings.Contains(err.Error(), "pkg/gone") {
		t.Errorf("a tree that lacks a package: %v", err)
	}
	if _, err := verdict.Revisions(t.Context(), dir, "nowhere"); err == nil {
		t.Error("a revision that does not exist was found")
	}
}
