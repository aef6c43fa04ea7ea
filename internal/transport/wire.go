package transport

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/cozekit/cozekit/pkg/call"
)

// wire is the end of the chain: it sends one try and reads the answer.
type wire struct{ client *Client }

func (w *wire) handle(ctx context.Context, x *exchange) error {
	x.attempts++
	x.forwarded = nil
	if x.want == wantJSON {
		limit := w.limit(x, w.client.cfg.Timeout)
		ctx, cancel := context.WithTimeoutCause(ctx, limit.after, limit)
		defer cancel()
		rsp, err := w.send(ctx, x)
		if err != nil {
			return x.wrap(ctx, err)
		}
		defer rsp.Body.Close()
		return x.wrap(ctx, x.readJSON(rsp))
	}
	return w.open(ctx, x)
}

// open sends a try whose answer stays open: the limit covers the time to the header, then the time between two reads.
func (w *wire) open(ctx context.Context, x *exchange) error {
	ctx, cancel := context.WithCancelCause(ctx)
	limit := w.limit(x, w.client.cfg.HeaderTimeout)
	timer := time.AfterFunc(limit.after, func() { cancel(limit) })
	rsp, err := w.send(ctx, x) //nolint:bodyclose // it lives on in the liveBody
	if err != nil {
		timer.Stop()
		err = x.wrap(ctx, err)
		cancel(nil)
		return err
	}
	timer.Stop()
	idle := &limitError{"nothing came for the idle timeout", w.client.cfg.IdleTimeout}
	body := newLiveBody(ctx, x, rsp.Body, cancel, idle)
	if err := x.accept(rsp, body); err != nil {
		err = x.wrap(ctx, err)
		body.Close()
		return err
	}
	return nil
}

func (w *wire) limit(x *exchange, byDefault time.Duration) *limitError {
	switch {
	case x.settings.Timeout > 0:
		return &limitError{"no answer within the call's timeout", x.settings.Timeout}
	case x.op.Timeout > 0:
		return &limitError{"no answer within the operation's timeout", x.op.Timeout}
	}
	return &limitError{"no answer within the timeout", byDefault}
}

func (w *wire) send(ctx context.Context, x *exchange) (*http.Response, error) {
	req := (&http.Request{
		Method: x.op.Method, URL: x.url, Host: x.url.Host, Header: x.header,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}).WithContext(ctx)
	if b := x.body; b != nil {
		rc, err := b.open()
		if err != nil {
			return nil, err
		}
		req.Body, req.ContentLength = rc, b.size
		if b.replay {
			req.GetBody = b.open
		}
	}
	client := w.client.follow
	if x.want == wantLocation || x.want == wantForward {
		client = w.client.stay
	}
	rsp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	x.status, x.rspHeader = rsp.StatusCode, rsp.Header
	return rsp, nil
}

// readJSON reads a whole answer and decodes it.
func (x *exchange) readJSON(rsp *http.Response) error {
	if isEventStream(rsp) {
		e := x.newError(rsp.StatusCode, rsp.Header)
		e.Message = "the answer is an event stream in place of JSON"
		return e
	}
	var err error
	if x.raw, err = readAll(rsp); err != nil {
		return err
	}
	if rsp.StatusCode >= 300 {
		return x.refusal(rsp)
	}
	env, err := x.into.decode(x.raw)
	if err == nil && env.Code == 0 {
		return nil
	}
	refused := x.refusal(rsp)
	if err == nil || refused.Code != 0 || refused.CodeText != "" || !looksLikeJSON(x.raw) {
		return refused
	}
	return fmt.Errorf("decode the answer (http %d, logid %s): %w", rsp.StatusCode, refused.LogID, err)
}

func (x *exchange) refusal(rsp *http.Response) *call.Error {
	secrets := x.secrets()
	e := refusal(x, rsp.StatusCode, rsp.Header, withoutSecrets(x.raw, secrets))
	if loc := rsp.Header.Get("Location"); rsp.StatusCode/100 == 3 && loc != "" {
		if u, err := rsp.Request.URL.Parse(loc); err == nil {
			e.Message = "redirected to " + u.Scheme + "://" + u.Host + "; check the base URL"
		}
	}
	if x.studio && e.Code == call.CodeNotLoggedIn {
		e.Message = "Coze Studio does not serve this operation, or the token is wrong; it said: " + e.Message
	}
	redact(e, secrets)
	return e
}

// accept looks at the header of an answer that is to stay open.
func (x *exchange) accept(rsp *http.Response, body *liveBody) error {
	if x.want == wantForward {
		return x.acceptForward(rsp, body)
	}
	rsp.Body = body
	switch {
	case x.want == wantLocation && rsp.StatusCode/100 == 3:
		return body.Close()
	case rsp.StatusCode >= 300, x.want == wantLocation:
		return x.readRefusal(rsp)
	case x.want == wantStream && !isEventStream(rsp):
		return x.readRefusal(rsp)
	case x.want == wantBinary && isJSON(rsp):
		return x.acceptJSONFile(rsp, body)
	}
	x.live = body
	x.binary = call.Download{ReadCloser: body, ContentType: rsp.Header.Get("Content-Type"), Size: rsp.ContentLength}
	return nil
}

// readRefusal reads an answer that came in place of a stream.
func (x *exchange) readRefusal(rsp *http.Response) error {
	var err error
	if x.raw, err = readAll(rsp); err != nil {
		return err
	}
	e := x.refusal(rsp)
	if e.Code == 0 && e.CodeText == "" && rsp.StatusCode < 300 && looksLikeJSON(x.raw) {
		e.Message = "the answer is JSON without an error in place of what was asked for: " + excerpt(x.raw)
	}
	return e
}

// acceptJSONFile tells a refusal from a binary answer that happens to be JSON.
func (x *exchange) acceptJSONFile(rsp *http.Response, body *liveBody) error {
	raw, err := readAll(rsp)
	if err != nil {
		return err
	}
	var env Envelope
	if Unmarshal(raw, &env) == nil && env.Code != 0 {
		x.raw = raw
		return x.refusal(rsp)
	}
	x.live = body
	x.binary = call.Download{
		ReadCloser: memory{bytes.NewReader(raw)}, ContentType: rsp.Header.Get("Content-Type"), Size: int64(len(raw)),
	}
	return body.Close()
}

func mediaType(rsp *http.Response) string {
	kind, _, _ := mime.ParseMediaType(rsp.Header.Get("Content-Type"))
	return kind
}

func isEventStream(rsp *http.Response) bool { return mediaType(rsp) == "text/event-stream" }

func isJSON(rsp *http.Response) bool {
	kind := mediaType(rsp)
	return kind == "application/json" || strings.HasSuffix(kind, "+json")
}

func looksLikeJSON(b []byte) bool {
	b = bytes.TrimSpace(b)
	return len(b) > 0 && b[0] == '{'
}

// ErrAnswerTooLarge means that a JSON answer is longer than MaxJSONBytes.
var ErrAnswerTooLarge = errors.New("the JSON answer is over 64 MiB")

func readAll(rsp *http.Response) ([]byte, error) {
	size := rsp.ContentLength
	if size > MaxJSONBytes {
		return nil, ErrAnswerTooLarge
	}
	buf := make([]byte, 0, max(size, 0)+bytes.MinRead)
	b := bytes.NewBuffer(buf)
	n, err := b.ReadFrom(io.LimitReader(rsp.Body, MaxJSONBytes+1))
	if err == nil && n > MaxJSONBytes {
		err = ErrAnswerTooLarge
	}
	return b.Bytes(), err
}
