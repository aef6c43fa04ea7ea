package generate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// newPage turns a method that lists into one that returns a call.Page, and gives it a twin that walks all pages.
func newPage(o *operation, m *method, source, decode string, result *openapi3.SchemaRef) (*pageView, error) {
	pg := o.paging
	items := property(result.Value, pg.Items)
	if items == nil || items.Value.Items == nil {
		return nil, fmt.Errorf("x-coze-paging: the answer has no list %q", pg.Items)
	}
	item, err := goTypeOf(items.Value.Items)
	if err != nil {
		return nil, err
	}
	p := &pageView{Item: item, Source: source, Decode: decode, AllName: allName(m.Name), ItemsExpr: "d." + fieldName(pg.Items)}
	for _, f := range []struct{ field, wire string }{{"HasMore", pg.HasMore}, {"Next", pg.Next + pg.Last}, {"First", pg.First}} {
		if f.wire == "" {
			continue
		}
		if property(result.Value, f.wire) == nil {
			return nil, fmt.Errorf("x-coze-paging: the answer has no %q", f.wire)
		}
		p.Fields = append(p.Fields, fmt.Sprintf("%s: d.%s", f.field, fieldName(f.wire)))
	}
	p.Fields = append(p.Fields, totalField(o)...)
	m.Result, m.Return = "*call.Page["+item+"]", ""
	if pg.Style == "token" && pg.HasMore == "" {
		p.Fields = append(p.Fields, fmt.Sprintf("HasMore: d.%s != \"\"", fieldName(pg.Next)))
	}
	p.AllDoc = strings.TrimSpace(comment(fmt.Sprintf("%s walks all pages of [%sService.%s] from the one that req names "+
		"and yields their items one by one. It fetches a page when it is needed, and stops at the first error, which comes "+
		"with a zero item.", p.AllName, strings.ReplaceAll(o.service, ".", ""), m.Name)))
	return p, p.setWalk(o)
}

func totalField(o *operation) []string {
	pg := o.paging
	if pg.Total == "" {
		return []string{"Total: -1"}
	}
	total := fmt.Sprintf("int64(d.%s)", fieldName(pg.Total))
	out := []string{"Total: " + total}
	if pg.HasMore == "" {
		out = append(out, fmt.Sprintf("HasMore: transport.MoreAfter(len(d.%s), %s, %s, %d, %s)",
			fieldName(pg.Items), pointerTo(o, pg.Page), pointerTo(o, pg.Size), usualSize(requestProperty(o, pg.Size)), total))
	}
	return out
}

// pointerTo is the Go expression of a pointer to a number of the request.
func pointerTo(o *operation, wire string) string {
	if requestRequires(o, wire) {
		return "&req." + fieldName(wire)
	}
	return "req." + fieldName(wire)
}

func requestRequires(o *operation, name string) bool {
	for _, p := range o.params("query") {
		if p.Name == name {
			return p.Required
		}
	}
	_, body := o.body()
	return body != nil && slices.Contains(body.Value.Required, name)
}

// usualSize is the size of a page that a request does not set.
func usualSize(s *openapi3.SchemaRef) int {
	if s != nil {
		if n, ok := s.Value.Default.(float64); ok {
			return int(n)
		}
	}
	return 20
}

// setWalk says which walker of the transport fetches page after page, and what it changes in the request.
func (p *pageView) setWalk(o *operation) error {
	pg := o.paging
	var args []string
	field := func(wire, param string) error {
		if wire == "" || requestProperty(o, wire) == nil {
			return fmt.Errorf("x-coze-paging: the request has no %q", wire)
		}
		args = append(args, "req."+fieldName(wire))
		p.Set = append(p.Set, fmt.Sprintf("q.%s = %s", fieldName(wire), param))
		return nil
	}
	var err error
	switch pg.Style {
	case "page":
		p.Walk, p.WalkParams = "WalkPages", "page *"+intType(requestProperty(o, pg.Page))
		if pg.HasMore == "" {
			p.Walk = "WalkPagesByTotal"
		}
		if err = field(pg.Page, "page"); err == nil && requestRequires(o, pg.Page) {
			args[0] = "&" + args[0]
			p.Set[0] = fmt.Sprintf("q.%s = *page", fieldName(pg.Page))
		}
	case "token":
		p.Walk, p.WalkParams = "WalkTokens", "token string"
		err = field(pg.Token, "token")
	case "id":
		p.Walk, p.WalkParams = "WalkIDs", "after, before string"
		if err = field(pg.After, "after"); err == nil {
			err = field(pg.Before, "before")
		}
	default:
		err = fmt.Errorf("x-coze-paging: unknown style %q", pg.Style)
	}
	p.WalkArgs = strings.Join(args, ", ")
	return err
}

func intType(s *openapi3.SchemaRef) string {
	if s != nil && s.Value.Format == "int64" {
		return "int64"
	}
	return "int32"
}

func requestProperty(o *operation, name string) *openapi3.SchemaRef {
	for _, p := range o.params("query") {
		if p.Name == name {
			return p.Schema
		}
	}
	if _, body := o.body(); body != nil {
		return body.Value.Properties[name]
	}
	return nil
}

// property finds a property, through allOf.
func property(s *openapi3.Schema, name string) *openapi3.SchemaRef {
	if p := s.Properties[name]; p != nil {
		return p
	}
	for _, part := range s.AllOf {
		if p := property(part.Value, name); p != nil {
			return p
		}
	}
	return nil
}

// allName is All for List, and AllPublished for ListPublished.
func allName(list string) string { return "All" + strings.TrimPrefix(list, "List") }
