package transport

import (
	"context"

	"github.com/cozekit/cozekit/pkg/call"
	"github.com/cozekit/cozekit/pkg/stream"
	"github.com/go-json-experiment/json/jsontext"
)

// reply is a target that a whole JSON answer is decoded into.
type reply interface {
	decode(body []byte) (*Envelope, error)
}

type dataReply[T any] struct {
	Envelope
	Data T `json:"data"`
}

func (d *dataReply[T]) decode(body []byte) (*Envelope, error) {
	*d = dataReply[T]{} // of an earlier try
	return &d.Envelope, Unmarshal(body, d)
}

// Data runs an operation whose result is the object under "data".
func Data[T any](ctx context.Context, c *Client, r *Request, opts []call.Option) (*T, error) {
	var out dataReply[T]
	if _, err := c.run(ctx, r, wantJSON, &out, opts); err != nil {
		return nil, err
	}
	return &out.Data, nil
}

// Value is [Data] for lists, maps and scalars.
func Value[T any](ctx context.Context, c *Client, r *Request, opts []call.Option) (T, error) {
	var out dataReply[T]
	if _, err := c.run(ctx, r, wantJSON, &out, opts); err != nil {
		var zero T
		return zero, err
	}
	return out.Data, nil
}

type flatReply[T any] struct {
	env Envelope
	out T
}

func (f *flatReply[T]) decode(body []byte) (*Envelope, error) {
	f.env = Envelope{} // of an earlier try
	if err := Unmarshal(body, &f.env); err != nil || f.env.Code != 0 {
		return &f.env, err
	}
	return &f.env, Unmarshal(body, &f.out)
}

// Flat runs an operation whose result fields stand beside code and msg.
func Flat[T any](ctx context.Context, c *Client, r *Request, opts []call.Option) (*T, error) {
	var out flatReply[T]
	if _, err := c.run(ctx, r, wantJSON, &out, opts); err != nil {
		return nil, err
	}
	return &out.out, nil
}

type rawReply[T any] struct{ out T }

func (f *rawReply[T]) decode(body []byte) (*Envelope, error) {
	var env struct {
		Envelope
		ErrorCode jsontext.Value `json:"error_code"`
	}
	if err := Unmarshal(body, &env); err != nil {
		return nil, err
	}
	if code, text := parseCode(env.ErrorCode); code != 0 || text != "" {
		env.Code = -1 // refused, although the status is 200
	}
	return &env.Envelope, Unmarshal(body, &f.out)
}

// Raw runs an operation whose answer is the result itself, without an envelope.
func Raw[T any](ctx context.Context, c *Client, r *Request, opts []call.Option) (*T, error) {
	var out rawReply[T]
	if _, err := c.run(ctx, r, wantJSON, &out, opts); err != nil {
		return nil, err
	}
	return &out.out, nil
}

type noReply struct{ Envelope }

func (n *noReply) decode(body []byte) (*Envelope, error) {
	*n = noReply{} // of an earlier try
	return &n.Envelope, Unmarshal(body, n)
}

// Exec runs an operation without a result.
func Exec(ctx context.Context, c *Client, r *Request, opts []call.Option) error {
	_, err := c.run(ctx, r, wantJSON, &noReply{}, opts)
	return err
}

// anyReply gives the data of an answer, or the whole answer where it has no data, to a target of the caller's.
type anyReply struct{ out any }

func (a *anyReply) decode(body []byte) (*Envelope, error) {
	var env dataReply[jsontext.Value]
	if err := Unmarshal(body, &env); err != nil || env.Code != 0 || a.out == nil {
		return &env.Envelope, err
	}
	if len(env.Data) > 0 {
		body = env.Data
	}
	return &env.Envelope, Unmarshal(body, a.out)
}

// Do runs an operation that the document does not know. body is encoded as JSON unless it is nil; out, unless nil,
// receives the data of the answer, or the whole answer where it has no data.
func (c *Client) Do(ctx context.Context, r *Request, out any, opts []call.Option) error {
	_, err := c.run(ctx, r, wantJSON, &anyReply{out}, opts)
	return err
}

// Binary runs an operation that answers with bytes, live from the network.
func Binary(ctx context.Context, c *Client, r *Request, opts []call.Option) (*call.Download, error) {
	x, err := c.run(ctx, r, wantBinary, nil, opts)
	if err != nil {
		return nil, err
	}
	return &x.binary, nil
}

// Location runs an operation that answers with a redirect, and returns where it leads.
func Location(ctx context.Context, c *Client, r *Request, opts []call.Option) (string, error) {
	x, err := c.run(ctx, r, wantLocation, nil, opts)
	if err != nil {
		return "", err
	}
	return x.rspHeader.Get("Location"), nil
}

// Stream runs an operation that answers with server-sent events; refusals are reported at once.
func Stream[T any](
	ctx context.Context, c *Client, r *Request, decode func(stream.Event) (T, stream.Verdict, error), opts []call.Option,
) (*stream.Stream[T], error) {
	x, err := c.run(ctx, r, wantStream, nil, opts)
	if err != nil {
		return nil, err
	}
	x.forgetRequest() // a stream may last for hours
	return stream.New(x.live, func(ev stream.Event) (T, stream.Verdict, error) {
		x.inspectEvent(ev)
		v, verdict, err := decode(ev)
		if err != nil {
			err = x.failed(err)
		}
		if x.watch != nil {
			x.watch.event(ev, verdict, err)
		}
		return v, verdict, err
	}), nil
}
