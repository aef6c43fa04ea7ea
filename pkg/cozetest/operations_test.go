package cozetest_test

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/cozekit/cozekit/api"
	"github.com/cozekit/cozekit/pkg/cozetest"
)

// TestEveryOperation calls each operation of the document with a sample of all that it takes. Requests and answers must keep to
// the document.
func TestEveryOperation(t *testing.T) {
	t.Parallel()
	callAll(t, api.OpenAPI, cozetest.NewServer(t))
}

// TestOtherForms does the same with a document of the forms that the first operations do not have.
func TestOtherForms(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/forms.yaml")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := cozetest.WithDocument(text)
	if err != nil {
		t.Fatal(err)
	}
	srv := cozetest.NewServer(t, doc)
	bodies := callAll(t, text, srv)
	for id, want := range map[string]string{
		"RunStream": "id: 0\nevent: Message\ndata: {\"content\":\"sample of content\"}\n\nid: 1\nevent: Done\ndata: {}\n\n",
		"Raw":       `{"access_token":"sample of access_token"}`,
	} {
		if bodies[id] != want {
			t.Errorf("%s: got %q, want %q", id, bodies[id], want)
		}
	}
	if len(bodies["Speech"]) == 0 {
		t.Error("Speech: got no bytes")
	}
}

func callAll(t *testing.T, text []byte, srv *cozetest.Server) map[string]string {
	t.Helper()
	spec, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		t.Fatal(err)
	}
	c := newClient(t, srv)
	c.http = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	bodies := map[string]string{}
	for path, item := range spec.Paths.Map() {
		for method, op := range item.Operations() {
			bodies[op.OperationID] = callOne(t, c, path, method, op)
		}
	}
	called := map[string]cozetest.Call{}
	for _, call := range srv.Calls() {
		called[call.Operation] = call
	}
	for id := range bodies {
		call, ok := called[id]
		own := slices.Contains(cozetest.OwnOperations(), id)
		if !ok || !own && (call.Code != 0 || call.Status != http.StatusOK && call.Status != http.StatusFound) {
			t.Errorf("%s: got status %d, code %d: %.300s", id, call.Status, call.Code, bodies[id])
		}
	}
	return bodies
}

func callOne(t *testing.T, c *client, path, method string, op *openapi3.Operation) string {
	t.Helper()
	query := url.Values{}
	for _, p := range op.Parameters {
		value := fmt.Sprint(cozetest.Sample(p.Value.Schema.Value, p.Value.Name))
		switch p.Value.In {
		case openapi3.ParameterInPath:
			path = strings.ReplaceAll(path, "{"+p.Value.Name+"}", url.PathEscape(value))
		case openapi3.ParameterInQuery:
			query.Set(p.Value.Name, strings.Trim(value, "[]"))
		}
	}
	var body io.Reader
	media := ""
	if op.RequestBody != nil {
		for m, content := range op.RequestBody.Value.Content {
			body, media = sampleBody(m, content.Schema.Value)
		}
	}
	req, err := http.NewRequestWithContext(t.Context(), method, c.url+path+"?"+query.Encode(), body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", c.auth)
	if media != "" {
		req.Header.Set("Content-Type", media)
	}
	for _, p := range op.Parameters {
		if p.Value.In == openapi3.ParameterInHeader {
			req.Header.Set(p.Value.Name, fmt.Sprint(cozetest.Sample(p.Value.Schema.Value, p.Value.Name)))
		}
	}
	resp, err := c.http.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func sampleBody(media string, schema *openapi3.Schema) (io.Reader, string) {
	value, _ := cozetest.Sample(schema, "").(map[string]any)
	switch media {
	case "multipart/form-data":
		var parts [][3]string
		for name, v := range value {
			file := ""
			if p := schema.Properties[name]; p != nil && p.Value.Format == "binary" {
				file = name + ".pdf"
			}
			parts = append(parts, [3]string{name, file, fmt.Sprint(v)})
		}
		u := newUpload(parts...)
		return &u.body, u.media
	case "application/x-www-form-urlencoded":
		form := url.Values{}
		for name, v := range value {
			form.Set(name, fmt.Sprint(v))
		}
		return strings.NewReader(form.Encode()), media
	}
	return strings.NewReader(mustJSON(value)), media
}
