package voice

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/coder/websocket"
	"github.com/cozekit/cozekit/internal/transport"
)

// dialWebsocket makes the connection, with the token in the URL: browsers allow nothing else.
func dialWebsocket(ctx context.Context, _ transport.Socket, u *url.URL, authorization string) (*websocket.Conn, *http.Response, error) {
	to := *u
	query := to.Query()
	query.Set("authorization", authorization)
	to.RawQuery = strings.ReplaceAll(query.Encode(), "+", "%20")
	conn, rsp, err := websocket.Dial(ctx, to.String(), nil)
	return conn, rsp, errors.Unwrap(err) // its text has the URL, and so the token
}
