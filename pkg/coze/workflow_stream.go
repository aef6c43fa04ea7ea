package coze

import (
	"iter"
	"sync"

	"github.com/cozekit/cozekit/gen/cozeapi"
)

// WorkflowStream is the events of one run of a workflow as they come, or of a part of it between two interrupts. Range over
// [WorkflowStream.All], which closes it, or call [WorkflowStream.Close]. The context of the call that opened it governs its
// life; there is no limit of the whole time, only one of the time between two pieces (see [Timeouts]). The keep-alives of the
// server count as pieces and are not delivered.
//
// Its methods are safe for concurrent use; All is for one loop only.
type WorkflowStream struct {
	events workflowEvents
	at     endpoint
	info   *ResponseInfo

	mu       sync.Mutex
	debugURL string
}

// All returns the events. It blocks while the server has nothing to say. The last event is Done, Interrupt or Error. The last
// pair carries the error, if there is one: an [*Error] with code, message and debug URL for the event Error, together with that
// event; an error that wraps [io.ErrUnexpectedEOF] if the stream broke off; the error of the context; [ErrTimeout] for the
// idle limit. Events that this SDK does not know are delivered with Type and Raw. All is for one loop only.
func (s *WorkflowStream) All() iter.Seq2[WorkflowEvent, error] {
	return func(yield func(WorkflowEvent, error) bool) {
		defer s.Close()
		for ev, err := range s.events.All() {
			if err == nil {
				err = s.note(&ev)
			} else {
				err = s.at.wrap(s.info, err)
			}
			if !yield(ev, err) || err != nil {
				return
			}
		}
	}
}

// note remembers the debug URL and returns the failure that an event reports.
func (s *WorkflowStream) note(ev *WorkflowEvent) error {
	switch ev.Type {
	case cozeapi.WorkflowEventError:
		e := s.at.reported(s.info, string(ev.Type), ev.Raw)
		s.setDebugURL(e.DebugURL)
		return e
	case cozeapi.WorkflowEventDone:
		s.setDebugURL(ev.Done.DebugURL)
	}
	return nil
}

func (s *WorkflowStream) setDebugURL(url string) {
	s.mu.Lock()
	s.debugURL = url
	s.mu.Unlock()
}

// DebugURL is the page that shows the run, valid for 7 days; "" until the event Done or Error has come.
func (s *WorkflowStream) DebugURL() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.debugURL
}

// LogID is the log id of the request, to quote to Coze support.
func (s *WorkflowStream) LogID() string { return s.info.LogID }

// Close ends the stream; the run goes on. It may be called at any time, from any goroutine, and again; every call returns the
// error of the first.
func (s *WorkflowStream) Close() error { return s.events.Close() }
