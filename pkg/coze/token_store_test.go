package coze_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cozekit/cozekit/pkg/coze"
)

// TestMain lets the test binary be the other process of a test.
func TestMain(m *testing.M) {
	if mode := os.Getenv("COZE_TEST_CHILD"); mode != "" {
		os.Exit(child(mode, os.Getenv("COZE_TEST_SERVER"), os.Getenv("COZE_TEST_FILE")))
	}
	os.Exit(m.Run())
}

// dyingStore is a store whose process dies before its nth save.
type dyingStore struct {
	coze.TokenStore
	left int
}

func (s *dyingStore) CompareAndSave(ctx context.Context, old, state []byte) error {
	if s.left--; s.left < 0 {
		os.Exit(3)
	}
	return s.TokenStore.CompareAndSave(ctx, old, state)
}

// child renews tokens in a file: for a while, or until it dies before a save.
func child(mode, server, file string) int {
	c, err := coze.NewClient(coze.WithBaseURL(server))
	if err != nil {
		fmt.Println(err)
		return 1
	}
	f, err := coze.NewOAuthWeb(c, webApp())
	if err != nil {
		fmt.Println(err)
		return 1
	}
	var store coze.TokenStore = must(coze.NewFileTokenStore(file))
	switch mode {
	case "before note":
		store = &dyingStore{store, 0}
	case "before save":
		store = &dyingStore{store, 1}
	}
	for range 20 {
		source := f.TokenSource(store) // knows nothing but the file
		token, err := source.Token(context.Background())
		if err == nil {
			_, err = source.Refresh(context.Background(), token) // burns a refresh token, unless another was faster
		}
		if err != nil {
			fmt.Println(err)
			return 1
		}
	}
	return 0
}

func startChild(t *testing.T, mode, server, file string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), "COZE_TEST_CHILD="+mode, "COZE_TEST_SERVER="+server, "COZE_TEST_FILE="+file)
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		for lines := bufio.NewScanner(out); lines.Scan(); {
			t.Errorf("child: %s", lines.Text())
		}
	}()
	return cmd
}

func fileLogin(t *testing.T) (s *oauthServer, url, file string, f *coze.OAuthWeb) {
	t.Helper()
	s = &oauthServer{}
	srv := httptest.NewServer(s)
	t.Cleanup(srv.Close)
	file = filepath.Join(t.TempDir(), "tokens")
	c := must(coze.NewClient(coze.WithBaseURL(srv.URL)))
	f = must(coze.NewOAuthWeb(c, webApp()))
	login(t, f, must(coze.NewFileTokenStore(file)))
	return s, srv.URL, file, f
}

// TestProcessesShareAFile: two processes on one file never use a refresh token twice.
func TestProcessesShareAFile(t *testing.T) {
	t.Parallel()
	s, url, file, _ := fileLogin(t)
	a, b := startChild(t, "run", url, file), startChild(t, "run", url, file)
	if err := errors.Join(a.Wait(), b.Wait()); err != nil {
		t.Error(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.used) < 20 {
		t.Errorf("only %d renewals", len(s.used))
	}
	for token, n := range s.used {
		if n != 1 {
			t.Errorf("%s was used %d times", token, n)
		}
	}
}

// TestProcessDies: before the note nothing is lost; between the server's answer and the save the session is, and it says so.
func TestProcessDies(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ mode, want string }{{"before note", ""}, {"before save", "ended before its tokens were stored, and they are lost"}} {
		_, url, file, f := fileLogin(t)
		source := f.TokenSource(must(coze.NewFileTokenStore(file)))
		old := must(source.Token(t.Context()))
		var exit *exec.ExitError
		if err := startChild(t, tt.mode, url, file).Wait(); !errors.As(err, &exit) || exit.ExitCode() != 3 {
			t.Fatalf("%s: the child did not die: %v", tt.mode, err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // the lock died with the child
		_, err := source.Refresh(ctx, old)
		cancel()
		if tt.want == "" && err != nil || tt.want != "" && (!errors.Is(err, coze.ErrLoginRequired) || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s: got %v", tt.mode, err)
		}
		if got, err := f.TokenSource(must(coze.NewFileTokenStore(file))).Token(t.Context()); err != nil || tt.want != "" && got != old {
			t.Errorf("%s: the old access token is still good: %v", tt.mode, err)
		}
		login(t, f, must(coze.NewFileTokenStore(file))) // and a new login mends it
	}
}

func TestFileTokenStore(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "tokens")
	s := must(coze.NewFileTokenStore(path))
	ctx := t.Context()
	if raw, err := s.Load(ctx); raw != nil || err != nil {
		t.Errorf("an empty store: %s, %v", raw, err)
	}
	if err := s.CompareAndSave(ctx, []byte("x"), []byte("y")); !errors.Is(err, coze.ErrTokenStoreConflict) {
		t.Errorf("got %v", err)
	}
	if err := s.CompareAndSave(ctx, nil, []byte("one")); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, "link")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	if err := must(coze.NewFileTokenStore(link)).CompareAndSave(ctx, []byte("one"), []byte("two")); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if raw, _ := s.Load(ctx); err != nil || info.Mode().Perm() != 0o600 || string(raw) != "two" {
		t.Errorf("got %q with mode %v, %v", raw, info.Mode(), err)
	}
	unlock, err := s.Lock(ctx)
	if err != nil {
		t.Fatal(err)
	}
	short, cancel := context.WithTimeout(ctx, 30*time.Millisecond)
	defer cancel()
	if _, err := must(coze.NewFileTokenStore(link)).Lock(short); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a second lock: %v", err)
	}
	unlock()
	unlock()
	if again, err := s.Lock(ctx); err != nil {
		t.Error(err)
	} else {
		again()
	}
	if names, _ := filepath.Glob(filepath.Join(dir, "*.tmp")); len(names) > 0 {
		t.Errorf("left behind: %v", names)
	}
	if _, err := coze.NewFileTokenStore(filepath.Join(dir, "none", "tokens")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

func TestMemoryTokenStore(t *testing.T) {
	t.Parallel()
	s := coze.NewMemoryTokenStore()
	n := 0
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			unlock := must(s.Lock(t.Context()))
			n++
			unlock()
			unlock()
		})
	}
	wg.Wait()
	if n != 16 {
		t.Errorf("got %d", n)
	}
	unlock := must(s.Lock(t.Context()))
	defer unlock()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Lock(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if err := s.CompareAndSave(ctx, []byte("x"), nil); !errors.Is(err, coze.ErrTokenStoreConflict) {
		t.Errorf("got %v", err)
	}
}

var _ http.RoundTripper = (*oauthServer)(nil)
