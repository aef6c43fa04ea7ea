package transport

import (
	"errors"
	"net/http"
)

const maxRedirects = 5

func withRedirects(c *http.Client, check func(*http.Request, []*http.Request) error) *http.Client {
	own := *c
	own.CheckRedirect = check
	own.Timeout = 0 // it would cut streams; every try has a limit of its own
	return &own
}

func never(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// sameHostOnly follows redirects of reads; to another host, or from https to http, it goes without credentials,
// which any header may be. A request that changes something is not repeated elsewhere: its redirect is the answer.
func sameHostOnly(req *http.Request, via []*http.Request) error {
	if len(via) >= maxRedirects {
		return errors.New("too many redirects")
	}
	first := via[0]
	if first.Method != http.MethodGet && first.Method != http.MethodHead {
		return http.ErrUseLastResponse
	}
	if req.URL.Host != first.URL.Host || req.URL.Scheme != first.URL.Scheme {
		for name := range req.Header {
			if name != "Accept" && name != "User-Agent" {
				req.Header.Del(name) // the token, cookies, the Referer with its query, and whatever a gateway asked for
			}
		}
	}
	return nil
}
