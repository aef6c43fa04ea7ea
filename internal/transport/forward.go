package transport

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/cozekit/cozekit/pkg/call"
)

// Forwarding is a request of somebody else that goes out under the token of the client.
type Forwarding struct {
	Op     *Op
	Path   string // escaped, below the base URL
	Query  string // encoded
	Header http.Header
	Body   io.ReadCloser                 // nil = none
	Size   int64                         // of Body; -1 = unknown
	Again  func() (io.ReadCloser, error) // gives Body once more; nil = it can be read once
	Socket bool                          // an upgrade to a websocket, for the websocket URL
}

// peekBytes is how much of a JSON answer, or of one that refuses, is read to see whether it refuses.
const peekBytes = 64 << 10

// forwardedBodyTimeout is the limit of a request whose body is passed on while it comes, until the header of its answer.
const forwardedBodyTimeout = 10 * time.Minute

// Forward sends f through the chain, so that limits, token, retries and log are those of every other call. What the server
// answers is returned as it came, to be closed by the caller; when it refuses, with the refusal as an error beside it.
func (c *Client) Forward(ctx context.Context, f *Forwarding) (*http.Response, error) {
	x := &exchange{op: f.Op, want: wantForward, start: time.Now(), studio: c.cfg.Studio}
	x.settings.Tokens = c.cfg.Tokens
	err := c.prepareForward(x, f)
	if err == nil {
		err = c.chain.handle(ctx, x)
	}
	var refused *call.Error
	if err != nil && (x.forwarded == nil || !errors.As(err, &refused)) {
		return nil, x.wrap(ctx, err)
	}
	return x.forwarded, err
}

func (c *Client) prepareForward(x *exchange, f *Forwarding) error {
	base := *c.cfg.BaseURL
	if f.Socket {
		base = *c.Socket().BaseURL
		base.Scheme = map[string]string{"ws": "http", "wss": "https"}[base.Scheme]
	}
	base.RawPath = base.EscapedPath() + f.Path
	path, err := url.PathUnescape(base.RawPath)
	if err != nil {
		return err
	}
	base.Path, base.RawQuery = path, f.Query
	x.url = &base
	if c.cfg.Studio && (f.Op.NotOnStudio || f.Socket) {
		return errNotOnStudio
	}
	x.header = make(http.Header, len(c.cfg.Header)+len(f.Header))
	for _, list := range []http.Header{f.Header, c.cfg.Header} {
		for name, values := range list {
			x.header[name] = values
		}
	}
	if f.Body == nil {
		return nil
	}
	if f.Again == nil { // it comes as fast as its sender is
		x.settings.Timeout = max(f.Op.Timeout, forwardedBodyTimeout)
	}
	first := f.Body
	x.body = &encoded{size: f.Size, replay: f.Again != nil, open: func() (io.ReadCloser, error) {
		if body := first; body != nil || f.Again == nil {
			first = nil
			return body, nil
		}
		return f.Again()
	}}
	return nil
}

// acceptForward keeps an answer, and looks whether it is a refusal.
func (x *exchange) acceptForward(rsp *http.Response, body *liveBody) error {
	x.forwarded = rsp
	if conn, ok := body.body.(io.ReadWriteCloser); ok && rsp.StatusCode == http.StatusSwitchingProtocols {
		rsp.Body = newTunnel(conn, body)
		return nil
	}
	rsp.Body = body
	if rsp.StatusCode < 300 && !isJSON(rsp) {
		return nil
	}
	head, err := io.ReadAll(io.LimitReader(body, peekBytes))
	if err != nil {
		x.forwarded = nil
		return err
	}
	x.raw = head
	e := x.refusal(rsp)
	if rsp.StatusCode >= 300 || len(head) < peekBytes {
		rsp.Body, rsp.ContentLength = memory{bytes.NewReader(head)}, int64(len(head))
		_ = body.Close()
	} else {
		rsp.Body = &rest{io.MultiReader(bytes.NewReader(head), body), body}
		return nil // no refusal is as long as that
	}
	if rsp.StatusCode >= 300 || e.Code != 0 || e.CodeText != "" {
		return e
	}
	return nil
}

// rest is a body whose beginning has been read.
type rest struct {
	io.Reader
	io.Closer
}

// tunnel is an upgraded connection. It ends when nothing came or went for the idle limit.
type tunnel struct {
	conn  io.ReadWriteCloser
	live  *liveBody
	timer *time.Timer
}

func newTunnel(conn io.ReadWriteCloser, live *liveBody) *tunnel {
	return &tunnel{conn: conn, live: live, timer: time.AfterFunc(live.idle, func() { _ = live.Close() })}
}

func (t *tunnel) Read(p []byte) (int, error) {
	n, err := t.conn.Read(p)
	if err == nil {
		t.timer.Reset(t.live.idle)
	}
	return n, err
}

func (t *tunnel) Write(p []byte) (int, error) {
	t.timer.Reset(t.live.idle)
	return t.conn.Write(p)
}

func (t *tunnel) Close() error {
	t.timer.Stop()
	return t.live.Close()
}
