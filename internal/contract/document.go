package contract

import (
	"fmt"
	"strings"
	"sync"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/cozekit/cozekit/api"
)

// document is the document, prepared for walking.
type document struct {
	operations map[string]*operation
	refusal    *node
}

type operation struct {
	answer *node   // nil = no JSON answer
	stream *family // nil = no stream
	frames *family // nil = no websocket
}

// family is the events of a stream or a websocket. The nodes are of the data of an event, or of a whole frame.
type family struct {
	events  map[string]*node
	aliases map[string]string
	ends    map[string]bool // events whose data may be anything
}

// find is the node of an event, and the name by which the document knows it; nil if it does not.
func (f *family) find(name string) (*node, string) {
	if n := f.events[name]; n != nil {
		return n, name
	}
	if alias, ok := f.aliases[name]; ok {
		return f.events[alias], alias
	}
	for known, n := range f.events {
		if strings.EqualFold(known, name) {
			return n, known
		}
	}
	for other, known := range f.aliases {
		if strings.EqualFold(other, name) {
			return f.events[known], known
		}
	}
	return nil, ""
}

// shared is the document of package api, read at its first use. It has no initial value, so that the linker can drop it.
var shared struct {
	once sync.Once
	doc  *document
	err  error
}

func theDocument() (*document, error) {
	shared.once.Do(func() { shared.doc, shared.err = parse(api.Compact) })
	return shared.doc, shared.err
}

// What is read of the document. Paths hold operations by their methods; the rest of a path is no object with an operationId.
type rawDocument struct {
	Paths      map[string]map[string]jsontext.Value `json:"paths"`
	Components struct {
		Responses map[string]rawResponse `json:"responses"`
		Schemas   map[string]*rawSchema  `json:"schemas"`
	} `json:"components"`
	Streams map[string]rawStream `json:"x-coze-streams"`
	Sockets map[string]rawSocket `json:"x-coze-sockets"`
}

type rawOperation struct {
	ID        string                 `json:"operationId"`
	Responses map[string]rawResponse `json:"responses"`
	SSE       struct {
		Stream string `json:"stream"`
	} `json:"x-coze-sse"`
}

type rawResponse struct {
	Content map[string]struct {
		Schema *rawSchema `json:"schema"`
	} `json:"content"`
}

type rawStream struct {
	Events  map[string]*rawSchema `json:"events"`
	Aliases map[string]string     `json:"aliases"`
	End     []string              `json:"end"`
}

type rawSocket struct {
	ID     string                `json:"operationId"`
	Server map[string]*rawSchema `json:"server"`
}

const (
	jsonMedia   = "application/json"
	frameDetail = "SocketEventDetail" // schema of the detail of a frame
)

// parse reads the JSON form of the document.
func parse(text []byte) (*document, error) {
	var raw rawDocument
	if err := json.Unmarshal(text, &raw); err != nil {
		return nil, fmt.Errorf("api/openapi.gen.json: %w", err)
	}
	b := builder{raw: &raw, named: map[string]*node{}, doc: &document{operations: map[string]*operation{}}}
	streams := map[string]*family{}
	for name, s := range raw.Streams {
		streams[name] = b.stream(name, s)
	}
	for path, methods := range raw.Paths {
		for method, text := range methods {
			if err := b.operation(path, method, text, streams); err != nil {
				return nil, fmt.Errorf("api/openapi.gen.json: %s %s: %w", method, path, err)
			}
		}
	}
	for name, s := range raw.Sockets {
		b.doc.operations[s.ID] = &operation{frames: b.socket(name, s)}
	}
	if refusal := raw.Components.Responses["Refusal"].Content[jsonMedia].Schema; refusal != nil {
		b.doc.refusal = b.node(refusal, nil, "#/components/responses/Refusal/content/application~1json/schema")
	}
	if b.missing != "" {
		return nil, fmt.Errorf("api/openapi.gen.json: there is no schema %s", b.missing)
	}
	return b.doc, nil
}
