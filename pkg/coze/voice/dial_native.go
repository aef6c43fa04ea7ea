//go:build !js

package voice

import (
	"context"
	"net/http"
	"net/url"

	"github.com/coder/websocket"
	"github.com/cozekit/cozekit/internal/transport"
)

// dialWebsocket makes the connection, with the token in the header.
func dialWebsocket(ctx context.Context, a transport.Socket, u *url.URL, authorization string) (*websocket.Conn, *http.Response, error) {
	header := a.Header.Clone()
	header.Set("Authorization", authorization)
	return websocket.Dial(ctx, u.String(), &websocket.DialOptions{HTTPClient: a.HTTPClient, HTTPHeader: header})
}
