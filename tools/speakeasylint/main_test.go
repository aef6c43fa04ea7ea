package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const document = `openapi: 3.1.0
info: {title: Notes, version: '1', description: Notes.}
servers: [{url: https://api.example.org}]
security: [{bearerAuth: []}]
paths:
  /v1/notes:
    get:
      operationId: ListNotes
      tags: [Notes]
      summary: Lists notes
      parameters:
        - {name: page_token, in: query, description: Where to go on., schema: {type: string}}
      responses:
        '200': {description: Notes.}
components:
  securitySchemes:
    bearerAuth: {type: http, scheme: bearer}
  schemas:
    Told: {type: object, description: An event.}
`

func TestLint(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, old, new string
		want           string // "" for no complaint
		quiet          int
	}{
		{"good, with two complaints that are waived", "", "", "", 2},
		{"waived for one name only", "page_token", "access_token", "owasp-no-credentials-in-url", 1},
		{"no answer that tells success", "'200'", "'404'", "style-operation-success-response", 2},
		{"an undeclared parameter", "/v1/notes:", "/v1/notes/{id}:", "semantic-path-params", 2},
		{"not valid at all", "in: query", "in: nowhere", "parameter.in", 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "openapi.yaml")
			if err := os.WriteFile(file, []byte(strings.Replace(document, tt.old, tt.new, 1)), 0o644); err != nil {
				t.Fatal(err)
			}
			complaints, quiet, err := lint(t.Context(), file)
			if err != nil {
				t.Fatal(err)
			}
			got := strings.Join(complaints, "\n")
			if (tt.want == "") != (got == "") || !strings.Contains(got, tt.want) || quiet != tt.quiet {
				t.Errorf("%d waived, complaints:\n%s", quiet, got)
			}
		})
	}
	if _, _, err := lint(t.Context(), "nowhere.yaml"); err == nil {
		t.Error("a document that does not exist was read")
	}
}
