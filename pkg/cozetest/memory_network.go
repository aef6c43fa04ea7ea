package cozetest

import (
	"context"
	"net"
	"net/http"
	"sync"
)

// memoryURL is the base URL of a server that was made with [InMemory]. The name is a loopback one for clients that insist on it.
const memoryURL = "http://fakecoze.localhost"

// memoryNetwork is a listener whose connections are pipes: no sockets, only channels, which testing/synctest understands.
type memoryNetwork struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func newMemoryNetwork() *memoryNetwork {
	return &memoryNetwork{conns: make(chan net.Conn), closed: make(chan struct{})}
}

func (n *memoryNetwork) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case n.conns <- server:
		return client, nil
	case <-n.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Accept implements [net.Listener].
func (n *memoryNetwork) Accept() (net.Conn, error) {
	select {
	case c := <-n.conns:
		return c, nil
	case <-n.closed:
		return nil, net.ErrClosed
	}
}

// Close implements [net.Listener].
func (n *memoryNetwork) Close() error {
	n.once.Do(func() { close(n.closed) })
	return nil
}

// Addr implements [net.Listener].
func (n *memoryNetwork) Addr() net.Addr { return memoryAddr{} }

type memoryAddr struct{}

func (memoryAddr) Network() string { return "memory" }
func (memoryAddr) String() string  { return "fakecoze.localhost" }

// HTTPClient returns a client that reaches this server through memory, whatever host a request names. It has no timeout, no
// cookies, no proxy. Its connections end with the server. It can be used beside the socket of [Server.URL].
func (s *Server) HTTPClient() *http.Client {
	s.lifeMu.Lock()
	defer s.lifeMu.Unlock()
	if s.memory == nil {
		s.memory = newMemoryNetwork()
		s.transport = &http.Transport{DialContext: s.memory.dial}
		s.serve(s.memory)
	}
	return &http.Client{Transport: s.transport}
}
