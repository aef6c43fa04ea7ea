package coze_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cozekit/cozekit/pkg/coze"
)

// TestMaxAnswer: a JSON answer over the limit is refused by a named error, and what follows the limit is not read.
func TestMaxAnswer(t *testing.T) {
	t.Parallel()
	const limit = 1000
	body := func(n int) string { return `{"code":0,"data":{"user_id":"` + strings.Repeat("x", n-32) + `"}}` }
	for _, known := range []bool{true, false} {
		for _, kind := range []string{"application/json", "text/event-stream"} {
			for size, tooLarge := range map[int]bool{limit: false, limit + 1: true, 10 * limit: true} {
				read := &countReads{Reader: strings.NewReader(body(size))}
				c := stubClient(t, roundTrip(func(r *http.Request) (*http.Response, error) {
					rsp := response(r, 200, "application/json", body(size))
					rsp.Body = io.NopCloser(read)
					if !known {
						rsp.ContentLength = -1
					}
					return rsp, nil
				}), coze.WithMaxAnswer(limit))
				var err error
				if kind == "application/json" {
					_, err = c.Users.Me(t.Context())
				} else if _, err = c.Chat.Stream(t.Context(), question); err != nil && !tooLarge {
					err = nil // JSON in place of a stream
				}
				if errors.Is(err, coze.ErrAnswerTooLarge) != tooLarge || read.n > limit+1 {
					t.Errorf("%d bytes, length known %v: %d read, %v", size, known, read.n, err)
				}
			}
		}
	}
	if _, err := coze.NewClient(coze.WithBaseURL(coze.BaseURLCN), coze.WithMaxAnswer(0)); err == nil {
		t.Error("a limit of nothing was accepted")
	}
}

type countReads struct {
	io.Reader
	n int
}

func (c *countReads) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n += n
	return n, err
}

// TestRateLimitIsFair: calls go in the order in which they came, by the bucket and by the bound of calls under way.
func TestRateLimitIsFair(t *testing.T) {
	t.Parallel()
	for what, limit := range map[string]coze.RateLimit{"rate": {PerSecond: 1}, "concurrency": {Concurrent: 1}} {
		synctest.Test(t, func(t *testing.T) {
			var mu sync.Mutex
			var order []string
			c := stubClient(t, roundTrip(func(r *http.Request) (*http.Response, error) {
				mu.Lock()
				order = append(order, r.URL.Path)
				mu.Unlock()
				time.Sleep(time.Second)
				return response(r, 200, "application/json", `{"code":0,"data":{}}`), nil
			}), coze.WithRateLimit(limit))
			var wg sync.WaitGroup
			var want []string
			for n := range 8 {
				want = append(want, fmt.Sprintf("/v1/bots/%d", n+1))
				wg.Go(func() { _, _ = c.Bots.Get(t.Context(), fmt.Sprint(n+1), coze.RetrieveBotRequest{}) })
				synctest.Wait() // until it waits its turn
			}
			wg.Wait()
			if !slices.Equal(order, want) {
				t.Errorf("%s: got %v", what, order)
			}
		})
	}
}

// TestWaitingForALimitEnds: a call that waits its turn ends with its context, and frees its turn.
func TestWaitingForALimitEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := stubClient(t, roundTrip(func(r *http.Request) (*http.Response, error) {
			time.Sleep(10 * time.Second)
			return response(r, 200, "application/json", `{"code":0,"data":{}}`), nil
		}), coze.WithRateLimit(coze.RateLimit{Concurrent: 1}))
		go func() { _, _ = c.Users.Me(t.Context()) }()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		if _, err := c.Users.Me(ctx); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Second {
			t.Errorf("%v after %v", err, time.Since(start))
		}
		if _, err := c.Users.Me(t.Context()); err != nil || time.Since(start) != 20*time.Second {
			t.Errorf("%v after %v", err, time.Since(start))
		}
	})
}

// TestStreamsLeaveTheirSlot: a stream counts for the bound of calls under way until it is open.
func TestStreamsLeaveTheirSlot(t *testing.T) {
	t.Parallel()
	c := stubClient(t, answer(200, "text/event-stream", created+completed+done), coze.WithRateLimit(coze.RateLimit{Concurrent: 1}))
	for range 3 {
		s, err := c.Chat.Stream(t.Context(), question)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
	}
}

// TestRateRecovers: after a refusal for the rate the calls of that token slow down, and each that goes well speeds them up.
func TestRateRecovers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &failing{failures: []func(*http.Request) (*http.Response, error){envelope("4013")}}
		c := stubClient(t, f, coze.WithRateLimit(coze.RateLimit{PerSecond: 10}))
		_, _ = c.Users.Me(t.Context())
		var waits []time.Duration
		for range 15 {
			start := time.Now()
			if _, err := c.Users.Me(t.Context()); err != nil {
				t.Fatal(err)
			}
			waits = append(waits, time.Since(start).Round(time.Millisecond))
		}
		if waits[0] != 200*time.Millisecond || waits[14] != 100*time.Millisecond || !slices.IsSortedFunc(waits, func(a, b time.Duration) int { return int(b - a) }) {
			t.Errorf("waits %v", waits)
		}
		start := time.Now()
		if _, err := c.Users.Me(t.Context(), coze.WithCallToken(coze.StaticToken("other"))); err != nil || time.Since(start) != 0 {
			t.Errorf("another token pays for it: %v, %v", time.Since(start), err)
		}
	})
}

// TestHeaderValues: what would break a request out of its line is refused, for all calls and for one.
func TestHeaderValues(t *testing.T) {
	t.Parallel()
	rec := &recorder{}
	c := stubClient(t, rec)
	bad := [][2]string{{"X-A", "a\r\nX-B: b"}, {"X-A", "a\nb"}, {"X-A", "\x00"}, {"X A", "a"}, {"", "a"}, {"X:A", "a"}, {"Authorization", "Bearer x"}, {"authorization", "x"}}
	for _, h := range bad {
		if _, err := c.Users.Me(t.Context(), coze.WithHeader(h[0], h[1])); err == nil {
			t.Errorf("a call takes %q", h)
		}
		if _, err := coze.NewClient(coze.WithBaseURL(coze.BaseURLCN), coze.WithDefaultHeader(h[0], h[1])); err == nil {
			t.Errorf("a client takes %q", h)
		}
	}
	if _, err := c.Users.Me(t.Context(), coze.WithCallToken(coze.StaticToken("a\r\nX-B: b"))); err == nil || strings.Contains(err.Error(), "X-B") {
		t.Errorf("a token of two lines: %v", err)
	}
	if len(rec.reqs) > 0 {
		t.Errorf("%d requests were sent", len(rec.reqs))
	}
	if _, err := c.Users.Me(t.Context(), coze.WithHeader("X-A", "a\tb 好")); err != nil || rec.last().Header.Get("X-A") != "a\tb 好" {
		t.Errorf("a value that is allowed: %v", err)
	}
}

// TestProgress: the callback is told the bytes sent so far, and the total or -1; a second try starts over.
func TestProgress(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		type step struct{ sent, total int64 }
		upload := func(r io.Reader, rt http.RoundTripper) []step {
			var steps []step
			file := coze.Upload{Name: "a.txt", Reader: r, Progress: func(sent, total int64) { steps = append(steps, step{sent, total}) }}
			if _, err := stubClient(t, rt, coze.WithRetry(coze.RetryPolicy{})).Files.Upload(t.Context(), coze.UploadFileRequest{File: file}); err != nil {
				t.Fatal(err)
			}
			return steps
		}
		text := strings.Repeat("x", 1000)
		if got := upload(strings.NewReader(text), &recorder{}); got[len(got)-1] != (step{1000, 1000}) || !slices.IsSortedFunc(got, func(a, b step) int { return int(a.sent - b.sent) }) {
			t.Errorf("known length: %v", got)
		}
		if got := upload(reader(text), &recorder{}); got[len(got)-1] != (step{1000, -1}) {
			t.Errorf("unknown length: %v", got)
		}
		again := &failing{failures: []func(*http.Request) (*http.Response, error){envelope("4013")}}
		got := upload(strings.NewReader(text), again)
		if whole := slices.Index(got, step{1000, 1000}); whole < 0 || whole == len(got)-1 || got[whole+1].sent > 1000 || got[len(got)-1] != (step{1000, 1000}) {
			t.Errorf("sent twice: %v", got)
		}
	})
}

// TestRedirectsDropCredentials: a redirect from https to http, or to another host, goes without the token and whatever else may be
// a secret, and does not go on for ever.
func TestRedirectsDropCredentials(t *testing.T) {
	t.Parallel()
	for _, to := range []string{"http://api.coze.cn/plain", "https://api.coze.cn:8443/port", "https://elsewhere.example/host"} {
		var seen []string
		c := stubClient(t, roundTrip(func(r *http.Request) (*http.Response, error) {
			seen = append(seen, r.Header.Get("Authorization")+r.Header.Get("Cookie")+r.Header.Get("X-Gateway-Key")+r.Header.Get("Referer"))
			if len(seen) == 1 {
				rsp := response(r, http.StatusFound, "text/html", "")
				rsp.Header.Set("Location", to)
				return rsp, nil
			}
			return response(r, 200, "application/json", `{"code":0,"data":{}}`), nil
		}))
		if _, err := c.Users.Me(t.Context(), coze.WithHeader("Cookie", "c=1"), coze.WithHeader("X-Gateway-Key", "k")); err != nil || len(seen) != 2 || seen[0] == "" || seen[1] != "" {
			t.Errorf("%s: credentials %q, %v", to, seen, err)
		}
	}
	var n int
	c := stubClient(t, roundTrip(func(r *http.Request) (*http.Response, error) {
		n++
		rsp := response(r, http.StatusFound, "text/html", "")
		rsp.Header.Set("Location", r.URL.String())
		return rsp, nil
	}))
	if _, err := c.Users.Me(t.Context()); err == nil || n > 6 {
		t.Errorf("%d redirects: %v", n, err)
	}
}
