package coze_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cozekit/cozekit/pkg/coze"
)

// TestNewClient: what is wrong is told at once, with what would be right (pitfall 1).
func TestNewClient(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		opts []coze.ClientOption
		want string // part of the error, "" = none
	}{
		{"no server", []coze.ClientOption{coze.WithToken("t")}, "coze.BaseURLCN"},
		{"website", []coze.ClientOption{coze.WithBaseURL("https://www.coze.cn")}, "use https://api.coze.cn"},
		{"website com", []coze.ClientOption{coze.WithBaseURL("https://www.coze.com/")}, "use https://api.coze.com"},
		{"old path", []coze.ClientOption{coze.WithBaseURL("https://api.coze.cn/open_api/v2")}, "use https://api.coze.cn"},
		{"versioned path", []coze.ClientOption{coze.WithBaseURL("https://gw.example.com/coze/v3/chat")}, "use https://gw.example.com/coze"},
		{"no scheme", []coze.ClientOption{coze.WithBaseURL("api.coze.cn")}, "https://host"},
		{"credentials", []coze.ClientOption{coze.WithBaseURL("https://u:p@api.coze.cn")}, "leave out user"},
		{"plain http", []coze.ClientOption{coze.WithBaseURL("http://gw.example.com")}, "WithPlainHTTP"},
		{"empty token", []coze.ClientOption{coze.WithBaseURL(coze.BaseURLCN), coze.WithToken(" ")}, "token is empty"},
		{"plain http on request", []coze.ClientOption{coze.WithBaseURL("http://gw.example.com"), coze.WithPlainHTTP()}, ""},
		{"loopback", []coze.ClientOption{coze.WithBaseURL("http://127.0.0.1:1")}, ""},
		{"studio", []coze.ClientOption{coze.WithStudio("http://studio:8888")}, ""},
		{"trailing slash", []coze.ClientOption{coze.WithBaseURL("https://api.coze.com/")}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := coze.NewClient(tt.opts...)
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
			if err != nil && strings.Contains(err.Error(), "u:p@") {
				t.Errorf("%v shows credentials", err)
			}
		})
	}
}

func TestFromEnv(t *testing.T) {
	t.Setenv(coze.EnvToken, testToken+"\n")
	t.Setenv(coze.EnvBase, "https://gw.example.com/x/")
	rec := &recorder{}
	c, err := coze.NewClient(coze.FromEnv(), coze.WithHTTPClient(&http.Client{Transport: rec}))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Users.Me(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := rec.last(); got.URL.String() != "https://gw.example.com/x/v1/users/me" || got.Header.Get("Authorization") != "Bearer "+testToken {
		t.Errorf("sent to %s with %q", got.URL, got.Header.Get("Authorization"))
	}
	t.Setenv(coze.EnvBase, "")
	t.Setenv(coze.EnvToken, "")
	if _, err := coze.NewClient(coze.FromEnv(), coze.WithBaseURL(coze.BaseURLCN)); err != nil {
		t.Errorf("an empty environment: %v", err)
	}
}

// TestStudioRefusesWhatItDoesNotServe: pitfall 17.
func TestStudioRefusesWhatItDoesNotServe(t *testing.T) {
	t.Parallel()
	c, err := coze.NewClient(coze.WithStudio("http://127.0.0.1:1"), coze.WithToken("t"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Workspaces.List(background(t), coze.ListWorkspacesRequest{})
	if !errors.Is(err, coze.ErrUnsupported) || !strings.Contains(err.Error(), "Coze Studio does not serve") {
		t.Errorf("got %v", err)
	}
	studio := stubClient(t, answer(200, "application/json", `{"code":700012006,"msg":"missing session_key in cookie"}`), coze.WithStudio("http://studio:8888"))
	_, err = studio.Bots.Get(background(t), "1", coze.RetrieveBotRequest{})
	if e := refused(t, err); !strings.HasPrefix(e.Message, "Coze Studio does not serve this operation") {
		t.Errorf("got %v", err)
	}
}

// TestCallTimeout: a call ends by its own limit, which is told from the caller's deadline.
func TestCallTimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hang := roundTrip(func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		})
		c := stubClient(t, hang)
		start := time.Now()
		_, err := c.Users.Me(t.Context())
		if !errors.Is(err, coze.ErrTimeout) || !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != 30*time.Second {
			t.Errorf("%v after %v", err, time.Since(start))
		}
		if want := "coze: GetCurrentUser: GET api.coze.cn/v1/users/me: no answer within the timeout of 30s"; err.Error() != want {
			t.Errorf("got %q", err)
		}
		start = time.Now()
		_, err = c.Users.Me(t.Context(), coze.WithTimeout(time.Minute))
		if !errors.Is(err, coze.ErrTimeout) || time.Since(start) != time.Minute {
			t.Errorf("%v after %v", err, time.Since(start))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start = time.Now()
		_, err = c.Users.Me(ctx)
		if errors.Is(err, coze.ErrTimeout) || !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Second {
			t.Errorf("%v after %v", err, time.Since(start))
		}
		_, err = c.Chat.Stream(t.Context(), coze.CreateChatRequest{BotID: "1", UserID: "u"})
		if !errors.Is(err, coze.ErrTimeout) {
			t.Errorf("stream without a header: %v", err)
		}
	})
}

// TestBodiesAreClosed: pitfall D14, for every kind of answer.
func TestBodiesAreClosed(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		status     int
		kind, body string
	}{{200, "application/json", `{"code":0,"data":{}}`}, {200, "application/json", `{"code":1}`}, {200, "text/html", "<p>"}, {500, "text/html", "x"}, {200, "text/event-stream", "event:done\n\n"}} {
		var opened, closed atomic.Int32
		c := stubClient(t, roundTrip(func(r *http.Request) (*http.Response, error) {
			opened.Add(1)
			rsp := response(r, tt.status, tt.kind, tt.body)
			rsp.Body = &countClose{rsp.Body, &closed}
			return rsp, nil
		}))
		_, _ = c.Users.Me(background(t))
		if s, err := c.Chat.Stream(background(t), coze.CreateChatRequest{BotID: "1", UserID: "u"}); err == nil {
			for range s.All() {
				continue
			}
		}
		if opened.Load() != 2 || closed.Load() != 2 {
			t.Errorf("%s: %d bodies opened, %d closed", tt.body, opened.Load(), closed.Load())
		}
	}
}

type countClose struct {
	io.ReadCloser
	n *atomic.Int32
}

func (c *countClose) Close() error {
	c.n.Add(1)
	return c.ReadCloser.Close()
}

// TestRedirects: the token does not follow a redirect to another host, and a call that changes something is not repeated
// elsewhere.
func TestRedirects(t *testing.T) {
	t.Parallel()
	var leaked atomic.Bool
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		leaked.Store(leaked.Load() || r.Header.Get("Authorization") != "" || r.Method != http.MethodGet)
		_, _ = io.WriteString(w, `{"code":0,"data":{"user_id":"x"}}`)
	}))
	defer other.Close()
	c := serverClient(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, strings.Replace(other.URL, "127.0.0.1", "localhost", 1)+r.URL.Path, http.StatusTemporaryRedirect)
	})
	if _, err := c.Users.Me(background(t)); err != nil {
		t.Error(err)
	}
	_, err := c.Conversations.Create(background(t), coze.CreateConversationRequest{})
	if e := refused(t, err); e.HTTPStatus != 307 || !strings.Contains(e.Message, "redirected to http://localhost") {
		t.Errorf("got %v", err)
	}
	if leaked.Load() {
		t.Error("the token or the body went to another host")
	}
}

// TestTokensDoNotPrint: no verb shows a token.
func TestTokensDoNotPrint(t *testing.T) {
	t.Parallel()
	tok := coze.Token{Access: testToken}
	c := stubClient(t, &recorder{})
	src := coze.StaticToken(testToken)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		for _, v := range []any{tok, &tok, []coze.Token{tok}, src, &coze.Error{Message: "x"}} {
			if s := fmt.Sprintf(verb, v); strings.Contains(s, testToken) {
				t.Errorf("%s of %T shows the token: %s", verb, v, s)
			}
		}
	}
	_ = c
}
