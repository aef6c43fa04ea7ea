// Package consent plays the user in front of a browser, for examples of OAuth against the fake Coze server. It cannot log in
// to the platform.
package consent

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
)

// Browser is a browser with cookies.
type Browser struct{ client http.Client }

// NewBrowser returns a browser without cookies.
func NewBrowser() *Browser {
	jar, _ := cookiejar.New(nil) // never fails
	return &Browser{http.Client{Jar: jar}}
}

// Open returns the text of the page behind an address and its redirects.
func (b *Browser) Open(ctx context.Context, address string) (string, error) {
	_, text, err := b.send(ctx, http.MethodGet, address, "")
	return text, err
}

// Allow opens an address that leads to a page of consent, and clicks Allow there. It returns the text of the page that the
// browser comes to by that.
func (b *Browser) Allow(ctx context.Context, address string) (string, error) {
	page, _, err := b.send(ctx, http.MethodGet, address, "")
	if err != nil {
		return "", err
	}
	// The forms of the fake repeat what is in the query of their page: authorize_key, or the user_code of a device.
	form := page.Query()
	form.Set("decision", "allow")
	page.RawQuery = ""
	_, text, err := b.send(ctx, http.MethodPost, page.String(), form.Encode())
	return text, err
}

// send returns the address of the page behind all redirects, and its text.
func (b *Browser) send(ctx context.Context, method, address, form string) (page *url.URL, text string, err error) {
	req, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(form))
	if err != nil {
		return nil, "", err
	}
	if form != "" {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	rsp, err := b.client.Do(req)
	if err != nil {
		return nil, "", err
	}
	defer func() { _ = rsp.Body.Close() }()
	raw, err := io.ReadAll(io.LimitReader(rsp.Body, 1<<20))
	if err == nil && rsp.StatusCode != http.StatusOK {
		err = fmt.Errorf("the browser got %s: %s", rsp.Status, raw)
	}
	return rsp.Request.URL, string(raw), err
}
