package cozetest

import (
	"fmt"
	"slices"
	"testing"
)

// Violation is a breach of the contract that api/openapi.yaml is.
type Violation struct {
	Operation string // operationId; empty for a route that the document does not have
	// Pointer is where: a JSON pointer that begins with the part of the exchange, /path, /query, /header or /body of a
	// request, /answer or /event/NAME of an answer of the fake, /client/NAME of an event that a client sent on a websocket.
	Pointer string
	// Rule is what was broken: a keyword of the schema (type, enum, maxLength, required, ...), or unknown for a field that
	// the document does not have, empty for an id without characters, media-type, json, route or filename.
	Rule    string
	Message string // one line for a person
}

// String returns the violation on one line.
func (v Violation) String() string {
	op := v.Operation
	if op == "" {
		op = "no operation"
	}
	return fmt.Sprintf("%s: %s: %s (rule %s)", op, v.Pointer, v.Message, v.Rule)
}

// Violations returns a copy of all violations so far.
func (s *Server) Violations() []Violation {
	s.journal.mu.Lock()
	defer s.journal.mu.Unlock()
	return slices.Clone(s.journal.violations)
}

// AssertNoViolations fails the test with an error for each violation that no call of it has reported yet.
func (s *Server) AssertNoViolations(t testing.TB) {
	t.Helper()
	s.journal.mu.Lock()
	found := slices.Clone(s.journal.violations[s.journal.reported:])
	s.journal.reported = len(s.journal.violations)
	s.journal.mu.Unlock()
	for _, v := range found {
		t.Errorf("cozetest: contract violation: %v", v)
	}
}

func (s *Server) violate(v Violation) {
	s.cfg.logger.Warn("contract violation", "operation", v.Operation, "pointer", v.Pointer, "rule", v.Rule, "message", v.Message)
	s.journal.mu.Lock()
	defer s.journal.mu.Unlock()
	s.journal.violations = append(s.journal.violations, v)
}
