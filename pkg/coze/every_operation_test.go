package coze_test

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/cozekit/cozekit/api"
	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/google/go-cmp/cmp"
)

// TestEveryOperation calls every operation of the document by its generated method, once with all fields and once with the
// required ones only. Requests and answers are checked by the document in both directions; the minimal request may carry
// nothing but what is required (pitfalls 8 and D33); and no field of a full answer may be lost on its way into Go types.
//
// It runs with the validator of OpenAPI 3.0, which the fake server uses because it is 80 times faster, and with the true one
// of 3.1.
func TestEveryOperation(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"3.0.3", "3.1.0"} {
		t.Run(version, func(t *testing.T) { everyOperation(t, loadDocument(t, version)) })
	}
}

func everyOperation(t *testing.T, d *document) {
	// The contract check of production must find nothing in answers that are as documented.
	check := coze.WithContractCheck(func(x coze.Drift) { t.Errorf("drift: %+v", x) }, coze.CheckSample(0, 1))
	client, err := coze.NewClient(coze.WithBaseURL("https://fake.example.com"), coze.WithToken(testToken), coze.WithHTTPClient(&http.Client{Transport: d}), check)
	if err != nil {
		t.Fatal(err)
	}
	called := map[string]bool{}
	walkServices(reflect.ValueOf(client.Services), "", func(service, name string, m reflect.Value) {
		op := d.find(service, name)
		if op == nil {
			t.Errorf("no operation of the document stands for %s.%s", service, name)
			return
		}
		for _, full := range []bool{true, false} {
			d.current, d.full, d.problems = op, full, nil
			if err := d.callMethod(t, m); err != nil {
				t.Errorf("%s (full: %t): %v", op.OperationID, full, err)
			}
			for _, p := range d.problems {
				t.Errorf("%s (full: %t): %s", op.OperationID, full, p)
			}
		}
		called[op.OperationID] = true
	})
	if len(called) != len(d.ops) {
		t.Errorf("%d of %d operations were called", len(called), len(d.ops))
	}
	t.Logf("%d of %d operations called, full and minimal", len(called), len(d.ops))
}

// walkServices visits the methods of all services that stand for operations; All walks pages of one of them.
func walkServices(v reflect.Value, path string, visit func(service, name string, m reflect.Value)) {
	for _, f := range reflect.VisibleFields(v.Type()) {
		if !f.IsExported() || f.Type.Kind() != reflect.Pointer {
			continue
		}
		s, name := v.FieldByIndex(f.Index), strings.TrimPrefix(path+"."+f.Name, ".")
		for i := range s.NumMethod() {
			if m := s.Type().Method(i).Name; !strings.HasPrefix(m, "All") {
				visit(name, m, s.Method(i))
			}
		}
		walkServices(s.Elem(), name, visit)
	}
}

// document answers requests by the document and checks them by it.
type document struct {
	t        *testing.T
	ops      []*openapi3.Operation
	routes   map[*openapi3.Operation]*routers.Route
	current  *openapi3.Operation
	full     bool
	stream   bool
	sent     any // what the last answer carried
	problems []string
}

func loadDocument(t *testing.T, version string) *document {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData(api.OpenAPI)
	if err != nil {
		t.Fatal(err)
	}
	doc.OpenAPI, doc.Servers = version, nil
	d := &document{t: t, routes: map[*openapi3.Operation]*routers.Route{}}
	for _, path := range slices.Sorted(maps.Keys(doc.Paths.Map())) {
		item := doc.Paths.Value(path)
		for method, op := range item.Operations() {
			d.ops = append(d.ops, op)
			d.routes[op] = &routers.Route{Spec: doc, Path: path, PathItem: item, Method: method, Operation: op}
		}
	}
	return d
}

// match checks that a request goes where the current operation is.
func (d *document) match(r *http.Request) (*openapi3filter.RequestValidationInput, error) {
	route := d.routes[d.current]
	params := map[string]string{}
	got, want := strings.Split(r.URL.Path, "/"), strings.Split(route.Path, "/")
	if len(got) != len(want) || r.Method != route.Method {
		return nil, fmt.Errorf("%s %s was called in place of %s %s", r.Method, r.URL.Path, route.Method, route.Path)
	}
	for i, part := range want {
		if name, ok := strings.CutPrefix(part, "{"); ok {
			params[strings.TrimSuffix(name, "}")] = got[i]
		} else if got[i] != part {
			return nil, fmt.Errorf("%s was called in place of %s", r.URL.Path, route.Path)
		}
	}
	return &openapi3filter.RequestValidationInput{Request: r, PathParams: params, Route: route, Options: &openapi3filter.Options{
		AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, SkipSettingDefaults: true, MultiError: true,
	}}, nil
}

func (d *document) find(service, method string) *openapi3.Operation {
	for _, op := range d.ops {
		sse, _ := op.Extensions["x-coze-sse"].(map[string]any)
		if op.Extensions["x-coze-service"] == service && (op.Extensions["x-coze-method"] == method || sse["method"] == method) {
			d.stream = sse["method"] == method || sse != nil && sse["switch"] == nil
			return op
		}
	}
	return nil
}

func (d *document) problem(format string, args ...any) {
	d.problems = append(d.problems, strings.ReplaceAll(fmt.Sprintf(format, args...), "\n", " "))
}

// callMethod fills the arguments of a generated method from the document, calls it, and compares the result.
func (d *document) callMethod(t *testing.T, m reflect.Value) error {
	args := []reflect.Value{reflect.ValueOf(t.Context())}
	path := d.params("path")
	for i := 1; i < m.Type().NumIn()-1; i++ {
		arg := reflect.New(m.Type().In(i)).Elem()
		if arg.Kind() == reflect.String {
			arg.SetString("71")
			path = path[1:]
		} else {
			d.fillRequest(arg, path)
		}
		args = append(args, arg)
	}
	out := m.Call(args)
	if err, _ := out[len(out)-1].Interface().(error); err != nil {
		return err
	}
	if len(out) == 2 {
		d.compare(out[0])
	}
	return nil
}

// fillRequest sets the fields of a request: those of the body by decoding a sample of its schema, parameters by name.
func (d *document) fillRequest(req reflect.Value, path openapi3.Parameters) {
	if body := d.current.RequestBody; body != nil {
		for _, media := range body.Value.Content {
			raw, _ := json.Marshal(d.sample(media.Schema.Value, "", 0))
			if err := json.Unmarshal(raw, req.Addr().Interface()); err != nil && !strings.Contains(err.Error(), "Upload") {
				d.problem("sample %s: %v", raw, err)
			}
		}
	}
	for i := range req.NumField() {
		if f := req.Field(i); f.Type() == reflect.TypeFor[coze.Upload]() {
			f.Set(reflect.ValueOf(coze.Upload{Name: "a.wav", Reader: reader("hello")}))
		}
	}
	for _, p := range slices.Concat(path, d.params("query"), d.params("header")) {
		if !p.Value.Required && !d.full {
			continue
		}
		if f := req.FieldByNameFunc(func(name string) bool { return plain(name) == plain(p.Value.Name) }); f.IsValid() {
			raw, _ := json.Marshal(d.sample(p.Value.Schema.Value, p.Value.Name, 0))
			if err := json.Unmarshal(raw, f.Addr().Interface()); err != nil {
				d.problem("parameter %s: %v", p.Value.Name, err)
			}
		}
	}
}

func plain(name string) string {
	return strings.ToLower(strings.NewReplacer("_", "", "-", "").Replace(name))
}

func (d *document) params(in string) (out openapi3.Parameters) {
	for _, p := range d.current.Parameters {
		if p.Value.In == in {
			out = append(out, p)
		}
	}
	return out
}

// sample makes a value for a schema: all fields, or the required ones only; none of them is a zero value.
func (d *document) sample(s *openapi3.Schema, name string, depth int) any {
	if len(s.Enum) > 0 {
		for _, v := range slices.Backward(s.Enum) {
			if v != "" && v != float64(0) {
				return v
			}
		}
	}
	switch t := s.Type; {
	case t == nil && len(s.AllOf) == 0:
		return map[string]any{"any": "9007199254740993"}
	case t.Is("object") && s.AdditionalProperties.Schema != nil:
		return map[string]any{"k": d.sample(s.AdditionalProperties.Schema.Value, "", depth+1)}
	case t.Is("array"):
		return []any{d.sample(s.Items.Value, "", depth+1)}
	case t.Includes("integer"):
		return max(1, int(number(s.Min)))
	case t.Includes("number"):
		return max(0.5, number(s.Min))
	case t.Includes("boolean"):
		return true
	case t.Includes("string"):
		return strings.Repeat("7", max(1, int(s.MinLength)))
	}
	out := map[string]any{}
	d.properties(out, s, depth)
	return out
}

func (d *document) properties(out map[string]any, s *openapi3.Schema, depth int) {
	for _, part := range s.AllOf {
		d.properties(out, part.Value, depth)
	}
	for name, p := range s.Properties {
		required := slices.Contains(s.Required, name)
		v := p.Value
		deep := depth > 6 && (len(v.Properties) > 0 || v.Items != nil || v.AdditionalProperties.Schema != nil)
		if p.Value.Format != "binary" && (required || d.full && !deep) {
			out[name] = d.sample(p.Value, name, depth+1)
		}
	}
}

func number(p *float64) float64 {
	if p == nil {
		return 0
	}
	return *p
}

// RoundTrip checks a request by the document and answers it with a sample that is checked as well.
func (d *document) RoundTrip(r *http.Request) (*http.Response, error) {
	in, err := d.match(r)
	if err != nil {
		return nil, err
	}
	var body []byte
	if r.Body != nil {
		body, _ = io.ReadAll(r.Body)
		_ = r.Body.Close()
		r.Body = io.NopCloser(strings.NewReader(string(body)))
	}
	if err := openapi3filter.ValidateRequest(r.Context(), in); err != nil {
		d.problem("request: %.300s; body %s", err, body)
	}
	if !d.full {
		d.checkMinimal(r, body)
	}
	return d.answer(r, in)
}

// checkMinimal finds what was sent although it is not required.
func (d *document) checkMinimal(r *http.Request, body []byte) {
	for name := range r.URL.Query() {
		if p := d.current.Parameters.GetByInAndName("query", name); p == nil || !p.Required {
			d.problem("query parameter %s was sent unset", name)
		}
	}
	if d.current.RequestBody == nil || !strings.Contains(r.Header.Get("Content-Type"), "json") {
		return
	}
	sse, _ := d.current.Extensions["x-coze-sse"].(map[string]any)
	var sent map[string]any
	_ = json.Unmarshal(body, &sent)
	schema := d.current.RequestBody.Value.Content.Get("application/json").Schema.Value
	for name := range sent {
		if !slices.Contains(schema.Required, name) && name != sse["switch"] {
			d.problem("body field %s was sent unset", name)
		}
	}
}

func (d *document) answer(r *http.Request, in *openapi3filter.RequestValidationInput) (*http.Response, error) {
	status, media := 200, d.current.Responses.Status(200)
	if media == nil {
		rsp := response(r, 302, "text/html", "")
		rsp.Header.Set("Location", "https://example.com/consent")
		return rsp, nil
	}
	content := media.Value.Content
	if content.Get("application/json") == nil || d.stream {
		for kind := range content {
			if kind != "application/json" {
				return response(r, status, kind, "event:done\ndata:{}\n\nevent:Done\ndata:{}\n\n"), nil
			}
		}
	}
	schema := content.Get("application/json").Schema.Value
	answer, _ := d.sample(schema, "", 0).(map[string]any)
	if len(schema.AllOf) > 0 || schema.Properties["code"] != nil {
		answer["code"], answer["msg"] = 0, ""
	}
	d.sent = answer
	raw, _ := json.Marshal(answer)
	out := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: in, Status: status, Header: http.Header{"Content-Type": {"application/json"}}, Options: in.Options,
	}
	if err := openapi3filter.ValidateResponse(r.Context(), out.SetBodyBytes(raw)); err != nil {
		d.problem("answer: %.300s", err)
	}
	return response(r, status, "application/json", string(raw)), nil
}

// compare finds fields of the answer that the result has lost.
func (d *document) compare(result reflect.Value) {
	if all := result.MethodByName("All"); all.IsValid() { // a stream
		n := 0
		for range all.Call(nil)[0].Seq2() {
			n++
		}
		if n == 0 {
			d.problem("the stream has no events")
		}
		return
	}
	sent, _ := d.sent.(map[string]any)
	if data, ok := sent["data"]; ok && !d.isFlat() {
		d.same(data, result)
		return
	}
	delete(sent, "code")
	delete(sent, "msg")
	delete(sent, "detail")
	d.same(sent, result)
}

// isFlat tells a result that stands beside code and msg, and may have a field called data of its own.
func (d *document) isFlat() bool {
	media := d.current.Responses.Status(200).Value.Content.Get("application/json")
	return media != nil && len(media.Schema.Value.AllOf) == 2 && media.Schema.Value.AllOf[1].Ref != ""
}

func (d *document) same(sent any, result reflect.Value) {
	paging, _ := d.current.Extensions["x-coze-paging"].(map[string]any)
	if fields, ok := sent.(map[string]any); ok && paging != nil {
		result = result.Elem().FieldByName("Items")
		sent = fields[paging["items"].(string)]
	}
	if _, isFile := result.Interface().(*coze.Download); isFile || result.Kind() == reflect.String {
		return
	}
	raw, err := json.Marshal(result.Interface())
	if err != nil {
		d.problem("encode the result: %v", err)
		return
	}
	var got, want any
	_ = json.Unmarshal(raw, &got)
	raw, _ = json.Marshal(sent)
	_ = json.Unmarshal(raw, &want)
	if !d.full {
		return // required fields that are absent in Go are zero values there
	}
	if diff := cmp.Diff(want, got); diff != "" {
		d.problem("the result has lost or changed something (-sent +got): %s", diff)
	}
}
