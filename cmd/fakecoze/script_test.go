package main

import (
	"errors"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/cozekit/cozekit/pkg/cozetest"
)

// played is a server with the bots and workflows of the sample, and our client of it.
func played(t *testing.T) (*cozetest.Server, *coze.Client) {
	t.Helper()
	s, err := readScript("testdata/sample.yaml")
	if err != nil {
		t.Fatal(err)
	}
	srv := cozetest.NewServer(t, cozetest.InMemory())
	s.register(srv)
	c, err := coze.NewClient(coze.WithBaseURL(srv.URL()), coze.WithToken(srv.Token()), coze.WithHTTPClient(srv.HTTPClient()))
	if err != nil {
		t.Fatal(err)
	}
	return srv, c
}

// ask streams a chat, and tells the answers with their reasoning, the follow-ups and the tokens.
func ask(t *testing.T, c *coze.Client, bot, question string) (told string, err error) {
	t.Helper()
	s, err := c.Chat.Stream(t.Context(), coze.CreateChatRequest{
		BotID: bot, UserID: "u", AdditionalMessages: []coze.EnterMessage{coze.UserMessage(question)},
	})
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for ev, err := range s.All() {
		if err != nil {
			return b.String(), err
		}
		if m := ev.Message; m != nil && ev.Type == coze.ChatEventMessageCompleted && m.Type != coze.MessageTypeVerbose {
			b.WriteString(string(m.Type) + ":" + m.ReasoningContent + "|" + m.Content + "\n")
		}
	}
	return b.String(), nil
}

func TestSampleBots(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, c := played(t)
		began := time.Now()
		told, err := ask(t, c, "7400000000000000101", "sleep")
		const want = "answer:The user wants a story. |Once upon a time.\nfollow_up:|And then?\nfollow_up:|Why sleep?\n"
		if strings.ReplaceAll(told, "story.|", "story. |") != want || err != nil || time.Since(began) != 200*time.Millisecond {
			t.Errorf("got %q, %v after %v", told, err, time.Since(began))
		}
		told, err = ask(t, c, "7400000000000000102", "sleep")
		var refused *coze.Error
		if !errors.As(err, &refused) || refused.Code != 4028 || refused.Message != "no credits are left" || told != "answer:|Let me see.\n" {
			t.Errorf("got %q, %v", told, err)
		}
		if told, err = ask(t, c, "7400000000000000103", "sleep"); !errors.Is(err, io.ErrUnexpectedEOF) || told != "answer:|Half an\n" {
			t.Errorf("got %q, %v", told, err)
		}
		if _, err = ask(t, c, "7400000000000000105", "sleep"); !errors.As(err, &refused) || refused.Code != 4015 {
			t.Errorf("got %v for a draft", err)
		}
		if _, err = ask(t, c, "7400000000000000104", "sleep"); !errors.Is(err, coze.ErrTimeout) {
			t.Errorf("got %v for a bot that stalls", err)
		}
	})
}

func TestSampleTool(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv, c := played(t)
		const bot = "7400000000000000101"
		chat, err := c.Chat.CreateAndPoll(t.Context(), coze.CreateChatRequest{
			BotID: bot, UserID: "u", AdditionalMessages: []coze.EnterMessage{coze.UserMessage("The WEATHER?")},
		}, coze.PollPolicy{})
		if err != nil || chat.Chat.RequiredAction == nil {
			t.Fatalf("got %+v, %v", chat, err)
		}
		call := chat.Chat.RequiredAction.SubmitToolOutputs.ToolCalls[0]
		if call.Function.Name != "get_weather" || call.Function.Arguments != `{"city":"Oslo","question":"The WEATHER?"}` {
			t.Errorf("got %+v", call)
		}
		s, err := c.Chat.SubmitToolOutputsStream(t.Context(), coze.SubmitToolOutputsRequest{
			ConversationID: chat.Chat.ConversationID, ChatID: chat.Chat.ID,
			ToolOutputs: []coze.ToolOutput{{ToolCallID: call.ID, Output: "rain"}},
		})
		if err != nil {
			t.Fatal(err)
		}
		said := ""
		for ev, err := range s.All() {
			if err != nil {
				t.Fatal(err)
			}
			if ev.Type == coze.ChatEventMessageDelta {
				said += ev.Message.Content
			}
		}
		if said != "They say: rain" {
			t.Errorf("got %q", said)
		}
		srv.AssertNoViolations(t)
	})
}

func TestSampleWorkflows(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, c := played(t)
		run, err := c.Workflows.Runs.Create(t.Context(), coze.RunWorkflowRequest{
			WorkflowID: "7400000000000000201", Parameters: map[string]any{"topic": "Oslo"},
		})
		if err != nil || run.InterruptData == nil || run.InterruptData.Data != "Shall I go on?" {
			t.Fatalf("got %+v, %v", run, err)
		}
		run, err = c.Workflows.Runs.Resume(t.Context(), coze.ResumeWorkflowRequest{
			WorkflowID: "7400000000000000201", EventID: run.InterruptData.EventID, InterruptType: run.InterruptData.Type, ResumeData: "yes",
		})
		if err != nil || run.Data != `{"answer":"yes","topic":"Oslo"}` {
			t.Errorf("got %+v, %v", run, err)
		}
	})
}

// TestScriptErrors: each error names file and line, and what would be right.
func TestScriptErrors(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"bots: [":                                     "s.yaml:1: ",
		"bots:\n\t- x":                                "s.yaml:2: ",
		"- bots":                                      "s.yaml:1: want a map, got a list",
		"bot: {}":                                     `s.yaml:1: unknown part "bot"; there are bots, drafts, workflows and chatflows`,
		"bots:\n  '1': say":                           `s.yaml:2: want a list, got "say"`,
		"bots:\n  one: []":                            `s.yaml:2: the id "one" is not made of digits`,
		"bots:\n  '1': []\n  '1': []":                 `s.yaml:3: "1" is here twice`,
		"bots:\n  '1':\n  - shout: x":                 `s.yaml:3: unknown step "shout"; there are drop, error, fail, follow_up, pause, say, `,
		"bots:\n  '1':\n  - output: x":                `s.yaml:3: unknown step "output"`,
		"workflows:\n  '1':\n  - say: x":              `s.yaml:3: unknown step "say"`,
		"bots:\n  '1':\n  - {say: x, think: y}":       "s.yaml:3: a step has one entry, this one has 2",
		"bots:\n  '1': &a []\n  '2': *a":              "s.yaml:3: want a list, got an alias, which scripts do not have",
		"bots:\n  '1':\n  - [x]":                      "s.yaml:3: want a step, got a list",
		"bots:\n  '1':\n  - say":                      "s.yaml:3: want a text, got nothing",
		"bots:\n  '1':\n  - say: [a]":                 "s.yaml:3: want a text, got a list",
		"bots:\n  '1':\n  - pause: long":              `s.yaml:3: want a duration such as 300ms or 2s, got "long"`,
		"bots:\n  '1':\n  - fail: {msg: x}":           "s.yaml:3: the code is missing",
		"bots:\n  '1':\n  - fail: {code: x}":          `s.yaml:3: want a whole number, got "x"`,
		"bots:\n  '1':\n  - fail: {cod: 1}":           `s.yaml:3: unknown field "cod"; there are code, msg`,
		"bots:\n  '1':\n  - stall: 1s":                `s.yaml:3: this step takes no value, got "1s"`,
		"bots:\n  '1':\n  - tool: {}":                 "s.yaml:3: the name of the tool is missing",
		"bots:\n  '1':\n  - when: {do: []}":           "s.yaml:3: when takes question and do",
		"bots:\n  '1':\n  - stream: [a, {pause: -1}]": "s.yaml:3: want a duration",
	} {
		if _, err := parseScript("s.yaml", []byte(text)); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
	if _, err := parseScript("s.yaml", nil); err != nil {
		t.Errorf("got %v for an empty file", err)
	}
}

// TestStepsAreDescribed holds docs/testing.md against the steps and the sample.
func TestStepsAreDescribed(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/testing.md")
	if err != nil {
		t.Fatal(err)
	}
	sample, err := os.ReadFile("testdata/sample.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(page), "```yaml\n"+string(sample)+"```\n") {
		t.Error("the page does not show the sample as it is")
	}
	for kind, table := range map[string]map[string]stepParser{"bots": botSteps, "workflows": workflowSteps} {
		for name := range table {
			of := kind
			if botSteps[name] != nil && workflowSteps[name] != nil {
				of = "both"
			}
			row := regexp.MustCompile("(?m)^\\| `" + name + "(: [^`]*)?` \\| " + of + " \\|")
			if !row.Match(page) {
				t.Errorf("the page has no row for the step %s of %s", name, of)
			}
		}
	}
}

func FuzzScript(f *testing.F) {
	sample, err := os.ReadFile("testdata/sample.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(sample))
	f.Add("bots: {'1': [stall, {stream: [a, {pause: 1s}]}]}")
	f.Add("a: &a [*a]")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := parseScript("s.yaml", []byte(text))
		if err != nil && !strings.HasPrefix(err.Error(), "s.yaml:") || err == nil && s == nil {
			t.Errorf("got %v", err)
		}
	})
}
