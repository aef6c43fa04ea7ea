package release

import (
	"context"
	"os"
	"path/filepath"
	"strings"
)

// snapshot writes the tracked files as they are now into the object data base of git, and returns the name of that tree. It works
// on a copy of the index in dir, so that neither the repository's index changes nor the lock of another git process is in the way.
func snapshot(ctx context.Context, root, dir string) (tree string, err error) {
	index, err := run(ctx, root, nil, "git", "rev-parse", "--git-path", "index")
	if err != nil {
		return "", err
	}
	if index = strings.TrimSpace(index); !filepath.IsAbs(index) {
		index = filepath.Join(root, index)
	}
	staged, err := os.ReadFile(index) // git replaces it as a whole
	if err != nil {
		return "", err
	}
	own := filepath.Join(dir, "index")
	if err := os.WriteFile(own, staged, 0o600); err != nil {
		return "", err
	}
	env := []string{"GIT_INDEX_FILE=" + own}
	if _, err := run(ctx, root, env, "git", "add", "--update", "--", "."); err != nil {
		return "", err
	}
	tree, err = run(ctx, root, env, "git", "write-tree")
	return strings.TrimSpace(tree), err
}
