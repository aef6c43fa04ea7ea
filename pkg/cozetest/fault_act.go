package cozetest

import (
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"time"
)

// disturb lets faults happen to a call of an operation. It is the step before anything that is work.
func (x *exchange) disturb() bool {
	handshake := isHandshake(x.r)
	for _, f := range x.srv.faults.pick(x.srv.cfg.seed, x.op.id, handshake) {
		if handshake {
			f.Work = WorkSkipped // it has no answer to hold back
		}
		if !x.suffer(f) {
			return false
		}
	}
	return true
}

// suffer lets one fault happen, or prepares it where the work comes first. It tells whether the call goes on.
func (x *exchange) suffer(f Fault) bool {
	x.srv.journal.change(x.call, func(c *Call) { c.Faults = append(c.Faults, f.Kind) })
	if x.session.add(f) {
		return true
	}
	switch f.Kind {
	case FaultLatency:
		return x.wait(f.Duration)
	case FaultClockShift:
		x.srv.Advance(f.Duration)
	case FaultExpireToken:
		x.expireToken()
	case FaultByteByByte:
		x.w = byteWriter{x.w}
	case FaultWrongType:
		x.w = &typeWriter{ResponseWriter: x.w}
	case FaultCutStream, FaultEndStream:
		cut := &cutWriter{ResponseWriter: x.w, fault: f}
		x.w, x.atEnd = cut, cut.end
	default:
		if f.Work == WorkDone {
			held := &heldWriter{header: http.Header{}}
			outer := x.w
			x.w, x.atEnd = held, func() {
				x.w = outer
				x.answerFault(f, held)
			}
			return true
		}
		x.answerFault(f, nil)
		return false
	}
	return true
}

// wait tells false if the client or the server went meanwhile.
func (x *exchange) wait(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-x.r.Context().Done():
		return false
	case <-x.srv.ctx.Done():
		panic(http.ErrAbortHandler)
	}
}

// expireToken lets the token of the call expire: for good if it was issued, for this call if it is the server's own.
func (x *exchange) expireToken() {
	token := x.bearerToken()
	if x.expired = token == x.srv.cfg.token; x.expired {
		return
	}
	st := &x.srv.state
	st.mu.Lock()
	defer st.mu.Unlock()
	if i := st.tokens[token]; i != nil {
		old := *i
		old.expires = x.srv.now()
		st.tokens[token] = &old
	}
}

// answerFault answers in place of the operation, whose own answer is in held if its work was done.
func (x *exchange) answerFault(f Fault, held *heldWriter) {
	h := x.w.Header()
	if f.RetryAfter != "" {
		h.Set("Retry-After", f.RetryAfter)
	}
	text := ""
	switch f.Kind {
	case FaultReset:
		x.resetConnection()
		return
	case FaultTruncatedBody:
		x.truncate(f, held)
		return
	case FaultGateway:
		h.Set("Content-Type", "text/html")
		text = fmt.Sprintf("<html>\r\n<head><title>%[1]d %[2]s</title></head>\r\n<body>\r\n<center><h1>%[1]d %[2]s</h1></center>\r\n"+
			"</body>\r\n</html>\r\n", f.Status, http.StatusText(f.Status))
	case FaultEmptyBody:
		h.Set("Content-Type", "application/json")
	default:
		h.Set("Content-Type", "application/json")
		text = string(mustEncode(map[string]any{"code": f.Code, "msg": f.text(), "detail": map[string]any{"logid": x.logID}}))
	}
	x.srv.journal.change(x.call, func(c *Call) { c.Status, c.Code = f.Status, f.Code })
	x.w.WriteHeader(f.Status)
	_, _ = x.w.Write([]byte(text))
}

// truncate sends the beginning of an answer that was announced in full.
func (x *exchange) truncate(f Fault, held *heldWriter) {
	held.copyHeader(x.w.Header())
	body := held.body.Bytes()
	n := min(f.Bytes, len(body))
	if f.Bytes == 0 {
		n = len(body) / 2
	}
	x.w.Header().Set("Content-Length", fmt.Sprint(len(body)))
	x.w.WriteHeader(held.sentStatus())
	_, _ = x.w.Write(body[:n])
	_ = http.NewResponseController(x.w).Flush()
	if n < len(body) {
		panic(http.ErrAbortHandler)
	}
}

// resetConnection ends the connection without an answer; over TCP with RST, so that the client does not take it for an orderly end.
func (x *exchange) resetConnection() {
	x.srv.journal.change(x.call, func(c *Call) { c.Status, c.Code = 0, 0 })
	conn, _, err := http.NewResponseController(x.w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // HTTP/2 and recorders, which cannot do better
	}
	below := conn
	if t, ok := conn.(*tls.Conn); ok {
		below = t.NetConn()
	}
	if tcp, ok := below.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = below.Close()
}
