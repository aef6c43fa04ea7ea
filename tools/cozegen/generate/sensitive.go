package generate

import (
	_ "embed"
	"maps"
	"slices"
	"strings"
	"text/template"

	"github.com/getkin/kin-openapi/openapi3"
)

//go:embed sensitive.tmpl
var sensitiveText string

var sensitiveTemplate = template.Must(template.New("sensitive").Parse(sensitiveText))

// Sensitive generates the tables of the fields and parameters that the document marks with x-coze-sensitive, one for what
// is sent and one for all else: a code is a secret in a request for a token, and a number in every answer.
func Sensitive(spec string) ([]byte, error) {
	d, err := load(spec)
	if err != nil {
		return nil, err
	}
	requests, answers := newSensitiveNames(), newSensitiveNames()
	for _, o := range d.ops {
		for _, p := range o.Parameters {
			if isSensitive(p.Value.Extensions) {
				requests.add(p.Value.Name)
			}
		}
		_, body := o.body()
		requests.collect(body)
		for _, rsp := range o.Responses.Map() {
			for _, media := range rsp.Value.Content {
				answers.collect(media.Schema)
			}
		}
	}
	for _, s := range d.Components.Schemas { // events, webhooks and what else is not sent
		if !requests.seen[s.Value] {
			answers.collect(s)
		}
	}
	var b strings.Builder
	view := struct{ Requests, Answers []string }{requests.sorted(), answers.sorted()}
	if err := sensitiveTemplate.Execute(&b, view); err != nil {
		return nil, err
	}
	return format("sensitive"+suffix, "transport", b.String())
}

// sensitiveNames are the names of sensitive fields, folded as the transport folds them: some servers write them otherwise.
type sensitiveNames struct {
	names map[string]bool
	seen  map[*openapi3.Schema]bool
}

func newSensitiveNames() *sensitiveNames {
	return &sensitiveNames{map[string]bool{}, map[*openapi3.Schema]bool{}}
}

func (n *sensitiveNames) add(name string) {
	n.names[strings.NewReplacer("_", "", "-", "").Replace(strings.ToLower(name))] = true
}

func (n *sensitiveNames) sorted() []string { return slices.Sorted(maps.Keys(n.names)) }

func (n *sensitiveNames) collect(s *openapi3.SchemaRef) {
	if s == nil || s.Value == nil || n.seen[s.Value] {
		return
	}
	n.seen[s.Value] = true
	for name, p := range s.Value.Properties {
		if isSensitive(p.Extensions) || isSensitive(p.Value.Extensions) {
			n.add(name)
		}
		n.collect(p)
	}
	n.collect(s.Value.Items)
	n.collect(s.Value.AdditionalProperties.Schema)
	for _, part := range s.Value.AllOf {
		n.collect(part)
	}
}
