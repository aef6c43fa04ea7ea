package coze_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cozekit/cozekit/pkg/coze"
)

func login(t *testing.T, f *coze.OAuthWeb, store coze.TokenStore) *coze.OAuthTokenSource {
	t.Helper()
	p, err := f.Exchange(t.Context(), authCode)
	if err != nil {
		t.Fatal(err)
	}
	source := f.TokenSource(store)
	if err := source.Login(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	return source
}

func access(t *testing.T, source coze.TokenSource) string {
	t.Helper()
	token, err := source.Token(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return token.Access
}

// TestSingleFlight: pitfalls 3 and D37. 64 callers with an expired token cause one token call.
func TestSingleFlight(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &oauthServer{}
		sources := map[string]coze.TokenSource{
			"web": login(t, newWeb(t, s), nil),
			"jwt": newJWT(t, s, coze.OAuthJWTApp{}).TokenSource(nil),
			"reuse": coze.Reuse(coze.TokenFunc(func(ctx context.Context) (coze.Token, error) {
				p, err := newWeb(t, s).Exchange(ctx, authCode)
				return p.Token(), err
			})),
		}
		for name, source := range sources {
			access(t, source)
			time.Sleep(time.Hour)
			s.delay = 3 * time.Second
			before, got := s.count(), sync.Map{}
			var wg sync.WaitGroup
			for range 64 {
				wg.Go(func() { got.Store(access(t, source), true) })
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			start := time.Now()
			if _, err := source.Token(ctx); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Second {
				t.Errorf("%s: an impatient caller: %v after %v", name, err, time.Since(start))
			}
			cancel()
			wg.Wait()
			n := 0
			got.Range(func(_, _ any) bool { n++; return true })
			if n != 1 || s.count() != before+1 {
				t.Errorf("%s: %d tokens, %d calls", name, n, s.count()-before)
			}
			s.delay = 0
		}
	})
}

// TestRenewalSurvivesItsCaller: the caller who began a renewal may leave; what the server made is stored all the same.
func TestRenewalSurvivesItsCaller(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &oauthServer{}
		store := coze.NewMemoryTokenStore()
		source := login(t, newWeb(t, s), store)
		time.Sleep(time.Hour)
		s.delay = 3 * time.Second
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := source.Token(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		synctest.Wait()
		time.Sleep(3 * time.Second)
		if raw, _ := store.Load(t.Context()); !strings.Contains(string(raw), "czu_S3cret2") {
			t.Error("the new pair is lost")
		}
	})
}

// TestMargin: a token is renewed 60 s or a tenth of its life before it expires, whichever is less.
func TestMargin(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		life, early time.Duration
		duration    bool
	}{
		{15 * time.Minute, time.Minute, false}, {15 * time.Minute, time.Minute, true}, {24*time.Hour - time.Second, time.Minute, false},
		{100 * time.Second, 10 * time.Second, false}, {100 * time.Second, 10 * time.Second, true},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := &oauthServer{life: tt.life, duration: tt.duration}
			source := login(t, newWeb(t, s), nil)
			first := access(t, source)
			time.Sleep(tt.life - tt.early - time.Second)
			if access(t, source) != first {
				t.Errorf("%v: renewed before the margin", tt.life)
			}
			time.Sleep(time.Second)
			if access(t, source) == first || s.count() != 2 {
				t.Errorf("%v: not renewed within the margin", tt.life)
			}
		})
	}
}

// TestEarlyRenewalMayFail: within the margin the old token is still good, and the next try waits a little.
func TestEarlyRenewalMayFail(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &oauthServer{}
		source := login(t, newWeb(t, s), nil)
		first := access(t, source)
		time.Sleep(14*time.Minute + time.Second)
		s.replies = []string{"502 bad gateway"}
		for range 3 {
			if access(t, source) != first {
				t.Error("another token")
			}
		}
		if len(s.all()) != 2 {
			t.Errorf("%d requests", len(s.all()))
		}
		time.Sleep(6 * time.Second)
		if access(t, source) == first {
			t.Error("no new try")
		}
		s.replies = []string{"502 bad gateway"}
		time.Sleep(time.Hour)
		if _, err := source.Token(t.Context()); !errors.Is(err, coze.ErrServer) {
			t.Errorf("expired, and no new one: %v", err)
		}
		if access(t, source) == first {
			t.Error("the failure lasts")
		}
	})
}

// TestClockSkew: pitfall D39. An absolute expires_in counts by the clock of the server.
func TestClockSkew(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newWeb(t, &oauthServer{headers: map[string]string{"Date": time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat)}})
		p, err := f.Exchange(t.Context(), authCode)
		if err != nil || time.Until(p.Expires) != 75*time.Minute {
			t.Errorf("a fast clock here: %v left, %v", time.Until(p.Expires), err)
		}
	})
}

// TestRefusedTokenIsForcedToRenew: pitfalls 3 and D39, through a client.
func TestRefusedTokenIsForcedToRenew(t *testing.T) {
	t.Parallel()
	s := &oauthServer{}
	rt := roundTrip(func(r *http.Request) (*http.Response, error) {
		if strings.HasPrefix(r.URL.Path, "/api/permission") {
			return s.RoundTrip(r)
		}
		if r.Header.Get("Authorization") != "Bearer czu_S3cret2" {
			return response(r, 200, "application/json", `{"code":4100,"msg":"expired"}`), nil
		}
		return response(r, 200, "application/json", `{"code":0,"data":{"user_id":"1"}}`), nil
	})
	c := oauthClient(t, rt)
	f, err := coze.NewOAuthWeb(c, webApp())
	if err != nil {
		t.Fatal(err)
	}
	user, err := c.As(login(t, f, nil))
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 64 {
		wg.Go(func() {
			if _, err := user.Users.Me(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if s.count() != 2 {
		t.Errorf("%d tokens", s.count())
	}
	if _, err := c.Users.Me(t.Context()); err == nil {
		t.Error("As has changed the client")
	}
}

// TestSharedStore: two sources on one store, as two processes have, rotate in turn.
func TestSharedStore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &oauthServer{}
		store := coze.NewMemoryTokenStore()
		f := newWeb(t, s)
		a := login(t, f, store)
		b := f.TokenSource(store)
		for range 5 {
			time.Sleep(time.Hour)
			if access(t, a) != access(t, b) {
				t.Error("two tokens")
			}
		}
		if s.count() != 6 {
			t.Errorf("%d tokens", s.count())
		}
		for token, n := range s.used {
			if n != 1 {
				t.Errorf("%s was used %d times", token, n)
			}
		}
		other := newJWT(t, s, coze.OAuthJWTApp{AccountID: "7"}).TokenSource(store)
		if _, err := other.Token(t.Context()); err == nil || !strings.Contains(err.Error(), "holds tokens of") {
			t.Errorf("a store of another app: %v", err)
		}
	})
}

// faultyStore fails as it is told to.
type faultyStore struct {
	*coze.MemoryTokenStore
	save func(n int) error // before the nth save; those after the login count from 1
	n    int
}

func (s *faultyStore) CompareAndSave(ctx context.Context, old, state []byte) error {
	s.n++
	if s.save != nil {
		if err := s.save(s.n); err != nil {
			return err
		}
	}
	return s.MemoryTokenStore.CompareAndSave(ctx, old, state)
}

var errDisk = errors.New("the disk is full")

// TestSaveFails: nothing is handed out before it is stored, and nothing is lost.
func TestSaveFails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &oauthServer{}
		store := &faultyStore{MemoryTokenStore: coze.NewMemoryTokenStore()}
		source := login(t, newWeb(t, s), store)
		time.Sleep(time.Hour)
		store.n, store.save = 0, func(n int) error {
			if n == 1 {
				return nil // the note
			}
			return errDisk
		}
		for range 3 {
			if _, err := source.Token(t.Context()); !errors.Is(err, errDisk) {
				t.Errorf("got %v", err)
			}
		}
		store.save = nil
		if got := access(t, source); got != "czu_S3cret2" || s.count() != 2 {
			t.Errorf("%d tokens", s.count())
		}
		time.Sleep(time.Hour)
		store.n, store.save = 0, func(int) error { return errDisk } // already the note
		if _, err := source.Token(t.Context()); !errors.Is(err, errDisk) || s.count() != 2 {
			t.Errorf("got %v after %d tokens: a refresh token was used without a note", err, s.count())
		}
	})
}

// TestStoreChangesUnderARenewal: a lock that ran out. What others did with the same refresh token is void; a new login counts.
func TestStoreChangesUnderARenewal(t *testing.T) {
	t.Parallel()
	for _, relogin := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			s := &oauthServer{}
			store := &faultyStore{MemoryTokenStore: coze.NewMemoryTokenStore()}
			f := newWeb(t, s)
			source := login(t, f, store)
			time.Sleep(time.Hour)
			want := "czu_S3cret2"
			if relogin {
				want = "czu_S3cret3"
			}
			store.n, store.save = 0, func(n int) error {
				if n != 2 {
					return nil
				}
				raw, _ := store.Load(t.Context())
				changed := strings.Replace(string(raw), `"renewing`, `"lost":"refused","renewing`, 1)
				if relogin {
					p, err := f.Exchange(t.Context(), authCode)
					if err != nil {
						return err
					}
					changed = strings.NewReplacer("czu_S3cret1", p.Access, "rt_S3cret1", p.Refresh).Replace(string(raw))
				}
				return store.MemoryTokenStore.CompareAndSave(t.Context(), raw, []byte(changed))
			}
			if got := access(t, source); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
}

// TestLoginRequired: what is lost is said, once, and without asking the server again.
func TestLoginRequired(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &oauthServer{}
		f := newWeb(t, s)
		store := coze.NewMemoryTokenStore()
		source := f.TokenSource(store)
		if _, err := source.Token(t.Context()); !errors.Is(err, coze.ErrLoginRequired) || len(s.all()) != 0 {
			t.Errorf("no login yet: %v", err)
		}
		source = login(t, f, store)
		time.Sleep(time.Hour)
		s.replies = []string{`400 {"error_code":"access_deny"}`}
		if _, err := source.Token(t.Context()); !errors.Is(err, coze.ErrAccessDenied) || errors.Is(err, coze.ErrLoginRequired) {
			t.Errorf("the app is disabled: %v", err)
		}
		s.live = nil // revoked
		for range 2 {
			_, err := source.Token(t.Context())
			if !errors.Is(err, coze.ErrLoginRequired) || !strings.Contains(err.Error(), "revoked") {
				t.Errorf("got %v", err)
			}
		}
		if n := len(s.all()); n != 3 {
			t.Errorf("%d requests", n)
		}
		access(t, login(t, f, store))
		if err := source.Login(t.Context(), coze.TokenPair{Access: "a"}); err == nil {
			t.Error("a login without a refresh token")
		}
		if err := store.CompareAndSave(t.Context(), must(store.Load(t.Context())), []byte("{")); err != nil {
			t.Fatal(err)
		}
		if _, err := f.TokenSource(store).Token(t.Context()); !errors.Is(err, coze.ErrLoginRequired) {
			t.Errorf("a damaged store: %v", err)
		}
	})
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// TestAnswerOfARenewalIsLost: the network fails after the server has rotated. The session is over, and the error says why.
func TestAnswerOfARenewalIsLost(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &oauthServer{}
		broken := false
		f := newWeb(t, roundTrip(func(r *http.Request) (*http.Response, error) {
			rsp, err := s.RoundTrip(r)
			if broken {
				return nil, errors.New("connection reset")
			}
			return rsp, err
		}))
		source := login(t, f, nil)
		time.Sleep(time.Hour)
		broken = true
		if _, err := source.Token(t.Context()); err == nil || errors.Is(err, coze.ErrLoginRequired) {
			t.Errorf("got %v", err)
		}
		broken = false
		if _, err := source.Token(t.Context()); !errors.Is(err, coze.ErrLoginRequired) || !strings.Contains(err.Error(), "ended before its tokens were stored") {
			t.Errorf("got %v", err)
		}
	})
}
