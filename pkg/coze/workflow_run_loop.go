package coze

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/cozekit/cozekit/gen/cozeapi"
	"github.com/cozekit/cozekit/pkg/call"
)

// MaxResumes is how often the platform lets a run be resumed.
const MaxResumes = 3

// ErrTooManyResumes means that a run asked once more after it had been resumed [MaxResumes] times.
var ErrTooManyResumes = errors.New("the run was resumed as often as the platform allows")

// RunHandlers answer what a run asks for. One that is nil leaves the question open: [WorkflowsRunsService.Run] then returns an
// [*InterruptError]. They are called one at a time, by the goroutine that called Run, and may take their time; their context
// is that of Run.
type RunHandlers struct {
	// Question answers a question node (type 2) with what the user says.
	Question func(ctx context.Context, in WorkflowStreamInterrupt) (string, error)

	// Input gives the values that an input node (type 5) asks for, by the names in RequiredParameters. One that is required
	// and missing is reported before it is sent, because the third wrong answer makes the run fail.
	Input func(ctx context.Context, in WorkflowStreamInterrupt) (map[string]any, error)

	// Tool runs a local plugin (types 1 and 6) and gives its output, as text or JSON text.
	Tool func(ctx context.Context, in WorkflowStreamInterrupt) (string, error)

	// Other answers all other types: 3 wanted information, 4 a scene chat, 7 a plugin that the user must sign in to, and
	// those that are not known.
	Other func(ctx context.Context, in WorkflowStreamInterrupt) (string, error)

	// Event is called with each event as it comes but for Error. An error from it ends Run with that error.
	Event func(WorkflowEvent) error
}

// InterruptError means that a run waits for an answer. The run can go on later, in another process too: with StreamResume for
// a streamed run, else with Resume, by EventID and Type of Interrupt.InterruptData.
type InterruptError struct {
	Interrupt WorkflowStreamInterrupt
	Err       error // why it was not answered: of the handler, or [ErrTooManyResumes]; nil if nobody tried
}

// Error tells what the run waits for and why nobody answered.
func (e *InterruptError) Error() string {
	in := e.Interrupt.InterruptData
	text := fmt.Sprintf("coze: the run waits for an answer: interrupt of type %d, event %s", in.Type, in.EventID)
	if e.Interrupt.NodeTitle != "" {
		text += fmt.Sprintf(", node %q", e.Interrupt.NodeTitle)
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap returns Err.
func (e *InterruptError) Unwrap() error { return e.Err }

// Run runs a published workflow to its end: it streams, answers interrupts by the handlers and resumes, at most [MaxResumes]
// times. It blocks until then; the context limits the whole, but cannot stop the run on the server.
//
// Once the run has started, the result is never nil: with an error it holds all that came before. The error is an
// [*InterruptError] if the run waits and no handler answered, a handler failed, or (matching [ErrTooManyResumes]) it asked too
// often; an [*Error] if it failed; else as [WorkflowStream.All] and [WorkflowsRunsService.StreamResume] say.
//
// Of the options, headers, timeout and token go with the resuming calls too, the others with the first call alone.
//
// Coze documentation: https://www.coze.cn/open/docs/developer_guides/workflow_stream_run
//
// API: POST /v1/workflow/stream_run, POST /v1/workflow/stream_resume
func (s *WorkflowsRunsService) Run(
	ctx context.Context, req StreamRunWorkflowRequest, handlers RunHandlers, opts ...CallOption,
) (*WorkflowResult, error) {
	events, err := s.Stream(ctx, req, opts...)
	if err != nil {
		return nil, err
	}
	more := call.Collect(opts).Followups()
	var acc WorkflowAccumulator
	result := func() *WorkflowResult {
		r := acc.Result()
		r.LogID = events.LogID()
		return r
	}
	for resumes := 0; ; resumes++ {
		if err := acc.drain(events, handlers.Event); err != nil {
			return result(), err
		}
		in := acc.Interrupt()
		switch {
		case in == nil:
			return result(), nil
		case resumes == MaxResumes:
			return result(), &InterruptError{*in, ErrTooManyResumes}
		}
		answer, err := handlers.answer(ctx, *in)
		if err != nil {
			return result(), err
		}
		next, err := s.StreamResume(ctx, StreamResumeWorkflowRequest{
			WorkflowID: req.WorkflowID, EventID: in.InterruptData.EventID,
			InterruptType: in.InterruptData.Type, ResumeData: answer,
		}, more...)
		if err != nil {
			return result(), err
		}
		events = next
	}
}

// drain takes all events of a stream, and hands each to event.
func (a *WorkflowAccumulator) drain(s *WorkflowStream, event func(WorkflowEvent) error) error {
	for ev, err := range s.All() {
		a.Add(ev)
		if err == nil && event != nil {
			err = event(ev)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

var errEmptyAnswer = errors.New("the answer is empty")

// answer asks the handler of the interrupt's type. Its error is an *InterruptError.
func (h RunHandlers) answer(ctx context.Context, in WorkflowStreamInterrupt) (string, error) {
	ask := h.Other
	switch in.InterruptData.Type {
	case cozeapi.InterruptTypeQuestion:
		ask = h.Question
	case cozeapi.InterruptTypeInput:
		if ask = nil; h.Input != nil {
			ask = h.input
		}
	case cozeapi.InterruptTypeLocalPlugin, cozeapi.InterruptTypeLocalPlugin2:
		ask = h.Tool
	}
	if ask == nil {
		return "", &InterruptError{Interrupt: in}
	}
	text, err := ask(ctx, in)
	if err == nil && text == "" {
		err = errEmptyAnswer
	}
	if err != nil {
		return "", &InterruptError{in, err}
	}
	return text, nil
}

func (h RunHandlers) input(ctx context.Context, in WorkflowStreamInterrupt) (string, error) {
	values, err := h.Input(ctx, in)
	if err != nil {
		return "", err
	}
	wanted := in.InterruptData.RequiredParameters
	for _, name := range slices.Sorted(maps.Keys(wanted)) {
		if _, ok := values[name]; !ok && wanted[name].Required && wanted[name].DefaultValue == "" {
			return "", fmt.Errorf("the input node needs a value for %q", name)
		}
	}
	text, err := json.Marshal(values)
	return string(text), err
}
