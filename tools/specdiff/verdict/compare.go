package verdict

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// State is the document and the Go packages at one time.
type State struct {
	Document *Document
	Packages Packages
}

// Compare tells what a user meets who goes from one state to the other; base names the first one in reports.
func Compare(base string, from, to State) (*Report, error) {
	changes, err := wireChanges(from.Document, to.Document)
	if err != nil {
		return nil, err
	}
	ours := extensionChanges(from.Document, to.Document)
	changes = append(changes, ours...)
	changes = append(changes, goChanges(from.Packages, to.Packages, services(from.Document, to.Document))...)
	changes = joinMethods(joinRenamed(changes), to.Document)
	return report(base, changes, !bytes.Equal(from.Document.source, to.Document.source)), nil
}

// joinRenamed drops what apidiff says of renamed methods: that one is gone and another is there.
func joinRenamed(changes []Change) []Change {
	joined := map[string]bool{}
	for _, c := range changes {
		if c.Rule == "x-coze-method" {
			was, is, _ := strings.Cut(c.Name, " -> ")
			joined[was+": removed"], joined[is+": added"] = true, true
		}
	}
	return slices.DeleteFunc(changes, func(c Change) bool { return c.Rule == apidiffRule && joined[c.Name+": "+c.Text] })
}

// joinMethods tells of a new operation once, with its method in Go and what it does.
func joinMethods(changes []Change, d *Document) []Change {
	operations := map[string]*operation{}
	for _, o := range d.operations {
		operations[o.goName()] = o
	}
	joined := map[string]bool{}
	for i := range changes {
		c := &changes[i]
		if o := operations[c.Name]; o != nil && c.Kind == New && c.Rule == apidiffRule {
			c.Text = fmt.Sprintf("`%s`: %s", o.wire(), strings.TrimSuffix(o.Summary, "."))
			c.Operations = []string{o.OperationID}
			joined[o.OperationID] = true
		}
	}
	return slices.DeleteFunc(changes, func(c Change) bool { return c.Rule == endpointAdded && joined[strings.Join(c.Operations, "")] })
}

// Revisions compares the working tree at root with where it left a revision.
func Revisions(ctx context.Context, root, revision string) (*Report, error) {
	commit, err := MergeBase(ctx, root, revision)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "specdiff-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if err := Checkout(ctx, root, commit, dir); err != nil {
		return nil, err
	}
	from, err := LoadState(dir)
	if err != nil {
		return nil, fmt.Errorf("base %s: %w", revision, err)
	}
	to, err := LoadState(root)
	if err != nil {
		return nil, err
	}
	return Compare(commit[:min(len(commit), 12)], from, to)
}

// Files compares two documents and the packages that are generated from them with the hand-written packages at root.
func Files(root, from, to string) (*Report, error) {
	g, err := NewGenerator(root)
	if err != nil {
		return nil, err
	}
	var states [2]State
	for i, name := range []string{from, to} {
		source, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		if states[i].Document, err = ParseDocument(name, source); err != nil {
			return nil, err
		}
		if states[i].Packages, _, err = g.Generate(states[i].Document); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return Compare(filepath.Base(from), states[0], states[1])
}
