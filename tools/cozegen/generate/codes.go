package generate

import (
	"bytes"
	_ "embed"
	"fmt"
	"os"
	"strings"
	"text/template"

	"gopkg.in/yaml.v3"
)

//go:embed codes.tmpl
var codesTemplateText string

var codesTemplate = template.Must(template.New("codes").Parse(codesTemplateText))

// errorCatalogue is api/errors.yaml.
type errorCatalogue struct {
	Codes  []errorEntry `yaml:"codes"`
	Ranges []errorEntry `yaml:"ranges"`
	OAuth  []errorEntry `yaml:"oauth"`
}

type errorEntry struct {
	Code      string   `yaml:"code"`
	From      int      `yaml:"from"`
	To        int      `yaml:"to"`
	Name      string   `yaml:"name"`
	Category  string   `yaml:"category"`
	Meaning   string   `yaml:"meaning"`
	Causes    []string `yaml:"causes"`
	Remedy    string   `yaml:"remedy"`
	Retryable bool     `yaml:"retryable"`
	Source    string   `yaml:"source"`
}

var categories = map[string]string{
	"bad_request": "ErrBadRequest", "unauthorized": "ErrUnauthorized", "forbidden": "ErrForbidden", "not_found": "ErrNotFound",
	"conflict": "ErrConflict", "rate_limited": "ErrRateLimited", "quota": "ErrQuota", "too_large": "ErrTooLarge",
	"unsupported": "ErrUnsupported", "server": "ErrServer", "timeout": "ErrTimeout", "canceled": "ErrCanceled", "pending": "ErrPending",
}

// GoCategory is the category value that the entry's errors match.
func (e errorEntry) GoCategory() string { return categories[e.Category] }

// ErrorCodes generates the table of error codes from the catalogue.
func ErrorCodes(file string) ([]byte, error) {
	raw, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var c errorCatalogue
	dec := yaml.NewDecoder(bytes.NewReader(raw))
	dec.KnownFields(true)
	if err := dec.Decode(&c); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if err := c.check(); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	var b strings.Builder
	if err := codesTemplate.Execute(&b, c); err != nil {
		return nil, err
	}
	return format("codes"+suffix, "call", b.String())
}

func (c errorCatalogue) check() error {
	names := map[string]bool{}
	for _, list := range [][]errorEntry{c.Codes, c.Ranges, c.OAuth} {
		for _, e := range list {
			switch {
			case e.GoCategory() == "":
				return fmt.Errorf("%s: unknown category %q", e.Name, e.Category)
			case names[e.Name]:
				return fmt.Errorf("two entries are named %s", e.Name)
			case e.Name == "" || e.Meaning == "" || e.Remedy == "":
				return fmt.Errorf("code %s: name, meaning and remedy are required", e.Code)
			}
			names[e.Name] = true
		}
	}
	return nil
}
