package recording_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/cozekit/cozekit/pkg/cozetest"
	"github.com/cozekit/cozekit/pkg/cozetest/recording"
)

const (
	token  = "pat_very_secret_0123456789"
	upload = "A document that somebody uploads.\n"
	pause  = 100 * time.Millisecond
)

// platform is a fake with a bot that thinks, asks for a tool and speaks, and a workflow, all of which take their time.
func platform(t *testing.T) *cozetest.Server {
	srv := cozetest.NewServer(t, cozetest.WithToken(token), cozetest.InMemory())
	srv.Bot(cozetest.DefaultBotID, func(turn *cozetest.Turn) error {
		turn.Pause(pause)
		if strings.Contains(turn.Question(), "weather") {
			turn.Say("It is " + turn.UseTool("weather", map[string]string{"city": "Paris"}) + ".")
			return nil
		}
		for _, piece := range []string{"Good ", "day ", "to you, bearer of pat_abcdefghijkl."} {
			turn.Stream(piece)
			turn.Pause(pause)
		}
		return nil
	})
	srv.Workflow(cozetest.DefaultWorkflowID, func(run *cozetest.Run) error {
		run.Message("node", "one ", "two")
		run.Pause(pause)
		run.Output(map[string]any{"lines": []string{"a", "b"}})
		return nil
	})
	return srv
}

func newClient(t *testing.T, token string, rt http.RoundTripper) *coze.Client {
	t.Helper()
	client, err := coze.NewClient(coze.WithBaseURL(coze.BaseURLCN), coze.WithToken(token), coze.WithHTTPClient(&http.Client{Transport: rt}))
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// session does what a program might do, and returns what came of it, in order.
func session(ctx context.Context, client *coze.Client) (log []string) {
	say := func(format string, args ...any) { log = append(log, fmt.Sprintf(format, args...)) }
	chat := coze.CreateChatRequest{
		BotID: cozetest.DefaultBotID, UserID: "u", AdditionalMessages: []coze.EnterMessage{coze.UserMessage("Hello")},
	}
	s, err := client.Chat.Stream(ctx, chat)
	if err != nil {
		return append(log, err.Error())
	}
	for ev, err := range s.All() {
		say("%s %s %v", ev.Type, ev.Raw, err)
	}
	chat.AdditionalMessages = []coze.EnterMessage{coze.UserMessage("What is the weather?")}
	result, err := client.Chat.RunWithTools(ctx, chat, coze.Tools{
		"weather": coze.ToolFunc(func(_ context.Context, in struct {
			City string `json:"city"`
		}) (string, error) {
			return "sunny in " + in.City, nil
		}),
	}, coze.ToolPolicy{})
	say("%q %v", result.Answer(), err)
	file, err := client.Files.Upload(ctx, coze.UploadFileRequest{File: coze.Upload{Name: "doc.csv", Reader: strings.NewReader(upload)}})
	say("%+v %v", file, err)
	_, err = client.Bots.Get(ctx, "no such bot", coze.RetrieveBotRequest{})
	say("%v", err)
	room, err := client.Audio.Rooms.Create(ctx, coze.CreateAudioRoomRequest{BotID: cozetest.DefaultBotID})
	say("%v %v", room != nil && room.Token != "", err)
	w, err := client.Workflows.Runs.Stream(ctx, coze.StreamRunWorkflowRequest{WorkflowID: cozetest.DefaultWorkflowID})
	if err != nil {
		return append(log, err.Error())
	}
	for ev, err := range w.All() {
		say("%s %s %v", ev.Type, ev.Raw, err)
	}
	for range 2 { // the same request twice, with different answers
		c, err := client.Conversations.Create(ctx, coze.CreateConversationRequest{})
		say("%+v %v", c, err)
	}
	return log
}

// TestSession records a session against the fake and replays it without one: same results, same order, times as asked for.
func TestSession(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var want []string
	var took time.Duration
	synctest.Test(t, func(t *testing.T) {
		srv := platform(t)
		recorder, err := recording.NewRecorder(dir, srv.HTTPClient().Transport)
		if err != nil {
			t.Fatal(err)
		}
		client, err := coze.NewClient(coze.WithBaseURL(srv.URL()), coze.WithPlainHTTP(), coze.WithToken(token),
			coze.WithHTTPClient(&http.Client{Transport: recorder}))
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		want = session(t.Context(), client)
		took = time.Since(began)
		if err := recorder.Close(); err != nil {
			t.Error(err)
		}
	})
	if took < 5*pause {
		t.Fatalf("the session took %v: %q", took, want)
	}
	for i := range want {
		want[i] = strings.ReplaceAll(want[i], "pat_abcdefghijkl", "[redacted]")
	}
	for _, scale := range []float64{0, 1, 2} {
		synctest.Test(t, func(t *testing.T) {
			replayer, err := recording.NewReplayer(dir, recording.ReplayOptions{TimeScale: scale})
			if err != nil {
				t.Fatal(err)
			}
			began := time.Now()
			got := session(t.Context(), newClient(t, "another token", replayer))
			if len(got) != len(want) {
				t.Fatalf("got %q", got)
			}
			for i := range want {
				want := strings.ReplaceAll(want[i], "fakecoze.localhost", "api.coze.cn")
				if diff := cmp.Diff(want, got[i]); diff != "" {
					t.Errorf("%d: %s", i, diff)
				}
			}
			if d := time.Since(began); d != time.Duration(float64(took)*scale) {
				t.Errorf("with scale %v it took %v; recorded in %v", scale, d, took)
			}
			if u := replayer.Unused(); len(u) != 0 {
				t.Errorf("not replayed: %q", u)
			}
			_, err = newClient(t, "x", replayer).Users.Me(t.Context())
			var unmatched *recording.UnmatchedError
			if !errors.As(err, &unmatched) || len(unmatched.Nearest) != 3 {
				t.Errorf("a request that is not in the recording: %v", err)
			}
		})
	}
	noSecrets(t, dir, token, "pat_abcdefghijkl")
}

// noSecrets looks for secrets in all files of a recording.
func noSecrets(t *testing.T, dir string, secrets ...string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) == 0 {
		t.Fatal(err)
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range secrets {
			if strings.Contains(string(text), s) {
				t.Errorf("%s holds %s:\n%s", filepath.Base(f), s, text)
			}
		}
	}
}

// TestOAuthIsRecordedWithoutSecrets: neither codes nor tokens of a login are in the files, and not where they come again.
func TestOAuthIsRecordedWithoutSecrets(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	const access, refresh, device, key = "czu_access_secret_1", "refresh-secret-2", "device-secret-3", "room-secret-4"
	answers := map[string]string{
		"/api/permission/oauth2/token": `{"access_token":"` + access + `","refresh_token":"` + refresh + `","expires_in":1700000000,"n":1.50}`,
		"/v1/audio/rooms": `{"code":0,"msg":"","data":{"token":"` + key + `","uid":"u","note":"{\"refresh_token\":\"` + refresh + `\"}",` +
			`"url":"https://cdn.example.com/a.png?lk3s=1&x-signature=sig-secret-5&x=%2F","plain":"https://example.com/?page=2","again":"it was ` + refresh + `"}}`,
	}
	recorder, err := recording.NewRecorder(dir, roundTrip(func(r *http.Request) (*http.Response, error) {
		_, _ = io.Copy(io.Discard, r.Body)
		_ = r.Body.Close()
		return &http.Response{
			StatusCode: http.StatusOK, Request: r, Body: io.NopCloser(strings.NewReader(answers[r.URL.Path])),
			Header: http.Header{"Content-Type": {"application/json"}, "Set-Cookie": {"sid=cookie-secret-6"}, "X-Tt-Logid": {"LOG"}},
		}, nil
	}))
	if err != nil {
		t.Fatal(err)
	}
	for path, body := range map[string]string{
		"/api/permission/oauth2/token": `{"grant_type":"x","device_code":"` + device + `","client_id":"visible"}`,
		"/v1/audio/rooms":              `{"bot_id":"1"}`,
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://me:url-secret-7@api.coze.cn"+path+"?authorization=query-secret-8&page=1", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer eyJhbGciOi.jwt-secret-9aaaa.xxx")
		req.Header.Set("Cookie", "sid=cookie-secret-6")
		req.Header.Set("Content-Type", "application/json")
		rsp, err := recorder.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(rsp.Body)
		if err != nil || string(got) != answers[path] {
			t.Errorf("the caller got %s, %v", got, err)
		}
		rsp.Body.Close()
	}
	if err := recorder.Close(); err != nil {
		t.Error(err)
	}
	noSecrets(t, dir, "-secret-", "czu_access")
	all := ""
	files, _ := filepath.Glob(filepath.Join(dir, "*.json"))
	for _, f := range files {
		text, _ := os.ReadFile(f)
		all += string(text)
	}
	for _, kept := range []string{`"client_id": "visible"`, `"n": 1.50`, "https://example.com/?page=2", "https://cdn.example.com/a.png?redacted", "page=1", "LOG"} {
		if !strings.Contains(all, kept) {
			t.Errorf("%s is not in the recording:\n%s", kept, all)
		}
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
