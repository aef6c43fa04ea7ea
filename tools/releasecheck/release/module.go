package release

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/mod/module"
	modzip "golang.org/x/mod/zip"
)

// Limits of what users download.
const (
	MaxZip  = 4 << 20 // bytes
	MaxFile = 1 << 20 // bytes of one file
)

// Zip is the module as a proxy would serve it.
type Zip struct {
	File     string
	Bytes    int64
	Files    int
	Problems []string
}

// junk is what gets into a repository by mistake.
var junk = regexp.MustCompile(`(^|/)(node_modules|\.bin|\.idea|\.vscode)/|(^|/)(\.env(\..*)?|\.DS_Store|go\.work(\.sum)?)$|` +
	`\.(exe|test|prof|out|so|dylib|a|o|zip|tar|gz|tgz|pem|key|log|orig|rej|swp)$`)

// binaries begin like this: ELF, Windows, macOS.
var binaries = []string{"\x7fELF", "MZ\x90", "\xcf\xfa\xed\xfe", "\xca\xfe\xba\xbe"}

// MakeZip packs a revision of the repository at root as Go does, into dir.
func MakeZip(ctx context.Context, root, revision, dir string, m module.Version) (*Zip, error) {
	archive, tree := filepath.Join(dir, "tree.zip"), filepath.Join(dir, "tree")
	if _, err := run(ctx, root, nil, "git", "archive", "--format=zip", "--output="+archive, revision); err != nil {
		return nil, err
	}
	if err := unzip(archive, tree); err != nil {
		return nil, err
	}
	z := &Zip{File: filepath.Join(dir, m.Version+".zip")}
	f, err := os.Create(z.File)
	if err != nil {
		return nil, err
	}
	err = modzip.CreateFromDir(f, m, tree)
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, err
	}
	return z, z.inspect(m)
}

// unzip unpacks what git has packed.
func unzip(archive, dir string) error {
	r, err := zip.OpenReader(archive)
	if err != nil {
		return err
	}
	defer r.Close()
	return os.CopyFS(dir, r)
}

func (z *Zip) inspect(m module.Version) error {
	info, err := os.Stat(z.File)
	if err != nil {
		return err
	}
	if z.Bytes = info.Size(); z.Bytes > MaxZip {
		z.Problems = append(z.Problems, fmt.Sprintf("users download %d KB, more than %d", z.Bytes>>10, MaxZip>>10))
	}
	r, err := zip.OpenReader(z.File)
	if err != nil {
		return err
	}
	defer r.Close()
	for _, f := range r.File {
		name := strings.TrimPrefix(f.Name, m.Path+"@"+m.Version+"/")
		z.Files++
		if f.UncompressedSize64 > MaxFile {
			z.Problems = append(z.Problems, fmt.Sprintf("%s has %d KB", name, f.UncompressedSize64>>10))
		}
		binary, err := isBinary(f)
		if err != nil {
			return err
		}
		if junk.MatchString(name) && !strings.Contains(path.Dir(name), "testdata") || binary {
			z.Problems = append(z.Problems, name+" is nothing that users need")
		}
	}
	return nil
}

func isBinary(f *zip.File) (bool, error) {
	r, err := f.Open()
	if err != nil {
		return false, err
	}
	defer r.Close()
	head := make([]byte, 4)
	n, err := io.ReadFull(r, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return false, err
	}
	return slices.ContainsFunc(binaries, func(b string) bool { return strings.HasPrefix(string(head[:n]), b) }), nil
}

// Serve lays the zip out in dir as a module proxy that is a folder.
func (z *Zip) Serve(ctx context.Context, root, revision, dir string, m module.Version) error {
	escaped, err := module.EscapePath(m.Path)
	if err != nil {
		return err
	}
	at := filepath.Join(dir, filepath.FromSlash(escaped), "@v")
	if err := os.MkdirAll(at, 0o755); err != nil {
		return err
	}
	mod, err := run(ctx, root, nil, "git", "show", revision+":go.mod")
	if err != nil {
		return err
	}
	for name, content := range map[string]string{
		m.Version + ".info": fmt.Sprintf(`{"Version":%q,"Time":"2026-01-01T00:00:00Z"}`, m.Version),
		m.Version + ".mod":  mod,
		"list":              m.Version + "\n",
	} {
		if err := os.WriteFile(filepath.Join(at, name), []byte(content), 0o644); err != nil {
			return err
		}
	}
	return os.Rename(z.File, filepath.Join(at, m.Version+".zip"))
}
