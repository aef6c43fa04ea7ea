package cozetest

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/routers"
)

// document is the document of package api, prepared for serving. It never changes.
type document struct {
	operations map[string]*operation
	routes     *routeNode
	streams    map[string]*streamSpec
	sockets    map[string]*operation // handshakes of websockets; they are no entries of operations
}

// operation is what the server needs to know of one operation.
type operation struct {
	id       string
	route    *routers.Route
	template []string // segments of the path
	query    map[string]*openapi3.Parameter
	open     bool // needs no token

	permissions []string        // that a token needs
	secrets     map[string]bool // fields of the body that are not recorded

	bodyRequired bool
	bodies       map[string]*openapi3.Schema // of the request, by media type
	answers      map[string]*openapi3.Schema // of status 200, by media type
	refusal      *openapi3.Schema            // of any other answer
	redirects    bool                        // answers 302

	stream *streamSpec // nil unless it can answer with events
	socket *socketSpec // nil unless it is the handshake of a websocket
	choice string      // body field that asks for events; empty if it always does
}

// streamSpec is one entry of x-coze-streams.
type streamSpec struct {
	name     string
	events   map[string]*openapi3.Schema
	complete []string
	end      []string
}

// defaultDocument is the document of package api, read once in a process.
var defaultDocument = sync.OnceValues(func() (*document, error) {
	spec, err := loadCompact()
	if err != nil {
		return nil, err
	}
	return newDocument(spec)
})

// newDocument prepares a loaded document, which is changed.
func newDocument(spec *openapi3.T) (*document, error) {
	// The subset that the document keeps to means the same in 3.0, and the validator for that is 80 times as fast.
	spec.OpenAPI, spec.Servers = "3.0.3", nil

	d := &document{operations: map[string]*operation{}, routes: &routeNode{}, sockets: map[string]*operation{}}
	var err error
	if d.streams, err = readStreams(spec); err != nil {
		return nil, fmt.Errorf("the document: %w", err)
	}
	for path, item := range spec.Paths.Map() {
		for method, op := range item.Operations() {
			o := newOperation(spec, path, item, method, op)
			o.stream, o.choice = d.streamOf(op)
			d.operations[o.id] = o
			d.routes.add(o.template, method, o)
		}
	}
	if err := d.addSockets(spec); err != nil {
		return nil, fmt.Errorf("api/openapi.yaml: %w", err)
	}
	d.acceptDeviations()
	return d, nil
}

func newOperation(spec *openapi3.T, path string, item *openapi3.PathItem, method string, op *openapi3.Operation) *operation {
	o := &operation{
		id:       op.OperationID,
		route:    &routers.Route{Spec: spec, Path: path, PathItem: item, Method: method, Operation: op},
		template: strings.Split(strings.TrimPrefix(path, "/"), "/"),
		query:    map[string]*openapi3.Parameter{},
		bodies:   map[string]*openapi3.Schema{},
		answers:  map[string]*openapi3.Schema{},
	}
	for _, list := range []openapi3.Parameters{item.Parameters, op.Parameters} {
		for _, p := range list {
			if p.Value.In == openapi3.ParameterInQuery {
				o.query[p.Value.Name] = p.Value
			}
		}
	}
	if op.RequestBody != nil {
		o.bodyRequired = op.RequestBody.Value.Required
		o.bodies = schemas(op.RequestBody.Value.Content)
	}
	o.permissions, o.secrets = permissionsOf(op), secretFields(o.bodies)
	security := spec.Security
	if op.Security != nil {
		security = *op.Security
	}
	o.open = len(security) == 0 || slices.ContainsFunc(security, func(r openapi3.SecurityRequirement) bool { return len(r) == 0 })
	if r := op.Responses.Value("200"); r != nil {
		o.answers = schemas(r.Value.Content)
	}
	if r := op.Responses.Default(); r != nil {
		o.refusal = schemas(r.Value.Content)["application/json"]
	}
	o.redirects = op.Responses.Value("302") != nil
	return o
}

func schemas(content openapi3.Content) map[string]*openapi3.Schema {
	m := map[string]*openapi3.Schema{}
	for media, c := range content {
		if c.Schema != nil {
			m[media] = c.Schema.Value
		}
	}
	return m
}

// readStreams reads the extension x-coze-streams at the root.
func readStreams(spec *openapi3.T) (map[string]*streamSpec, error) {
	streams := map[string]*streamSpec{}
	all, _ := spec.Extensions["x-coze-streams"].(map[string]any)
	for name, v := range all {
		entry, _ := v.(map[string]any)
		s := &streamSpec{name: name, events: map[string]*openapi3.Schema{}, complete: texts(entry["complete"]), end: texts(entry["end"])}
		events, _ := entry["events"].(map[string]any)
		for event, e := range events {
			m, _ := e.(map[string]any)
			ref, _ := m["$ref"].(string)
			schema := spec.Components.Schemas[strings.TrimPrefix(ref, "#/components/schemas/")]
			if schema == nil {
				return nil, fmt.Errorf("x-coze-streams: %s: event %s has no schema", name, event)
			}
			s.events[event] = schema.Value
		}
		streams[name] = s
	}
	return streams, nil
}

func (d *document) streamOf(op *openapi3.Operation) (*streamSpec, string) {
	sse, _ := op.Extensions["x-coze-sse"].(map[string]any)
	name, _ := sse["stream"].(string)
	choice, _ := sse["switch"].(string)
	return d.streams[name], choice
}

func texts(v any) []string {
	list, _ := v.([]any)
	var out []string
	for _, x := range list {
		if s, ok := x.(string); ok {
			out = append(out, s)
		}
	}
	return out
}
