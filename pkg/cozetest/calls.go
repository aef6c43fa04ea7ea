package cozetest

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"sync"
)

// Call is a request that the server got, and how it was answered.
type Call struct {
	Operation string      // operationId of the document; empty for a route that it does not have
	Method    string      // as sent
	Path      string      // unescaped, without the query
	Query     url.Values  // never nil; values that are secret are replaced
	Header    http.Header // with the value of Authorization replaced
	Body      []byte      // the first MiB of it, of an upload as much as was read; secrets of OAuth are replaced
	Status    int         // HTTP status; 0 while the request waits for its answer
	Code      int         // code of the envelope; 0 for success, for streams and for OAuth, whose codes are words
	Faults    []FaultKind // that happened to it, in their order
}

// maxRecordedBody is how much of a body a [Call] keeps, in bytes.
const maxRecordedBody = 1 << 20

// journal is what the server remembers of its traffic.
type journal struct {
	mu         sync.Mutex
	calls      []*Call
	violations []Violation
	deviations map[int]int // how often each of knownDeviations came
	reported   int         // violations that a test was told of
}

// Calls returns a copy of all requests so far, in the order in which they came.
func (s *Server) Calls() []Call {
	s.journal.mu.Lock()
	defer s.journal.mu.Unlock()
	calls := make([]Call, len(s.journal.calls))
	for i, c := range s.journal.calls {
		calls[i] = *c
		calls[i].Query, calls[i].Header, calls[i].Body = maps.Clone(c.Query), c.Header.Clone(), slices.Clone(c.Body)
		calls[i].Faults = slices.Clone(c.Faults)
	}
	return calls
}

func (j *journal) begin(r *http.Request) *Call {
	c := &Call{Method: r.Method, Path: r.URL.Path, Query: r.URL.Query(), Header: r.Header.Clone()}
	if c.Header.Get("Authorization") != "" {
		c.Header.Set("Authorization", redacted)
	}
	redactQuery(c.Query)
	j.mu.Lock()
	defer j.mu.Unlock()
	j.calls = append(j.calls, c)
	return c
}

// change lets f set fields of a call.
func (j *journal) change(c *Call, f func(*Call)) {
	j.mu.Lock()
	defer j.mu.Unlock()
	f(c)
}

// bodyRecorder keeps the beginning of a body that is read in pieces.
type bodyRecorder struct {
	journal *journal
	call    *Call
}

func (b bodyRecorder) Write(p []byte) (int, error) {
	b.journal.change(b.call, func(c *Call) {
		c.Body = append(c.Body, p[:min(len(p), maxRecordedBody-len(c.Body))]...)
	})
	return len(p), nil
}
