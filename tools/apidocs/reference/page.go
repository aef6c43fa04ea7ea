package reference

import (
	"bytes"
	_ "embed" // the frame of the page
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"gopkg.in/yaml.v3"
)

//go:embed page.html
var frame string

// Page is the finished page with what it must show.
type Page struct {
	HTML       []byte
	Operations []Operation
	Events     []string // names of events of streams and sockets
	Webhooks   []string // ids of webhooks
	Examples   int      // operations with a sample from examples/
}

// Operation is what the page must show of an operation.
type Operation struct {
	ID     string
	Anchor string // id of its section in the page
	Sample string // the Go code beside it
}

// Make builds the page of the repository at root. renderer is the folder of the redoc package.
func Make(root, renderer string) (*Page, error) {
	d, err := readDocument(root)
	if err != nil {
		return nil, err
	}
	p := &Page{}
	if err := p.addSamples(root, d); err != nil {
		return nil, err
	}
	if err := d.addSections(p); err != nil {
		return nil, err
	}
	var spec bytes.Buffer
	if err := writeJSON(&spec, d.root); err != nil {
		return nil, err
	}
	script, license, err := readRenderer(renderer)
	if err != nil {
		return nil, err
	}
	p.HTML = []byte(strings.NewReplacer("{{title}}", text(d.root, "info", "title"), "{{license}}", license,
		"{{script}}", script, "{{spec}}", spec.String()).Replace(frame))
	return p, nil
}

// addSamples puts a Go call beside each operation.
func (p *Page) addSamples(root string, d *document) error {
	found, err := examples(root, d.operations)
	if err != nil {
		return err
	}
	m, err := readMethods(root)
	if err != nil {
		return err
	}
	for _, o := range d.operations {
		source := ""
		if s, ok := found[o.id]; ok {
			p.Examples++
			source = "// " + s.file + "\n" + s.source
		} else if source, err = m.call(o); err != nil {
			return err
		}
		samples := []map[string]string{{"lang": "Go", "label": "Go", "source": source}}
		if err := errors.Join(set(o.node, "x-codeSamples", samples), set(o.node, "description", o.description())); err != nil {
			return err
		}
		p.Operations = append(p.Operations, Operation{o.id, o.anchor(), source})
	}
	return nil
}

// addSections declares the tags: services, webhooks, streams and sockets.
func (d *document) addSections(p *Page) error {
	var services []string
	seen := map[string]bool{}
	for _, o := range d.operations {
		if !seen[o.tag] {
			seen[o.tag] = true
			services = append(services, o.tag)
		}
	}
	tags := []map[string]any{}
	streams, sockets := d.sections()
	groups := []map[string]any{{"name": "Operations", "tags": services}, {"name": "Callbacks", "tags": []string{"Webhooks"}}}
	for _, g := range []struct {
		name     string
		sections []section
	}{{"Streams", streams}, {"Sockets", sockets}} {
		var names []string
		for _, s := range g.sections {
			names = append(names, s.name)
			tags = append(tags, map[string]any{"name": s.name, "description": s.text, "x-traitTag": true})
		}
		groups = append(groups, map[string]any{"name": g.name, "tags": names})
	}
	d.listEvents(p)
	return errors.Join(set(d.root, "tags", tags), set(d.root, "x-tagGroups", groups))
}

func (d *document) listEvents(p *Page) {
	for _, family := range pairs(get(d.root, "x-coze-streams")) {
		for name := range pairs(get(family, "events")) {
			p.Events = append(p.Events, name)
		}
	}
	for _, socket := range pairs(get(d.root, "x-coze-sockets")) {
		for _, side := range []string{"client", "server"} {
			for name := range pairs(get(socket, side)) {
				p.Events = append(p.Events, name)
			}
		}
	}
	for _, item := range pairs(get(d.root, "webhooks")) {
		for _, n := range pairs(item) {
			if n.Kind == yaml.MappingNode {
				p.Webhooks = append(p.Webhooks, text(n, "operationId"))
			}
		}
	}
}

// logo is the one thing that the renderer fetches from elsewhere.
const logo = "https://cdn.redoc.ly/redoc/logo-mini.svg"

// readRenderer reads the script of redoc and the licenses of what is in it.
func readRenderer(dir string) (script, license string, err error) {
	file := filepath.Join(dir, "bundles", "redoc.standalone.js")
	source, err := os.ReadFile(file)
	if err != nil {
		return "", "", err
	}
	terms, err := os.ReadFile(file + ".LICENSE.txt")
	if err != nil {
		return "", "", err
	}
	script = string(source)
	if strings.Count(script, logo) != 1 {
		return "", "", fmt.Errorf("%s no longer fetches %s: look what it fetches now", file, logo)
	}
	script = strings.Replace(script, logo, "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg'/%3E", 1)
	script, _, _ = strings.Cut(script, "\n//# sourceMappingURL=")
	// Within a script only the end tag has a meaning for the parser of HTML.
	return strings.ReplaceAll(script, "</script", `<\/script`), strings.ReplaceAll(string(terms), "--", "- -"), nil
}
