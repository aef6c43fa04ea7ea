package coze_test

import (
	"context"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/google/go-cmp/cmp"
)

// words are the words that a shell makes of a curl command, without curl.
func words(t *testing.T, command string) []string {
	t.Helper()
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no shell here")
	}
	run := exec.CommandContext(t.Context(), sh, "-c", `curl() { for w; do printf '%s\0' "$w"; done; }; `+command)
	run.Env = []string{"COZE_API_TOKEN=from-the-environment"}
	out, err := run.Output()
	if err != nil {
		t.Fatalf("%s: %v", command, err)
	}
	return strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
}

// TestCurlOf: the request behind a refusal comes back word by word from a shell, and without its secrets.
func TestCurlOf(t *testing.T) {
	t.Parallel()
	refusing := answer(200, "application/json", `{"code":4200,"msg":"no"}`)
	const auth = "Authorization: Bearer from-the-environment"
	const text = `it's "$HOME" ` + "`id`" + ` \ 好 <&>`
	message := `{"bot_id":"1","user_id":"u","additional_messages":[{"role":"user","type":"question","content":` +
		`"it's \"$HOME\" ` + "`id`" + ` \\ 好 <&>","content_type":"text"}],"stream":false}`
	tests := []struct {
		name string
		call func(ctx context.Context, c *coze.Client) error
		want []string
	}{
		{"a read", func(ctx context.Context, c *coze.Client) error {
			_, err := c.Bots.Get(ctx, "7/3", coze.RetrieveBotRequest{})
			return err
		}, []string{"-sS", coze.BaseURLCN + "/v1/bots/7%2F3", "-H", auth, "-H", "Accept: application/json"}},
		{"a body", func(ctx context.Context, c *coze.Client) error {
			_, err := c.Chat.Create(ctx, coze.CreateChatRequest{
				BotID: "1", UserID: "u", ConversationID: "8&9", AdditionalMessages: []coze.EnterMessage{coze.UserMessage(text)},
			})
			return err
		}, []string{
			"-sS", "-X", "POST", coze.BaseURLCN + "/v3/chat?conversation_id=8%269", "-H", auth, "-H", "Accept: application/json",
			"-H", "Content-Type: application/json", "--data-raw", message,
		}},
		{"secrets", func(ctx context.Context, c *coze.Client) error {
			return c.Do(ctx, "POST", "/v9/x", nil, map[string]any{"api_key": "s3cret", "n": []any{map[string]any{"client_secret": "s3cret"}}, "code": 7},
				nil, coze.WithHeader("X-Gateway", "s3cret"), coze.WithQuery("refresh_token", "s3cret"))
		}, []string{
			"-sS", "-X", "POST", coze.BaseURLCN + "/v9/x?refresh_token=%5Bredacted%5D", "-H", auth, "-H", "Accept: application/json",
			"-H", "Content-Type: application/json", "-H", "X-Gateway: [redacted]",
			"--data-raw", `{"api_key":"[redacted]","code":7,"n":[{"client_secret":"[redacted]"}]}`,
		}},
		{"the token in a body", func(ctx context.Context, c *coze.Client) error {
			return c.Do(ctx, "PUT", "/v9/x", nil, map[string]string{"note": "my " + testToken}, nil)
		}, []string{
			"-sS", "-X", "PUT", coze.BaseURLCN + "/v9/x", "-H", auth, "-H", "Accept: application/json",
			"-H", "Content-Type: application/json", "--data-raw", `{"note":"my [redacted]"}`,
		}},
		{"a large body", func(ctx context.Context, c *coze.Client) error {
			return c.Do(ctx, "POST", "/v9/x", nil, strings.Repeat("x", 20_000), nil)
		}, []string{
			"-sS", "-X", "POST", coze.BaseURLCN + "/v9/x", "-H", auth, "-H", "Accept: application/json",
			"-H", "Content-Type: application/json", "--data-raw", "[application/json of 20002 bytes, left out]",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := tt.call(t.Context(), stubClient(t, refusing))
			got := coze.CurlOf(fmt.Errorf("wrapped: %w", err))
			if diff := cmp.Diff(tt.want, words(t, got)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if strings.Contains(got, testToken) || strings.Contains(got, "\n") {
				t.Errorf("not one line, or with the token: %s", got)
			}
		})
	}
}

// TestCurlOfOtherErrors: network errors, failures inside a stream and uploads too; nothing for what is no error of a call.
func TestCurlOfOtherErrors(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, err := stubClient(t, roundTrip(reset)).Users.Me(t.Context())
		if want := `curl -sS https://api.coze.cn/v1/users/me -H "Authorization: Bearer $COZE_API_TOKEN" -H 'Accept: application/json'`; coze.CurlOf(err) != want {
			t.Errorf("a broken connection: %s", coze.CurlOf(err))
		}
		body := created + "event:error\ndata:{\"code\":5000,\"msg\":\"no\"}\n\n"
		for what, err := range map[string]error{
			"a failure inside": second(collect(openStream(t, body))), "a truncated stream": second(collect(openStream(t, created+"event:error\ndata:{}{\n\n"))),
		} {
			if got := coze.CurlOf(err); !strings.Contains(got, "curl -sS -N -X POST") || !strings.Contains(got, `"content":"hello"`) {
				t.Errorf("%s: %s", what, got)
			}
		}
		long := question
		long.AdditionalMessages = []coze.EnterMessage{coze.UserMessage(strings.Repeat("x", 3000))}
		s, err := stubClient(t, answer(200, "text/event-stream", body)).Chat.Stream(t.Context(), long)
		if err != nil {
			t.Fatal(err)
		}
		if got := coze.CurlOf(second(collect(s))); !strings.Contains(got, "[application/json of 3135 bytes, left out]") {
			t.Errorf("a long question: %s", got)
		}
		_, err = stubClient(t, answer(200, "application/json", `{"code":4000}`)).Files.Upload(t.Context(),
			coze.UploadFileRequest{File: coze.Upload{Name: "a.txt", Reader: reader("private")}})
		if got := coze.CurlOf(err); !strings.Contains(got, "[multipart/form-data, left out]") || strings.Contains(got, "private") {
			t.Errorf("an upload: %s", got)
		}
		_, err = stubClient(t, &recorder{}).Bots.Get(t.Context(), "", coze.RetrieveBotRequest{})
		for _, err := range []error{nil, io.EOF, err} {
			if got := coze.CurlOf(err); got != "" {
				t.Errorf("%v: %s", err, got)
			}
		}
	})
}

func second[A any](_ A, err error) error { return err }

// TestErrorsHideTheRequest: what an error carries for CurlOf does not come out by formatting it, nor does it hold a token.
func TestErrorsHideTheRequest(t *testing.T) {
	t.Parallel()
	c := stubClient(t, answer(200, "application/json", `{"code":4200,"msg":"no"}`))
	_, err := c.Conversations.Create(t.Context(), coze.CreateConversationRequest{Name: "private"})
	e := refused(t, err)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		for _, v := range []any{err, *e} {
			if text := fmt.Sprintf(verb, v); strings.Contains(text, "private") || strings.Contains(text, testToken) {
				t.Errorf("%s shows the request: %s", verb, text)
			}
		}
	}
	if text := fmt.Sprintf("%+v", *e.Request); strings.Contains(text, testToken) || !strings.Contains(text, "private") {
		t.Errorf("the request: %s", text)
	}
	var info coze.ResponseInfo
	if info.Request() != nil {
		t.Error("a request before the call")
	}
	if _, err := stubClient(t, &recorder{}).Users.Me(t.Context(), coze.WithResponse(&info)); err != nil {
		t.Fatal(err)
	}
	if r := info.Request(); r == nil || !strings.HasSuffix(r.URL, "/v1/users/me") || !r.Token {
		t.Errorf("the request of an answer: %+v", r)
	}
}
