package cozetest

import (
	"context"
	"encoding/json"
	"runtime"
	"strconv"
	"time"

	"github.com/cozekit/cozekit/gen/cozeapi"
)

// EndNode is the title of the node that a workflow ends with. A [Run.Message] of it is the output of the run.
const EndNode = "End"

// Run is what a [WorkflowScript] sees of one run, and what it acts with. Its methods are for the goroutine of the script alone.
// When the server closes, or the chat of a chatflow is canceled, the method that runs then, or the next one, ends that goroutine as
// [runtime.Goexit] does; deferred calls run.
type Run struct {
	// Request is the body of the call that began the run, as far as a RunWorkflow call has its fields.
	Request cozeapi.RunWorkflowRequest

	srv    *Server
	flow   *workflow
	script WorkflowScript
	id     string // execute_id
	mode   int
	logID  string
	caller *identity
	turn   *Turn // of a chatflow; nil otherwise

	op      *operation // of the request that the segment answers
	segment *segment   // where events go; nil for nowhere
	seq     int        // number of the next event in it
	wait    *runWait   // request that waits for the result; nil if none does
	resume  chan runContinuation
	over    chan struct{} // closed when the goroutine ends

	said    int    // characters
	result  string // output
	unsaid  bool   // the end node has yet to say it
	outcome outcome

	record runRecord
}

// runRecord is what others may read of a run. The mutex of the state guards it.
type runRecord struct {
	status  string
	created int64 // Unix seconds
	updated int64 // Unix seconds
	output  string
	fault   wireError
	usage   *wireUsage // nil until the run ends or the script sets it
	nodes   []*nodeRun
	asks    *wireInterrupt // what the run waits for; nil if it does not wait
	resumed int            // times
}

// nodeRun is one execution of an output node.
type nodeRun struct {
	title    string
	id       string
	uuid     string
	output   string
	finished bool
	updated  int64 // Unix seconds
}

type wireInterrupt struct {
	EventID  string                               `json:"event_id"`
	Type     cozeapi.InterruptType                `json:"type"`
	Data     string                               `json:"data,omitempty"`
	Required map[string]cozeapi.WorkflowParameter `json:"required_parameters,omitempty"`
}

// Ways in which a run was started, as the history tells them.
const (
	runSync = iota
	runStream
	runAsync
)

const (
	runRunning = "Running"
	runSuccess = "Success"
	runFail    = "Fail"
)

// maxResumes is how often a run can be resumed.
const maxResumes = 3

// Context returns the context of the run: it ends when the server closes, and when the chat of a chatflow is canceled.
func (r *Run) Context() context.Context {
	if r.turn != nil {
		return r.turn.ctx
	}
	return r.srv.ctx
}

// ExecuteID returns the id of the run.
func (r *Run) ExecuteID() string { return r.id }

// Parameters returns the values for the start node; it is never nil.
func (r *Run) Parameters() map[string]any { return r.Request.Parameters }

// Messages returns the messages that a chatflow was called with; nil for a workflow.
func (r *Run) Messages() []cozeapi.EnterMessage {
	if r.turn == nil {
		return nil
	}
	return r.turn.Messages()
}

// Question returns the text of the last message of the user that a chatflow was called with; empty for a workflow.
func (r *Run) Question() string {
	if r.turn == nil {
		return ""
	}
	return r.turn.Question()
}

// Message lets an output node say something in these pieces, an event Message each; the last one finishes the node. With the title
// [EndNode] it is the output of the run. In a chatflow each Message is an answer.
func (r *Run) Message(node string, pieces ...string) {
	n := r.enter(node)
	if len(pieces) == 0 {
		pieces = []string{""}
	}
	for i, p := range pieces {
		if r.turn == nil {
			r.pauseBetween(i)
		}
		r.produce(n, p, i == len(pieces)-1)
		if r.turn == nil {
			r.emit("Message", r.piece(n, i, p))
		}
	}
	if node == EndNode {
		r.result, r.unsaid = n.output, false
	}
	if r.turn != nil {
		r.turn.Stream(pieces...)
	}
}

// Output sets what the end node gives: a text as it is, anything else as JSON. It is sent when the script returns.
func (r *Run) Output(v any) { r.result, r.unsaid = textOf(v), true }

// Usage sets the tokens that the run reports. By default they are estimated from parameters and output.
func (r *Run) Usage(in, out int) {
	u := &wireUsage{TokenCount: in + out, InputCount: in, OutputCount: out}
	if r.turn != nil {
		r.turn.usage = u
	}
	r.srv.state.mu.Lock()
	defer r.srv.state.mu.Unlock()
	r.record.usage = u
}

// Interrupt halts the run until it is resumed, and returns the resume_data. data is what is asked: a text as it is, anything else
// as JSON. A stream ends with the event Interrupt, and a call that waits for the result gets interrupt_data; what follows goes to
// the call that resumes, and the ids of its events begin at 0 again. The platform resumes a run three times at most; a fourth
// interrupt fails the run with code 720701013.
//
// In a chatflow the data is said as an answer, the chat ends with status requires_action, and the run goes on with the question of
// the next ChatWorkflow call in the conversation.
func (r *Run) Interrupt(kind cozeapi.InterruptType, data any, required map[string]cozeapi.WorkflowParameter) string {
	if r.turn != nil {
		return r.ask(textOf(data))
	}
	st := &r.srv.state
	st.mu.Lock()
	tooMany := r.record.resumed >= maxResumes
	asks := &wireInterrupt{EventID: r.id + "/" + r.srv.ids.next(), Type: kind, Data: textOf(data), Required: required}
	if !tooMany {
		r.record.asks, r.record.updated = asks, r.srv.now()
		st.workflows.waiting[asks.EventID] = r
	}
	st.mu.Unlock()
	if tooMany {
		r.Fail(codeFlowFailed, "the run was resumed "+strconv.Itoa(maxResumes)+" times and cannot wait again")
	}
	r.emit("Interrupt", map[string]any{"interrupt_data": asks, "node_title": interruptTitle(kind)})
	r.closeAnswer()
	select {
	case next := <-r.resume:
		r.op, r.segment, r.wait, r.seq = next.op, next.segment, next.wait, 0
		return next.data
	case <-r.srv.ctx.Done():
		runtime.Goexit()
	}
	return ""
}

// interruptTitle is the title of the node that asks.
func interruptTitle(kind cozeapi.InterruptType) string {
	switch kind {
	case cozeapi.InterruptTypeQuestion:
		return "Question"
	case cozeapi.InterruptTypeInput:
		return "Input"
	}
	return "Plugin"
}

// Fail ends the script and fails the run: a stream with the event Error, RunWorkflow with the code and a debug_url beside it, a
// chatflow with conversation.chat.failed. It does not return.
func (r *Run) Fail(code int, msg string) {
	r.blame(code, msg)
	if r.turn != nil {
		r.turn.Fail(code, msg)
	}
	r.outcome = outcomeFailed
	runtime.Goexit()
}

// End ends the script and the stream at once, without the event Done. The run has succeeded. It does not return.
func (r *Run) End() {
	if r.turn != nil {
		r.turn.End()
	}
	r.outcome = outcomeEnded
	runtime.Goexit()
}

// Stall sends nothing more; the run goes on until the server closes. It does not return.
func (r *Run) Stall() {
	<-r.Context().Done()
	runtime.Goexit()
}

// Drop breaks the connection. The run goes on: what the script does from then on is in the history of the run, but not sent. In a
// run that nobody waits for it does nothing.
func (r *Run) Drop() {
	if r.turn != nil {
		r.turn.Drop()
		return
	}
	r.send(frame{drop: true})
	r.segment = nil
	if r.wait != nil {
		r.wait.end(true)
		r.wait = nil
	}
}

// Ping sends an event PING, which keeps the connection alive. A chatflow has none.
func (r *Run) Ping() {
	if r.turn == nil {
		r.emit("PING", map[string]any{})
	}
}

// Pause waits. It ends early, and the script with it, when the context of the run ends.
func (r *Run) Pause(d time.Duration) {
	if r.turn != nil {
		r.turn.Pause(d)
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.Context().Done():
		runtime.Goexit()
	}
}

// Event sends an event of any name as it is, unchecked; see [Turn.Event].
func (r *Run) Event(name string, data any) {
	if r.turn != nil {
		r.turn.Event(name, data)
		return
	}
	text, raw := data.(json.RawMessage)
	if !raw {
		text = mustEncode(data)
	}
	r.send(frame{bytes: workflowForm(r.seq, name, text)})
	r.seq++
}

// Raw sends bytes as they are.
func (r *Run) Raw(b []byte) {
	if r.turn != nil {
		r.turn.Raw(b)
		return
	}
	r.send(frame{bytes: b})
}
