package cover

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// Operation is one operation of the document with what there is for it.
type Operation struct {
	ID, Service, Method string // Service is dotted, as x-coze-service has it
	API                 string // GET /v1/bots
	Link                string // page of the Coze documentation
	Excused             bool   // has no page, and says so
	Line                int    // in api/openapi.yaml

	Chains   []string // Go methods below the client, such as Bots.List; empty if there is none
	Entries  int      // of the catalogue
	Examples []string // folders of examples/ that call it
	Tests    []string // packages whose tests call it
}

// group is the service that the client has a field for.
func (o *Operation) group() string {
	first, _, _ := strings.Cut(o.Service, ".")
	return first
}

// document is what the catalogue may point to.
type document struct {
	operations                 map[string]*Operation
	schemas, webhooks, sockets map[string]bool
	codes                      map[int]bool
}

type documentFile struct {
	Paths    map[string]map[string]yaml.Node `yaml:"paths"`
	Webhooks map[string]yaml.Node            `yaml:"webhooks"`
	Sockets  map[string]struct {
		ID string `yaml:"operationId"`
	} `yaml:"x-coze-sockets"`

	Components struct {
		Schemas map[string]yaml.Node `yaml:"schemas"`
	} `yaml:"components"`
}

type operationFile struct {
	ID          string `yaml:"operationId"`
	Service     string `yaml:"x-coze-service"`
	Method      string `yaml:"x-coze-method"`
	Description string `yaml:"description"`
	Deprecated  bool   `yaml:"deprecated"`
	Docs        struct {
		URL string `yaml:"url"`
	} `yaml:"externalDocs"`
}

var httpMethods = []string{"get", "put", "post", "delete", "options", "head", "patch", "trace"}

// noPage is how a description says that the Coze documentation has no page for an operation; speclint knows it too.
var noPage = regexp.MustCompile(`not in the current catalogue|Undocumented|API reference document`)

func readDocument(root string) (*document, error) {
	var file documentFile
	if err := readYAML(filepath.Join(root, "api", "openapi.yaml"), &file); err != nil {
		return nil, err
	}
	d := &document{
		operations: map[string]*Operation{},
		schemas:    names(file.Components.Schemas), webhooks: names(file.Webhooks), sockets: map[string]bool{},
	}
	for _, s := range file.Sockets {
		d.sockets[s.ID] = true
	}
	for path, item := range file.Paths {
		for method, node := range item {
			if !slices.Contains(httpMethods, method) {
				continue
			}
			var o operationFile
			if err := node.Decode(&o); err != nil {
				return nil, fmt.Errorf("%s %s: %w", method, path, err)
			}
			if o.ID == "" || d.operations[o.ID] != nil {
				return nil, fmt.Errorf("%s %s: operationId %q is empty or used twice", method, path, o.ID)
			}
			d.operations[o.ID] = &Operation{
				ID: o.ID, Service: o.Service, Method: o.Method, API: strings.ToUpper(method) + " " + path, Line: node.Line,
				Link:    o.Docs.URL,
				Excused: o.Deprecated || noPage.MatchString(strings.Join(strings.Fields(o.Description), " ")),
			}
		}
	}
	var err error
	d.codes, err = readCodes(root)
	return d, err
}

func readCodes(root string) (map[int]bool, error) {
	var file struct {
		Codes []struct {
			Code int `yaml:"code"`
		} `yaml:"codes"`
	}
	if err := readYAML(filepath.Join(root, "api", "errors.yaml"), &file); err != nil {
		return nil, err
	}
	codes := map[int]bool{}
	for _, c := range file.Codes {
		codes[c.Code] = true
	}
	return codes, nil
}

func readYAML(file string, into any) error {
	content, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if err := yaml.Unmarshal(content, into); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}

func names[T any](m map[string]T) map[string]bool {
	out := map[string]bool{}
	for name := range m {
		out[name] = true
	}
	return out
}
