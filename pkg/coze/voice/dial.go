package voice

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"
	"github.com/cozekit/cozekit/internal/transport"
	"github.com/cozekit/cozekit/pkg/call"
	"github.com/cozekit/cozekit/pkg/coze"
)

// greetingTimeout is how long a new connection is watched for a refusal. The server greets at once; one that does not is
// taken as it is.
const greetingTimeout = 5 * time.Second

// socket is one of the websockets of the platform.
type socket struct {
	op     transport.Op
	update coze.SocketEventType // event that sets its options
}

func newSocket(id, path, permission string, update coze.SocketEventType) *socket {
	return &socket{op: transport.Op{ID: id, Method: http.MethodGet, Path: path, Permission: permission}, update: update}
}

// dialer makes the connections of a session.
type dialer struct {
	socket *socket
	access transport.Socket
	url    *url.URL
	opts   options

	token atomic.Pointer[string] // the last one, to be kept out of errors
}

var (
	errNoToken  = errors.New("this call needs an access token: the client was made without one")
	errOnStudio = fmt.Errorf("a self-hosted Coze Studio has no websockets: %w", coze.ErrUnsupported)
)

func newDialer(client *coze.Client, socket *socket, query url.Values, opts options) (*dialer, error) {
	if client == nil {
		return nil, socket.wrap(errors.New("the client is nil"))
	}
	access := transport.SocketOf(client)
	if access.Studio {
		return nil, socket.wrap(errOnStudio)
	}
	if access.Tokens == nil {
		return nil, socket.wrap(errNoToken)
	}
	u := access.BaseURL.JoinPath(socket.op.Path)
	if !strings.HasPrefix(u.Path, "/") {
		u.Path = "/" + u.Path
	}
	for name, values := range query {
		if values[0] == "" {
			delete(query, name)
		}
	}
	u.RawQuery = query.Encode()
	return &dialer{socket: socket, access: access, url: u, opts: opts}, nil
}

func (s *socket) wrap(err error) error { return fmt.Errorf("coze: %s: %w", s.op.ID, err) }

// connect makes a connection and waits for its greeting, the first event. A refused token is refreshed once.
func (d *dialer) connect(life context.Context, owner *Session) (*link, error) {
	token, err := d.access.Tokens.Token(life)
	if err != nil {
		return nil, d.socket.wrap(fmt.Errorf("get an access token: %w", err))
	}
	l, err := d.try(life, owner, token)
	source, ok := d.access.Tokens.(call.Refresher)
	if !ok || !transport.TokenRefused(err) {
		return l, err
	}
	fresh, refreshErr := source.Refresh(life, token)
	if refreshErr != nil {
		return nil, errors.Join(err, fmt.Errorf("get another access token: %w", refreshErr))
	}
	if fresh.Access == token.Access {
		return nil, err
	}
	return d.try(life, owner, fresh)
}

func (d *dialer) try(life context.Context, owner *Session, token call.Token) (*link, error) {
	authorization, err := transport.Authorize(token)
	if err != nil {
		return nil, d.socket.wrap(err)
	}
	d.token.Store(&token.Access)
	conn, err := d.admit(life, owner, authorization, token)
	if err != nil {
		return nil, err
	}
	owner.traffic.connections.Add(1)
	conn.SetReadLimit(d.opts.readLimit)
	l := newLink(life, owner, conn)
	if err := l.greeting(); err != nil {
		return nil, err
	}
	return l, nil
}

// admit makes the handshake when the rate limit of the client lets it go.
func (d *dialer) admit(life context.Context, owner *Session, authorization string, token call.Token) (conn *websocket.Conn, err error) {
	tried := false
	err = d.access.Admit(life, token.Access, func() error {
		tried = true
		conn, err = d.handshake(life, owner, authorization, token)
		return err
	})
	if err != nil && !tried {
		err = d.socket.wrap(err)
	}
	return conn, err
}

// handshakeTimeout is the time limit of a handshake.
type handshakeTimeout struct{ after time.Duration }

func (e *handshakeTimeout) Error() string {
	return "no answer to the handshake within the timeout of " + e.after.String()
}

func (e *handshakeTimeout) Is(target error) bool {
	return target == coze.ErrTimeout || target == context.DeadlineExceeded
}

func (d *dialer) handshake(
	life context.Context, owner *Session, authorization string, token call.Token,
) (*websocket.Conn, error) {
	ctx, cancel := context.WithTimeoutCause(life, d.access.Timeout, &handshakeTimeout{d.access.Timeout})
	defer cancel()
	conn, rsp, err := dialWebsocket(ctx, d.access, d.url, authorization) //nolint:bodyclose // websocket.Dial closes it
	if rsp != nil {
		owner.tellLogID(transport.LogIDOf(rsp.Header))
	}
	if err == nil {
		return conn, nil
	}
	if rsp != nil && rsp.StatusCode != http.StatusSwitchingProtocols {
		return nil, transport.HandshakeRefusal(&d.socket.op, d.address(), token.Access, rsp)
	}
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	var withURL *url.Error
	if errors.As(err, &withURL) {
		err = withURL.Err // its text repeats the URL with the query
	}
	return nil, d.socket.wrap(fmt.Errorf("connect to %s: %w", d.url.Host, err))
}

// address is the URL without the query.
func (d *dialer) address() *url.URL {
	u := *d.url
	u.RawQuery = ""
	return &u
}

// redact takes the token out of a text of the server.
func (d *dialer) redact(text string) string {
	if token := d.token.Load(); token != nil {
		return transport.Redact(text, *token)
	}
	return text
}

// refusal is the error that an error event reports; nil if ev is none.
func (d *dialer) refusal(ev Event) *coze.Error {
	if ev.Type != coze.SocketEventError {
		return nil
	}
	e := transport.EventRefusal(&d.socket.op, d.address())
	ev.from = d
	ev.describe(e)
	return e
}
