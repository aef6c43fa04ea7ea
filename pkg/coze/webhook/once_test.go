package webhook_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/cozekit/cozekit/pkg/coze/webhook"
)

// TestExactlyOnce: 20,000 deliveries from 32 senders, a third of them twice, many at the same time. Time is virtual, for a machine that
// is busy elsewhere makes deliveries too slow, and they are answered so.
func TestExactlyOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const events, senders = 15_000, 32
		var handled [events]atomic.Int32
		h := newHandler(t, webhook.Handlers{Other: func(_ context.Context, ev webhook.Event) error {
			var n int
			if _, err := fmt.Sscanf(ev.Header.EventID, "e-%d", &n); err != nil {
				return err
			}
			handled[n].Add(1)
			return nil
		}})
		deliveries := make(chan int)
		var wg sync.WaitGroup
		for range senders {
			wg.Go(func() {
				for n := range deliveries {
					if w := send(h, delivery(body("x.y", fmt.Sprint("e-", n), "{}"))); w.Code != http.StatusOK {
						t.Errorf("event %d: status %d", n, w.Code)
					}
				}
			})
		}
		sent := 0
		for n := range events {
			deliveries <- n
			sent++
			if n%3 == 0 {
				deliveries <- n
				sent++
			}
		}
		close(deliveries)
		wg.Wait()
		if sent != 20_000 {
			t.Errorf("%d deliveries", sent)
		}
		for n := range handled {
			if got := handled[n].Load(); got != 1 {
				t.Fatalf("event %d was handled %d times", n, got)
			}
		}
	})
}

// A repeat gets the answer of the first, also an audit, and also while the first is still at it.
func TestRepeats(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var calls atomic.Int32
		h := newHandler(t, webhook.Handlers{BotPublished: func(context.Context, webhook.BotPublished) (webhook.Audit, error) {
			calls.Add(1)
			time.Sleep(5 * time.Second)
			return webhook.Audit{Status: coze.AuditStatusApproved}, nil
		}})
		text := body("bot.published", "e", "{}")
		var wg sync.WaitGroup
		for i := range 3 {
			wg.Go(func() {
				time.Sleep(time.Duration(3*i) * time.Second) // the last comes when the first is answered
				w := send(h, delivery(text))
				if w.Code != http.StatusOK || w.Body.String() != `{"audit":{"audit_status":2}}` {
					t.Errorf("delivery %d: %d %s", i, w.Code, w.Body)
				}
			})
		}
		wg.Wait()
		if calls.Load() != 1 {
			t.Errorf("%d calls", calls.Load())
		}
	})
}

// A delivery that was recorded on its way and is sent again, byte by byte, gets the old answer while it is fresh, and is refused once it
// is late; it never reaches the function.
func TestReplayed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		h := newHandler(t, webhook.Handlers{BotPublished: func(context.Context, webhook.BotPublished) (webhook.Audit, error) {
			calls++
			return webhook.Audit{Status: coze.AuditStatusReviewing}, nil
		}})
		text := body("bot.published", "e", "{}")
		recorded := delivery(text).Header
		for _, tt := range []struct {
			after  time.Duration
			status int
		}{{0, 200}, {time.Second, 200}, {5*time.Minute - time.Second, 200}, {time.Second, 401}, {24 * time.Hour, 401}} {
			time.Sleep(tt.after)
			r := httptest.NewRequest(http.MethodPost, "/callback", strings.NewReader(text))
			r.Header = recorded
			w := send(h, r)
			if w.Code != tt.status || w.Code == http.StatusOK && w.Body.String() != `{"audit":{"audit_status":1}}` {
				t.Errorf("%s later: %d %s, want %d", tt.after, w.Code, w.Body, tt.status)
			}
		}
		if calls != 1 {
			t.Errorf("%d calls", calls)
		}
	})
}

// A failure, a panic or an event store that does not answer leaves the event to the next delivery.
func TestFailsThenWorks(t *testing.T) {
	t.Parallel()
	for name, first := range map[string]func() error{
		"error": func() error { return errors.New("data base is down") },
		"panic": func() error { panic("oh") },
		"exit":  func() error { runtime.Goexit(); return nil }, // t.FailNow in a user's test
	} {
		calls := 0
		var heard error
		h := newHandler(t, webhook.Handlers{BotDeleted: func(context.Context, webhook.BotDeleted) error {
			if calls++; calls == 1 {
				return first()
			}
			return nil
		}}, webhook.WithOnError(func(_ *http.Request, err error) { heard = err }))
		text := body("bot.deleted", "e", "{}")
		if w := send(h, delivery(text)); w.Code != http.StatusInternalServerError || heard == nil {
			t.Errorf("%s: %d, heard %v", name, w.Code, heard)
		}
		for range 2 {
			if w := send(h, delivery(text)); w.Code != http.StatusOK {
				t.Errorf("%s, again: %d", name, w.Code)
			}
		}
		if calls != 2 {
			t.Errorf("%s: %d calls", name, calls)
		}
	}
}

// The answer comes before the platform stops waiting; what succeeds later counts.
func TestInTime(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		kind     string
		platform time.Duration
	}{{"bot.deleted", 3 * time.Second}, {"bot.published", 10 * time.Second}} {
		synctest.Test(t, func(t *testing.T) {
			calls := 0
			work := func(ctx context.Context) error {
				calls++
				if deadline, ok := ctx.Deadline(); !ok || time.Until(deadline) >= tt.platform {
					t.Errorf("deadline %v %v", deadline, ok)
				}
				time.Sleep(15 * time.Second) // deaf to ctx
				return nil
			}
			h := newHandler(t, webhook.Handlers{
				BotDeleted: func(ctx context.Context, _ webhook.BotDeleted) error { return work(ctx) },
				BotPublished: func(ctx context.Context, _ webhook.BotPublished) (webhook.Audit, error) {
					return webhook.Audit{}, work(ctx)
				},
			}, webhook.WithWindow(0))
			text := body(tt.kind, "e", "{}")
			start := time.Now()
			w := send(h, delivery(text))
			if took := time.Since(start); w.Code != http.StatusServiceUnavailable || took >= tt.platform {
				t.Errorf("%s: %d after %s", tt.kind, w.Code, took)
			}
			if w.Header().Get("Retry-After") == "" {
				t.Error("no Retry-After")
			}
			time.Sleep(20 * time.Second)
			if w := send(h, delivery(text)); w.Code != http.StatusOK || calls != 1 {
				t.Errorf("%s: afterwards %d, %d calls", tt.kind, w.Code, calls)
			}
		})
	}
}

// The work goes on when the connection breaks, and its result is kept.
func TestConnectionBreaks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		h := newHandler(t, webhook.Handlers{BotDeleted: func(ctx context.Context, _ webhook.BotDeleted) error {
			calls++
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(time.Second):
				return nil
			}
		}})
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		text := body("bot.deleted", "e", "{}")
		for range 2 {
			if w := send(h, delivery(text).WithContext(ctx)); w.Code != http.StatusOK {
				t.Errorf("%d", w.Code)
			}
		}
		if calls != 1 {
			t.Errorf("%d calls", calls)
		}
	})
}

// Two handlers on one store are two servers: the second leaves an event to the first, until the claim of a dead one is a minute old.
func TestSharedStore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := webhook.NewMemoryEventStore()
		calls := 0
		hs := webhook.Handlers{BotDeleted: func(context.Context, webhook.BotDeleted) error { calls++; return nil }}
		h := newHandler(t, hs, webhook.WithEventStore(store), webhook.WithWindow(0))
		if c, err := store.Claim(t.Context(), "e", time.Minute); err != nil || c.State != webhook.ClaimGranted {
			t.Fatal(c, err)
		}
		text := body("bot.deleted", "e", "{}")
		if w := send(h, delivery(text)); w.Code != http.StatusServiceUnavailable || calls != 0 {
			t.Errorf("taken: %d, %d calls", w.Code, calls)
		}
		time.Sleep(time.Minute)
		if w := send(h, delivery(text)); w.Code != http.StatusOK || calls != 1 {
			t.Errorf("the claim is old: %d, %d calls", w.Code, calls)
		}
		second := newHandler(t, hs, webhook.WithEventStore(store), webhook.WithWindow(0))
		if w := send(second, delivery(text)); w.Code != http.StatusOK || calls != 1 {
			t.Errorf("another server: %d, %d calls", w.Code, calls)
		}
		time.Sleep(25 * time.Hour)
		if w := send(second, delivery(text)); w.Code != http.StatusOK || calls != 2 {
			t.Errorf("forgotten after a day: %d, %d calls", w.Code, calls)
		}
	})
}

type brokenStore struct{ webhook.EventStore }

func (brokenStore) Claim(context.Context, string, time.Duration) (webhook.Claim, error) {
	return webhook.Claim{}, errors.New("store is down")
}

type panickingStore struct{ webhook.EventStore }

func (panickingStore) Claim(context.Context, string, time.Duration) (webhook.Claim, error) {
	panic("no connection")
}

type forgetfulStore struct{ *webhook.MemoryEventStore }

func (forgetfulStore) Finish(context.Context, string, []byte) error {
	return errors.New("disk is full")
}

func TestStoreFails(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		store  webhook.EventStore
		status int
		says   string
	}{
		{brokenStore{}, http.StatusInternalServerError, "store is down"},
		{panickingStore{}, http.StatusInternalServerError, "no connection"},
		{forgetfulStore{webhook.NewMemoryEventStore()}, http.StatusOK, "disk is full"},
	} {
		var heard error
		h := newHandler(t, webhook.Handlers{}, webhook.WithEventStore(tt.store),
			webhook.WithOnError(func(_ *http.Request, err error) { heard = err }))
		w := send(h, delivery(body("bot.deleted", "e", "{}")))
		if w.Code != tt.status || heard == nil || !strings.Contains(heard.Error(), tt.says) {
			t.Errorf("%d, heard %v, want %d, %q", w.Code, heard, tt.status, tt.says)
		}
	}
}

// The memory of a store is bounded.
func TestMemoryEventStoreForgets(t *testing.T) {
	t.Parallel()
	store := webhook.NewMemoryEventStore()
	for i := range 150_000 {
		id := fmt.Sprint(i)
		if _, err := store.Claim(t.Context(), id, time.Minute); err != nil {
			t.Fatal(err)
		}
		_ = store.Finish(t.Context(), id, []byte("{}"))
	}
	for id, want := range map[string]webhook.ClaimState{"49000": webhook.ClaimGranted, "149999": webhook.ClaimHandled} {
		if c, _ := store.Claim(t.Context(), id, time.Minute); c.State != want || want == webhook.ClaimHandled && !bytes.Equal(c.Reply, []byte("{}")) {
			t.Errorf("event %s: %+v, want state %d", id, c, want)
		}
	}
}
