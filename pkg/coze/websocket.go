package coze

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/cozekit/cozekit/internal/transport"
)

// WithWebsocketURL names the server of the websockets of package voice: ws or wss, host and perhaps a path prefix. By default
// it follows from the base URL: https://api.coze.cn gives wss://ws.coze.cn, https://api.coze.com gives wss://ws.coze.com, and
// every other server keeps its host and path, with wss for https and ws for http.
func WithWebsocketURL(rawURL string) ClientOption {
	return clientOption(func(c *config) error {
		u, err := url.Parse(strings.TrimSpace(rawURL))
		if err != nil || u.Host == "" || u.Scheme != "ws" && u.Scheme != "wss" {
			return fmt.Errorf("websocket URL %q is not of the form wss://host", redactURL(rawURL))
		}
		if u.User != nil || u.RawQuery != "" || u.Fragment != "" {
			return fmt.Errorf("websocket URL of host %s: leave out user, query and fragment", u.Host)
		}
		if u.Scheme == "ws" && !c.plainHTTP && !isLoopback(u.Hostname()) {
			return fmt.Errorf("websocket URL of host %s would send the token readable over the network: use wss, "+
				"or WithPlainHTTP before this option", u.Host)
		}
		u.Path, u.RawPath = strings.TrimRight(u.Path, "/"), strings.TrimRight(u.RawPath, "/")
		c.transport.WebsocketURL = u
		return nil
	})
}

func init() {
	transport.SocketOf = func(client any) transport.Socket { return client.(*Client).transport.Socket() }
}
