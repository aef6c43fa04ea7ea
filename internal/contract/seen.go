package contract

import (
	"hash/maphash"
	"sync"
	"time"

	"github.com/cozekit/cozekit/pkg/call"
)

// maxSeen bounds what is remembered, and so what is reported, in one window.
const maxSeen = 1000

// seen remembers what was reported.
type seen struct {
	window time.Duration

	mu     sync.Mutex
	seed   maphash.Seed // made with keys
	keys   map[uint64]struct{}
	opened time.Time // the window
}

// first tells whether d was not reported in this window, and remembers it. When a window is full, nothing counts as new.
func (s *seen) first(now time.Time, d *call.Drift, collective string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.keys == nil || now.Sub(s.opened) > s.window {
		s.keys, s.opened, s.seed = map[uint64]struct{}{}, now, maphash.MakeSeed()
	}
	var h maphash.Hash
	h.SetSeed(s.seed)
	for _, part := range [...]string{string(d.Rule), d.Operation, d.Event, collective, d.Field, d.Value} {
		_, _ = h.WriteString(part)
		_ = h.WriteByte(0)
	}
	key := h.Sum64()
	if _, ok := s.keys[key]; ok || len(s.keys) == maxSeen {
		return false
	}
	s.keys[key] = struct{}{}
	return true
}
