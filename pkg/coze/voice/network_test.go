package voice_test

import (
	"crypto/x509"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/cozekit/cozekit/pkg/coze/voice"
)

// botHandler is a bot over TCP.
func botHandler(t *testing.T) http.Handler {
	s := &server{t: t}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.upgrade(w, r, 0, bot) })
}

// oneTurn talks to a bot once.
func oneTurn(t *testing.T, target string, opts ...coze.ClientOption) error {
	t.Helper()
	client, err := coze.NewClient(append([]coze.ClientOption{coze.WithBaseURL(target), coze.WithToken("secret-token")}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	c, err := voice.Chat(t.Context(), client, voice.ChatRequest{BotID: "b"})
	if err != nil {
		return err
	}
	if err := c.SendText(t.Context(), "hi"); err != nil {
		t.Error(err)
	}
	if turn, err := c.Turn(t.Context()); err != nil || turn.Text != "hello" {
		t.Errorf("%+v %v", turn, err)
	}
	return c.Close(t.Context())
}

func TestTLSSettingsCount(t *testing.T) {
	t.Parallel()
	target := httptest.NewTLSServer(botHandler(t))
	defer target.Close()
	if err := oneTurn(t, target.URL, coze.WithHTTPClient(target.Client())); err != nil {
		t.Errorf("with the certificate: %v", err)
	}
	err := oneTurn(t, target.URL)
	var unknown x509.UnknownAuthorityError
	if !errors.As(err, &unknown) || strings.Contains(err.Error(), "secret-token") || strings.Contains(err.Error(), "bot_id") {
		t.Errorf("without it: %v", err)
	}
}

func TestProxiesCount(t *testing.T) {
	t.Parallel()
	for name, serve := range map[string]func(http.Handler) *httptest.Server{
		"by CONNECT": httptest.NewTLSServer, "by a whole URL": httptest.NewServer,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			target := serve(botHandler(t))
			defer target.Close()
			var seen atomic.Value
			proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				seen.Store(r.Method + " " + r.Header.Get("Proxy-Authorization"))
				if r.Method == http.MethodConnect {
					tunnel(w, r)
					return
				}
				(&httputil.ReverseProxy{Rewrite: func(*httputil.ProxyRequest) {}}).ServeHTTP(w, r)
			}))
			defer proxy.Close()
			via, err := url.Parse(strings.Replace(proxy.URL, "://", "://user:pass@", 1))
			if err != nil {
				t.Fatal(err)
			}
			httpClient := target.Client()
			httpClient.Transport.(*http.Transport).Proxy = http.ProxyURL(via)
			if err := oneTurn(t, target.URL, coze.WithHTTPClient(httpClient)); err != nil {
				t.Fatal(err)
			}
			want := map[string]string{"by CONNECT": "CONNECT ", "by a whole URL": "GET "}[name] + "Basic dXNlcjpwYXNz"
			if got := seen.Load(); got != want {
				t.Errorf("the proxy saw %v, want %s", got, want)
			}
		})
	}
}

// counting is a RoundTripper of the user's.
type counting struct {
	http.RoundTripper
	n atomic.Int32
}

func (c *counting) RoundTrip(r *http.Request) (*http.Response, error) {
	c.n.Add(1)
	r = r.Clone(r.Context())
	r.Header.Set("X-From-Transport", "1")
	return c.RoundTripper.RoundTrip(r)
}

// TestHTTPClientCounts: a transport of the user's is asked, and the timeout of the HTTP client is for the handshake only.
func TestHTTPClientCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t, bot)
		own := s.httpClient()
		rt := &counting{RoundTripper: own.Transport}
		own.Transport, own.Timeout = rt, time.Second
		c, err := voice.Chat(t.Context(), s.client(coze.WithHTTPClient(own), coze.WithDefaultHeader("X-Own", "1")), voice.ChatRequest{BotID: "b"})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		c.SendText(t.Context(), "hi")
		if turn, err := c.Turn(t.Context()); err != nil || turn.Text != "hello" {
			t.Errorf("after a minute: %+v %v", turn, err)
		}
		if err := c.Close(t.Context()); err != nil {
			t.Error(err)
		}
		if h := s.headers[0]; rt.n.Load() != 1 || h.Get("X-From-Transport") != "1" || h.Get("X-Own") != "1" {
			t.Errorf("%d requests, %v", rt.n.Load(), h)
		}
	})
}

// TestCloseWaitsForASlowServer: the library below gives a server 5 s to answer a close frame, which stands behind all that was sent.
func TestCloseWaitsForASlowServer(t *testing.T) {
	if testing.Short() {
		t.Skip("takes 7 s")
	}
	t.Parallel()
	const frames = 50
	s := &server{t: t}
	got := make(chan int, 1)
	target := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.upgrade(w, r, 0, func(p *peer) {
			p.greet("chat")
			time.Sleep(7 * time.Second) // of a real connection: only its buffers take what is sent meanwhile
			for _, ok := p.recv(); ok; _, ok = p.recv() {
			}
			got <- len(p.got)
		})
	}))
	defer target.Close()
	c := sessionsTo(t, target.URL)(t)
	for range frames {
		if err := c.AppendAudio(t.Context(), make([]byte, 960)); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if n := <-got; n != frames {
		t.Errorf("%d of %d frames came", n, frames)
	}
}
