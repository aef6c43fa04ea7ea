//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package coze

import (
	"errors"
	"io/fs"
	"os"
	"sync"
	"time"
)

// staleLock is longer than any renewal takes.
const staleLock = 2 * renewTimeout

// tryLock takes the lock by creating its file.
func tryLock(path string) (unlock func(), ok bool, err error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err == nil {
		_ = f.Close()
		return sync.OnceFunc(func() { _ = os.Remove(path) }), true, nil
	}
	info, statErr := os.Stat(path)
	if !errors.Is(err, fs.ErrExist) && (!errors.Is(err, fs.ErrPermission) || statErr != nil) { // Windows denies what is being removed
		return nil, false, err
	}
	if statErr == nil && time.Since(info.ModTime()) > staleLock {
		_ = os.Remove(path) // its process died
	}
	return nil, false, nil
}
