package release

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"
)

const modulePath = "github.com/cozekit/cozekit"

// Options say what to check.
type Options struct {
	Root     string
	Base     string // revision to compare with in place of the newest tag
	SpecDiff string // the program specdiff; empty where it cannot be built, because Go is too old for it
}

// Result is what was found.
type Result struct {
	Notes    []string // what was looked at, a line each
	Problems []string
}

func (r *Result) note(format string, args ...any) {
	r.Notes = append(r.Notes, fmt.Sprintf(format, args...))
}

// Check looks at the repository as its tracked files are now, committed or not.
func Check(ctx context.Context, o Options) (*Result, error) {
	r := &Result{}
	f, err := r.facts(ctx, o)
	if err != nil {
		return nil, err
	}
	r.Problems = append(r.Problems, f.Changelog.Problems...)
	r.Problems = append(r.Problems, f.Versions()...)
	r.note("changelog: %d released versions, lines under Unreleased: %t", len(f.Changelog.Versions), f.Changelog.Unreleased)
	return r, r.checkModule(ctx, o.Root, f.Constant)
}

// facts reads the version, the changelog, the tags and what changed.
func (r *Result) facts(ctx context.Context, o Options) (*Facts, error) {
	f := &Facts{}
	source, err := os.ReadFile(filepath.Join(o.Root, "pkg", "coze", "user_agent.go"))
	if err != nil {
		return nil, err
	}
	if f.Constant, err = ReadConstant(string(source)); err != nil {
		return nil, fmt.Errorf("pkg/coze/user_agent.go: %w", err)
	}
	if source, err = os.ReadFile(filepath.Join(o.Root, "CHANGELOG.md")); err != nil {
		return nil, err
	}
	f.Changelog = ReadChangelog(string(source))
	tags, err := run(ctx, o.Root, nil, "git", "tag", "--list", "v*", "--merged", "HEAD")
	if err != nil {
		return nil, err
	}
	for tag := range strings.FieldsSeq(tags) {
		if semver.IsValid(tag) {
			f.Tags = append(f.Tags, tag)
		}
	}
	semver.Sort(f.Tags)
	slices.Reverse(f.Tags)
	return f, r.compare(ctx, o, f)
}

// compare asks specdiff what changed for users since the newest tag, or since o.Base.
func (r *Result) compare(ctx context.Context, o Options, f *Facts) error {
	base := o.Base
	if base == "" && len(f.Tags) > 0 {
		base = f.Tags[0]
	}
	if base == "" {
		r.note("apidiff: there is no tag yet, so there is nothing to compare with; BASE= names another revision")
		return nil
	}
	here, err := run(ctx, o.Root, nil, "git", "tag", "--points-at", "HEAD")
	if err != nil {
		return err
	}
	for tag := range strings.FieldsSeq(here) {
		f.Tagged = f.Tagged || len(f.Tags) > 0 && tag == f.Tags[0]
	}
	changed, err := run(ctx, o.Root, nil, "git", "diff", "--name-only", base, "--", "api", "gen", "pkg", "internal", "cmd", "go.mod")
	if err != nil {
		return err
	}
	f.Touched = strings.TrimSpace(changed) != ""
	if o.SpecDiff == "" {
		r.note("apidiff: NOTE: skipped, specdiff needs a newer Go")
		return nil
	}
	out, err := run(ctx, o.Root, nil, o.SpecDiff, "-root", o.Root, "-base", base, "-format", "json", "-fail-on", "never")
	if err != nil {
		return err
	}
	var report struct {
		Level string `json:"level"`
	}
	if err := json.Unmarshal([]byte(out), &report); err != nil {
		return err
	}
	if f.Level = report.Level; len(f.Tags) == 0 {
		r.note("apidiff: %s since %s; there is no tag yet", f.Level, base)
	} else {
		r.note("apidiff: %s since %s, so the next version is %s at least", f.Level, base, Next(f.Tags[0], f.Level))
	}
	return nil
}

// checkModule packs the module, looks into it, and builds the examples with it from outside.
func (r *Result) checkModule(ctx context.Context, root, version string) (err error) {
	dir, err := os.MkdirTemp("", "releasecheck-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	revision, err := snapshot(ctx, root, dir)
	if err != nil {
		return err
	}
	m := module.Version{Path: modulePath, Version: "v" + version}
	z, err := MakeZip(ctx, root, revision, dir, m)
	if err != nil {
		return err
	}
	r.note("module: %d files, %d KB to download", z.Files, z.Bytes>>10)
	r.Problems = append(r.Problems, z.Problems...)
	proxy, outside := filepath.Join(dir, "proxy"), filepath.Join(dir, "consumer")
	if err := z.Serve(ctx, root, revision, proxy, m); err != nil {
		return err
	}
	if err := os.MkdirAll(outside, 0o755); err != nil {
		return err
	}
	programs, err := Consume(ctx, root, proxy, outside, m)
	if err != nil {
		r.Problems = append(r.Problems, "a module that downloads this one does not build: "+err.Error())
		return nil
	}
	r.note("consumer: %d examples compile outside of the repository, from the downloaded module with -mod=readonly", programs)
	return nil
}
