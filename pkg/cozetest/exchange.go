package cozetest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"
)

// exchange is one request on its way through the server.
type exchange struct {
	srv   *Server
	w     http.ResponseWriter
	r     *http.Request
	call  *Call
	logID string

	op     *operation
	path   map[string]string // values in the path
	query  url.Values
	body   []byte // empty for uploads, which are read as they come
	caller *identity

	expired bool   // the token is refused for this call
	atEnd   func() // what a fault does after the work; nil for nothing
	session sessionFaults
}

// steps is what happens to a request, in order. A step that answers returns false, and the rest is left out.
var steps = []func(*exchange) bool{
	(*exchange).findOperation,
	(*exchange).disturb,
	(*exchange).authenticate,
	(*exchange).limitRate,
	(*exchange).readBody,
	(*exchange).checkRequest,
	(*exchange).serve,
}

// handler serves one operation. Its result becomes data of the envelope; see [exchange.reply] for other results.
type handler func(*exchange) (any, error)

// sections are the operations with code of their own, by section. The others are answered with samples.
var sections = []map[string]handler{
	botHandlers, chatHandlers, conversationHandlers, feedbackHandlers, fileHandlers, messageHandlers, workspaceHandlers,
	appHandlers, botEditHandlers, botReleaseHandlers, collaboratorHandlers, copyTaskHandlers, enterpriseHandlers, folderHandlers,
	organizationMemberHandlers, templateHandlers, variableHandlers, workspaceEditHandlers, workspaceMemberHandlers,
	apiAppHandlers, billHandlers, connectorHandlers, datasetHandlers, documentHandlers, imageHandlers, limitationHandlers,
	pluginHandlers, speechHandlers, voiceHandlers, voiceprintFeatureHandlers, voiceprintHandlers,
	oauthHandlers, socketHandlers, workflowHandlers, workflowRunHandlers,
}

var handlers = func() map[string]handler {
	all := map[string]handler{}
	for _, s := range sections {
		maps.Copy(all, s)
	}
	return all
}()

// ServeHTTP implements [http.Handler], so that the server can stand behind other listeners too.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x := &exchange{srv: s, w: w, r: r, call: s.journal.begin(r), logID: s.ids.logID(s.cfg.clock()), query: r.URL.Query()}
	if r.Body == nil {
		r.Body = http.NoBody // of a request that did not come over a connection
	}
	w.Header().Set("X-Tt-Logid", x.logID)
	for _, step := range steps {
		if !step(x) {
			break
		}
	}
	if x.atEnd != nil {
		x.atEnd()
	}
	s.cfg.logger.Info("request", "method", r.Method, "path", r.URL.Path, "status", x.call.Status, "code", x.call.Code, "logid", x.logID)
}

func (x *exchange) findOperation() bool {
	if x.browserPage() {
		return false
	}
	x.op, x.path = x.srv.doc.match(x.r.Method, x.r.URL)
	if x.op == nil {
		x.violate("/path", "route", fmt.Sprintf("the document has no %s %s", x.r.Method, x.r.URL.Path))
		x.send(http.StatusNotFound, map[string]any{"code": codeNotFound, "msg": "no such route: " + x.r.Method + " " + x.r.URL.Path})
		return false
	}
	x.srv.journal.change(x.call, func(c *Call) { c.Operation = x.op.id })
	if x.alias() {
		x.deviates("/method", ruleMethod)
	}
	return true
}

// maxBody bounds what is read of a body that is no upload, in bytes.
const maxBody = 32 << 20

func (x *exchange) readBody() bool {
	if len(x.op.secrets) > 0 {
		return x.readSecretBody()
	}
	recorded := io.TeeReader(x.r.Body, bodyRecorder{&x.srv.journal, x.call})
	if x.isUpload() {
		x.r.Body = io.NopCloser(recorded)
		return true
	}
	body, err := io.ReadAll(http.MaxBytesReader(x.w, io.NopCloser(recorded), maxBody))
	if err != nil {
		x.refuse(refuse(codeInvalidParameter, "the body cannot be read: %v", err))
		return false
	}
	x.body = body
	return true
}

func (x *exchange) serve() bool {
	h := handlers[x.op.id]
	if h == nil {
		x.sample()
		return true
	}
	result, err := h(x)
	var no *refusal
	switch {
	case errors.As(err, &no):
		x.refuse(no)
	case err != nil:
		x.refuse(refuse(codeInternal, "%v", err))
	default:
		x.reply(result)
	}
	return true
}

// flat is a result whose fields stand beside code and msg.
type flat map[string]any

// answered is the result of a handler that wrote the answer itself.
type answered struct{}

// reply sends the answer of a handler: nothing but the envelope for nil, fields beside the code for flat, no envelope for plain,
// else data.
func (x *exchange) reply(result any) {
	fields := map[string]any{"code": 0, "msg": ""}
	switch v := result.(type) {
	case answered:
		return
	case nil:
	case flat:
		maps.Copy(fields, v)
	case plain:
		x.sendPlain(http.StatusOK, v)
		return
	default:
		fields["data"] = v
	}
	x.send(http.StatusOK, fields)
}

func (x *exchange) refuse(no *refusal) {
	if x.speaksOAuth() {
		x.sendOAuthRefusal(no)
		return
	}
	status := no.status
	switch {
	case status != 0:
	case x.op != nil && x.op.socket != nil:
		status = handshakeStatus(no.code)
	default:
		status = http.StatusOK // as the platform does for business errors
	}
	x.send(status, map[string]any{"code": no.code, "msg": no.msg})
}

// send writes a JSON answer and checks it against the document.
func (x *exchange) send(status int, fields map[string]any) {
	fields["detail"] = map[string]any{"logid": x.logID}
	code, _ := fields["code"].(int)
	text, err := encodeJSON(fields)
	if err != nil {
		x.violate("/answer", "json", err.Error())
	}
	x.checkAnswer(status, code, text)
	x.srv.journal.change(x.call, func(c *Call) { c.Status, c.Code = status, code })
	x.w.Header().Set("Content-Type", "application/json")
	x.w.WriteHeader(status)
	_, _ = x.w.Write(text)
}

func (x *exchange) violate(pointer, rule, message string) {
	v := Violation{Pointer: pointer, Rule: rule, Message: message}
	if x.op != nil {
		v.Operation = x.op.id
	}
	x.srv.violate(v)
}

// encodeJSON writes JSON as the platform does, without escapes for HTML.
func encodeJSON(v any) ([]byte, error) {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return []byte(strings.TrimSuffix(b.String(), "\n")), err
}
