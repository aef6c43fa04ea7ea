package cozetest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
)

// Server is a fake Coze open platform. Make one with [NewServer] or [Start].
type Server struct {
	cfg     config
	doc     *document
	ids     idSource
	t       testing.TB // nil for Start
	journal journal
	sockets socketState
	state   state
	ahead   atomic.Int64 // nanoseconds that the clock was moved by
	faults  faultPlan
	limits  rateLimits

	web    *http.Server
	ctx    context.Context // ends with Close
	cancel context.CancelFunc

	lifeMu    sync.Mutex // guards what follows
	closed    bool
	running   sync.WaitGroup // serving goroutines, connections, turns; Add only under lifeMu or while it is not zero
	url       string
	memory    *memoryNetwork
	transport *http.Transport
}

// NewServer makes a server for a test. It closes when the test and its subtests have ended, and fails the test if a request or an
// answer broke the contract, unless [ExpectViolations] is given. It listens on a free port of 127.0.0.1 as soon as [Server.URL] is
// called, so that a server used through [Server.HTTPClient] alone needs no socket.
func NewServer(t testing.TB, opts ...Option) *Server {
	t.Helper()
	s, err := newServer(opts)
	if err != nil {
		t.Fatalf("cozetest: %v", err)
	}
	s.t = t
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("cozetest: close: %v", err)
		}
		if !s.cfg.expectBad {
			s.AssertNoViolations(t)
		}
	})
	return s
}

// Start makes a server for a program and listens on addr, a host and port such as "127.0.0.1:8089"; port 0 picks a free one.
// The caller closes it.
func Start(addr string, opts ...Option) (*Server, error) {
	s, err := newServer(opts)
	if err != nil {
		return nil, fmt.Errorf("cozetest: %w", err)
	}
	s.lifeMu.Lock()
	defer s.lifeMu.Unlock()
	if s.cfg.inMemory {
		s.url = memoryURL
	} else if err := s.listen(addr); err != nil {
		s.cancel()
		return nil, fmt.Errorf("cozetest: %w", err)
	}
	return s, nil
}

func newServer(opts []Option) (*Server, error) {
	cfg := newConfig(opts)
	doc := cfg.document
	if doc == nil {
		var err error
		if doc, err = defaultDocument(); err != nil {
			return nil, err
		}
	}
	s := &Server{cfg: cfg, doc: doc, ids: idSource{seed: cfg.seed}}
	var err error
	if s.faults.list, err = newFaults(cfg.faults, doc); err != nil {
		return nil, err
	}
	s.cfg.clock = s.aheadOf(cfg.clock)
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.web = &http.Server{ //nolint:gosec // a test server waits for slow clients
		Handler:   s,
		ErrorLog:  slog.NewLogLogger(cfg.logger.Handler(), slog.LevelDebug),
		ConnState: s.countConn,
	}
	s.initState()
	return s, nil
}

// listen opens the socket. The caller holds lifeMu.
func (s *Server) listen(addr string) error {
	var lc net.ListenConfig
	l, err := lc.Listen(s.ctx, "tcp", addr)
	if err != nil {
		return err
	}
	s.url = "http://" + l.Addr().String()
	s.serve(l)
	return nil
}

// serve takes connections from a listener until Close. The caller holds lifeMu.
func (s *Server) serve(l net.Listener) {
	if s.closed {
		_ = l.Close()
		return
	}
	s.running.Go(func() {
		if err := s.web.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			s.cfg.logger.Error("serving ended", "error", err)
		}
	})
}

// countConn lets Close wait for the goroutines of connections. A new one is counted in the serving goroutine, which is counted itself.
func (s *Server) countConn(_ net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		s.running.Add(1)
	case http.StateClosed, http.StateHijacked:
		s.running.Done()
	default:
	}
}

// spawn runs f in a goroutine that Close waits for, unless the server is closed. It tells whether f will run.
func (s *Server) spawn(f func()) bool {
	s.lifeMu.Lock()
	defer s.lifeMu.Unlock()
	if !s.closed {
		s.running.Go(f)
	}
	return !s.closed
}

// URL returns the base URL, without a slash at its end. It opens the socket if there is none yet.
func (s *Server) URL() string {
	s.lifeMu.Lock()
	defer s.lifeMu.Unlock()
	if s.url == "" {
		if s.cfg.inMemory {
			s.url = memoryURL
		} else if err := s.listen("127.0.0.1:0"); err != nil {
			s.t.Fatalf("cozetest: %v", err)
		}
	}
	return s.url
}

// Token returns the bearer token that the server accepts.
func (s *Server) Token() string { return s.cfg.token }

// Close ends all chats, breaks all connections and waits until no goroutine of the server is left. Closing again does nothing.
func (s *Server) Close() error {
	s.lifeMu.Lock()
	if s.closed {
		s.lifeMu.Unlock()
		return nil
	}
	s.closed = true
	transport := s.transport
	s.lifeMu.Unlock()

	s.cancel()
	err := s.web.Close()
	if transport != nil {
		transport.CloseIdleConnections()
	}
	s.running.Wait()
	return err
}
