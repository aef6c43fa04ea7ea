package transport

import "github.com/cozekit/cozekit/pkg/call"

// Config returns a copy of what the client was made of.
func (c *Client) Config() Config { return c.cfg }

// WithTokens returns a client that takes access tokens from source, and is c in all else.
func (c *Client) WithTokens(source call.TokenSource) *Client {
	own := *c
	own.cfg.Tokens = source
	return &own
}
