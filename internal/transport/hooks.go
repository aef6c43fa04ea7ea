package transport

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/cozekit/cozekit/pkg/call"
	"github.com/cozekit/cozekit/pkg/stream"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// watch follows one call for its hooks and the logger. A call that nobody follows has none.
type watch struct {
	x     *exchange
	hooks []*call.Hooks
	info  call.RequestInfo
	ctx   context.Context // of the hooks
	ended func(*watch, call.Outcome)

	mu       sync.Mutex // Close may come from another goroutine than the loop
	result   call.Outcome
	complete bool // the stream may end here
	eof      bool // it has ended
}

// begin tells the hooks of the call, and returns the context that it goes on with.
func (w *watch) begin(ctx context.Context) context.Context {
	x := w.x
	w.info = call.RequestInfo{
		Op: x.op.ID, Method: x.op.Method, Scheme: x.url.Scheme, Host: x.url.Host, Path: x.url.Path, Route: x.op.Path,
		Stream: x.want == wantStream,
	}
	if len(w.hooks) > 0 {
		x.subjects(&w.info)
	}
	for _, h := range w.hooks {
		if h.Call != nil {
			if own := h.Call(ctx, &w.info); own != nil {
				ctx = own
			}
		}
	}
	w.ctx = ctx
	return ctx
}

// end tells how the call went. Of a stream it is called by Close.
func (w *watch) end(err error) {
	x := w.x
	w.mu.Lock()
	r, truncated := w.result, w.eof && !w.complete
	w.mu.Unlock()
	switch {
	case err != nil:
		r.Err = err
	case r.Err == nil && truncated && x.want == wantStream:
		r.Err = x.failed(io.ErrUnexpectedEOF)
	}
	r.Attempts, r.Status, r.LogID, r.Duration = x.attempts, x.status, x.logID(r.Err), time.Since(x.start)
	r.Code = codeOf(r.Err)
	if r.Usage == (call.TokenUsage{}) && len(w.hooks) > 0 && len(x.raw) > 0 {
		r.Usage = usageOf(x.raw)
	}
	for _, h := range w.hooks {
		if h.Done != nil {
			h.Done(w.ctx, &w.info, r)
		}
	}
	if w.ended != nil {
		w.ended(w, r)
	}
}

func codeOf(err error) int {
	var refused *call.Error
	if errors.As(err, &refused) {
		return refused.Code
	}
	return 0
}

// teller tells the hooks of each try.
type teller struct{ next handler }

func (t *teller) handle(ctx context.Context, x *exchange) error {
	w := x.watch
	if w == nil || len(w.hooks) == 0 {
		return t.next.handle(ctx, x)
	}
	told := false
	defer func() {
		if !told && x.live != nil { // a hook panics
			_ = x.live.Close()
		}
	}()
	for _, h := range w.hooks {
		if h.Request != nil {
			h.Request(ctx, &w.info, call.TryInfo{Attempt: x.attempts + 1})
		}
	}
	start := time.Now()
	err := t.next.handle(ctx, x)
	for _, h := range w.hooks {
		if h.Response != nil {
			h.Response(ctx, &w.info, call.TryResult{
				Attempt: x.attempts, Status: x.status, Code: codeOf(err), LogID: x.logID(err), Duration: time.Since(start), Err: err,
			})
		}
	}
	told = true
	return err
}

// retry tells the hooks that a try failed and another one follows after wait.
func (w *watch) retry(ctx context.Context, wait time.Duration, err error) {
	if w == nil {
		return
	}
	for _, h := range w.hooks {
		if h.Retry != nil {
			h.Retry(ctx, &w.info, call.RetryInfo{
				Attempt: w.x.attempts, Wait: wait, Status: w.x.status, Code: codeOf(err), Err: err,
			})
		}
	}
}

// event notes an event of the stream, and tells the hooks.
func (w *watch) event(ev stream.Event, verdict stream.Verdict, err error) {
	if verdict == stream.Skip && err == nil {
		return
	}
	after := time.Since(w.x.start)
	if err == nil && verdict != stream.Deliver {
		err = w.x.reported(ev)
	}
	w.mu.Lock()
	w.result.Events++
	if w.result.Events == 1 {
		w.result.FirstEvent = after
	}
	if err != nil {
		w.result.Err = err
	}
	w.complete = w.complete || verdict == stream.Complete || verdict == stream.End
	if len(w.hooks) > 0 && bytes.Contains(ev.Data, []byte(`"usage"`)) {
		if u := usageOf(ev.Data); u != (call.TokenUsage{}) {
			w.result.Usage = u
		}
	}
	told := call.EventInfo{Name: ev.Type, Index: w.result.Events, Size: len(ev.Data), After: after}
	w.mu.Unlock()
	for _, h := range w.hooks {
		if h.Event != nil {
			h.Event(w.ctx, &w.info, told)
		}
	}
}

// readEnded notes the error of a read of the stream or download. The events before an end may still be on their way.
func (w *watch) readEnded(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.eof = w.eof || err == io.EOF; err != io.EOF && w.result.Err == nil {
		w.result.Err = err
	}
}

// reported is the error that an event reports, if it does.
func (x *exchange) reported(ev stream.Event) error {
	if !strings.EqualFold(ev.Type, "error") && !strings.EqualFold(ev.Type, "conversation.chat.failed") {
		return nil
	}
	e := x.newError(x.status, x.rspHeader)
	ReadFailure(e, ev.Type, ev.Data)
	return e
}

// subjects finds what a request names in its path, query and JSON body.
func (x *exchange) subjects(c *call.RequestInfo) {
	var named struct {
		BotID          string `json:"bot_id"`
		WorkflowID     string `json:"workflow_id"`
		AppID          string `json:"app_id"`
		ConversationID string `json:"conversation_id"`
	}
	if x.body != nil && x.body.contentType == typeJSON {
		if rc, err := x.body.open(); err == nil {
			_ = json.UnmarshalRead(rc, &named, laxOptions)
			_ = rc.Close()
		}
	}
	c.BotID, c.WorkflowID, c.AppID, c.ConversationID = named.BotID, named.WorkflowID, named.AppID, named.ConversationID
	query, _ := url.ParseQuery(x.url.RawQuery)
	for name, to := range map[string]*string{
		"bot_id": &c.BotID, "workflow_id": &c.WorkflowID, "app_id": &c.AppID, "conversation_id": &c.ConversationID,
	} {
		if v := query.Get(name); v != "" {
			*to = v
		} else if v := pathValue(x.op.Path, x.path, name); v != "" {
			*to = v
		}
	}
}

// pathValue is the value that stands for {name} in path.
func pathValue(path string, values []string, name string) string {
	for i := 0; i < len(values); i++ {
		_, rest, ok := strings.Cut(path, "{")
		if !ok {
			return ""
		}
		var got string
		if got, path, ok = strings.Cut(rest, "}"); ok && got == name {
			return values[i]
		}
	}
	return ""
}

// usageOf finds the tokens that an answer or an event tells, in itself or in its data.
func usageOf(raw []byte) call.TokenUsage {
	type usage struct {
		Total  int64 `json:"token_count"`
		Output int64 `json:"output_count"`
		Input  int64 `json:"input_count"`
	}
	var told struct {
		Usage jsontext.Value `json:"usage"`
		Data  jsontext.Value `json:"data"`
	}
	if json.Unmarshal(raw, &told, decodeOptions) != nil {
		return call.TokenUsage{}
	}
	if len(told.Usage) == 0 && len(told.Data) > 0 && told.Data[0] == '{' {
		return usageOf(told.Data)
	}
	var u usage
	if len(told.Usage) == 0 || json.Unmarshal(told.Usage, &u, laxOptions) != nil {
		return call.TokenUsage{}
	}
	return call.TokenUsage{Input: u.Input, Output: u.Output, Total: u.Total}
}
