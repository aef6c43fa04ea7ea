package webchat_test

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/cozekit/cozekit/internal/leaks"
	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/cozekit/cozekit/pkg/coze/webchat"
	"github.com/cozekit/cozekit/pkg/cozetest"
)

// TestTwoVisitors: pitfall 6. Whatever one visitor asks for by the ids of another does not exist, before and after a restart.
func TestTwoVisitors(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t)
	first := newSite(t, srv, nil)
	ctx := t.Context()
	anna, bob := first.as("anna"), first.as("bob")
	conversation, chat, answer := say(ctx, t, anna, "", "my secret")
	say(ctx, t, bob, "", "hello")
	say(ctx, t, anna, conversation, "and more")

	for name, s := range map[string]*site{"at once": first, "after a restart": newSite(t, srv, nil)} {
		anna, bob := s.as("anna"), s.as("bob")
		for who, client := range map[string]*coze.Client{"anna": anna, "bob": bob} {
			list, err := client.Conversations.List(ctx, coze.ListConversationsRequest{BotID: botID})
			if err != nil || len(list.Items) != 1 || (list.Items[0].ID == conversation) != (who == "anna") || list.HasMore {
				t.Errorf("%s: the conversations of %s are %+v, %v", name, who, list, err)
			}
			for _, c := range list.Items {
				if len(c.MetaData) > 0 {
					t.Errorf("%s: %s sees the stamp: %v", name, who, c.MetaData)
				}
			}
		}
		for what, f := range map[string]func() error{
			"list messages": func() error {
				_, err := bob.Conversations.Messages.List(ctx, coze.ListMessagesRequest{ConversationID: conversation})
				return err
			},
			"rename": func() error {
				_, err := bob.Conversations.Update(ctx, conversation, coze.UpdateConversationRequest{Name: "x"})
				return err
			},
			"delete": func() error { return bob.Conversations.Delete(ctx, conversation) },
			"clear": func() error {
				_, err := bob.Conversations.Clear(ctx, conversation)
				return err
			},
			"delete a message": func() error {
				_, err := bob.Conversations.Messages.Delete(ctx, coze.DeleteMessageRequest{ConversationID: conversation, MessageID: answer})
				return err
			},
			"rate": func() error {
				return bob.Conversations.Messages.Feedback.Create(ctx, conversation, answer, coze.CreateMessageFeedbackRequest{FeedbackType: coze.FeedbackTypeLike})
			},
			"take a rating back": func() error { return bob.Conversations.Messages.Feedback.Delete(ctx, conversation, answer) },
			"cancel": func() error {
				_, err := bob.Chat.Cancel(ctx, coze.CancelChatRequest{ConversationID: conversation, ChatID: chat})
				return err
			},
			"chat": func() error {
				_, err := bob.Chat.Stream(ctx, coze.CreateChatRequest{BotID: botID, UserID: "anna", ConversationID: conversation})
				return err
			},
			"a conversation that does not exist": func() error {
				_, err := bob.Conversations.Messages.List(ctx, coze.ListMessagesRequest{ConversationID: "7499999999999999999"})
				return err
			},
			"an id that is none": func() error {
				_, err := bob.Conversations.Messages.List(ctx, coze.ListMessagesRequest{ConversationID: "1 OR 1=1"})
				return err
			},
		} {
			wantNotFound(t, name+": "+what, f())
		}
		page, err := anna.Conversations.Messages.List(ctx, coze.ListMessagesRequest{ConversationID: conversation})
		if err != nil || len(page.Items) != 4 {
			t.Errorf("%s: anna's own messages: %v, %v", name, page, err)
		}
		if err := anna.Conversations.Messages.Feedback.Create(ctx, conversation, answer, coze.CreateMessageFeedbackRequest{FeedbackType: coze.FeedbackTypeLike}); err != nil {
			t.Errorf("%s: anna rates: %v", name, err)
		}
	}
	if got := string(first.lastCall("CreateChat").Body); !strings.Contains(got, `"user_id":"anna"`) {
		t.Errorf("the chat went on as %s", got)
	}
}

// TestForgedIDs: ids of one's own and of others cannot be mixed.
func TestForgedIDs(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t)
	s := newSite(t, srv, nil)
	ctx := t.Context()
	anna, bob := s.as("anna"), s.as("bob")
	_, annasChat, annasAnswer := say(ctx, t, anna, "", "one")
	bobs, _, _ := say(ctx, t, bob, "", "two")
	_, err := bob.Chat.Cancel(ctx, coze.CancelChatRequest{ConversationID: bobs, ChatID: annasChat})
	wantNotFound(t, "another's chat in one's own conversation", err)
	_, err = bob.Conversations.Messages.Delete(ctx, coze.DeleteMessageRequest{ConversationID: bobs, MessageID: annasAnswer})
	wantNotFound(t, "another's message in one's own conversation", err)
	// A stamp that a page sends does not count.
	made, err := bob.Conversations.Create(ctx, coze.CreateConversationRequest{BotID: botID, MetaData: map[string]string{"cozekit_visitor": "forged", "page": "p"}})
	if err != nil || made.MetaData["page"] != "p" || made.MetaData["cozekit_visitor"] == "forged" {
		t.Errorf("made %+v, %v", made, err)
	}
	// One conversation that others have made with the same token is nobody's here.
	other, err := clientOf(t, srv).Conversations.Create(ctx, coze.CreateConversationRequest{BotID: botID})
	if err != nil {
		t.Fatal(err)
	}
	wantNotFound(t, "a conversation without a stamp", bob.Conversations.Delete(ctx, other.ID))
	if err := bob.Conversations.Delete(ctx, made.ID); err != nil {
		t.Error(err)
	}
}

// TestManyVisitors: visitors who chat at the same time see only their own.
func TestManyVisitors(t *testing.T) {
	t.Parallel()
	s := newSite(t, cozetest.NewServer(t), nil)
	ctx := t.Context()
	var wg sync.WaitGroup
	for i := range 12 {
		wg.Go(func() {
			name := fmt.Sprintf("visitor %d", i)
			c := s.as(name)
			conversation, _, _ := say(ctx, t, c, "", "I am "+name)
			say(ctx, t, c, conversation, "still "+name)
			list, err := c.Conversations.List(ctx, coze.ListConversationsRequest{BotID: botID})
			if err != nil || len(list.Items) != 1 || list.Items[0].ID != conversation {
				t.Errorf("%s sees %v, %v", name, list, err)
			}
		})
	}
	wg.Wait()
}

// TestLongList: a visitor's pages are whole although those of the server are full of others.
func TestLongList(t *testing.T) {
	t.Parallel()
	s := newSite(t, cozetest.NewServer(t), nil)
	ctx := t.Context()
	anna, bob := s.as("anna"), s.as("bob")
	for i := range 130 {
		c := bob
		if i%13 == 0 {
			c = anna
		}
		if _, err := c.Conversations.Create(ctx, coze.CreateConversationRequest{BotID: botID, Name: fmt.Sprint(i)}); err != nil {
			t.Fatal(err)
		}
	}
	var names []string
	for c, err := range anna.Conversations.All(ctx, coze.ListConversationsRequest{BotID: botID, PageSize: coze.Ptr(int32(4))}) {
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, c.Name)
	}
	if got := strings.Join(names, " "); got != "117 104 91 78 65 52 39 26 13 0" {
		t.Errorf("anna sees %s", got)
	}
}

// TestOnlyWhatIsOffered: other bots, other operations, drafts and overrides of models do not pass.
func TestOnlyWhatIsOffered(t *testing.T) {
	t.Parallel()
	const other = "7400000000000000999"
	srv := cozetest.NewServer(t)
	srv.Bot(other, cozetest.Echo)
	s := newSite(t, srv, func(c *webchat.ProxyConfig) { c.PageVariables = []string{"city"} })
	ctx := t.Context()
	c := s.as("anna")
	for what, f := range map[string]func() error{
		"another bot": func() error {
			_, err := c.Bots.Get(ctx, other, coze.RetrieveBotRequest{})
			return err
		},
		"chat with another bot": func() error {
			_, err := c.Chat.Create(ctx, coze.CreateChatRequest{BotID: other, UserID: "u"})
			return err
		},
		"conversations of another bot": func() error {
			_, err := c.Conversations.List(ctx, coze.ListConversationsRequest{BotID: other})
			return err
		},
		"conversation with another bot": func() error {
			_, err := c.Conversations.Create(ctx, coze.CreateConversationRequest{BotID: other})
			return err
		},
		"a chatflow": func() error {
			_, err := c.Workflows.Chat.Stream(ctx, coze.ChatWorkflowRequest{WorkflowID: "1", BotID: botID, AdditionalMessages: []coze.EnterMessage{}, Parameters: map[string]any{}})
			return err
		},
		"workspaces": func() error {
			_, err := c.Workspaces.List(ctx, coze.ListWorkspacesRequest{})
			return err
		},
	} {
		if err := f(); !errors.Is(err, coze.ErrForbidden) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := c.Bots.Get(ctx, botID, coze.RetrieveBotRequest{}); err != nil {
		t.Error(err)
	}
	status, code, text := s.call("anna", "POST", "/v3/chat", `{"bot_id":"`+botID+`","user_id":"admin","USER_ID":"x","stream":false,
		"publish_status":"unpublished_draft","bot_version":"1","tools":[{}],"custom_config":{"model_config":{}},"extra_params":{"a":"b"},
		"auto_save_history":false,"custom_variables":{"city":"Rome","level":"gold"},"parameters":{"level":"gold"},
		"additional_messages":[{"role":"user","content":"a","content":"hello","content_type":"text","surplus":1}]}`)
	if status != http.StatusOK || code != 0 {
		t.Fatal(status, text)
	}
	var got map[string]any
	if err := json.Unmarshal(s.lastCall("CreateChat").Body, &got); err != nil {
		t.Fatal(err)
	}
	want := `map[additional_messages:[map[content:hello content_type:text role:user]] auto_save_history:true bot_id:` + botID + ` custom_variables:map[city:Rome] stream:false user_id:anna]`
	if fmt.Sprint(got) != want {
		t.Errorf("the chat went on as\n%v, want\n%s", got, want)
	}
	for _, role := range []string{"system", ""} {
		if status, _, text := s.call("anna", "POST", "/v3/chat", `{"bot_id":"`+botID+`","additional_messages":[{"role":"`+role+`","content":"x","content_type":"text"}]}`); status != http.StatusBadRequest {
			t.Errorf("role %q: %d %s", role, status, text)
		}
	}
}

// TestInjection: pitfall 29. What the server knows of a visitor goes along, and pages cannot replace it.
func TestInjection(t *testing.T) {
	t.Parallel()
	s := newSite(t, cozetest.NewServer(t), func(c *webchat.ProxyConfig) {
		c.PageVariables = []string{"level", "city"}
		c.Inject = func(_ context.Context, visitor string) (webchat.Injection, error) {
			if visitor == "unlucky" {
				return webchat.Injection{}, errors.New("data base of customers: connection refused")
			}
			return webchat.Injection{Variables: map[string]string{"level": "silver of " + visitor}, Parameters: map[string]any{"n": 1}}, nil
		}
	})
	body := `{"bot_id":"` + botID + `","custom_variables":{"level":"gold","city":"Rome"},"additional_messages":[{"role":"user","content":"x","content_type":"text"}]}`
	if status, _, text := s.call("anna", "POST", "/v3/chat", body); status != http.StatusOK {
		t.Fatal(text)
	}
	got := string(s.lastCall("CreateChat").Body)
	if !strings.Contains(got, `"custom_variables":{"city":"Rome","level":"silver of anna"}`) || !strings.Contains(got, `"parameters":{"n":1}`) {
		t.Error(got)
	}
	if status, _, text := s.call("unlucky", "POST", "/v3/chat", body); status != http.StatusBadGateway || strings.Contains(text, "customers") {
		t.Error(status, text)
	}
}

// TestChatflows: conversations of an app have names, which visitors do not share; whose they are is learned from the stream.
func TestChatflows(t *testing.T) {
	t.Parallel()
	const app, flow = "7400000000000000500", "7400000000000000501"
	srv := cozetest.NewServer(t)
	srv.App(app)
	srv.Chatflow(flow, func(r *cozetest.Run) error { r.Message("Answer", "About ", r.Question()); return nil })
	s := newSite(t, srv, func(c *webchat.ProxyConfig) { c.Bots, c.Apps, c.Workflows = nil, []string{app}, []string{flow} })
	ctx := t.Context()
	talk := func(c *coze.Client, conversation string) (string, error) {
		stream, err := c.Workflows.Chat.Stream(ctx, coze.ChatWorkflowRequest{
			WorkflowID: flow, AppID: app, ConversationID: conversation, AdditionalMessages: []coze.EnterMessage{coze.UserMessage("x")},
			Parameters: map[string]any{"CONVERSATION_NAME": "Default", "secret": 1},
		})
		if err != nil {
			return "", err
		}
		id := ""
		for ev, err := range stream.All() {
			if err != nil {
				return "", err
			}
			if ev.Chat != nil {
				id = ev.Chat.ConversationID
			}
		}
		return id, nil
	}
	annas, err := talk(s.as("anna"), "")
	bobs, err2 := talk(s.as("bob"), "")
	if err != nil || err2 != nil || annas == "" || annas == bobs {
		t.Fatalf("conversations %s and %s, %v, %v", annas, bobs, err, err2)
	}
	if again, err := talk(s.as("anna"), ""); err != nil || again != annas {
		t.Errorf("anna's second chat is in %s, %v", again, err)
	}
	if again, err := talk(s.as("anna"), annas); err != nil || again != annas {
		t.Errorf("anna goes on in %s, %v", again, err)
	}
	_, err = talk(s.as("bob"), annas)
	wantNotFound(t, "a chatflow in another's conversation", err)
	_, err = s.as("bob").Conversations.Messages.List(ctx, coze.ListMessagesRequest{ConversationID: annas})
	wantNotFound(t, "its messages", err)
	if _, err := s.as("anna").Conversations.Messages.List(ctx, coze.ListMessagesRequest{ConversationID: annas}); err != nil {
		t.Error(err)
	}
	if body := string(s.lastCall("ChatWorkflow").Body); strings.Contains(body, "secret") || !strings.Contains(body, `"user_id":"anna"`) {
		t.Error(body)
	}
	list, err := s.as("bob").Conversations.List(ctx, coze.ListConversationsRequest{BotID: app})
	if err != nil || len(list.Items) != 1 || list.Items[0].ID != bobs || list.Items[0].Name != "Default" {
		t.Errorf("bob's list: %+v, %v", list, err)
	}
}

// TestNamesOfOthers: chatflows find conversations by their names, but nobody can lay one of another's name in wait for a question.
func TestNamesOfOthers(t *testing.T) {
	t.Parallel()
	const app, flow = "7400000000000000500", "7400000000000000501"
	sum := sha256.Sum256([]byte("cozekit webchat\x00anna"))
	annas := hex.EncodeToString(sum[:16]) + " Default"
	srv := cozetest.NewServer(t)
	srv.App(app)
	srv.Chatflow(flow, func(r *cozetest.Run) error { r.Message("Answer", "About ", r.Question()); return nil })
	s := newSite(t, srv, func(c *webchat.ProxyConfig) { c.Apps, c.Workflows = []string{app}, []string{flow} })
	ctx := t.Context()
	bob := s.as("bob")
	named, err := bob.Workflows.Conversations.Create(ctx, coze.CreateWorkflowConversationRequest{AppID: app, WorkflowID: flow, ConversationName: annas})
	if err != nil {
		t.Fatal(err)
	}
	renamed, err := bob.Conversations.Update(ctx, named.ID, coze.UpdateConversationRequest{Name: annas})
	if err != nil || renamed.Name != annas {
		t.Errorf("to bob his conversation is called %+v, %v", renamed, err)
	}
	if _, err := bob.Conversations.Create(ctx, coze.CreateConversationRequest{BotID: botID, Name: annas}); err != nil {
		t.Error(err)
	}
	stream, err := s.as("anna").Workflows.Chat.Stream(ctx, coze.ChatWorkflowRequest{
		WorkflowID: flow, AppID: app, AdditionalMessages: []coze.EnterMessage{coze.UserMessage("my secret")},
		Parameters: map[string]any{"CONVERSATION_NAME": "Default"},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range stream.All() {
		if err != nil {
			t.Error(err)
		}
	}
	messages, err := bob.Conversations.Messages.List(ctx, coze.ListMessagesRequest{ConversationID: named.ID})
	if err != nil || len(messages.Items) > 0 {
		t.Errorf("bob reads %+v, %v", messages, err)
	}
	for _, kind := range []string{"CreateWorkflowConversation", "UpdateConversation", "CreateConversation"} {
		if text := string(s.lastCall(kind).Body); strings.Contains(text, `"`+annas) {
			t.Errorf("%s sent %s", kind, text)
		}
	}
}

// TestFlush: the words of an answer arrive while the bot has not said the next ones, and nothing is left when a page is closed.
func TestFlush(t *testing.T) {
	leaks.Check(t)
	next := make(chan bool)
	srv := cozetest.NewServer(t)
	srv.Bot(botID, func(turn *cozetest.Turn) error {
		for range 3 {
			turn.Stream("word ")
			<-next
		}
		return nil
	})
	s := newSite(t, srv, nil)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url+"/v3/chat", strings.NewReader(
		`{"bot_id":"`+botID+`","stream":true,"additional_messages":[{"role":"user","content":"x","content_type":"text"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Visitor", "anna")
	rsp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer rsp.Body.Close()
	words := 0
	for lines := bufio.NewScanner(rsp.Body); lines.Scan(); {
		if lines.Text() == "event:conversation.message.delta" {
			words++
			next <- true // the bot waits for it
		}
	}
	if words != 3 {
		t.Errorf("%d words came", words)
	}
}
