package coze

import (
	"slices"
	"strings"

	"github.com/cozekit/cozekit/gen/cozeapi"
)

// WorkflowNode is what one execution of an output node or the end node has sent.
type WorkflowNode struct {
	NodeID       string // id of the node, where the server tells it
	ExecuteUUID  string // id of this execution, where the server tells it
	SubExecuteID string // id of the run of a workflow inside this one
	Title        string // title of the node
	Type         string // kind of the node, such as Message or End, where the server tells it
	LoopIndex    int64  // turn of the loop that the node is in
	BatchIndex   int64  // turn of the batch that the node is in
	ContentType  string // text or card
	Content      string // all pieces together
	CardBody     string // card as JSON text
	Pieces       int    // number of messages that it came in
	Finished     bool   // the last piece has come
	Usage        *Usage // tokens of this node's messages; nil if the server told none
}

// WorkflowAccumulator puts the messages of a streamed run together, node by node. Give it the events of all streams of a run
// in order, those after resuming too, which number pieces from 0 again. The zero value is ready. It is not safe for
// concurrent use.
type WorkflowAccumulator struct {
	nodes     []*openNode
	usage     Usage
	debugURL  string
	interrupt *WorkflowStreamInterrupt
	stream    int // number of interrupts so far
}

type openNode struct {
	WorkflowNode
	content strings.Builder
	stream  int // that the last piece came in
}

// Add takes the next event.
func (a *WorkflowAccumulator) Add(ev WorkflowEvent) {
	a.interrupt = nil
	switch {
	case ev.Message != nil:
		a.add(ev.Message)
	case ev.Interrupt != nil:
		a.interrupt = ev.Interrupt
		a.stream++
	case ev.Done != nil && ev.Done.DebugURL != "":
		a.debugURL = ev.Done.DebugURL
	case ev.Error != nil && ev.Error.DebugURL != "":
		a.debugURL = ev.Error.DebugURL
	}
}

func (a *WorkflowAccumulator) add(m *cozeapi.WorkflowStreamMessage) {
	n := a.find(m)
	n.Pieces++
	n.stream = a.stream
	n.content.WriteString(m.Content)
	n.CardBody += m.CardBody
	n.Finished = m.NodeIsFinish
	if m.NodeType != "" {
		n.Type = m.NodeType
	}
	if m.ContentType != "" {
		n.ContentType = m.ContentType
	}
	if m.Usage != nil {
		if n.Usage == nil {
			n.Usage = new(Usage)
		}
		addUsage(n.Usage, m.Usage)
		addUsage(&a.usage, m.Usage)
	}
}

// find is the execution that a piece continues, or a new one: after its last piece a node starts anew, and so does one whose
// pieces are numbered from 0 again after an interrupt.
func (a *WorkflowAccumulator) find(m *cozeapi.WorkflowStreamMessage) *openNode {
	key := WorkflowNode{
		NodeID: m.NodeID, ExecuteUUID: m.NodeExecuteUUID, SubExecuteID: m.SubExecuteID, Title: m.NodeTitle,
		LoopIndex: m.LoopIndex, BatchIndex: m.BatchIndex,
	}
	for _, n := range slices.Backward(a.nodes) {
		if n.NodeID != key.NodeID || n.ExecuteUUID != key.ExecuteUUID || n.SubExecuteID != key.SubExecuteID ||
			n.Title != key.Title || n.LoopIndex != key.LoopIndex || n.BatchIndex != key.BatchIndex {
			continue
		}
		if n.Finished || n.stream != a.stream && m.NodeSeqID == "0" {
			break
		}
		return n
	}
	n := &openNode{WorkflowNode: key}
	a.nodes = append(a.nodes, n)
	return n
}

func addUsage(sum, more *Usage) {
	sum.TokenCount += more.TokenCount
	sum.InputCount += more.InputCount
	sum.OutputCount += more.OutputCount
	sum.InputTokens += more.InputTokens
	sum.OutputTokens += more.OutputTokens
}

// Nodes are the executions of nodes so far, in the order in which they began.
func (a *WorkflowAccumulator) Nodes() []WorkflowNode {
	out := make([]WorkflowNode, len(a.nodes))
	for i, n := range a.nodes {
		out[i] = n.WorkflowNode
		out[i].Content = n.content.String()
	}
	return out
}

// Usage is the sum of the tokens that messages told, over all streams.
func (a *WorkflowAccumulator) Usage() Usage { return a.usage }

// DebugURL is the page that shows the run, "" before its end.
func (a *WorkflowAccumulator) DebugURL() string { return a.debugURL }

// Interrupt is what the run waits for; nil if it does not wait.
func (a *WorkflowAccumulator) Interrupt() *WorkflowStreamInterrupt { return a.interrupt }

// WorkflowResult is what a streamed run has brought.
type WorkflowResult struct {
	Output    string                   // what the end node sent, or else the last node; see [DecodeData]
	Nodes     []WorkflowNode           // all executions of nodes, in the order in which they began
	Usage     Usage                    // tokens, summed over the messages
	DebugURL  string                   // page that shows the run, valid for 7 days
	Interrupt *WorkflowStreamInterrupt // what the run waits for; nil if it has ended
	LogID     string                   // log id of the last request, to quote to Coze support
}

// Result is the run as far as it has come.
func (a *WorkflowAccumulator) Result() *WorkflowResult {
	r := &WorkflowResult{Nodes: a.Nodes(), Usage: a.usage, DebugURL: a.debugURL, Interrupt: a.interrupt}
	for _, n := range slices.Backward(r.Nodes) {
		if strings.EqualFold(n.Type, "End") || n.Type == "" && strings.EqualFold(n.Title, "End") {
			r.Output = n.Content
			return r
		}
	}
	if n := len(r.Nodes); n > 0 {
		r.Output = r.Nodes[n-1].Content
	}
	return r
}
