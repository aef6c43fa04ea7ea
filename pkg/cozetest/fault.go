package cozetest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/coder/websocket"
)

// maxCloseReason is what a close frame has room for, in bytes.
const maxCloseReason = 123

// Fault is a way in which the server misbehaves, and when. Give faults to [WithFaults] or [Server.SetFaults].
//
// Each fault counts the calls of its operations, and Every, Chance and Times choose among them, in this order. The choice depends on
// the seed and on that count alone, so that a run with one call at a time repeats.
type Fault struct {
	Kind       FaultKind `json:"kind"`
	Operations []string  `json:"operations,omitempty"` // operationIds of the document, those of websockets too; all if there are none
	Every      int       `json:"every,omitempty"`      // only each k-th of their calls; 0 and 1 are each one
	Chance     float64   `json:"chance,omitempty"`     // only with this probability; 0 is always
	Times      int       `json:"times,omitempty"`      // at most so often; 0 is without end, but once for FaultClockShift

	// Work tells whether the operation's work is done before the fault shows, for the kinds that leave a choice.
	Work       Work          `json:"work,omitempty"`
	Duration   time.Duration `json:"duration,omitempty"`    // how long, or how far; in JSON a text such as "250ms"
	RetryAfter string        `json:"retry_after,omitempty"` // value of that header: seconds, or a date; no header if it is empty
	Status     int           `json:"status,omitempty"`      // HTTP status
	Code       int           `json:"code,omitempty"`        // code of the envelope
	Text       string        `json:"text,omitempty"`        // of a refusal, an error event or a close; some words of the kind by default
	Events     int           `json:"events,omitempty"`      // after so many events of a stream or a websocket
	Bytes      int           `json:"bytes,omitempty"`       // after so many bytes of the body
}

// FaultKind is what goes wrong. [FaultKinds] describes each.
type FaultKind string

// The kinds of faults.
const (
	FaultLatency       FaultKind = "latency"
	FaultRateLimit     FaultKind = "rate-limit"
	FaultCode          FaultKind = "code"
	FaultServerError   FaultKind = "server-error"
	FaultGateway       FaultKind = "gateway"
	FaultEmptyBody     FaultKind = "empty-body"
	FaultTruncatedBody FaultKind = "truncated-body"
	FaultWrongType     FaultKind = "wrong-type"
	FaultReset         FaultKind = "reset"
	FaultCutStream     FaultKind = "cut-stream"
	FaultEndStream     FaultKind = "end-stream"
	FaultByteByByte    FaultKind = "byte-by-byte"
	FaultExpireToken   FaultKind = "expire-token"
	FaultRefuseSocket  FaultKind = "refuse-socket"
	FaultSlowSocket    FaultKind = "slow-socket"
	FaultErrorEvent    FaultKind = "error-event"
	FaultCloseSocket   FaultKind = "close-socket"
	FaultDropSocket    FaultKind = "drop-socket"
	FaultSilentSocket  FaultKind = "silent-socket"
	FaultClockShift    FaultKind = "clock-shift"
)

// Work tells what became of the work of an operation that a fault disturbed.
type Work string

// What can become of it.
const (
	WorkSkipped Work = "skipped" // the server has done nothing, and has not read the body
	WorkDone    Work = "done"    // the server has done all, only the caller does not learn it
)

// FaultInfo describes a kind of fault.
type FaultInfo struct {
	Kind FaultKind `json:"kind"`
	Does string    `json:"does"`           // a sentence or two; values in brackets are defaults
	Work []Work    `json:"work"`           // what becomes of the work; of two the first is the default of [Fault.Work]
	Uses []string  `json:"uses,omitempty"` // parameters, as JSON has them
}

// faultKinds is the table of all kinds.
var faultKinds = func() []FaultInfo {
	does, skips, either := []Work{WorkDone}, []Work{WorkSkipped}, []Work{WorkSkipped, WorkDone}
	return []FaultInfo{
		{FaultLatency, "The call waits for duration before anything else.", does, []string{"duration"}},
		{FaultRateLimit, "HTTP 429 with code (4013), and with the header Retry-After if there is a retry_after.", skips,
			[]string{"code", "retry_after", "text"}},
		{FaultCode, "HTTP 200 with code (4013), as the platform refuses.", skips, []string{"code", "retry_after", "text"}},
		{FaultServerError, "HTTP status (500) with code (5000) in JSON.", either, []string{"code", "retry_after", "status", "text"}},
		{FaultGateway, "HTTP status (502) with a page in HTML, as a gateway answers in place of the server.", either,
			[]string{"retry_after", "status"}},
		{FaultEmptyBody, "HTTP status (200) of JSON, without a body.", either, []string{"status"}},
		{FaultTruncatedBody, "The answer has its Content-Length, but breaks off after bytes (the half of it).", does, []string{"bytes"}},
		{FaultWrongType, "The answer as it is, called text/html.", does, nil},
		{FaultReset, "The connection is reset (TCP RST) before the first byte of an answer.", either, nil},
		{FaultCutStream, "The connection breaks after events or bytes of the body, at once by default.", does, []string{"bytes", "events"}},
		{FaultEndStream, "The body ends after events or bytes as if it were complete, at once by default.", does,
			[]string{"bytes", "events"}},
		{FaultByteByByte, "Each byte of the answer is sent for itself.", does, nil},
		{FaultExpireToken, "The token of the call expires now: HTTP 401 with code 4100, also for the calls after it. " +
			"The token of the server itself is refused for this call only.", skips, nil},
		{FaultRefuseSocket, "The handshake of a websocket is refused with code (4101) and HTTP status (that of the code).", skips,
			[]string{"code", "status", "text"}},
		{FaultSlowSocket, "Duration passes before each event of a websocket.", does, []string{"duration"}},
		{FaultErrorEvent, "After events (0) of a websocket an error event of code (5000) comes; the session goes on.", does,
			[]string{"code", "events", "text"}},
		{FaultCloseSocket, "After events (0) the server closes a websocket with code (1011), and with text as reason.", does,
			[]string{"code", "events", "text"}},
		{FaultDropSocket, "After events (0) the connection of a websocket breaks without a close frame.", does, []string{"events"}},
		{FaultSilentSocket, "After events (0) a websocket is silent: no event, no pong, no close; what comes is thrown away.", does,
			[]string{"events"}},
		{FaultClockShift, "The clock of the server moves by duration, for good.", does, []string{"duration"}},
	}
}()

// FaultKinds returns the table of all kinds of faults.
func FaultKinds() []FaultInfo {
	all := slices.Clone(faultKinds)
	for i, k := range all {
		all[i].Work, all[i].Uses = slices.Clone(k.Work), slices.Clone(k.Uses)
	}
	return all
}

func (k FaultKind) info() *FaultInfo {
	i := slices.IndexFunc(faultKinds, func(f FaultInfo) bool { return f.Kind == k })
	if i < 0 {
		return nil
	}
	return &faultKinds[i]
}

// goesOn tells kinds that leave room for another fault of the same call.
func (k FaultKind) goesOn() bool {
	return k == FaultLatency || k == FaultClockShift || k == FaultByteByByte || k == FaultSlowSocket
}

// reaches tells whether a kind can happen to a handshake of a websocket, or else to a call.
func (k FaultKind) reaches(socket bool) bool {
	switch k {
	case FaultRefuseSocket, FaultSlowSocket, FaultErrorEvent, FaultCloseSocket, FaultDropSocket, FaultSilentSocket:
		return socket
	case FaultTruncatedBody, FaultWrongType, FaultCutStream, FaultEndStream, FaultByteByByte:
		return !socket
	default:
		return true
	}
}

// check fills in what was left out, and refuses what makes no sense.
func (f *Fault) check(d *document) error {
	info := f.Kind.info()
	if info == nil {
		return fmt.Errorf("unknown kind of fault %q", f.Kind)
	}
	for _, id := range f.Operations {
		if d.operations[id] == nil && d.sockets[id] == nil {
			return fmt.Errorf("fault %s: the document has no operation %q", f.Kind, id)
		}
	}
	switch {
	case f.Every < 0, f.Times < 0, f.Events < 0, f.Bytes < 0:
		return fmt.Errorf("fault %s: a count is negative", f.Kind)
	case f.Chance < 0 || f.Chance > 1:
		return fmt.Errorf("fault %s: the chance is %v, which is not between 0 and 1", f.Kind, f.Chance)
	case f.Status != 0 && (f.Status < 200 || f.Status > 599):
		return fmt.Errorf("fault %s: the status is %d, which is not between 200 and 599", f.Kind, f.Status)
	case f.Work != "" && !slices.Contains(info.Work, f.Work):
		return fmt.Errorf("fault %s: the work cannot be %s", f.Kind, f.Work)
	case f.Kind == FaultCloseSocket && len(f.Text) > maxCloseReason:
		return fmt.Errorf("fault %s: the text has more than %d bytes", f.Kind, maxCloseReason)
	case f.Kind == FaultCloseSocket && f.Code != 0 && (f.Code < 1000 || f.Code > 4999):
		return fmt.Errorf("fault %s: the code is %d, which is not between 1000 and 4999", f.Kind, f.Code)
	case f.Kind != FaultClockShift && f.Duration < 0:
		return fmt.Errorf("fault %s: the duration is negative", f.Kind)
	}
	for name, set := range map[string]bool{
		"duration": f.Duration != 0, "retry_after": f.RetryAfter != "", "status": f.Status != 0, "code": f.Code != 0,
		"events": f.Events != 0, "bytes": f.Bytes != 0, "text": f.Text != "",
	} {
		if set && !slices.Contains(info.Uses, name) {
			return fmt.Errorf("fault %s: it takes no %s, only %s", f.Kind, name, orNothing(strings.Join(info.Uses, ", ")))
		}
	}
	f.fillIn(info)
	return nil
}

func orNothing(list string) string {
	if list == "" {
		return "none"
	}
	return list
}

func (f *Fault) fillIn(info *FaultInfo) {
	if f.Work == "" {
		f.Work = info.Work[0]
	}
	status, code := 0, 0
	switch f.Kind {
	case FaultRateLimit:
		status, code = 429, codeRateLimited
	case FaultCode:
		status, code = 200, codeRateLimited
	case FaultServerError:
		status, code = 500, codeInternal
	case FaultGateway:
		status = 502
	case FaultEmptyBody:
		status = 200
	case FaultRefuseSocket:
		code = cmp.Or(f.Code, codePermissionDenied)
		status = handshakeStatus(code)
	case FaultErrorEvent:
		code = codeInternal
	case FaultCloseSocket:
		code = int(websocket.StatusInternalError)
	case FaultClockShift:
		f.Times = max(f.Times, 1)
	default:
	}
	f.Status, f.Code = cmp.Or(f.Status, status), cmp.Or(f.Code, code)
}

func (f *Fault) text() string { return cmp.Or(f.Text, "a fault of kind "+string(f.Kind)) }
