package coze_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/cozekit/cozekit/pkg/coze"
)

// TestRefusals covers every form of error body that the platform and its gateways are known to send: pitfalls D12, D13, D15
// and D47, and the list of forms in the facts.
func TestRefusals(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, contentType, body string
		status                  int
		is                      error
		code                    int
		codeText, message, log  string
	}{
		{name: "business error with 200", status: 200, body: `{"code":4200,"msg":"no such bot","detail":{"logid":"BODY"}}`, is: coze.ErrNotFound, code: 4200, message: "no such bot", log: "LOG1"},
		{name: "code as a string", status: 200, body: `{"code":"4013","msg":"slow"}`, is: coze.ErrRateLimited, code: 4013, message: "slow", log: "LOG1"},
		{name: "data of another type beside a code", status: 200, body: `{"code":4000,"msg":"bad","data":"oops"}`, is: coze.ErrBadRequest, code: 4000, message: "bad", log: "LOG1"},
		{name: "401 with an envelope", status: 401, body: `{"code":4100,"msg":"token"}`, is: coze.ErrUnauthorized, code: 4100, message: "token", log: "LOG1"},
		{name: "pitfall D12: 500 of a gateway without code", status: 500, body: `{"message":"boom"}`, is: coze.ErrServer, message: "boom", log: "LOG1"},
		{name: "pitfall D12: 429 without code", status: 429, body: `{}`, is: coze.ErrRateLimited, message: "Too Many Requests {}", log: "LOG1"},
		{name: "pitfall D13: 200 with HTML", status: 200, contentType: "text/html", body: "<html>Log in</html>", message: "the answer is not JSON but text/html: <html>Log in</html>", log: "LOG1"},
		{name: "pitfall D15: 502 with HTML", status: 502, contentType: "text/html", body: "<html>bad gateway</html>", is: coze.ErrServer, message: "the answer is not JSON but text/html: <html>bad gateway</html>", log: "LOG1"},
		{name: "empty body", status: 200, body: "", message: "the answer is empty", log: "LOG1"},
		{name: "oauth form", status: 400, body: `{"error_code":"access_denied","error_message":"no"}`, is: coze.ErrForbidden, codeText: "access_denied", message: "no", log: "LOG1"},
		{name: "oauth form with error", status: 400, body: `{"error":"slow_down","error_message":""}`, is: coze.ErrPending, codeText: "slow_down", message: "slow_down", log: "LOG1"},
		{name: "older gateway", status: 200, body: `{"code":5000,"error":{"logid":"L","detail":"inner"}}`, is: coze.ErrServer, code: 5000, message: "inner", log: "LOG1"},
		{name: "reference v1", status: 400, body: `{"code":400,"message":"bad","details":{"a":1}}`, is: coze.ErrBadRequest, code: 400, message: "bad", log: "LOG1"},
		{name: "Coze Studio repeats the status", status: 401, body: `{"code":401,"msg":"no"}`, is: coze.ErrUnauthorized, code: 401, message: "no", log: "LOG1"},
		{name: "pitfall D16: an event stream on a plain call", status: 200, contentType: "text/event-stream", body: "event:done\n\n", message: "the answer is an event stream in place of JSON", log: "LOG1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if tt.contentType == "" {
				tt.contentType = "application/json"
			}
			var info coze.ResponseInfo
			c := stubClient(t, answer(tt.status, tt.contentType, tt.body))
			_, err := c.Bots.Get(background(t), "1", coze.RetrieveBotRequest{}, coze.WithResponse(&info))
			e := refused(t, err)
			if tt.is != nil && !errors.Is(err, tt.is) {
				t.Errorf("category is %q, want %q", e.Category(), tt.is)
			}
			if e.Code != tt.code || e.CodeText != tt.codeText || e.Message != tt.message || e.LogID != tt.log || e.HTTPStatus != tt.status {
				t.Errorf("got %#v", e)
			}
			if e.Op != "RetrieveBot" || e.Method != http.MethodGet || e.URL != "https://api.coze.cn/v1/bots/1" || e.Attempts != 1 {
				t.Errorf("got op %s, %s %s, %d attempts", e.Op, e.Method, e.URL, e.Attempts)
			}
			if info.HTTPStatus != tt.status || info.LogID != tt.log {
				t.Errorf("ResponseInfo says %d %s", info.HTTPStatus, info.LogID)
			}
		})
	}
}

// TestLogIDFromBody: the log id of the envelope is used where the header is missing.
func TestLogIDFromBody(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`{"code":1,"detail":{"logid":"B1"}}`, `{"code":1,"error":{"logid":"B1"}}`} {
		c := stubClient(t, roundTrip(func(r *http.Request) (*http.Response, error) {
			rsp := response(r, 200, "application/json", body)
			rsp.Header.Del("X-Tt-Logid")
			return rsp, nil
		}))
		_, err := c.Users.Me(background(t))
		if e := refused(t, err); e.LogID != "B1" {
			t.Errorf("%s: log id %q", body, e.LogID)
		}
	}
}

// TestErrorText: one line with operation, host, status, code, message, log id and what to do; of pitfalls 1 and 2 the hint
// at the other region and the permission that the call needs.
func TestErrorText(t *testing.T) {
	t.Parallel()
	c := stubClient(t, answer(200, "application/json", `{"code":4101,"msg":"forbidden for `+testToken+`"}`))
	_, err := c.Bots.Get(background(t), "1", coze.RetrieveBotRequest{})
	text := refused(t, err).Error()
	for _, want := range []string{
		"coze: RetrieveBot: forbidden for [redacted] (code 4101, http 200, host api.coze.cn, logid LOG1)",
		"permission getMetadata", "A token of api.coze.com is not valid at api.coze.cn.",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q\nlacks %q", text, want)
		}
	}
	if strings.Contains(text, "\n") {
		t.Errorf("more than one line: %q", text)
	}
	x, ok := coze.Explain(err)
	if !ok || x.Category != coze.ErrForbidden || len(x.Causes) == 0 || x.Remedy == "" {
		t.Errorf("Explain: %+v, %t", x, ok)
	}
	if _, ok := coze.Explain(errors.New("other")); ok {
		t.Error("Explain explains a foreign error")
	}
}

// TestLongMessage: pitfall D47, a whole page in an error.
func TestLongMessage(t *testing.T) {
	t.Parallel()
	c := stubClient(t, answer(200, "application/json", `{"code":1,"msg":"`+strings.Repeat("long ", 2000)+`"}`))
	_, err := c.Users.Me(background(t))
	if n := len(refused(t, err).Error()); n > 700 {
		t.Errorf("the error has %d bytes", n)
	}
}

// TestNetworkErrorHidesQuery: an error of the network names operation and host, not the query.
func TestNetworkErrorHidesQuery(t *testing.T) {
	t.Parallel()
	boom := errors.New("connection refused")
	c := stubClient(t, roundTrip(func(*http.Request) (*http.Response, error) { return nil, boom }))
	_, err := c.Conversations.Get(background(t), coze.RetrieveConversationRequest{ConversationID: "4711"})
	if !errors.Is(err, boom) {
		t.Fatalf("%v does not wrap the cause", err)
	}
	want := "coze: RetrieveConversation: GET api.coze.cn/v1/conversation/retrieve: connection refused"
	if err.Error() != want {
		t.Errorf("got  %s\nwant %s", err, want)
	}
}
