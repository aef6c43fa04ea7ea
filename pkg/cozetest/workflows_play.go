package cozetest

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strconv"

	"github.com/cozekit/cozekit/gen/cozeapi"
)

// runContinuation is what a call that resumes hands to a run that waits for it.
type runContinuation struct {
	data    string
	op      *operation
	segment *segment
	wait    *runWait
	request *cozeapi.CreateChatRequest // of a chatflow
	manner  manner                     // of the same
}

// runWait is a call that waits until a run ends or asks.
type runWait struct {
	done chan struct{}
	drop bool // break the connection; set before done is closed
}

func (w *runWait) end(drop bool) {
	w.drop = drop
	close(w.done)
}

// play plays the script. It is the body of the run's goroutine.
func (r *Run) play() {
	defer close(r.over)
	defer r.finish()
	if err := r.script(r); err != nil {
		r.blame(codeInternal, err.Error())
		r.outcome = outcomeFailed
		return
	}
	r.outcome = outcomeReturned
}

// finish ends the run in the way that the script ended.
func (r *Run) finish() {
	defer r.closeAnswer()
	if p := recover(); p != nil {
		r.srv.violate(Violation{Operation: r.op.id, Pointer: "/script", Rule: "panic", Message: fmt.Sprintf("%v\n%s", p, debug.Stack())})
		r.blame(codeInternal, "the script of the workflow panicked")
		r.outcome = outcomeFailed
	}
	switch {
	case r.srv.ctx.Err() != nil:
	case r.outcome == outcomeReturned:
		r.sendOutput()
		r.settle(runSuccess)
		r.emit("Done", map[string]any{"debug_url": r.debugURL()})
	case r.outcome == outcomeEnded:
		r.settle(runSuccess)
	default:
		if r.outcome == outcomeStopped {
			r.blame(codeInternal, "the script of the workflow stopped")
		}
		fault := r.settle(runFail)
		r.emit("Error", map[string]any{"error_code": fault.Code, "error_message": fault.Msg, "debug_url": r.debugURL()})
	}
}

// sendOutput lets the end node say the output, unless it has done so already.
func (r *Run) sendOutput() {
	if r.unsaid {
		r.Message(EndNode, r.result)
	}
}

// settle gives the run its last status and tells why it failed, if it did.
func (r *Run) settle(status string) wireError {
	r.srv.state.mu.Lock()
	defer r.srv.state.mu.Unlock()
	rec := &r.record
	rec.status, rec.output, rec.updated = status, r.result, r.srv.now()
	if rec.usage == nil {
		rec.usage = r.countUsage()
	}
	return rec.fault
}

func (r *Run) countUsage() *wireUsage {
	in, out := (len(mustEncode(r.Request.Parameters))+3)/4, (r.said+3)/4
	return &wireUsage{InputCount: in, OutputCount: out, TokenCount: in + out}
}

// blame notes why the run fails.
func (r *Run) blame(code int, msg string) {
	r.srv.state.mu.Lock()
	defer r.srv.state.mu.Unlock()
	r.record.fault = wireError{code, msg}
}

// enter begins an execution of an output node. A node keeps its id.
func (r *Run) enter(title string) *nodeRun {
	r.srv.state.mu.Lock()
	defer r.srv.state.mu.Unlock()
	n := &nodeRun{title: title, id: strconv.Itoa(100002 + len(r.record.nodes)), uuid: r.srv.ids.next()}
	if title == EndNode {
		n.id = "900001"
	}
	for _, o := range r.record.nodes {
		if o.title == title {
			n.id = o.id
			break
		}
	}
	r.record.nodes = append(r.record.nodes, n)
	return n
}

// produce notes a piece of what a node says.
func (r *Run) produce(n *nodeRun, piece string, last bool) {
	r.srv.state.mu.Lock()
	defer r.srv.state.mu.Unlock()
	r.said += len([]rune(piece))
	n.output += piece
	n.finished, n.updated = last, r.srv.now()
}

type wirePiece struct {
	Content     string     `json:"content"`
	NodeTitle   string     `json:"node_title"`
	SeqID       string     `json:"node_seq_id"`
	Finished    bool       `json:"node_is_finish"`
	ContentType string     `json:"content_type"`
	NodeID      string     `json:"node_id"`
	NodeType    string     `json:"node_type"`
	UUID        string     `json:"node_execute_uuid"`
	Usage       *wireUsage `json:"usage,omitempty"`
}

// piece is piece i of what a node says. The last one of the end node tells the usage.
func (r *Run) piece(n *nodeRun, i int, text string) wirePiece {
	r.srv.state.mu.Lock()
	defer r.srv.state.mu.Unlock()
	p := wirePiece{
		Content: text, NodeTitle: n.title, SeqID: strconv.Itoa(i), Finished: n.finished, ContentType: contentText,
		NodeID: n.id, NodeType: "Message", UUID: n.uuid,
	}
	if n.title == EndNode {
		p.NodeType = EndNode
		if n.finished {
			if p.Usage = r.record.usage; p.Usage == nil {
				p.Usage = r.countUsage()
			}
		}
	}
	return p
}

// emit checks and sends an event.
func (r *Run) emit(name string, payload any) {
	data := mustEncode(payload)
	if r.segment != nil {
		r.srv.checkEvent(r.op, name, data)
	}
	r.send(frame{bytes: workflowForm(r.seq, name, data)})
	r.seq++
}

// send hands a frame to the request that waits for it, if there is one, and ends the goroutine if the server closes.
func (r *Run) send(f frame) {
	if r.srv.ctx.Err() != nil {
		runtime.Goexit()
	}
	if r.segment == nil {
		return
	}
	select {
	case r.segment.frames <- f:
	case <-r.segment.gone:
		r.segment = nil
	case <-r.srv.ctx.Done():
		runtime.Goexit()
	}
}

// closeAnswer ends the answer to the request that the run works for.
func (r *Run) closeAnswer() {
	if r.segment != nil {
		close(r.segment.frames)
		r.segment = nil
	}
	if r.wait != nil {
		r.wait.end(false)
		r.wait = nil
	}
}

func (r *Run) pauseBetween(i int) {
	if d := r.srv.cfg.deltaPause; i > 0 && d > 0 {
		r.Pause(d)
	}
}

// debugURL is the page that shows the run.
func (r *Run) debugURL() string {
	return fmt.Sprintf("https://www.coze.cn/work_flow?execute_id=%s&space_id=%s&workflow_id=%s", r.id, DefaultWorkspaceID, r.flow.id)
}

// mustEncode writes JSON of our own types, or of what a script gives; for that the test is wrong, and the run reports it.
func mustEncode(v any) []byte {
	b, err := encodeJSON(v)
	if err != nil {
		panic(err)
	}
	return b
}

// textOf is a text as it is, and anything else as JSON.
func textOf(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	return string(mustEncode(v))
}
