package generate

import (
	_ "embed"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"text/template"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"
)

//go:embed services.tmpl
var servicesText string

var servicesTemplate = template.Must(template.New("services").Funcs(template.FuncMap{"dict": pair}).Parse(servicesText))

// pair hands a method and its service's type to a template.
func pair(serviceType string, m method) any {
	return struct {
		Type string
		M    method
	}{serviceType, m}
}

// service is a Go type with the methods of one x-coze-service.
type service struct {
	Path     string // Conversations.Messages
	Field    string // Messages
	Type     string // ConversationsMessagesService
	Methods  []method
	Children []*service
}

// method is one Go method; operations that answer with JSON or a stream have two.
type method struct {
	ID, Name, HTTPMethod, URLPath string
	Doc                           string
	Op                            []string // further fields of the transport.Op literal
	First                         bool     // declares the operation's transport.Op
	PathArgs                      []string
	MorePath                      []string // fields of the request that hold further path ids
	Request                       string   // Go type, "" = none
	Lines                         []string
	Result                        string // results in the signature
	Return                        string // expression
	Page                          *pageView
}

type pageView struct {
	Item, Source string // item type; type of the decoded page
	Decode       string // transport call that decodes it
	Fields       []string
	AllName      string
	AllDoc       string
	Walk         string // transport function that walks the pages
	WalkArgs     string
	WalkParams   string
	Set          []string
	ItemsExpr    string
}

func writeServices(d *document, pkg string, out Files) error {
	roots, err := services(d)
	if err != nil {
		return err
	}
	for _, s := range roots {
		var b strings.Builder
		if err := renderService(&b, s); err != nil {
			return err
		}
		name := snake(s.Field) + suffix
		if out[name], err = format(name, pkg, b.String()); err != nil {
			return err
		}
	}
	var b strings.Builder
	if err := servicesTemplate.ExecuteTemplate(&b, "all", roots); err != nil {
		return err
	}
	out["services"+suffix], err = format("services"+suffix, pkg, b.String())
	return err
}

func renderService(b *strings.Builder, s *service) error {
	if err := servicesTemplate.ExecuteTemplate(b, "service", s); err != nil {
		return err
	}
	for _, child := range s.Children {
		if err := renderService(b, child); err != nil {
			return err
		}
	}
	return nil
}

// services builds the tree of services; a service that only holds others has no methods.
func services(d *document) ([]*service, error) {
	byPath := map[string]*service{}
	var roots []*service
	var find func(path string) *service
	find = func(path string) *service {
		if s := byPath[path]; s != nil {
			return s
		}
		parent, field, nested := cutLast(path)
		s := &service{Path: path, Field: field, Type: strings.ReplaceAll(path, ".", "") + "Service"}
		byPath[path] = s
		if nested {
			p := find(parent)
			p.Children = append(p.Children, s)
		} else {
			roots = append(roots, s)
		}
		return s
	}
	for _, o := range d.ops {
		ms, err := methods(o)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", o.OperationID, err)
		}
		s := find(o.service)
		s.Methods = append(s.Methods, ms...)
	}
	return roots, sortServices(roots)
}

func sortServices(list []*service) error {
	slices.SortFunc(list, func(a, b *service) int { return strings.Compare(a.Path, b.Path) })
	for _, s := range list {
		seen := map[string]bool{}
		for _, m := range s.Methods {
			if seen[m.Name] {
				return fmt.Errorf("%s has two methods %s", s.Path, m.Name)
			}
			seen[m.Name] = true
		}
		if err := sortServices(s.Children); err != nil {
			return err
		}
	}
	return nil
}

func cutLast(path string) (parent, field string, nested bool) {
	i := strings.LastIndexByte(path, '.')
	if i < 0 {
		return "", path, false
	}
	return path[:i], path[i+1:], true
}

func methods(o *operation) ([]method, error) {
	kind, result, err := o.result()
	if err != nil {
		return nil, err
	}
	m, err := newMethod(o, kind, result)
	if err != nil || o.sse == nil || o.sse.Switch == "" {
		return []method{m}, err
	}
	streaming, err := newMethod(o, resultStream, nil)
	if err != nil {
		return nil, err
	}
	m.Lines = append(m.Lines, fmt.Sprintf("r.JSONField(%q, false)", o.sse.Switch))
	streaming.Lines = append(streaming.Lines, fmt.Sprintf("r.JSONField(%q, true)", o.sse.Switch))
	streaming.First, streaming.Name = false, o.sse.Method
	streaming.Doc = docOf(o, streaming.Name, "\n//\n// The answer comes as a stream of events; a refusal is returned at once.")
	return []method{m, streaming}, nil
}

func newMethod(o *operation, kind resultKind, result *openapi3.SchemaRef) (method, error) {
	m := method{
		ID: o.OperationID, Name: o.name, HTTPMethod: o.method, URLPath: o.path, First: true,
		Doc: docOf(o, o.name, ""), Op: opFields(o),
	}
	for i, p := range o.params("path") {
		if i < maxPathArguments {
			m.PathArgs = append(m.PathArgs, lowerFirst(fieldName(p.Name)))
		} else {
			m.MorePath = append(m.MorePath, fieldName(p.Name))
		}
	}
	var err error
	if m.Lines, err = requestLines(o); err != nil {
		return m, err
	}
	if requestHasFields(o) {
		m.Request = typeName(o.requestName())
	}
	return m, m.setResult(o, kind, result)
}

func (m *method) setResult(o *operation, kind resultKind, result *openapi3.SchemaRef) error {
	var t string
	var err error
	if result != nil {
		if t, err = goTypeOf(result); err != nil {
			return err
		}
	}
	typed := fmt.Sprintf("transport.%s[%s](ctx, s.c, r, opts)", kind, t)
	switch kind {
	case resultValue:
		m.Result, m.Return = t, typed
	case resultNone:
		m.Result, m.Return = "", "transport.Exec(ctx, s.c, r, opts)"
	case resultBinary:
		m.Result, m.Return = "*call.Download", "transport.Binary(ctx, s.c, r, opts)"
	case resultLocation:
		m.Result, m.Return = "string", "transport.Location(ctx, s.c, r, opts)"
	case resultStream:
		if o.sse == nil {
			return fmt.Errorf("a stream needs x-coze-sse")
		}
		event := typeName(o.sse.Stream)
		m.Result = "*stream.Stream[" + event + "]"
		m.Return = fmt.Sprintf("transport.Stream(ctx, s.c, r, new%sDecoder(), opts)", event)
	default:
		m.Result, m.Return = "*"+t, typed
	}
	if o.paging != nil && (kind == resultData || kind == resultFlat) {
		m.Page, err = newPage(o, m, t, typed, result)
	}
	return err
}

func opFields(o *operation) []string {
	var f []string
	add := func(format string, args ...any) { f = append(f, fmt.Sprintf(format, args...)) }
	if p := o.ext("x-coze-permission"); p != "" {
		add("Permission: %q", p)
	}
	if o.Security != nil && len(*o.Security) == 0 {
		add("NoAuth: true")
	}
	switch o.ext("x-coze-retry") {
	case "safe":
		add("Retry: transport.RetrySafe")
	case "before-response":
		add("Retry: transport.RetryBeforeResponse")
	case "never", "":
		add("Retry: transport.RetryNever")
	}
	if n, ok := o.Extensions["x-coze-timeout"].(float64); ok {
		add("Timeout: %d * time.Second", int(n))
	}
	if o.ext("x-coze-cancel") != "" {
		add("Cancelable: true")
	}
	for _, p := range o.params("header") {
		if v, fixed := fixedHeader(p); fixed {
			add("Header: []string{%q, %q}", p.Name, v)
		}
	}
	if profiles, ok := o.Extensions["x-coze-profiles"].(map[string]any); ok && profiles["studio"] == "unserved" {
		add("NotOnStudio: true")
	}
	return f
}

func requestHasFields(o *operation) bool {
	fields := len(requestParams(o))
	if _, body := o.body(); body != nil {
		fields += len(body.Value.Properties)
	}
	return fields > 0
}

var camel = regexp.MustCompile(`([a-z0-9])([A-Z])|([A-Z])([A-Z][a-z])`)

// snake makes a file name of a service: APIApps becomes api_apps, OAuth stays one word.
func snake(s string) string {
	s = strings.ReplaceAll(s, "OAuth", "Oauth")
	return strings.ToLower(camel.ReplaceAllString(s, "${1}${3}_${2}${4}"))
}

func typeName(schema string) string { return codegen.SchemaNameToTypeName(schema) }

// fieldName is the Go name that models give a property.
func fieldName(property string) string { return codegen.SchemaNameToTypeName(property) }

// lowerFirst makes an argument name of a field name: BotID becomes botID, ID becomes id.
func lowerFirst(s string) string {
	i := 0
	for i < len(s) && s[i] >= 'A' && s[i] <= 'Z' {
		i++
	}
	if i > 1 && i < len(s) {
		i--
	}
	return strings.ToLower(s[:i]) + s[i:]
}
