package main

import (
	"net/http"
	"sync"

	"github.com/cozekit/cozekit/pkg/cozetest"
)

// platform is the fake that is in force. A reset puts a new one in its place.
type platform struct {
	opts   []cozetest.Option
	script *script

	resetting sync.Mutex
	mu        sync.Mutex // guards now
	now       *cozetest.Server
}

func newPlatform(opts []cozetest.Option, s *script) (*platform, error) {
	p := &platform{opts: append(opts, cozetest.InMemory()), script: s} // connections are the program's
	return p, p.reset()
}

// reset forgets everything but flags and script. Chats that run are broken off.
func (p *platform) reset() error {
	p.resetting.Lock()
	defer p.resetting.Unlock()
	next, err := cozetest.Start("", p.opts...)
	if err != nil {
		return err
	}
	p.script.register(next)
	p.mu.Lock()
	last := p.now
	p.now = next
	p.mu.Unlock()
	if last == nil {
		return nil
	}
	return last.Close()
}

func (p *platform) server() *cozetest.Server {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.now
}

// ServeHTTP implements [http.Handler].
func (p *platform) ServeHTTP(w http.ResponseWriter, r *http.Request) { p.server().ServeHTTP(w, r) }
