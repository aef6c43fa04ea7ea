package browsertest_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// exchange is what went between a page and its server: addresses, headers, bodies, messages of websockets. What the page sends is noted
// by the browser, what it gets by the server as well, since browsers forget the bodies of streams that a page leaves.
type exchange struct {
	mu       sync.Mutex
	sent     strings.Builder
	received strings.Builder
	auth     []string // the values of Authorization, in headers and addresses
}

// watch notes from now on what the page of a tab sends, and the headers and messages that it gets.
func (x *exchange) watch(tb *tab) {
	tb.t.Helper()
	chromedp.ListenTarget(tb.ctx, x.listen)
	const most = 64 << 20 // bytes of a body
	tb.do(network.Enable().WithMaxPostDataSize(most))
}

// tee notes the bodies of the answers of a handler.
func (x *exchange) tee(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h.ServeHTTP(&noted{w, x}, r) })
}

// noted is a ResponseWriter whose body is noted.
type noted struct {
	http.ResponseWriter
	to *exchange
}

// Unwrap lets handlers flush and hijack.
func (n *noted) Unwrap() http.ResponseWriter { return n.ResponseWriter }

func (n *noted) Write(b []byte) (int, error) {
	n.to.mu.Lock()
	n.to.received.Write(b)
	n.to.mu.Unlock()
	return n.ResponseWriter.Write(b)
}

func (x *exchange) listen(event any) {
	x.mu.Lock()
	defer x.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		x.send(e.Request.Method, e.Request.URL)
		x.headers(e.Request.Headers)
		for _, part := range e.Request.PostDataEntries {
			body, err := base64.StdEncoding.DecodeString(part.Bytes)
			if err != nil {
				body = []byte(err.Error())
			}
			x.send(string(body))
		}
	case *network.EventRequestWillBeSentExtraInfo: // with cookies
		x.headers(e.Headers)
	case *network.EventResponseReceivedExtraInfo:
		_, _ = fmt.Fprintln(&x.received, e.StatusCode, e.Headers)
	case *network.EventWebSocketCreated:
		x.send(e.URL)
		if _, value, ok := strings.Cut(e.URL, "authorization="); ok {
			x.auth = append(x.auth, value)
		}
	case *network.EventWebSocketWillSendHandshakeRequest:
		x.headers(e.Request.Headers)
	case *network.EventWebSocketFrameSent:
		x.send(e.Response.PayloadData)
	case *network.EventWebSocketFrameReceived:
		_, _ = fmt.Fprintln(&x.received, e.Response.PayloadData)
	}
}

func (x *exchange) send(words ...string) { _, _ = fmt.Fprintln(&x.sent, strings.Join(words, " ")) }

func (x *exchange) headers(list network.Headers) {
	for name, value := range list {
		text := fmt.Sprint(value)
		x.send(name+":", text)
		if strings.EqualFold(name, "Authorization") {
			x.auth = append(x.auth, text)
		}
	}
}

// texts returns all that was sent and received so far.
func (x *exchange) texts() (sent, received string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.sent.String(), x.received.String()
}

// without fails the test if a secret was sent, received or is in the page.
func (x *exchange) without(t *testing.T, tb *tab, secret string) {
	t.Helper()
	if len(secret) < 8 {
		t.Fatalf("%q is no secret to look for", secret)
	}
	sent, received := x.texts()
	page := eval[string](tb, `[document.documentElement.outerHTML, document.cookie, JSON.stringify(localStorage), JSON.stringify(sessionStorage), location.href].join()`)
	for place, text := range map[string]string{"what the page sent": sent, "what the page received": received, "the page": page} {
		if strings.Contains(text, secret) {
			t.Errorf("the token is in %s", place)
		}
	}
}
