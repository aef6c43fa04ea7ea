package cozetest_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"testing"

	"github.com/cozekit/cozekit/api"
	"github.com/cozekit/cozekit/pkg/cozetest"
	"github.com/getkin/kin-openapi/openapi3"
)

// TestDocumentExamples sends every example of a request that the document shows: it is accepted, and the answer has the fields
// that the example of the answer shows, and no others.
func TestDocumentExamples(t *testing.T) {
	t.Parallel()
	doc, err := openapi3.NewLoader().LoadFromData(api.OpenAPI)
	if err != nil {
		t.Fatal(err)
	}
	srv := cozetest.NewServer(t)
	conversation := "" // made by the first example, for those that need one
	sent := 0
	for _, path := range slices.SortedFunc(maps.Keys(doc.Paths.Map()), func(a, b string) int { return len(a) - len(b) }) {
		for method, op := range doc.Paths.Value(path).Operations() {
			request, answer := exampleOf(op.RequestBody), exampleOf(op.Responses.Value("200"))
			if request == nil || answer == nil {
				continue
			}
			url := srv.URL() + path
			if op.OperationID == "CreateMessage" {
				url += "?conversation_id=" + conversation
			}
			got := sendExample(t, srv, method, url, request)
			if got["code"] != 0.0 {
				t.Errorf("%s: %v", op.OperationID, got)
				continue
			}
			if op.OperationID == "CreateConversation" {
				conversation, _ = got["data"].(map[string]any)["id"].(string)
			}
			sent++
			if want, got := fieldsOf(answer), fieldsOf(got); !slices.Equal(want, got) {
				t.Errorf("%s: the example shows %q, the answer has %q", op.OperationID, want, got)
			}
		}
	}
	if sent < 5 {
		t.Errorf("only %d examples", sent)
	}
}

// exampleOf is the example of a JSON body, if there is one.
func exampleOf(body any) any {
	var content openapi3.Content
	switch b := body.(type) {
	case *openapi3.RequestBodyRef:
		if b != nil {
			content = b.Value.Content
		}
	case *openapi3.ResponseRef:
		if b != nil {
			content = b.Value.Content
		}
	}
	if media := content["application/json"]; media != nil {
		return media.Example
	}
	return nil
}

func sendExample(t *testing.T, srv *cozetest.Server, method, url string, body any) map[string]any {
	t.Helper()
	content, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, url, bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+srv.Token())
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var out map[string]any
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil {
		t.Fatalf("%s: %v", url, err)
	}
	return out
}

// fieldsOf lists the fields of the answer and of its data.
func fieldsOf(answer any) []string {
	var out []string
	m, _ := answer.(map[string]any)
	for name := range m {
		out = append(out, name)
	}
	data, _ := m["data"].(map[string]any)
	for name := range data {
		out = append(out, "data."+name)
	}
	slices.Sort(out)
	return out
}
