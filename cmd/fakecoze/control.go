package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/cozekit/cozekit/pkg/cozetest"
)

// controlPath is below which the program itself answers.
const controlPath = "/_fake/"

// split sends requests below controlPath to the program and all others to the platform.
type split struct{ control, platform http.Handler }

// ServeHTTP implements [http.Handler].
func (s split) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, controlPath) {
		s.control.ServeHTTP(w, r)
		return
	}
	s.platform.ServeHTTP(w, r)
}

// control answers below controlPath. It asks for no token.
type control struct{ platform *platform }

func newControl(p *platform) *control { return &control{p} }

func (c *control) register(mux *http.ServeMux) {
	for pattern, h := range map[string]func(*http.Request) (any, error){
		"GET /_fake/calls":        c.calls,
		"GET /_fake/deviations":   c.deviations,
		"GET /_fake/events":       c.events,
		"GET /_fake/faults":       c.faults,
		"POST /_fake/faults":      c.setFaults,
		"DELETE /_fake/faults":    c.clearFaults,
		"GET /_fake/kinds":        c.kinds,
		"GET /_fake/violations":   c.violations,
		"POST /_fake/clock":       c.moveClock,
		"POST /_fake/reset":       c.reset,
		"POST /_fake/tokens":      c.newToken,
		controlPath + "{rest...}": unknown,
	} {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) { answer(w, r, h) })
	}
	mux.HandleFunc("GET /_fake/{$}", c.page)
}

// errUnknown is the error of a path that control does not have.
var errUnknown = errors.New("there is no such control request; see " + controlPath)

func unknown(*http.Request) (any, error) { return nil, errUnknown }

// answer writes a result as JSON, and an error with status 400 or 404.
func answer(w http.ResponseWriter, r *http.Request, h func(*http.Request) (any, error)) {
	result, err := h(r)
	status := http.StatusOK
	if err != nil {
		result, status = map[string]string{"error": err.Error()}, http.StatusBadRequest
	}
	if errors.Is(err, errUnknown) {
		status = http.StatusNotFound
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	_ = e.Encode(result)
}

// maxControlBody bounds the body of a control request, in bytes.
const maxControlBody = 1 << 20

// readBody decodes the body strictly.
func readBody(r *http.Request, v any) error {
	text, err := io.ReadAll(io.LimitReader(r.Body, maxControlBody))
	if err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return fmt.Errorf("the body: %w", err)
	}
	return nil
}

func (c *control) faults(*http.Request) (any, error) { return c.platform.server().Faults(), nil }

func (c *control) kinds(*http.Request) (any, error) { return cozetest.FaultKinds(), nil }

// setFaults takes one fault or a list of them, which takes the place of those in force.
func (c *control) setFaults(r *http.Request) (any, error) {
	var raw json.RawMessage
	if err := readBody(r, &raw); err != nil {
		return nil, err
	}
	list := make([]cozetest.Fault, 1)
	var into any = &list[0]
	if bytes.HasPrefix(bytes.TrimSpace(raw), []byte("[")) {
		into = &list
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return nil, fmt.Errorf("the body: %w", err)
	}
	if err := c.platform.server().SetFaults(list...); err != nil {
		return nil, err
	}
	return c.faults(r)
}

func (c *control) clearFaults(r *http.Request) (any, error) {
	if err := c.platform.server().SetFaults(); err != nil {
		return nil, err
	}
	return c.faults(r)
}

func (c *control) reset(*http.Request) (any, error) {
	return map[string]string{"reset": "done"}, c.platform.reset()
}

// moveClock takes by how much, such as 1h.
func (c *control) moveClock(r *http.Request) (any, error) {
	var req struct {
		Advance string `json:"advance"`
	}
	if err := readBody(r, &req); err != nil {
		return nil, err
	}
	d, err := time.ParseDuration(req.Advance)
	if err != nil {
		return nil, fmt.Errorf("advance %q: want a duration such as 90s or 1h", req.Advance)
	}
	c.platform.server().Advance(d)
	return map[string]string{"advanced": d.String()}, nil
}

// newToken makes a token for another visitor.
func (c *control) newToken(r *http.Request) (any, error) {
	var req struct {
		UserID      string   `json:"user_id"`
		SessionName string   `json:"session_name"`
		Permissions []string `json:"permissions"`
		Lifetime    string   `json:"lifetime"`
	}
	if err := readBody(r, &req); err != nil {
		return nil, err
	}
	v := cozetest.Visitor{UserID: req.UserID, SessionName: req.SessionName, Permissions: req.Permissions}
	if req.Lifetime != "" {
		var err error
		if v.Lifetime, err = time.ParseDuration(req.Lifetime); err != nil {
			return nil, fmt.Errorf("lifetime %q: want a duration such as 90s or 1h", req.Lifetime)
		}
	}
	return map[string]string{"access_token": c.platform.server().TokenFor(v)}, nil
}

// recordedCall is a call in JSON, its body as text.
type recordedCall struct {
	Operation string               `json:"operation,omitempty"`
	Method    string               `json:"method"`
	Path      string               `json:"path"`
	Query     url.Values           `json:"query,omitempty"`
	Header    http.Header          `json:"header"`
	Body      string               `json:"body,omitempty"`
	Status    int                  `json:"status"`
	Code      int                  `json:"code"`
	Faults    []cozetest.FaultKind `json:"faults,omitempty"`
}

// calls lists the calls so far, the newest last; operation and last in the query choose among them.
func (c *control) calls(r *http.Request) (any, error) {
	list := []recordedCall{}
	for _, call := range c.platform.server().Calls() {
		if op := r.FormValue("operation"); op != "" && op != call.Operation {
			continue
		}
		list = append(list, recordedCall{
			call.Operation, call.Method, call.Path, call.Query, call.Header, string(call.Body), call.Status, call.Code, call.Faults,
		})
	}
	return newest(r, list)
}

// newest returns the end of list that last in the query asks for; all of it without.
func newest[T any](r *http.Request, list []T) (any, error) {
	text := r.FormValue("last")
	if text == "" {
		return list, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return nil, fmt.Errorf("last %q: want a number", text)
	}
	return list[max(len(list)-n, 0):], nil
}

// socketEvent is what a client said on a websocket, in JSON.
type socketEvent struct {
	Session   int    `json:"session"` // number, from 1
	Operation string `json:"operation"`
	LogID     string `json:"logid"`
	ID        string `json:"id,omitempty"`
	Type      string `json:"event_type,omitempty"`
	Data      string `json:"data,omitempty"` // text, as it came
}

// events lists what clients said on websockets so far; operation and last in the query choose among them.
func (c *control) events(r *http.Request) (any, error) {
	list := []socketEvent{}
	for _, e := range c.platform.server().SocketEvents() {
		if op := r.FormValue("operation"); op == "" || op == e.Operation {
			list = append(list, socketEvent{e.Session, e.Operation, e.LogID, e.ID, e.Type, string(e.Data)})
		}
	}
	return newest(r, list)
}

func (c *control) violations(*http.Request) (any, error) {
	list := []map[string]string{}
	for _, v := range c.platform.server().Violations() {
		list = append(list, map[string]string{"operation": v.Operation, "pointer": v.Pointer, "rule": v.Rule, "message": v.Message})
	}
	return list, nil
}

func (c *control) deviations(*http.Request) (any, error) {
	list := []map[string]any{}
	for _, d := range slices.Clone(c.platform.server().Deviations()) {
		list = append(list, map[string]any{
			"operation": d.Operation, "pointer": d.Pointer, "rule": d.Rule, "what": d.What, "sdk": d.SDK, "count": d.Count,
		})
	}
	return list, nil
}
