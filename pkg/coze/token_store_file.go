package coze

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/cozekit/cozekit/internal/transport"
)

// FileTokenStore is a [TokenStore] in a file that only its owner can read (mode 0600). It is replaced at once or not at
// all, and reaches the disk before a save returns. Processes of one machine may share it; beside it lies a file with
// .lock added to its name, which they lock: with flock on Linux, macOS and BSD, elsewhere by creating it, and there a
// lock that is two minutes old counts as left by a process that died. Do not share it over a network file system.
type FileTokenStore struct{ path string }

// NewFileTokenStore returns a store in the file at path, which need not exist yet; its directory must. It is not read yet.
func NewFileTokenStore(path string) (*FileTokenStore, error) {
	path, err := filepath.Abs(path)
	if err == nil {
		_, err = os.Stat(filepath.Dir(path))
	}
	if err != nil {
		return nil, fmt.Errorf("coze: token file: %w", err)
	}
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target // so that all who mean this file lock the same one, and a save does not replace a link
	}
	return &FileTokenStore{path}, nil
}

// Load implements [TokenStore].
func (s *FileTokenStore) Load(context.Context) ([]byte, error) {
	raw, err := os.ReadFile(s.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return raw, err
}

// CompareAndSave implements [TokenStore].
func (s *FileTokenStore) CompareAndSave(ctx context.Context, old, state []byte) error {
	now, err := s.Load(ctx)
	if err != nil {
		return err
	}
	if !bytes.Equal(now, old) {
		return ErrTokenStoreConflict
	}
	f, err := os.CreateTemp(filepath.Dir(s.path), filepath.Base(s.path)+".*.tmp") // mode 0600
	if err != nil {
		return err
	}
	_, err = f.Write(state)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), s.path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
		return err
	}
	syncDir(filepath.Dir(s.path))
	return nil
}

// syncDir makes a rename last, on systems that can.
func syncDir(path string) {
	if d, err := os.Open(path); err == nil {
		_ = d.Sync()
		_ = d.Close()
	}
}

const lockPoll = 10 * time.Millisecond // between two tries to get the lock of a file

// Lock implements [TokenStore].
func (s *FileTokenStore) Lock(ctx context.Context) (unlock func(), err error) {
	for {
		unlock, ok, err := tryLock(s.path + ".lock")
		if err != nil || ok {
			return unlock, err
		}
		if err := transport.Sleep(ctx, lockPoll); err != nil {
			return nil, err
		}
	}
}
