package cozetest

import (
	"crypto/sha1" //nolint:gosec // RFC 6455 asks for it
	"encoding/base64"
	"net/http"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// socketOperations are the operationIds of the websockets of the document, by path.
func socketOperations(spec *openapi3.T) map[string]string {
	paths := map[string]string{}
	all, _ := spec.Extensions["x-coze-sockets"].(map[string]any)
	for _, v := range all {
		socket, _ := v.(map[string]any)
		path, _ := socket["path"].(string)
		id, _ := socket["operationId"].(string)
		paths[path] = id
	}
	return paths
}

// disturbSocket lets faults happen to the handshake of a websocket. It is the step before the route is looked for.
func (x *exchange) disturbSocket() bool {
	if !isHandshake(x.r) {
		return true
	}
	id := x.srv.doc.sockets[strings.TrimSuffix(x.r.URL.Path, "/")]
	for _, f := range x.srv.faults.pick(x.srv.cfg.seed, id, true) {
		x.srv.journal.change(x.call, func(c *Call) { c.Operation = id })
		if f.Kind == FaultSilentSocket {
			x.srv.journal.change(x.call, func(c *Call) { c.Faults = append(c.Faults, f.Kind) })
			x.fallSilent()
			return false
		}
		f.Work = WorkSkipped // a handshake has no answer to hold back
		if !x.suffer(f) {
			return false
		}
	}
	return true
}

func isHandshake(r *http.Request) bool {
	return r.Method == http.MethodGet && strings.EqualFold(r.Header.Get("Upgrade"), "websocket")
}

// fallSilent completes the handshake and then says nothing until the client goes or the server closes.
func (x *exchange) fallSilent() {
	conn, buffered, err := http.NewResponseController(x.w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	sum := sha1.Sum([]byte(x.r.Header.Get("Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")) //nolint:gosec // as above
	_, _ = buffered.WriteString("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nX-Tt-Logid: " + x.logID +
		"\r\nSec-WebSocket-Accept: " + base64.StdEncoding.EncodeToString(sum[:]) + "\r\n\r\n")
	x.srv.journal.change(x.call, func(c *Call) { c.Status = http.StatusSwitchingProtocols })
	if buffered.Flush() != nil || !x.srv.spawn(func() { discardUntilClosed(x.srv.ctx, conn, buffered.Read) }) {
		_ = conn.Close()
	}
}
