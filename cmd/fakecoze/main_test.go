package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// program is a fakecoze at work.
type program struct {
	t        *testing.T
	url      string
	greeting []string
	client   *http.Client
	stop     func() error
}

// startProgram runs the program until the test ends.
func startProgram(t *testing.T, args ...string) *program {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	out, stdout := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := run(ctx, append([]string{"-addr", "127.0.0.1:0", "-token", "pat_test", "-delta-pause", "0"}, args...), stdout, io.Discard)
		_ = stdout.CloseWithError(io.EOF)
		ended <- err
	}()
	p := &program{t: t, client: &http.Client{Transport: &http.Transport{}}}
	for lines := bufio.NewScanner(out); len(p.greeting) < 5 && lines.Scan(); {
		p.greeting = append(p.greeting, lines.Text())
	}
	stopped := false
	p.stop = func() error {
		if stopped {
			return nil
		}
		stopped = true
		p.client.CloseIdleConnections()
		cancel()
		return <-ended
	}
	t.Cleanup(func() { _ = p.stop() })
	if len(p.greeting) < 5 {
		t.Fatalf("got greeting %q and error %v", p.greeting, p.stop())
	}
	p.url = strings.TrimSpace(strings.TrimPrefix(p.greeting[0], "url:"))
	return p
}

// send returns the status and the body of an answer.
func (p *program) send(method, path, body string) (int, string) {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), method, p.url+path, strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer pat_test")
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := p.client.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

func TestServesUntilInterrupted(t *testing.T) {
	t.Parallel()
	began := time.Now()
	p := startProgram(t)
	t.Logf("started in %v", time.Since(began))
	if !strings.HasPrefix(p.greeting[3], "curl -N http://127.0.0.1:") || p.greeting[1] != "token: pat_test" ||
		p.greeting[4] != "status page: "+p.url+"/_fake/" {
		t.Fatalf("got greeting %q", p.greeting)
	}
	if status, text := p.send(http.MethodGet, "/v1/users/me", ""); status != http.StatusOK {
		t.Errorf("got status %d: %s", status, text)
	}
	if err := p.stop(); err != nil {
		t.Errorf("got %v at the end", err)
	}
}

// TestStopsInTheMiddleOfAStream: chats that run do not keep the program.
func TestStopsInTheMiddleOfAStream(t *testing.T) {
	t.Parallel()
	p := startProgram(t, "-script", "testdata/sample.yaml")
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.url+"/v3/chat",
		strings.NewReader(`{"bot_id":"7400000000000000104","user_id":"u","stream":true}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header = http.Header{"Authorization": {"Bearer pat_test"}, "Content-Type": {"application/json"}}
	resp, err := p.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if _, err := bufio.NewReader(resp.Body).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	if err := p.stop(); err != nil {
		t.Error(err)
	}
}

func TestTLS(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "cert.pem")
	p := startProgram(t, "-tls", "-tls-cert-out", file)
	pem, err := os.ReadFile(file)
	if err != nil || bytes.Contains(pem, []byte("PRIVATE")) {
		t.Fatalf("got %s, %v", pem, err)
	}
	if !strings.Contains(p.greeting[3], "--cacert "+file+" https://") {
		t.Errorf("got greeting %q", p.greeting)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	p.client.Transport = &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}} //nolint:gosec // the default version
	if status, text := p.send(http.MethodGet, "/v1/users/me", ""); status != http.StatusOK {
		t.Errorf("got status %d: %s", status, text)
	}
	p.send(http.MethodPost, "/_fake/faults", `{"kind":"reset"}`)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.url+"/v1/conversation/create", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	if resp, err := p.client.Do(req); err == nil {
		_ = resp.Body.Close()
		t.Errorf("got status %d from a connection that is reset", resp.StatusCode)
	}
	p.client.CloseIdleConnections()
	p.client.Transport = &http.Transport{}
	resp, err := p.client.Get(p.url + "/_fake/")
	if err == nil {
		_ = resp.Body.Close()
		t.Error("a client that does not know the certificate trusts it")
	}
}

func TestRateFlag(t *testing.T) {
	t.Parallel()
	p := startProgram(t, "-rate", "0.001", "-burst", "2")
	for i, want := range []int{200, 200, 429} {
		if status, text := p.send(http.MethodGet, "/v1/users/me", ""); status != want || want == 429 && !strings.Contains(text, `"code":4013`) {
			t.Errorf("call %d: got status %d: %s", i, status, text)
		}
	}
}

func TestRefusesBadArguments(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"-port", "1"}, {"serve"}, {"-addr", "no address"}, {"-tls-cert-out", "x"}, {"-rate", "-1"}, {"-burst", "2"}, {"-script", "none.yaml"},
		{"-addr", "127.0.0.1:0", "-tls", "-tls-cert-out", "no/such/folder"},
	} {
		if err := run(t.Context(), args, io.Discard, io.Discard); err == nil {
			t.Errorf("%q: got no error", args)
		}
	}
}
