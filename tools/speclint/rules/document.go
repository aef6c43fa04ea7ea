package rules

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"gopkg.in/yaml.v3"
)

const schemaPrefix = "#/components/schemas/"

// Document is the document as it is written, with its operations and schemas found.
type Document struct {
	Name       string // how findings call the file
	Operations []*operation
	Schemas    int // components

	source []byte
	root   *yaml.Node
	hooks  []*operation // under webhooks
	sites  []*site
	codes  []codeRange // of errors.yaml beside the document
}

// operation is one operation, or one webhook.
type operation struct {
	key, node    *yaml.Node
	method, path string
	id           string
}

type codeRange struct{ from, to int }

// Load reads a document, and errors.yaml if it stands beside it.
func Load(file, name string) (*Document, error) {
	source, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	codes, err := os.ReadFile(filepath.Join(filepath.Dir(file), "errors.yaml"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return Parse(name, source, codes)
}

// Parse reads a document and an error catalogue from memory.
func Parse(name string, source, codes []byte) (*Document, error) {
	d := &Document{Name: name, source: source}
	var err error
	if d.root, err = parse(source); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if err := d.readCodes(codes); err != nil {
		return nil, fmt.Errorf("errors.yaml: %w", err)
	}
	d.Operations = operationsOf(get(d.root, "paths"))
	d.hooks = operationsOf(get(d.root, "webhooks"))
	d.findSites()
	return d, nil
}

// parse returns the mapping that a file holds.
func parse(source []byte) (*yaml.Node, error) {
	var file yaml.Node
	if err := yaml.NewDecoder(bytes.NewReader(source)).Decode(&file); err != nil {
		return nil, err
	}
	if len(file.Content) != 1 || file.Content[0].Kind != yaml.MappingNode {
		return nil, errors.New("it is not a mapping")
	}
	return file.Content[0], nil
}

func (d *Document) readCodes(source []byte) error {
	if len(source) == 0 {
		return nil
	}
	var file struct {
		Codes []struct {
			Code int `yaml:"code"`
		} `yaml:"codes"`
		Ranges []struct {
			From int `yaml:"from"`
			To   int `yaml:"to"`
		} `yaml:"ranges"`
	}
	if err := yaml.Unmarshal(source, &file); err != nil {
		return err
	}
	for _, c := range file.Codes {
		d.codes = append(d.codes, codeRange{c.Code, c.Code})
	}
	for _, r := range file.Ranges {
		d.codes = append(d.codes, codeRange{r.From, r.To})
	}
	return nil
}

var httpMethods = []string{"get", "put", "post", "delete", "options", "head", "patch", "trace"}

func operationsOf(paths *yaml.Node) []*operation {
	var out []*operation
	for path, item := range fields(paths) {
		for _, method := range httpMethods {
			if n := get(item, method); n != nil {
				out = append(out, &operation{
					key: keyOf(item, method), node: n, method: method, path: path.Value, id: text(n, "operationId"),
				})
			}
		}
	}
	return out
}

// all lists the operations and then the webhooks.
func (d *Document) all() []*operation {
	return append(append([]*operation(nil), d.Operations...), d.hooks...)
}

// String is how messages call the operation.
func (o *operation) String() string {
	if o.id == "" {
		return strings.ToUpper(o.method) + " " + o.path
	}
	return o.id
}

func (o *operation) service() string { return text(o.node, "x-coze-service") }

func (o *operation) goMethod() string { return text(o.node, "x-coze-method") }

// resolve follows references to their end; it is nil where one leads nowhere.
func (d *Document) resolve(n *yaml.Node) *yaml.Node {
	for range 10 { // references that go in a circle have no end
		ref := get(n, "$ref")
		if ref == nil {
			return n
		}
		n = d.target(ref.Value)
	}
	return nil
}

// target is what a reference names; nil if nothing.
func (d *Document) target(ref string) *yaml.Node {
	path, ok := strings.CutPrefix(ref, "#/")
	if !ok {
		return nil
	}
	n := d.root
	for part := range strings.SplitSeq(path, "/") {
		n = get(n, strings.NewReplacer("~1", "/", "~0", "~").Replace(part))
	}
	return n
}

// parameters are those of the operation, with references followed.
func (d *Document) parameters(o *operation) []*yaml.Node {
	var out []*yaml.Node
	for _, p := range list(get(o.node, "parameters")) {
		if p = d.resolve(p); p != nil {
			out = append(out, p)
		}
	}
	return out
}

// body is the media type and the media object of the request body; several media types are reported by request-body.
func (d *Document) body(o *operation) (string, *yaml.Node) {
	for k, media := range fields(get(d.resolve(get(o.node, "requestBody")), "content")) {
		return k.Value, media
	}
	return "", nil
}

// success is the answer to a call that worked.
func (d *Document) success(o *operation) *yaml.Node {
	for status, r := range fields(get(o.node, "responses")) {
		if strings.HasPrefix(status.Value, "2") || strings.HasPrefix(status.Value, "3") {
			return d.resolve(r)
		}
	}
	return nil
}
