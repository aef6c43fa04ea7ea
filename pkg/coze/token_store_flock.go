//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package coze

import (
	"errors"
	"os"
	"sync"
	"syscall"
)

// tryLock takes an advisory lock, which ends with the process at the latest. The file stays: whoever removed it would take
// it from those who wait for it.
func tryLock(path string) (unlock func(), ok bool, err error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, false, err
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err == nil {
		return sync.OnceFunc(func() { _ = f.Close() }), true, nil
	}
	_ = f.Close()
	if errors.Is(err, syscall.EWOULDBLOCK) || errors.Is(err, syscall.EINTR) {
		err = nil
	}
	return nil, false, err
}
