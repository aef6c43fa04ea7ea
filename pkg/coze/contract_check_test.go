package coze_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cozekit/cozekit/pkg/coze"
)

// TestContractCheck: what the document does not say is reported, as lines of a log, and the calls go on as they would.
func TestContractCheck(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	check := coze.WithContractCheck(coze.DriftLog(&log))
	c := stubClient(t, answer(200, "application/json",
		`{"code":0,"msg":"","data":{"user_id":12,"user_name":"private name","nick_name":"x","avatar_url":"x","mood":"very private"}}`), check)
	me, err := c.Users.Me(t.Context())
	if err != nil || me.UserID != "12" {
		t.Errorf("got %+v, %v", me, err)
	}
	stream := stubClient(t, answer(200, "text/event-stream", strings.ReplaceAll(
		`event:conversation.chat.created|data:{"id":"1","conversation_id":"2","bot_id":"3","status":"dreaming"}||`+
			`event:conversation.mood|data:{"mood":"very private"}||event:done|data:"[DONE]"||`, "|", "\n")), check)
	s, err := stream.Chat.Stream(t.Context(), coze.CreateChatRequest{BotID: "3", UserID: "u"})
	if err != nil {
		t.Fatal(err)
	}
	events := 0
	for _, err := range s.All() {
		if err != nil {
			t.Error(err)
		}
		events++
	}
	if events != 3 {
		t.Errorf("got %d events", events)
	}
	if strings.Contains(log.String(), "private") || strings.Contains(log.String(), testToken) {
		t.Errorf("the log tells content: %s", log.String())
	}
	var got []coze.Drift
	for line := range strings.Lines(log.String()) {
		var d coze.Drift
		if err := json.Unmarshal([]byte(line), &d); err != nil {
			t.Fatal(err)
		}
		if time.Since(d.Time) > time.Hour {
			t.Errorf("time %v", d.Time)
		}
		d.Time = time.Time{}
		got = append(got, d)
	}
	want := []coze.Drift{
		{
			Rule: coze.DriftWrongKind, Source: coze.DriftInAnswer, Operation: "GetCurrentUser", Pointer: "/data/user_id",
			Document: "#/components/schemas/User/properties/user_id", Want: "string", Got: "integer(2)", LogID: "LOG1",
		},
		{
			Rule: coze.DriftUnknownField, Source: coze.DriftInAnswer, Operation: "GetCurrentUser", Pointer: "/data/mood",
			Document: "#/components/schemas/User", Field: "mood", Want: "nothing", Got: "string(12)", LogID: "LOG1",
		},
		{
			Rule: coze.DriftNewEnumValue, Source: coze.DriftInEvent, Operation: "CreateChat", Event: "conversation.chat.created", Pointer: "/status",
			Document: "#/components/schemas/ChatStatus", Want: "string of created, in_progress, completed, failed, requires_action, canceled",
			Got: "string(8)", Value: "dreaming", LogID: "LOG1",
		},
		{
			Rule: coze.DriftUnknownEvent, Source: coze.DriftInEvent, Operation: "CreateChat", Event: "conversation.mood",
			Want: "another event", Got: "object{mood}", Value: "conversation.mood", LogID: "LOG1",
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestContractCheckOfDerivedClients: clients of As share the check, and calls that the document does not know are left alone.
func TestContractCheckOfDerivedClients(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	n := 0
	c := stubClient(t, answer(200, "application/json", `{"code":0,"msg":"","data":{},"new":1}`), coze.WithContractCheck(func(coze.Drift) {
		mu.Lock()
		defer mu.Unlock()
		n++
	}, coze.CheckSample(0, 1), coze.CheckWindow(time.Hour)))
	other, err := c.As(coze.StaticToken("other"))
	if err != nil {
		t.Fatal(err)
	}
	for _, client := range []*coze.Client{c, other, c} {
		_ = client.Files // a service of each
		if err := client.Do(t.Context(), "GET", "/v1/new", nil, nil, nil); err != nil {
			t.Error(err)
		}
		if err := client.Datasets.Delete(t.Context(), "1"); err != nil {
			t.Error(err)
		}
	}
	if n != 2 { // data and new
		t.Errorf("got %d reports", n)
	}
}

func TestContractCheckOptions(t *testing.T) {
	t.Parallel()
	report := func(coze.Drift) {}
	for name, o := range map[string]coze.ClientOption{
		"nil":     coze.WithContractCheck(nil),
		"window":  coze.WithContractCheck(report, coze.CheckWindow(0)),
		"first":   coze.WithContractCheck(report, coze.CheckSample(-1, 0)),
		"rate":    coze.WithContractCheck(report, coze.CheckSample(0, 1.1)),
		"no rate": coze.WithContractCheck(report, coze.CheckSample(0, math.NaN())),
	} {
		if _, err := coze.NewClient(coze.WithBaseURL(coze.BaseURLCN), coze.WithToken("t"), o); err == nil {
			t.Errorf("%s: got no error", name)
		}
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestDriftLogSurvivesItsWriter(t *testing.T) {
	t.Parallel()
	coze.DriftLog(fullDisk{})(coze.Drift{Rule: coze.DriftUnknownField})
}

// TestLightDependencies: users of the client do not get the validator that the fake server uses.
func TestLightDependencies(t *testing.T) {
	t.Parallel()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", ".", "./voice").Output()
	if err != nil {
		t.Skipf("go list: %v", err)
	}
	for dep := range strings.FieldsSeq(string(out)) {
		if strings.Contains(dep, "kin-openapi") || strings.Contains(dep, "yaml") {
			t.Errorf("the client depends on %s", dep)
		}
	}
}
