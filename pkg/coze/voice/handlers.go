package voice

import (
	"fmt"
	"runtime/debug"

	"github.com/cozekit/cozekit/pkg/coze"
)

// Handlers are functions to be called for events, as [WithHandlers] sets them. They are called one after the other, in the
// order of the events, by the goroutine that takes the event: the one that ranges over Events, or calls Turn or Wait. A handler
// that is slow holds up that goroutine only. A handler may use the session, Close included. When one panics, the others are
// called nevertheless, and the session goes on.
type Handlers struct {
	Event func(Event)                            // for every event
	Audio func(*Audio)                           // for every piece of audio
	On    map[coze.SocketEventType][]func(Event) // for events of one type, after the two above
	Panic func(*HandlerPanic)                    // told of a panic; without it, or if it panics too, Close returns the first one
}

// HandlerPanic is a panic of a handler. It is an error.
type HandlerPanic struct {
	Event Event  // event that it was called for
	Value any    // what it panicked with
	Stack string // where
}

// Error names the event and the value.
func (p *HandlerPanic) Error() string {
	return fmt.Sprintf("voice: a handler of %s panicked: %v", p.Event.Type, p.Value)
}

func (s *Session) handle(ev Event) {
	h := &s.dialer.opts.handlers
	if h.Event != nil {
		s.call(ev, h.Event)
	}
	if a, ok := ev.Data.(*Audio); ok && h.Audio != nil {
		s.call(ev, func(Event) { h.Audio(a) })
	}
	for _, f := range h.On[ev.Type] {
		s.call(ev, f)
	}
}

// call calls f and reports its panic; one of the report itself is kept for Close.
func (s *Session) call(ev Event, f func(Event)) {
	p := contain(ev, f)
	if report := s.dialer.opts.handlers.Panic; p != nil && report != nil {
		p = contain(ev, func(Event) { report(p) })
	}
	if p == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.panicked == nil {
		s.panicked = p
	}
}

// contain calls f and returns its panic.
func contain(ev Event, f func(Event)) (p *HandlerPanic) {
	defer func() {
		if v := recover(); v != nil {
			p = &HandlerPanic{Event: ev, Value: v, Stack: string(debug.Stack())}
		}
	}()
	f(ev)
	return nil
}
