package cozetest_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/cozekit/cozekit/pkg/cozetest"
)

func TestDeviationsAreTakenAndCounted(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t, cozetest.AllowNullFields())
	srv.OAuthApp(cozetest.OAuthApp{ClientID: "app", ClientSecret: "s", RedirectURLs: []string{"http://127.0.0.1/cb"}})
	client := srv.HTTPClient()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	send := func(method, path, body string) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, "http://fake"+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+srv.Token())
		if body != "" {
			req.Header.Set("Content-Type", "application/json")
		}
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
	}
	// What the requests ask for does not exist, which is no violation.
	send("POST", "/v3/chat/retrieve?conversation_id=1&chat_id=2", "")
	send("POST", "/v3/chat/retrieve?conversation_id=1&chat_id=2", "")
	send("POST", "/v1/conversation/message/retrieve?conversation_id=1&message_id=2", "")
	send("POST", "/v3/chat/submit_tool_outputs?conversation_id=1&chat_id=2",
		`{"tool_outputs":[{"tool_call_id":"a","output":"b"}],"auto_save_history":true}`)
	send("POST", "/v1/conversation/message/list?conversation_id=1", "")
	send("POST", "/v1/datasets/1/process", `{"document_ids":["2"]}`)
	send("GET", "/api/permission/oauth2/authorize?response_type=code&client_id=app&redirect_uri=http://127.0.0.1/cb&state=", "")
	send("POST", "/v1/conversation/create", `{"bot_id":null}`)

	var got []string
	for _, d := range srv.Deviations() {
		got = append(got, d.Operation+" "+d.Pointer+" "+d.Rule+" "+strings.Repeat("|", d.Count))
	}
	want := []string{
		"RetrieveChat /method method ||", "RetrieveMessage /method method |",
		"SubmitToolOutputs /body/auto_save_history unknown |", "ListMessages /body required |",
		"GetDocumentProgress /header/Agw-Js-Conv required |", "AuthorizeOAuth /query/state empty |", " /body null |",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
}

// TestDeviationsAreOfTheirOperation sends what is known of one operation to another.
func TestDeviationsAreOfTheirOperation(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t, cozetest.ExpectViolations())
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://fake/v3/chat/cancel",
		strings.NewReader(`{"conversation_id":"1","chat_id":"2","auto_save_history":true}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+srv.Token())
	req.Header.Set("Content-Type", "application/json")
	resp, err := srv.HTTPClient().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if v := srv.Violations(); len(v) != 1 || v[0].Pointer != "/body/auto_save_history" {
		t.Errorf("got violations %v", v)
	}
	if d := srv.Deviations(); len(d) != 0 {
		t.Errorf("got deviations %v", d)
	}
}
