package coze_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cozekit/cozekit/pkg/coze"
)

// failing answers the first calls with a failure each, then with success.
type failing struct {
	failures []func(*http.Request) (*http.Response, error)
	calls    int
	bodies   []string
}

func (f *failing) RoundTrip(r *http.Request) (*http.Response, error) {
	f.calls++
	if r.Body != nil {
		b, _ := io.ReadAll(r.Body)
		f.bodies = append(f.bodies, string(b))
	}
	if f.calls <= len(f.failures) {
		return f.failures[f.calls-1](r)
	}
	kind, body := "application/json", `{"code":0,"data":{"id":"1"}}`
	if strings.Contains(r.Header.Get("Accept"), "event-stream") {
		kind, body = "text/event-stream", created+completed+done
	}
	return response(r, 200, kind, body), nil
}

func status(code int, header ...string) func(*http.Request) (*http.Response, error) {
	return func(r *http.Request) (*http.Response, error) {
		rsp := response(r, code, "text/html", "<p>")
		for i := 0; i+1 < len(header); i += 2 {
			rsp.Header.Set(header[i], header[i+1])
		}
		return rsp, nil
	}
}

func envelope(code string) func(*http.Request) (*http.Response, error) { return refusal(200, code) }

func refusal(status int, code string) func(*http.Request) (*http.Response, error) {
	return func(r *http.Request) (*http.Response, error) {
		return response(r, status, "application/json", `{"code":`+code+`,"msg":"no"}`), nil
	}
}

// events is a stream that breaks off behind them.
func events(text string) func(*http.Request) (*http.Response, error) {
	return func(r *http.Request) (*http.Response, error) {
		return response(r, 200, "text/event-stream", text), nil
	}
}

func broken(err error) func(*http.Request) (*http.Response, error) {
	return func(*http.Request) (*http.Response, error) { return nil, err }
}

var (
	dial  = broken(&net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED})
	reset = broken(&net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET})
)

// TestRetries: pitfall D36. A call is repeated where that cannot do work twice, and nowhere else: by what the document says
// of the operation, and by what went wrong.
func TestRetries(t *testing.T) {
	t.Parallel()
	safe := func(ctx context.Context, c *coze.Client) error {
		_, err := c.Bots.Get(ctx, "1", coze.RetrieveBotRequest{})
		return err
	}
	idempotent := func(ctx context.Context, c *coze.Client) error {
		_, err := c.Conversations.Update(ctx, "1", coze.UpdateConversationRequest{Name: "n"})
		return err
	}
	never := func(ctx context.Context, c *coze.Client) error {
		_, err := c.Conversations.Create(ctx, coze.CreateConversationRequest{})
		return err
	}
	stream := func(ctx context.Context, c *coze.Client) error {
		s, err := c.Chat.Stream(ctx, question)
		if err == nil {
			_, err = collect(s)
		}
		return err
	}
	upload := func(r io.Reader) func(context.Context, *coze.Client) error {
		return func(ctx context.Context, c *coze.Client) error {
			_, err := c.Files.Upload(ctx, coze.UploadFileRequest{File: coze.Upload{Name: "a.pdf", Reader: r}})
			return err
		}
	}
	type fail = []func(*http.Request) (*http.Response, error)
	tests := []struct {
		name  string
		call  func(context.Context, *coze.Client) error
		fail  fail
		calls int
		works bool
	}{
		{"safe, connection refused", safe, fail{dial, dial}, 3, true},
		{"safe, too often", safe, fail{dial, dial, dial}, 3, false},
		{"safe, reset", safe, fail{reset}, 2, true},
		{"safe, 408 and 502", safe, fail{status(408), status(502)}, 3, true},
		{"safe, 503 and 504", safe, fail{status(503), status(504)}, 3, true},
		{"safe, 429 and 4013", safe, fail{status(429), envelope("4013")}, 3, true},
		{"safe, 4020", safe, fail{envelope(`"4020"`)}, 2, true},
		{"safe, 4008, the quota of a day", safe, fail{envelope("4008")}, 1, false},
		{"safe, 4008 with 429", safe, fail{refusal(429, "4008")}, 1, false},
		{"safe, 4013 with 429", safe, fail{refusal(429, "4013")}, 2, true},
		{"safe, 500", safe, fail{status(500)}, 1, false},
		{"safe, refused", safe, fail{envelope("4200")}, 1, false},
		{"safe, foreign error", safe, fail{broken(errors.New("tls: bad certificate"))}, 1, false},
		{"before-response, reset", idempotent, fail{reset}, 2, true},
		{"before-response, 502", idempotent, fail{status(502)}, 1, false},
		{"never, connection refused", never, fail{dial}, 2, true},
		{"never, 4013", never, fail{envelope("4013")}, 2, true},
		{"never, 429", never, fail{status(429)}, 2, true},
		{"never, reset", never, fail{reset}, 1, false},
		{"never, 502", never, fail{status(502)}, 1, false},
		{"stream, connection refused", stream, fail{dial}, 2, true},
		{"stream, 4013", stream, fail{envelope("4013")}, 2, true},
		{"stream, 503", stream, fail{status(503)}, 1, false},
		{"stream, cut before its first event", stream, fail{events("")}, 1, false},
		{"stream, cut after its first event", stream, fail{events(created)}, 1, false},
		{"upload that can seek", upload(strings.NewReader("hello")), fail{dial}, 2, true},
		{"upload that cannot seek", upload(reader("hello")), fail{dial}, 1, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &failing{failures: tt.fail}
				err := tt.call(t.Context(), stubClient(t, f, coze.WithRetry(coze.RetryPolicy{})))
				if f.calls != tt.calls || (err == nil) != tt.works {
					t.Errorf("%d calls, %v", f.calls, err)
				}
				for _, body := range f.bodies {
					if !strings.Contains(tt.name, "upload") && body != f.bodies[0] || body == "" {
						t.Errorf("bodies %q", f.bodies)
					}
				}
				var e *coze.Error
				if errors.As(err, &e) && e.Attempts != tt.calls {
					t.Errorf("the error tells of %d attempts", e.Attempts)
				}
			})
		})
	}
}

// TestRetryDelays: full jitter below a bound that doubles, Retry-After as seconds and as a date, a limit to it, and no wait
// that the context does not leave time for.
func TestRetryDelays(t *testing.T) {
	t.Parallel()
	run := func(t *testing.T, ctx context.Context, f *failing, p coze.RetryPolicy) (time.Duration, error) {
		start := time.Now()
		_, err := stubClient(t, f, coze.WithRetry(p)).Users.Me(ctx)
		return time.Since(start), err
	}
	type fail = []func(*http.Request) (*http.Response, error)
	synctest.Test(t, func(t *testing.T) {
		for range 50 {
			d, err := run(t, t.Context(), &failing{failures: fail{status(503), status(503), status(503)}}, coze.RetryPolicy{Retries: 3})
			if err != nil || d <= 0 || d > 500*time.Millisecond+time.Second+2*time.Second+3 {
				t.Fatalf("%v after %v", err, d)
			}
		}
		d, err := run(t, t.Context(), &failing{failures: fail{status(429, "Retry-After", "7")}}, coze.RetryPolicy{})
		if err != nil || d != 7*time.Second {
			t.Errorf("Retry-After in seconds: %v after %v", err, d)
		}
		at := time.Now().Add(9 * time.Second).UTC().Format(http.TimeFormat)
		d, err = run(t, t.Context(), &failing{failures: fail{status(503, "Retry-After", at)}}, coze.RetryPolicy{})
		if err != nil || d < 8*time.Second || d > 9*time.Second {
			t.Errorf("Retry-After as a date: %v after %v", err, d)
		}
		f := &failing{failures: fail{status(429, "Retry-After", "3600")}}
		if d, err = run(t, t.Context(), f, coze.RetryPolicy{}); !errors.Is(err, coze.ErrRateLimited) || d != 0 || f.calls != 1 {
			t.Errorf("an hour of Retry-After: %v after %v", err, d)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		f = &failing{failures: fail{status(429, "Retry-After", "7")}}
		if d, err = run(t, ctx, f, coze.RetryPolicy{}); !errors.Is(err, coze.ErrRateLimited) || d != 0 {
			t.Errorf("no time left: %v after %v", err, d)
		}
		ctx, cancel = context.WithCancel(t.Context())
		time.AfterFunc(2*time.Second, cancel)
		f = &failing{failures: fail{status(503, "Retry-After", "7")}}
		if d, err = run(t, ctx, f, coze.RetryPolicy{}); !errors.Is(err, coze.ErrServer) || d != 2*time.Second || f.calls != 1 {
			t.Errorf("canceled while waiting: %v after %v, %d calls", err, d, f.calls)
		}
		f = &failing{failures: fail{status(503)}}
		_, err = stubClient(t, f, coze.WithRetry(coze.RetryPolicy{})).Users.Me(t.Context(), coze.WithRetry(coze.RetryPolicy{Retries: -1}))
		if err == nil || f.calls != 1 {
			t.Errorf("a call without retries: %v after %d calls", err, f.calls)
		}
	})
}

// TestTimeoutIsRetried: a try that hangs is given up and repeated, for operations that only read.
func TestTimeoutIsRetried(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hang := func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		}
		f := &failing{failures: []func(*http.Request) (*http.Response, error){hang}}
		var info coze.ResponseInfo
		c := stubClient(t, f, coze.WithRetry(coze.RetryPolicy{}))
		if _, err := c.Users.Me(t.Context(), coze.WithResponse(&info)); err != nil || info.Attempts != 2 {
			t.Errorf("%v after %d attempts", err, info.Attempts)
		}
		f.calls = 0
		if _, err := c.Conversations.Create(t.Context(), coze.CreateConversationRequest{}); !errors.Is(err, coze.ErrTimeout) || f.calls != 1 {
			t.Errorf("a create that hangs: %v after %d calls", err, f.calls)
		}
	})
}

// TestRateLimit: the token bucket of a token, adapting to refusals, and the bound of calls under way.
func TestRateLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := stubClient(t, &recorder{}, coze.WithRateLimit(coze.RateLimit{PerSecond: 10, Burst: 10}))
		start := time.Now()
		var wg sync.WaitGroup
		for range 30 {
			wg.Go(func() {
				if _, err := c.Users.Me(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if d := time.Since(start); d < 1900*time.Millisecond || d > 2100*time.Millisecond {
			t.Errorf("30 calls at 10 a second with a burst of 10 took %v", d)
		}
		start = time.Now()
		if _, err := c.Users.Me(t.Context(), coze.WithCallToken(coze.StaticToken("other"))); err != nil || time.Since(start) != 0 {
			t.Errorf("another token waited %v: %v", time.Since(start), err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		if _, err := c.Users.Me(ctx); err == nil || time.Since(start) != 0 {
			t.Errorf("no room before the deadline: %v after %v", err, time.Since(start))
		}
	})
	synctest.Test(t, func(t *testing.T) {
		f := &failing{failures: []func(*http.Request) (*http.Response, error){status(429), envelope("4013")}}
		c := stubClient(t, f, coze.WithRateLimit(coze.RateLimit{PerSecond: 10}))
		for range 2 {
			if _, err := c.Users.Me(t.Context()); !errors.Is(err, coze.ErrRateLimited) {
				t.Error(err)
			}
		}
		start := time.Now()
		if _, err := c.Users.Me(t.Context()); err != nil || time.Since(start) < 300*time.Millisecond {
			t.Errorf("after two refusals the next call waited %v: %v", time.Since(start), err)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		var now, most atomic.Int32
		c := stubClient(t, roundTrip(func(r *http.Request) (*http.Response, error) {
			most.Store(max(most.Load(), now.Add(1)))
			time.Sleep(time.Second)
			now.Add(-1)
			return response(r, 200, "application/json", `{"code":0,"data":{}}`), nil
		}), coze.WithRateLimit(coze.RateLimit{Concurrent: 3}))
		var wg sync.WaitGroup
		start := time.Now()
		for range 9 {
			wg.Go(func() { _, _ = c.Users.Me(t.Context()) })
		}
		wg.Wait()
		if most.Load() != 3 || time.Since(start) != 3*time.Second {
			t.Errorf("%d calls at a time, %v in all", most.Load(), time.Since(start))
		}
	})
}
