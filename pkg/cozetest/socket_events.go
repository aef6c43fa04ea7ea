package cozetest

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/coder/websocket"
	"github.com/getkin/kin-openapi/openapi3"
)

// clientEvent is an event of the client.
type clientEvent struct {
	ID   string          `json:"id"`
	Type string          `json:"event_type"`
	Data json.RawMessage `json:"data"`
}

// socketAuthorization is the token of a handshake with its scheme: from the header, or from the query for clients that can set none.
func (x *exchange) socketAuthorization() string {
	header, query := x.r.Header.Get("Authorization"), x.query.Get("authorization")
	delete(x.query, "authorization")
	if header == "" {
		return query
	}
	if query != "" {
		x.deviates("/query/authorization", ruleTwice)
	}
	return header
}

// handshakeStatus is the HTTP status of a refused handshake.
func handshakeStatus(code int) int {
	switch code {
	case codeInvalidToken:
		return http.StatusUnauthorized
	case codePermissionDenied:
		return http.StatusForbidden
	case codeInternal:
		return http.StatusInternalServerError
	}
	return http.StatusBadRequest
}

// receive records an event, checks it, and does what it asks for.
func (s *session) receive(kind websocket.MessageType, text []byte) {
	var e clientEvent
	var f *finding
	fields := map[string]json.RawMessage{}
	if err := json.Unmarshal(text, &fields); kind != websocket.MessageText || err != nil {
		f = &finding{"/client", "json", "want a text frame with a JSON object"}
	} else if err := json.Unmarshal(text, &e); err != nil {
		f = &finding{"/client", "type", oneLine(err.Error())}
	}
	s.record(e, text)
	if f == nil {
		f = s.check(&e, fields)
	}
	if f != nil {
		s.x.violate(f.pointer, f.rule, f.message)
		s.fail(refuse(codeInvalidParameter, "%s: %s (rule %s)", f.pointer, f.message, f.rule), text)
		return
	}
	do := s.events[e.Type]
	if do == nil {
		return // of a socket without known events
	}
	if err := do(e.Data); err != nil {
		s.fail(err, text)
	}
}

// check finds where an event breaks the document. It takes nulls out of the data if they are allowed.
func (s *session) check(e *clientEvent, fields map[string]json.RawMessage) *finding {
	if e.Type == "" {
		return &finding{"/client/event_type", "required", "the event has no event_type"}
	}
	spec, pointer := s.x.op.socket, "/client/"+e.Type
	schema, known := spec.client[e.Type]
	if len(spec.client) == 0 {
		return nil
	}
	if !known {
		return &finding{pointer, "unknown", "the socket knows no such event of a client"}
	}
	for _, name := range sortedKeys(fields) {
		if !slices.Contains([]string{"id", "event_type", "data"}, name) && !s.srv.cfg.unknownFields {
			return &finding{pointer + "/" + name, "unknown", "an event has id, event_type and data"}
		}
	}
	if schema == nil {
		if d := string(e.Data); d != "" && d != "{}" && d != "null" && !s.srv.cfg.unknownFields {
			return &finding{pointer, "unknown", "the event has no data"}
		}
		return nil
	}
	if len(e.Data) == 0 {
		e.Data = json.RawMessage("{}") // then what is required is missing
	}
	return s.checkData(e, pointer, schema)
}

func (s *session) checkData(e *clientEvent, pointer string, schema *openapi3.Schema) *finding {
	var value any
	if err := json.Unmarshal(e.Data, &value); err != nil {
		return &finding{pointer, "json", err.Error()}
	}
	if s.srv.cfg.nullFields && hasNull(value) {
		s.x.deviates("/body", ruleNull)
		value = withoutNulls(value)
		e.Data, _ = encodeJSON(value)
	}
	if err := schema.VisitJSON(value); err != nil {
		return describe(pointer, err)
	}
	if f := emptyID(pointer, value); f != nil {
		return f
	}
	if s.srv.cfg.unknownFields {
		return nil
	}
	return unknownField(pointer, schema, value)
}

// emptyID finds an id without characters, at any depth.
func emptyID(pointer string, v any) *finding {
	fields, _ := v.(map[string]any)
	for _, name := range sortedKeys(fields) {
		at := pointer + "/" + name
		if fields[name] == "" && strings.HasSuffix(name, "_id") {
			return &finding{at, "empty", "leave an unset id out instead of sending it empty"}
		}
		if f := emptyID(at, fields[name]); f != nil {
			return f
		}
	}
	return nil
}

// take reads the data of an event into v, whose contract has been checked but for base64.
func (s *session) take(event string, data []byte, v any) error {
	if err := json.Unmarshal(data, v); err != nil {
		pointer := "/client/" + event + "/delta"
		s.x.violate(pointer, "contentEncoding", oneLine(err.Error()))
		return refuse(codeInvalidParameter, "%s: %v (rule contentEncoding)", pointer, err)
	}
	return nil
}

// maxOrigin is the size of the longest event that an error event repeats, in bytes.
const maxOrigin = 2 << 10

// fail answers an event with an error event.
func (s *session) fail(err error, origin []byte) {
	no := refuse(codeInternal, "%v", err)
	_ = errors.As(err, &no)
	e := outgoing{name: "error", data: s.encode("error", wireError{no.code, no.msg})}
	if len(origin) <= maxOrigin {
		e.origin = string(origin)
	}
	s.push(e)
}

// encode writes the data of an event, and records where it breaks the document.
func (s *session) encode(name string, data any) []byte {
	var text []byte
	if data != nil {
		text = mustEncode(data)
	}
	s.srv.checkSocketEvent(s.x.op, name, text)
	return text
}

// checkSocketEvent records where an event of the fake breaks the document.
func (s *Server) checkSocketEvent(op *operation, name string, data []byte) {
	schema, known := op.socket.server[name]
	switch {
	case known && schema == nil && len(data) > 0:
		s.violate(Violation{Operation: op.id, Pointer: "/event/" + name, Rule: "unknown", Message: "the event has no data"})
	case known && schema == nil:
	case known && len(data) == 0:
		s.violate(Violation{Operation: op.id, Pointer: "/event/" + name, Rule: "required", Message: "the event has no data"})
	default:
		s.checkEvent(op, name, data)
	}
}

// wireEvent is an event of the server as it goes over the wire.
type wireEvent struct {
	ID     string          `json:"id"`
	Type   string          `json:"event_type"`
	Data   json.RawMessage `json:"data,omitempty"`
	Detail wireEventDetail `json:"detail"`
}

type wireEventDetail struct {
	LogID         string `json:"logid"`
	RespondAt     string `json:"respond_at"`
	OriginMessage string `json:"origin_message,omitempty"`
}

// envelope writes an event whole. The time never goes back within a session.
func (s *session) envelope(e outgoing) []byte {
	s.respondAt = max(s.respondAt, s.srv.cfg.clock().UnixMilli())
	return mustEncode(wireEvent{
		ID: s.ids.next(), Type: e.name, Data: e.data,
		Detail: wireEventDetail{LogID: s.x.logID, RespondAt: strconv.FormatInt(s.respondAt, 10), OriginMessage: e.origin},
	})
}
