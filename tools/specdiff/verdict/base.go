package verdict

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// DocumentPath is where the document is in the repository.
const DocumentPath = "api/openapi.yaml"

// LoadState loads the document and the public packages of the tree at root.
func LoadState(root string) (State, error) {
	source, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(DocumentPath)))
	if err != nil {
		return State{}, err
	}
	d, err := ParseDocument(DocumentPath, source)
	if err != nil {
		return State{}, err
	}
	p, err := LoadTree(root)
	return State{d, p}, err
}

// MergeBase is the commit at which the working tree left a revision, so that what others did since then is not taken for
// a change of ours. It is the revision itself where git does not know, as in a shallow clone.
func MergeBase(ctx context.Context, root, revision string) (string, error) {
	if out, err := git(ctx, root, "merge-base", revision, "HEAD"); err == nil {
		return strings.TrimSpace(string(out)), nil
	}
	out, err := git(ctx, root, "rev-parse", "--verify", revision+"^{commit}")
	return strings.TrimSpace(string(out)), err
}

// Checkout writes the tree of a revision into dir. Unlike a worktree it leaves no trace in the repository.
func Checkout(ctx context.Context, root, revision, dir string) error {
	archive, err := git(ctx, root, "archive", "--format=tar", revision)
	if err != nil {
		return err
	}
	files := tar.NewReader(bytes.NewReader(archive))
	for {
		h, err := files.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := extract(files, h, dir); err != nil {
			return err
		}
	}
}

func extract(content io.Reader, h *tar.Header, dir string) error {
	if !filepath.IsLocal(h.Name) {
		return fmt.Errorf("%s is not below the root", h.Name)
	}
	target := filepath.Join(dir, h.Name)
	switch h.Typeflag {
	case tar.TypeDir:
		return os.MkdirAll(target, 0o755)
	case tar.TypeReg:
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			return err
		}
		data, err := io.ReadAll(content)
		if err != nil {
			return err
		}
		return os.WriteFile(target, data, 0o644)
	default:
		return nil // links are nothing that Go compiles
	}
}

func git(ctx context.Context, root string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir = root
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("git %s: %w: %s", strings.Join(args, " "), err, strings.TrimSpace(complaint.String()))
	}
	return out, nil
}
