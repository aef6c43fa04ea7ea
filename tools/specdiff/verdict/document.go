package verdict

import (
	"fmt"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oasdiff/oasdiff/load"
)

// Document is one state of the OpenAPI document.
type Document struct {
	source     []byte
	spec       *load.SpecInfo
	operations map[string]*operation // by method and path, which is what the wire knows
	byID       map[string]*operation
}

// operation is one operation with its extensions.
type operation struct {
	*openapi3.Operation
	method, path string
}

// ParseDocument reads a document; name is for messages.
func ParseDocument(name string, source []byte) (*Document, error) {
	spec, err := load.NewSpecInfoFromData(openapi3.NewLoader(), source, name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	d := &Document{source: source, spec: spec, operations: map[string]*operation{}, byID: map[string]*operation{}}
	for path, item := range spec.Spec.Paths.Map() {
		for method, op := range item.Operations() {
			o := &operation{op, method, path}
			d.operations[o.wire()] = o
			d.byID[op.OperationID] = o
		}
	}
	return d, nil
}

// wire is the operation as HTTP knows it.
func (o *operation) wire() string { return o.method + " " + o.path }

func (o *operation) text(extension string) string {
	s, _ := o.Extensions[extension].(string)
	return s
}

// goName is the method of the operation as programs write it.
func (o *operation) goName() string {
	return "client." + o.text("x-coze-service") + "." + o.text("x-coze-method")
}

// section is the service that the operation is shown under: Bots for Bots.Versions.
func (o *operation) section() string {
	s, _, _ := strings.Cut(o.text("x-coze-service"), ".")
	return s
}

// services maps the Go types of the services to how programs reach them: BotsVersionsService to Bots.Versions.
func services(documents ...*Document) map[string]string {
	out := map[string]string{}
	for _, d := range documents {
		for _, o := range d.operations {
			path := ""
			for part := range strings.SplitSeq(o.text("x-coze-service"), ".") {
				path = strings.TrimPrefix(path+"."+part, ".")
				out[strings.ReplaceAll(path, ".", "")+"Service"] = path
			}
		}
	}
	return out
}
