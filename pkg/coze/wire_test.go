package coze_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/cozekit/cozekit/pkg/coze"
)

// roundTrip answers requests without a network.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// answer is a canned response.
func answer(status int, contentType, body string) roundTrip {
	return func(r *http.Request) (*http.Response, error) {
		if r.Body != nil {
			_, _ = io.Copy(io.Discard, r.Body)
			_ = r.Body.Close()
		}
		return response(r, status, contentType, body), nil
	}
}

func response(r *http.Request, status int, contentType, body string) *http.Response {
	return &http.Response{
		StatusCode: status, Request: r, ProtoMajor: 1, ProtoMinor: 1, ContentLength: int64(len(body)),
		Header: http.Header{"Content-Type": {contentType}, "X-Tt-Logid": {"LOG1"}},
		Body:   io.NopCloser(strings.NewReader(body)),
	}
}

const testToken = "pat_secret0123456789"

// noRetry keeps the tests that are not about retries from seeing any.
var noRetry = coze.WithRetry(coze.RetryPolicy{Retries: -1})

func stubClient(t *testing.T, rt http.RoundTripper, opts ...coze.ClientOption) *coze.Client {
	t.Helper()
	all := []coze.ClientOption{
		coze.WithBaseURL(coze.BaseURLCN), coze.WithToken(testToken), coze.WithHTTPClient(&http.Client{Transport: rt}), noRetry,
	}
	c, err := coze.NewClient(append(all, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func serverClient(t *testing.T, h http.HandlerFunc, opts ...coze.ClientOption) *coze.Client {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	all := []coze.ClientOption{coze.WithBaseURL(srv.URL), coze.WithToken(testToken), noRetry}
	c, err := coze.NewClient(append(all, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func refused(t *testing.T, err error) *coze.Error {
	t.Helper()
	var e *coze.Error
	if !errors.As(err, &e) {
		t.Fatalf("got %v, want a *coze.Error", err)
	}
	if strings.Contains(e.Error(), testToken) {
		t.Errorf("the error shows the token: %v", e)
	}
	return e
}

func reader(s string) io.Reader { return struct{ io.Reader }{strings.NewReader(s)} }

func background(t *testing.T) context.Context { return t.Context() }
