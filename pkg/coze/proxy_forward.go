package coze

import (
	"bytes"
	"io"
	"mime"
	"net/http"
	"net/http/httputil"
	"net/url"

	"github.com/cozekit/cozekit/internal/gate"
	"github.com/cozekit/cozekit/internal/transport"
)

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// Headers of requests that go on to the server; all others are dropped.
var (
	proxyHeaders  = [...]string{"Accept", "Accept-Language", "Agw-Js-Conv", "X-Coze-Deviceinfo"}
	socketHeaders = [...]string{
		"Connection", "Upgrade", "Sec-Websocket-Key", "Sec-Websocket-Version", "Sec-Websocket-Extensions", "Sec-Websocket-Protocol",
	}
)

// rewrite makes the request that goes on.
func (p *proxy) rewrite(r *httputil.ProxyRequest) {
	call := proxyCallOf(r.In.Context())
	header := http.Header{}
	keep := func(names []string) {
		for _, name := range names {
			if values := r.Out.Header[name]; len(values) > 0 {
				header[name] = values[:1]
			}
		}
	}
	keep(proxyHeaders[:])
	if call.target.socket {
		keep(socketHeaders[:])
	}
	r.Out.Header = header
	r.Out.URL = &url.URL{Scheme: "https", Host: "coze.invalid", Path: "/"} // roundTrip knows the right one
	r.Out.Host, r.Out.Body, r.Out.ContentLength = "", nil, 0
}

// roundTrip sends a request by the client. Refusals of the server are answers here, unless they are not JSON.
func (p *proxy) roundTrip(r *http.Request) (*http.Response, error) {
	call := proxyCallOf(r.Context())
	f := &transport.Forwarding{
		Op: &call.target.op, Path: call.path, Query: call.Query.Encode(), Header: r.Header, Socket: call.target.socket,
	}
	switch {
	case call.Upload != nil:
		f.Header["Content-Type"] = []string{call.Upload.ContentType}
		f.Body, f.Size = io.NopCloser(call.Upload.Body), call.Upload.Size
	case len(call.Body) > 0:
		f.Header["Content-Type"] = []string{"application/json"}
		f.Again = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(call.Body)), nil }
		f.Body, _ = f.Again()
		f.Size = int64(len(call.Body))
	}
	rsp, err := p.send.Forward(r.Context(), f)
	if rsp == nil {
		return nil, &sentError{err}
	}
	if passable(rsp, call) {
		return rsp, nil
	}
	_ = rsp.Body.Close()
	if err == nil || rsp.StatusCode < 400 {
		err = gate.Refuse(http.StatusBadGateway, CodeInternal, "the server gave an answer that the proxy does not pass on")
	}
	return nil, &sentError{err}
}

// sentError is an error of a request that was sent, and is in the log as such.
type sentError struct{ error }

func (e *sentError) Unwrap() error { return e.error }

// passable tells answers of the platform from redirects and pages of gateways.
func passable(rsp *http.Response, call *ProxyCall) bool {
	if rsp.StatusCode == http.StatusSwitchingProtocols {
		return call.target.socket
	}
	kind, _, _ := mime.ParseMediaType(rsp.Header.Get("Content-Type"))
	if rsp.StatusCode >= 300 {
		return rsp.StatusCode >= 400 && kind == "application/json"
	}
	return kind != "text/html" && kind != "application/xhtml+xml"
}

// Headers of answers that are passed on; all others are dropped.
var answerHeaders = [...]string{
	"Content-Disposition", "Content-Length", "Content-Type", "Last-Modified", "Retry-After", "X-Tt-Logid",
}

// modify trims an answer.
func (p *proxy) modify(rsp *http.Response) error {
	call := proxyCallOf(rsp.Request.Context())
	header := http.Header{}
	keep := func(names []string) {
		for _, name := range names {
			if values := rsp.Header[name]; len(values) > 0 {
				header[name] = values[:1]
			}
		}
	}
	keep(answerHeaders[:])
	if rsp.StatusCode == http.StatusSwitchingProtocols {
		keep([]string{"Connection", "Upgrade", "Sec-Websocket-Accept", "Sec-Websocket-Extensions", "Sec-Websocket-Protocol"})
	}
	rsp.Header, rsp.Trailer = header, nil
	if p.cfg.Answer != nil {
		if err := p.cfg.Answer(call, rsp); err != nil {
			return err
		}
	}
	if rsp.StatusCode != http.StatusSwitchingProtocols && rsp.ContentLength < 0 {
		header.Del("Content-Length")
	}
	return nil
}
