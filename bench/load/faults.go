package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/cozekit/cozekit/pkg/coze"
)

// faulty answers with success, or in one of 20 cases with a fault, some before and some after it did its work.
type faulty struct {
	mu      sync.Mutex
	random  *rand.Rand
	created map[string]int // how often each conversation was made
	faults  map[string]int
}

func (f *faulty) pick() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.random.IntN(20) > 0 {
		return ""
	}
	fault := []string{"429", "4013", "reset before", "reset after", "502", "slow"}[f.random.IntN(6)]
	f.faults[fault]++
	return fault
}

func (f *faulty) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	fault := f.pick()
	switch fault {
	case "429":
		w.Header().Set("Retry-After", "0")
		w.WriteHeader(http.StatusTooManyRequests)
		return
	case "4013":
		_, _ = io.WriteString(w, `{"code":4013,"msg":"slow down"}`)
		return
	case "reset before":
		panic(http.ErrAbortHandler)
	case "502":
		w.WriteHeader(http.StatusBadGateway)
		return
	case "slow":
		time.Sleep(20 * time.Millisecond)
	}
	if r.Method == http.MethodPost {
		var req coze.CreateConversationRequest
		_ = json.Unmarshal(body, &req)
		f.mu.Lock()
		f.created[req.Name]++
		f.mu.Unlock()
	}
	if fault == "reset after" {
		panic(http.ErrAbortHandler)
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, `{"code":0,"msg":"","data":{"id":"1","user_id":"1"}}`)
}

// callsUnderFaults: every read ends well or with an error that says why; no create is done twice; nothing leaks.
func callsUnderFaults(callers, calls int) (string, bool) {
	f := &faulty{random: rand.New(rand.NewPCG(1, 2)), created: map[string]int{}, faults: map[string]int{}}
	srv := httptest.NewUnstartedServer(f)
	srv.Config.ErrorLog = log.New(io.Discard, "", 0) // resets are meant
	srv.Start()
	transport := &http.Transport{MaxIdleConnsPerHost: callers}
	client, err := coze.NewClient(coze.WithBaseURL(srv.URL), coze.WithToken("t"), coze.WithHTTPClient(&http.Client{Transport: transport}),
		coze.WithRetry(coze.RetryPolicy{Retries: 4, MinDelay: time.Millisecond, MaxDelay: 10 * time.Millisecond}))
	must(err)
	before := runtime.NumGoroutine()
	var readsOK, readsFailed, createsOK, createsFailed, wrong atomic.Int64
	var next atomic.Int64
	var wg sync.WaitGroup
	start := time.Now()
	for range callers {
		wg.Go(func() {
			for n := next.Add(1); n <= int64(calls); n = next.Add(1) {
				ok, failed := &readsOK, &readsFailed
				err := error(nil)
				if n%2 == 0 {
					_, err = client.Users.Me(context.Background())
				} else {
					ok, failed = &createsOK, &createsFailed
					_, err = client.Conversations.Create(context.Background(), coze.CreateConversationRequest{Name: fmt.Sprint(n)})
				}
				if err == nil {
					ok.Add(1)
					continue
				}
				failed.Add(1)
				if !tells(err) {
					wrong.Add(1)
				}
			}
		})
	}
	wg.Wait()
	took := time.Since(start)
	transport.CloseIdleConnections()
	srv.Close()
	twice := 0
	for _, n := range f.created {
		if n > 1 {
			twice++
		}
	}
	leaked := settle(before)
	kept := readsFailed.Load() == 0 && twice == 0 && wrong.Load() == 0 && leaked <= 0
	return fmt.Sprintf("calls:   %d callers, %d calls in %v; faults %v\n         reads %d ok, %d failed; creates %d ok, %d failed, "+
		"%d done twice; wrong errors %d; goroutines left %d: %s", callers, calls, took.Round(time.Millisecond), f.faults,
		readsOK.Load(), readsFailed.Load(), createsOK.Load(), createsFailed.Load(), twice, wrong.Load(), max(leaked, 0),
		verdict(kept)), kept
}

// tells reports whether an error is that of one of the faults.
func tells(err error) bool {
	if errors.Is(err, coze.ErrRateLimited) || errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET) {
		return true
	}
	var refused *coze.Error
	return errors.As(err, &refused) && refused.HTTPStatus == http.StatusBadGateway
}

// settle waits until goroutines that are about to end have ended, and returns how many more there are than before.
func settle(before int) int {
	for range 100 {
		if runtime.NumGoroutine() <= before {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	return runtime.NumGoroutine() - before
}
