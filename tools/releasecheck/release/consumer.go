package release

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/module"
)

const (
	consumer = "example.com/consumer"
	linked   = "quickstart" // the example that is linked, too
)

// fast leaves out of the compiler's work what does not tell whether a program compiles: optimizing, and what debuggers read. It is
// more than a third of the time when something is compiled for the first time.
var fast = []string{
	"-gcflags=" + modulePath + "/...=-N -l -dwarf=false", "-gcflags=" + consumer + "/...=-N -l -dwarf=false", "-ldflags=-s -w",
}

// Consume writes a module of a stranger into dir that holds the examples, downloads m from the proxy in proxy, and compiles
// every program with -mod=readonly. It returns how many programs there are.
func Consume(ctx context.Context, root, proxy, dir string, m module.Version) (programs int, err error) {
	env, cleanUp, err := consumerEnv(ctx, root, proxy)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, cleanUp()) }()
	if programs, err = copyExamples(root, dir, m.Path); err != nil {
		return 0, err
	}
	goLine, err := run(ctx, root, nil, "go", "list", "-m", "-f", "{{.GoVersion}}")
	if err != nil {
		return 0, err
	}
	mod := fmt.Sprintf("module %s\n\ngo %s\n\nrequire %s %s\n", consumer, strings.TrimSpace(goLine), m.Path, m.Version)
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte(mod), 0o644); err != nil {
		return 0, err
	}
	if _, err := run(ctx, dir, append(env, "GOFLAGS=-mod=mod -modcacherw"), "go", "mod", "tidy"); err != nil {
		return 0, err
	}
	// go build would link every program for nothing. Without the paths of temporary folders in it, what was compiled the
	// last time serves again.
	env = append(env, "GOFLAGS=-mod=readonly -modcacherw -trimpath")
	list := slices.Concat([]string{"list", "-export", "-f", "{{.Export}}"}, fast, []string{"./..."})
	if _, err := run(ctx, dir, env, "go", list...); err != nil {
		return 0, err
	}
	out := filepath.Join(dir, "linked")
	_, err = run(ctx, dir, env, "go", slices.Concat([]string{"build", "-o", out}, fast, []string{"./examples/" + linked})...)
	return programs, err
}

// consumerEnv is an environment with a module cache of its own, so that the module under test leaves no trace. What it
// depends on comes from the cache that is there, and else from the usual proxy.
func consumerEnv(ctx context.Context, root, proxy string) (env []string, cleanUp func() error, err error) {
	out, err := run(ctx, root, nil, "go", "env", "GOMODCACHE", "GOPROXY")
	if err != nil {
		return nil, nil, err
	}
	cache, usual, _ := strings.Cut(strings.TrimSpace(out), "\n")
	own, err := os.MkdirTemp("", "releasecheck-modcache-")
	if err != nil {
		return nil, nil, err
	}
	path := func(dir string) string { return "file://" + filepath.ToSlash(dir) }
	return []string{
		"GOWORK=off", "GOMODCACHE=" + own, "GONOSUMDB=" + modulePath, "GOPRIVATE=", "GONOPROXY=none",
		"GOPROXY=" + path(proxy) + "," + path(filepath.Join(cache, "cache", "download")) + "," + usual,
	}, func() error { return os.RemoveAll(own) }, nil
}

// copyExamples copies examples/ below dir, where it is no longer inside the module: its own packages get other paths.
func copyExamples(root, dir, path string) (programs int, err error) {
	from := filepath.Join(root, "examples")
	err = filepath.WalkDir(from, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		to := filepath.Join(dir, rel)
		if entry.IsDir() {
			return os.MkdirAll(to, 0o755)
		}
		if strings.HasSuffix(name, "_test.go") {
			return nil
		}
		source, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		if filepath.Base(name) == "main.go" {
			programs++
		}
		source = bytes.ReplaceAll(source, []byte(`"`+path+`/examples/`), []byte(`"`+consumer+`/examples/`))
		return os.WriteFile(to, source, 0o644)
	})
	return programs, err
}

// run runs a program and returns what it prints.
func run(ctx context.Context, dir string, env []string, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), env...)
	var out, complaint bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaint
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, strings.TrimSpace(complaint.String()+out.String()))
	}
	return out.String(), nil
}
