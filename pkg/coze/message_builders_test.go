package coze_test

import (
	"encoding/json"
	"testing"

	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/cozekit/cozekit/pkg/cozetest"
)

// TestMessageBuilders: pitfall 24. The builders set the content type that fits, and the platform's rules for messages of
// parts, which the fake server checks, are met.
func TestMessageBuilders(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t)
	var seen []coze.EnterMessage
	srv.Bot("7400000000000000043", func(turn *cozetest.Turn) error {
		seen = turn.Messages()
		turn.Say("ok")
		return nil
	})
	c, err := coze.NewClient(coze.WithBaseURL(srv.URL()), coze.WithToken(srv.Token()))
	if err != nil {
		t.Fatal(err)
	}
	parts := coze.UserMessageOf(coze.TextPart("What is this? \"quoted\"\n好"), coze.ImageURLPart("https://example.com/a.png"))
	s, err := c.Chat.Stream(t.Context(), coze.CreateChatRequest{
		BotID: "7400000000000000043", UserID: "u",
		AdditionalMessages: []coze.EnterMessage{coze.UserMessage("hi"), coze.AssistantMessage("hello"), parts},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := collect(s); err != nil {
		t.Fatal(err)
	}
	if len(seen) != 3 || seen[0].ContentType != coze.EnterContentTypeText || seen[1].Role != coze.MessageRoleAssistant {
		t.Errorf("got %+v", seen)
	}
	var items []coze.ObjectStringItem
	if err := json.Unmarshal([]byte(parts.Content), &items); err != nil || len(items) != 2 || items[1].FileURL == "" || items[1].FileID != "" {
		t.Errorf("parts %s: %v", parts.Content, err)
	}
	for _, part := range []coze.ObjectStringItem{
		coze.ImageIDPart("1"), coze.FileIDPart("1"), coze.FileURLPart("https://example.com/a.pdf"), coze.AudioIDPart("1"), coze.AudioURLPart("https://example.com/a.wav"),
	} {
		if part.Type == "" || (part.FileID == "") == (part.FileURL == "") {
			t.Errorf("part %+v", part)
		}
	}
}
