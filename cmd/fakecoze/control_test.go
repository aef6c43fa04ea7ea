package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/cozekit/cozekit/pkg/cozetest"
)

const me = "/v1/users/me"

func TestFaultsByControl(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	status, text := p.send(http.MethodPost, "/_fake/faults", `[{"kind":"gateway","times":1},{"kind":"code","code":4200,"times":1}]`)
	if status != http.StatusOK || !strings.Contains(text, `"work": "skipped"`) {
		t.Fatalf("got status %d: %s", status, text)
	}
	if status, text := p.send(http.MethodGet, me, ""); status != http.StatusBadGateway || !strings.Contains(text, "<h1>502") {
		t.Errorf("got status %d: %s", status, text)
	}
	if status, text := p.send(http.MethodGet, me, ""); status != http.StatusOK || !strings.Contains(text, `"code":4200`) {
		t.Errorf("got status %d: %s", status, text)
	}
	if _, text := p.send(http.MethodGet, "/_fake/faults", ""); strings.Count(text, `"happened": 1`) != 2 {
		t.Errorf("got %s", text)
	}
	if status, text := p.send(http.MethodPost, "/_fake/faults", `{"kind":"latency","duration":"1ms"}`); status != http.StatusOK {
		t.Errorf("got status %d for one fault without a list: %s", status, text)
	}
	if _, text := p.send(http.MethodDelete, "/_fake/faults", ""); strings.TrimSpace(text) != "[]" {
		t.Errorf("got %s", text)
	}
	if _, text := p.send(http.MethodGet, "/_fake/kinds", ""); strings.Count(text, `"does"`) != len(cozetest.FaultKinds()) {
		t.Errorf("got %s", text)
	}
}

func TestControlRefuses(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	for _, tc := range []struct {
		method, path, body string
		status             int
		want               string
	}{
		{"POST", "/_fake/faults", `{"kind":"flood"}`, 400, `unknown kind of fault`},
		{"POST", "/_fake/faults", `{"kind":"reset","time":1}`, 400, `unknown field`},
		{"POST", "/_fake/faults", ``, 400, `the body`},
		{"POST", "/_fake/clock", `{"advance":"soon"}`, 400, `want a duration such as`},
		{"POST", "/_fake/clock", `{"to":"1h"}`, 400, `unknown field`},
		{"POST", "/_fake/tokens", `{"lifetime":"long"}`, 400, `want a duration such as`},
		{"GET", "/_fake/calls?last=few", ``, 400, `want a number`},
		{"GET", "/_fake/events?last=-1", ``, 400, `want a number`},
		{"GET", "/_fake/reset", ``, 404, `no such control request`},
		{"GET", "/_fake/nothing", ``, 404, `no such control request`},
	} {
		if status, text := p.send(tc.method, tc.path, tc.body); status != tc.status || !strings.Contains(text, tc.want) {
			t.Errorf("%s %s %s: got status %d: %s", tc.method, tc.path, tc.body, status, text)
		}
	}
}

func TestWhatHappenedByControl(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	p.send(http.MethodGet, me, "")
	p.send(http.MethodPost, "/v1/conversation/create", `{"name":"mine"}`)
	p.send(http.MethodPost, "/v1/conversation/create", `{"nam":"mine"}`)
	var calls []recordedCall
	_, text := p.send(http.MethodGet, "/_fake/calls?operation=CreateConversation&last=1", "")
	if err := json.Unmarshal([]byte(text), &calls); err != nil || len(calls) != 1 || calls[0].Body != `{"nam":"mine"}` || calls[0].Code != 4000 {
		t.Errorf("got %s", text)
	}
	if _, text := p.send(http.MethodGet, "/_fake/calls", ""); strings.Contains(text, "pat_test") || strings.Count(text, `"path"`) != 3 {
		t.Errorf("got %s", text)
	}
	if _, text := p.send(http.MethodGet, "/_fake/violations", ""); !strings.Contains(text, `"pointer": "/body/nam"`) {
		t.Errorf("got %s", text)
	}
	if _, text := p.send(http.MethodGet, "/_fake/deviations", ""); strings.TrimSpace(text) != "[]" {
		t.Errorf("got %s", text)
	}
	status, page := p.send(http.MethodGet, "/_fake/", "")
	if status != http.StatusOK || !strings.Contains(page, "3 calls, 1 violations") || !strings.Contains(page, "GET /v1/users/me") {
		t.Errorf("got status %d: %s", status, page)
	}
	if status, text := p.send(http.MethodPost, "/_fake/reset", ""); status != http.StatusOK {
		t.Errorf("got status %d: %s", status, text)
	}
	if _, text := p.send(http.MethodGet, "/_fake/calls", ""); strings.TrimSpace(text) != "[]" {
		t.Errorf("got %s after a reset", text)
	}
	if _, text := p.send(http.MethodGet, "/v1/conversations?bot_id=7400000000000000001", ""); !strings.Contains(text, `"conversations":[]`) {
		t.Errorf("got %s after a reset", text)
	}
}

// TestClockByControl lets the token of a visitor expire.
func TestClockByControl(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	_, text := p.send(http.MethodPost, "/_fake/tokens", `{"user_id":"5","session_name":"ann","lifetime":"1h"}`)
	var made struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.Unmarshal([]byte(text), &made); err != nil {
		t.Fatal(err)
	}
	visit := func() int {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.url+me, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+made.AccessToken)
		resp, err := p.client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		return resp.StatusCode
	}
	if got := visit(); got != http.StatusOK {
		t.Errorf("got status %d", got)
	}
	p.send(http.MethodPost, "/_fake/clock", `{"advance":"61m"}`)
	if got := visit(); got != http.StatusUnauthorized {
		t.Errorf("got status %d after an hour", got)
	}
}
