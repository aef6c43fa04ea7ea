package contract

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/cozekit/cozekit/internal/transport"
	"github.com/cozekit/cozekit/pkg/call"
)

// Config is how a check is done.
type Config struct {
	Report func(call.Drift)
	First  int           // answers, streams and connections of each operation that are looked at in any case
	Rate   float64       // share of the others, 0 to 1
	Window time.Duration // how long the same drift is not reported again
}

// Check looks at what servers send. It is a [transport.Inspector], safe for concurrent use.
type Check struct {
	cfg    Config
	counts sync.Map // of what was offered for inspection: *atomic.Int64 by operation
	seen   seen
}

// New returns a check. Nothing is read before the first answer.
func New(cfg Config) *Check { return &Check{cfg: cfg, seen: seen{window: cfg.Window}} }

// Picks implements [transport.Inspector].
func (c *Check) Picks(op *transport.Op) (picked bool) {
	defer c.contain(op)
	n, ok := c.counts.Load(op.ID)
	if !ok {
		doc, err := theDocument()
		switch {
		case err != nil:
			c.report(call.Drift{Rule: call.DriftCheckFailed, Operation: op.ID, Got: err.Error()}, "")
			return false
		case doc.operations[op.ID] == nil:
			return false
		}
		n, _ = c.counts.LoadOrStore(op.ID, new(atomic.Int64))
	}
	return n.(*atomic.Int64).Add(1) <= int64(c.cfg.First) || rand.Float64() < c.cfg.Rate //nolint:gosec // a sample needs no secret
}

// message is what is looked at.
type message struct {
	source call.DriftSource
	op     *transport.Op
	event  string
	logID  string
	text   []byte
}

// Answer implements [transport.Inspector].
func (c *Check) Answer(op *transport.Op, logID string, status int, body []byte) {
	defer c.contain(op)
	doc, known := c.operation(op)
	if known == nil || len(body) > maxBytes {
		return
	}
	m := &message{source: call.DriftInAnswer, op: op, logID: logID, text: body}
	found, refused, err := walk(or(known.answer, &node{kinds: kindObject, open: true}), body)
	if err == nil && (refused || status >= 300) {
		m.source = call.DriftInRefusal
		found, _, err = walk(doc.refusal, body)
	}
	if err == nil { // else a page of a gateway, or an answer that was cut: the call tells of it
		c.tell(m, found)
	}
}

// Event implements [transport.Inspector].
func (c *Check) Event(op *transport.Op, logID, name string, data []byte) {
	defer c.contain(op)
	doc, known := c.operation(op)
	if known == nil || known.stream == nil || len(data) > maxBytes {
		return
	}
	m := &message{source: call.DriftInEvent, op: op, event: visibleName(name), logID: logID, text: data}
	n, event := known.stream.find(name)
	if n == nil {
		c.tell(m, []finding{{rule: call.DriftUnknownEvent, want: "another event", got: shape(data), value: visibleWord(name)}})
		return
	}
	m.event = event
	if known.stream.ends[event] && jsontext.Value(data).Kind() != '{' {
		return
	}
	c.look(m, n, doc.refusal)
}

// Frame implements [transport.Inspector].
func (c *Check) Frame(op *transport.Op, frame []byte) {
	defer c.contain(op)
	_, known := c.operation(op)
	if known == nil || known.frames == nil || len(frame) > maxBytes {
		return
	}
	var head struct {
		Type string `json:"event_type"`
	}
	m := &message{source: call.DriftInFrame, op: op, text: frame}
	if err := json.Unmarshal(frame, &head, lax()); err != nil || head.Type == "" {
		c.tell(m, []finding{{rule: call.DriftNotJSON, want: "an object with event_type", got: shape(frame)}})
		return
	}
	m.event = visibleName(head.Type)
	n, event := known.frames.find(head.Type)
	if n == nil {
		c.tell(m, []finding{{rule: call.DriftUnknownEvent, want: "another event", got: shape(frame), value: visibleWord(head.Type)}})
		return
	}
	m.event = event
	c.look(m, n, nil)
}

// look compares a message that must be JSON. One with a code, where n has none, is compared with refusal.
func (c *Check) look(m *message, n, refusal *node) {
	if len(m.text) == 0 {
		return
	}
	found, refused, err := walk(n, m.text)
	if err == nil && refused && refusal != nil && !n.hasCode() {
		found, _, err = walk(refusal, m.text)
	}
	if err != nil {
		found = []finding{{rule: call.DriftNotJSON, want: n.want(), got: fmt.Sprintf("%d bytes", len(m.text))}}
	}
	c.tell(m, found)
}

func (c *Check) operation(op *transport.Op) (*document, *operation) {
	doc, err := theDocument()
	if err != nil {
		return nil, nil
	}
	return doc, doc.operations[op.ID]
}

func (c *Check) tell(m *message, found []finding) {
	for _, f := range found {
		d := call.Drift{
			Rule: f.rule, Source: m.source, Operation: m.op.ID, Event: m.event, Pointer: f.pointer, Field: f.field,
			Want: f.want, Got: f.got, Value: f.value, LogID: m.logID,
		}
		if f.node != nil {
			d.Document = f.node.place()
		}
		if d.LogID == "" {
			d.LogID = logIDOf(m.text)
		}
		c.report(d, f.collective)
	}
}

// report hands d out, unless the same was reported in this window.
func (c *Check) report(d call.Drift, collective string) {
	d.Time = time.Now()
	if c.seen.first(d.Time, &d, collective) {
		c.cfg.Report(d)
	}
}

// contain keeps a fault of the check, or of the caller's function, from harming the call.
func (c *Check) contain(op *transport.Op) {
	r := recover()
	if r == nil {
		return
	}
	defer func() { _ = recover() }() // of the report of the first
	c.report(call.Drift{Rule: call.DriftCheckFailed, Operation: op.ID, Got: fmt.Sprintf("a panic: %.100s", panicKind(r))}, "")
}

// panicKind says what a panic was about, if that holds no content.
func panicKind(r any) string {
	if err, ok := r.(interface{ RuntimeError() }); ok {
		return fmt.Sprint(err)
	}
	return fmt.Sprintf("%T", r)
}

func lax() json.Options {
	return json.JoinOptions(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
}

// logIDOf is the log id in the body of a message.
func logIDOf(text []byte) string {
	var e struct {
		Detail jsontext.Value `json:"detail"`
	}
	var d struct {
		LogID string `json:"logid"`
	}
	if json.Unmarshal(text, &e, lax()) == nil && len(e.Detail) > 0 {
		_ = json.Unmarshal(e.Detail, &d, lax())
	}
	return d.LogID
}
