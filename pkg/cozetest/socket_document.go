package cozetest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// socketSpec is one entry of x-coze-sockets. Events without a payload have no schema.
type socketSpec struct {
	client map[string]*openapi3.Schema // nil where the document knows no events
	server map[string]*openapi3.Schema
}

// socketEntry is the form of an entry in the document.
type socketEntry struct {
	OperationID string              `json:"operationId"`
	Path        string              `json:"path"` // empty for what is no websocket
	Permission  string              `json:"permission"`
	Query       []socketQuery       `json:"query"`
	Client      map[string]*eventAt `json:"client"`
	Server      map[string]*eventAt `json:"server"`
}

type socketQuery struct {
	Name     string                     `json:"name"`
	Required bool                       `json:"required"`
	Schema   map[string]json.RawMessage `json:"schema"`
}

// eventAt is where the payload of an event is described.
type eventAt struct {
	Ref string `json:"$ref"`
}

// addSockets reads the extension x-coze-sockets at the root, and makes an operation of each socket.
func (d *document) addSockets(spec *openapi3.T) error {
	text, err := json.Marshal(spec.Extensions["x-coze-sockets"])
	if err != nil {
		return err
	}
	var entries map[string]socketEntry
	if err := json.Unmarshal(text, &entries); err != nil {
		return fmt.Errorf("x-coze-sockets: %w", err)
	}
	for _, name := range sortedKeys(entries) {
		e := entries[name]
		if e.Path == "" {
			continue
		}
		o, err := newSocketOperation(spec, e)
		if err != nil {
			return fmt.Errorf("x-coze-sockets: %s: %w", name, err)
		}
		d.sockets[o.id] = o
		d.routes.add(o.template, http.MethodGet, o)
	}
	return nil
}

// newSocketOperation makes the operation that a client calls by its handshake.
func newSocketOperation(spec *openapi3.T, e socketEntry) (*operation, error) {
	op := openapi3.NewOperation()
	op.OperationID = e.OperationID
	op.Responses = openapi3.NewResponses()
	if e.Permission != "" {
		op.Extensions = map[string]any{"x-coze-permission": e.Permission}
	}
	for _, q := range e.Query {
		p := openapi3.NewQueryParameter(q.Name).WithRequired(q.Required)
		var ref string
		_ = json.Unmarshal(q.Schema["$ref"], &ref) // another schema than a reference is that of a text
		if schema := schemaAt(spec, ref); schema != nil {
			p.WithSchema(schema)
		} else {
			p.WithSchema(openapi3.NewStringSchema())
		}
		op.AddParameter(p)
	}
	o := newOperation(spec, e.Path, &openapi3.PathItem{Get: op}, http.MethodGet, op)
	o.refusal = schemaAt(spec, "#/components/schemas/ErrorReply")
	o.socket = &socketSpec{}
	var err error
	if o.socket.client, err = eventSchemas(spec, e.Client); err == nil {
		o.socket.server, err = eventSchemas(spec, e.Server)
	}
	o.stream = &streamSpec{name: e.OperationID, events: o.socket.server} // of the turns of a dialogue
	return o, err
}

func eventSchemas(spec *openapi3.T, events map[string]*eventAt) (map[string]*openapi3.Schema, error) {
	all := map[string]*openapi3.Schema{}
	for name, at := range events {
		all[name] = nil
		if at.Ref == "" {
			continue
		}
		if all[name] = schemaAt(spec, at.Ref); all[name] == nil {
			return nil, fmt.Errorf("event %s has no schema", name)
		}
	}
	return all, nil
}

func schemaAt(spec *openapi3.T, ref string) *openapi3.Schema {
	if s := spec.Components.Schemas[strings.TrimPrefix(ref, "#/components/schemas/")]; s != nil {
		return s.Value
	}
	return nil
}
