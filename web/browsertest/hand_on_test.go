package browsertest_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// lateEnd is a body whose end is looked for when the answer to it has begun, as on a loaded machine.
type lateEnd struct {
	io.ReadCloser
	left   int64
	begun  <-chan struct{}
	looked chan<- struct{}
}

func (b *lateEnd) Read(p []byte) (int, error) {
	if b.left > 0 {
		n, err := b.ReadCloser.Read(p)
		if b.left -= int64(n); err == io.EOF {
			err = nil
		}
		return n, err
	}
	<-b.begun
	n, err := b.ReadCloser.Read(p)
	close(b.looked)
	return n, err
}

type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestSiteHandsOnWholeAnswers: an answer that begins before the transport has looked for the end of the request comes whole.
func TestSiteHandsOnWholeAnswers(t *testing.T) {
	begun, looked := make(chan struct{}), make(chan struct{})
	platform := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, "begun")
		_ = http.NewResponseController(w).Flush()
		<-looked
		for range 1000 {
			_, _ = io.WriteString(w, strings.Repeat("x", 1000))
		}
	}))
	t.Cleanup(platform.Close)
	target, err := url.Parse(platform.URL)
	if err != nil {
		t.Fatal(err)
	}
	proxy := handOn(target, "token")
	proxy.Transport = transport(func(r *http.Request) (*http.Response, error) {
		r.Body = &lateEnd{r.Body, r.ContentLength, begun, looked}
		return http.DefaultTransport.RoundTrip(r)
	})
	site := httptest.NewServer(proxy)
	t.Cleanup(site.Close)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, site.URL+"/api/v3/chat", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	rsp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer rsp.Body.Close()
	if _, err := io.ReadFull(rsp.Body, make([]byte, 5)); err != nil {
		t.Fatal(err)
	}
	close(begun)
	if rest, err := io.ReadAll(rsp.Body); err != nil || len(rest) != 1_000_000 {
		t.Errorf("of the rest of the answer %d bytes came, %v", len(rest), err)
	}
}
