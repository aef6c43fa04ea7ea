package cozetest

import (
	"fmt"
	"slices"
	"sync"
)

// WithFaults makes the server misbehave from its start; see [Server.SetFaults].
func WithFaults(faults ...Fault) Option {
	return optionFunc(func(c *config) { c.faults = append(c.faults, faults...) })
}

// SetFaults makes the server misbehave from now on in these ways only; without any it behaves again. Counting starts anew.
//
// Where several faults choose the same call, latency, clock-shift, byte-by-byte and slow-socket go along with what stands after them
// in the list; of all others the first one happens. It refuses unknown kinds and operations and parameters that a kind does not have;
// the faults in force are kept then.
func (s *Server) SetFaults(faults ...Fault) error {
	plan, err := newFaults(faults, s.doc)
	if err != nil {
		return fmt.Errorf("cozetest: %w", err)
	}
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.list = plan
	return nil
}

// FaultCount tells how often a fault was looked at and happened.
type FaultCount struct {
	Fault    Fault `json:"fault"`   // with what was left out filled in
	Matched  int   `json:"matched"` // calls of its operations
	Happened int   `json:"happened"`
}

// activeFault is a fault in force.
type activeFault struct {
	Fault
	matched, happened int
	seedOffset        uint64
}

// Faults returns the faults in force, with their counts.
func (s *Server) Faults() []FaultCount {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	list := make([]FaultCount, len(s.faults.list))
	for i, f := range s.faults.list {
		list[i] = FaultCount{Fault: f.Fault, Matched: f.matched, Happened: f.happened}
		list[i].Fault.Operations = slices.Clone(f.Operations)
	}
	return list
}

// faultPlan is what is to go wrong.
type faultPlan struct {
	mu   sync.Mutex
	list []*activeFault
}

func newFaults(faults []Fault, d *document) ([]*activeFault, error) {
	var list []*activeFault
	for i, f := range faults {
		f.Operations = slices.Clone(f.Operations)
		if err := f.check(d); err != nil {
			return nil, err
		}
		list = append(list, &activeFault{Fault: f, seedOffset: mix(uint64(i), 0xfa17)})
	}
	return list, nil
}

// pick chooses what happens to a call: faults that go on, and at most one that does not, at the end.
func (p *faultPlan) pick(seed uint64, operation string, socket bool) []Fault {
	p.mu.Lock()
	defer p.mu.Unlock()
	var picked []Fault
	for _, f := range p.list {
		if f.Kind.reaches(socket) && f.happens(seed, operation) {
			if picked = append(picked, f.Fault); !f.Kind.goesOn() {
				break
			}
		}
	}
	return picked
}

// happens counts a call and tells whether the fault happens to it.
func (f *activeFault) happens(seed uint64, operation string) bool {
	if len(f.Operations) > 0 && !slices.Contains(f.Operations, operation) {
		return false
	}
	f.matched++
	switch {
	case f.Times > 0 && f.happened >= f.Times:
		return false
	case f.Every > 1 && f.matched%f.Every != 0:
		return false
	case f.Chance > 0 && float64(mix(seed^f.seedOffset, uint64(f.matched))>>11)/(1<<53) >= f.Chance:
		return false
	}
	f.happened++
	return true
}
