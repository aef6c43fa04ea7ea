package coze_test

import (
	"encoding/json"
	"errors"
	"io"
	"iter"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/google/go-cmp/cmp"
)

// pager answers the calls of a list one by one and keeps what was asked for.
type pager struct {
	answers []string // bodies; "!" = broken connection
	asked   []string // query, and body if there is one
}

func (p *pager) RoundTrip(r *http.Request) (*http.Response, error) {
	asked := r.URL.RawQuery
	if r.Body != nil {
		b, _ := io.ReadAll(r.Body)
		asked += string(b)
	}
	p.asked = append(p.asked, asked)
	if len(p.asked) > len(p.answers) {
		return nil, errors.New("one call too many: " + asked)
	}
	body := p.answers[len(p.asked)-1]
	if body == "!" {
		return nil, errors.New("broken")
	}
	return response(r, 200, "application/json", body), nil
}

// ids walks a list and returns the ids of its items.
func ids[T any](list iter.Seq2[T, error], id func(T) string) (out []string, err error) {
	for item, err := range list {
		if err != nil {
			return out, err
		}
		out = append(out, id(item))
	}
	return out, nil
}

// TestPages covers each style of paging that the document has, and pitfalls D55, D56 and D57: an empty page is not the end,
// the size of a page tells nothing, and after a failed page nothing is asked for.
func TestPages(t *testing.T) {
	t.Parallel()
	conversations := func(c *coze.Client) ([]string, error) {
		return ids(c.Conversations.All(t.Context(), coze.ListConversationsRequest{BotID: "1"}), func(v coze.Conversation) string { return v.ID })
	}
	bots := func(c *coze.Client) ([]string, error) {
		return ids(c.Bots.All(t.Context(), coze.ListBotsRequest{WorkspaceID: "1", PageSize: coze.Ptr[int32](50)}), func(v coze.BotSummary) string { return v.ID })
	}
	versions := func(c *coze.Client) ([]string, error) {
		return ids(c.Workflows.Versions.All(t.Context(), "9", coze.ListWorkflowVersionsRequest{}), func(v coze.WorkflowVersion) string { return v.Version })
	}
	messages := func(before string) func(c *coze.Client) ([]string, error) {
		return func(c *coze.Client) ([]string, error) {
			return ids(c.Conversations.Messages.All(t.Context(), coze.ListMessagesRequest{ConversationID: "1", BeforeID: before}), func(v coze.Message) string { return v.ID })
		}
	}
	documents := func(c *coze.Client) ([]string, error) {
		return ids(c.Datasets.Documents.All(t.Context(), coze.ListDocumentsRequest{DatasetID: "1"}), func(v coze.DocumentInfo) string { return v.DocumentID })
	}
	limitations := func(c *coze.Client) ([]string, error) {
		return ids(c.Benefits.Limitations.All(t.Context(), coze.ListBenefitLimitationsRequest{EntityType: coze.BenefitEntityTypeSingleDevice, BenefitType: coze.BenefitLimitationTypeResourcePoint}), func(v coze.BenefitLimitation) string { return v.BenefitID })
	}
	tests := []struct {
		name    string
		walk    func(*coze.Client) ([]string, error)
		answers []string
		want    []string
		err     string
		asked   []string // only the part that pages
	}{
		{"by page and has_more, with an empty page", conversations, []string{
			`{"code":0,"data":{"conversations":[{"id":"1"}],"has_more":true}}`, `{"code":0,"data":{"conversations":[],"has_more":true}}`,
			`{"code":0,"data":{"conversations":null,"has_more":true}}`, `{"code":0,"data":{"conversations":[{"id":"2"}],"has_more":false}}`,
		}, []string{"1", "2"}, "", []string{"page_num=1", "page_num=2", "page_num=3", "page_num=4"}},
		{"a page fails", conversations, []string{`{"code":0,"data":{"conversations":[{"id":"1"}],"has_more":true}}`, "!"}, []string{"1"}, "broken", nil},
		{"a page is refused", conversations, []string{`{"code":4100,"msg":"expired"}`}, nil, "code 4100", nil},
		{"by page and total, server caps the size", bots, []string{
			`{"code":0,"data":{"items":[{"id":"1"},{"id":"2"}],"total":3}}`, `{"code":0,"data":{"items":[{"id":"3"}],"total":3}}`,
		}, []string{"1", "2", "3"}, "", []string{"page_num=1", "page_num=2"}},
		{"by page and total, total too large", bots, []string{
			`{"code":0,"data":{"items":[{"id":"1"}],"total":9}}`, `{"code":0,"data":{"items":[],"total":9}}`,
		}, []string{"1"}, "", nil},
		{"by token", versions, []string{
			`{"code":0,"data":{"items":[{"version":"1"}],"next_page_token":"a","has_more":true}}`, `{"code":0,"data":{"items":[],"next_page_token":"b","has_more":true}}`,
			`{"code":0,"data":{"items":[{"version":"2"}],"next_page_token":"","has_more":false}}`,
		}, []string{"1", "2"}, "", []string{"", "page_token=a", "page_token=b"}},
		{"a token comes again", versions, []string{
			`{"code":0,"data":{"items":[{"version":"1"}],"next_page_token":"a","has_more":true}}`, `{"code":0,"data":{"items":[{"version":"2"}],"next_page_token":"b","has_more":true}}`,
			`{"code":0,"data":{"items":[{"version":"3"}],"next_page_token":"a","has_more":true}}`,
		}, []string{"1", "2", "3"}, `page token "a" twice`, nil},
		{"by id, forward", messages(""), []string{
			`{"code":0,"data":[{"id":"1"}],"first_id":"1","last_id":"1","has_more":true}`, `{"code":0,"data":[{"id":"2"}],"first_id":"2","last_id":"2","has_more":false}`,
		}, []string{"1", "2"}, "", []string{`{}`, `{"after_id":"1"}`}},
		{"by id, backward", messages("9"), []string{
			`{"code":0,"data":[{"id":"8"}],"first_id":"8","last_id":"8","has_more":true}`, `{"code":0,"data":[{"id":"7"}],"first_id":"7","last_id":"7","has_more":false}`,
		}, []string{"8", "7"}, "", []string{`{"before_id":"9"}`, `{"before_id":"8"}`}},
		{"by id, the same page again", messages(""), []string{
			`{"code":0,"data":[{"id":"1"}],"first_id":"1","last_id":"1","has_more":true}`, `{"code":0,"data":[{"id":"1"}],"first_id":"1","last_id":"1","has_more":true}`,
		}, []string{"1", "1"}, "twice", nil},
		{"page in the body of a POST", documents, []string{
			`{"code":0,"document_infos":[{"document_id":"1"}],"total":2}`, `{"code":0,"document_infos":[{"document_id":"2"}],"total":2}`,
		}, []string{"1", "2"}, "", []string{`"page":1`, `"page":2`}},
		{"token under another name in the answer", limitations, []string{
			`{"code":0,"data":{"benefit_infos":[{"benefit_id":"1"}],"page_token":"x","has_more":true}}`, `{"code":0,"data":{"benefit_infos":[{"benefit_id":"2"}],"has_more":false}}`,
		}, []string{"1", "2"}, "", []string{"", "page_token=x"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := &pager{answers: tt.answers}
			got, err := tt.walk(stubClient(t, p))
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Error(d)
			}
			if (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
				t.Errorf("error %v, want %q", err, tt.err)
			}
			if len(p.asked) != len(tt.answers) {
				t.Errorf("asked %d times: %q", len(p.asked), p.asked)
			}
			for i, want := range tt.asked[:min(len(tt.asked), len(p.asked))] {
				if !strings.Contains(p.asked[i], want) {
					t.Errorf("call %d asked for %s, want %s", i+1, p.asked[i], want)
				}
			}
		})
	}
}

// TestPagesAreLazy: nothing is fetched before it is needed, and a list can be walked twice.
func TestPagesAreLazy(t *testing.T) {
	t.Parallel()
	page := `{"code":0,"data":{"conversations":[{"id":"1"},{"id":"2"}],"has_more":true}}`
	p := &pager{answers: []string{page, page, page}}
	all := stubClient(t, p).Conversations.All(background(t), coze.ListConversationsRequest{BotID: "1"})
	if len(p.asked) != 0 {
		t.Error("asked before the loop")
	}
	for range 2 {
		for range all {
			break
		}
	}
	if want := []string{"bot_id=1&page_num=1", "bot_id=1&page_num=1"}; cmp.Diff(want, p.asked) != "" {
		t.Errorf("asked %q", p.asked)
	}
}

// TestEndlessEmptyPages: a server that promises more and sends nothing is not asked for ever.
func TestEndlessEmptyPages(t *testing.T) {
	t.Parallel()
	calls := 0
	c := stubClient(t, roundTrip(func(r *http.Request) (*http.Response, error) {
		calls++
		return response(r, 200, "application/json", `{"code":0,"data":{"conversations":[],"has_more":true}}`), nil
	}))
	_, err := ids(c.Conversations.All(background(t), coze.ListConversationsRequest{BotID: "1"}), func(v coze.Conversation) string { return v.ID })
	if err == nil || calls > 60 {
		t.Errorf("%v after %d calls", err, calls)
	}
}

// TestListTells: a page says how much there is, as far as the platform does.
func TestListTells(t *testing.T) {
	t.Parallel()
	c := stubClient(t, answer(200, "application/json", `{"code":0,"data":{"items":[{"id":"1"}],"total":41}}`))
	for page, more := range map[int32]bool{1: true, 2: true, 3: false} {
		p, err := c.Bots.List(background(t), coze.ListBotsRequest{WorkspaceID: "1", PageNum: coze.Ptr(page)})
		if err != nil || p.Total != 41 || p.HasMore != more {
			t.Errorf("page %d: %+v, %v", page, p, err)
		}
	}
	c = stubClient(t, answer(200, "application/json", `{"code":0,"data":{"conversations":[],"has_more":true}}`))
	if p, err := c.Conversations.List(background(t), coze.ListConversationsRequest{BotID: "1"}); err != nil || p.Total != -1 || !p.HasMore {
		t.Errorf("%+v, %v", p, err)
	}
}

// TestWireQuirks covers what the platform does otherwise than one would expect, one place each.
func TestWireQuirks(t *testing.T) {
	t.Parallel()
	send := func(t *testing.T, body string, call func(*coze.Client) error) (*http.Request, string) {
		t.Helper()
		var got *http.Request
		var sent []byte
		c := stubClient(t, roundTrip(func(r *http.Request) (*http.Response, error) {
			got = r
			if r.Body != nil {
				sent, _ = io.ReadAll(r.Body)
			}
			return response(r, 200, "application/json", body), nil
		}))
		if err := call(c); err != nil {
			t.Fatal(err)
		}
		return got, string(sent)
	}
	ok := `{"code":0,"msg":"","data":{}}`
	t.Run("Agw-Js-Conv", func(t *testing.T) {
		r, _ := send(t, ok, func(c *coze.Client) error {
			return c.Datasets.Documents.Delete(t.Context(), coze.DeleteDocumentsRequest{DocumentIDs: []string{"1"}})
		})
		if r.Header.Get("Agw-Js-Conv") != "str" {
			t.Errorf("header %v", r.Header)
		}
	})
	t.Run("DELETE with a JSON body", func(t *testing.T) {
		r, body := send(t, ok, func(c *coze.Client) error {
			_, err := c.Workspaces.Members.Remove(t.Context(), "7", coze.RemoveWorkspaceMembersRequest{UserIDs: []string{"1"}})
			return err
		})
		if r.Method != http.MethodDelete || body != `{"user_ids":["1"]}` || r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%s %s", r.Method, body)
		}
	})
	t.Run("comma-joined array", func(t *testing.T) {
		r, _ := send(t, ok, func(c *coze.Client) error {
			_, err := c.Variables.Get(t.Context(), coze.RetrieveVariablesRequest{ConnectorUID: "u", Keywords: []string{"a", "b c"}})
			return err
		})
		if got, _ := url.ParseQuery(r.URL.RawQuery); cmp.Diff([]string{"a,b c"}, got["keywords"]) != "" {
			t.Errorf("query %s", r.URL.RawQuery)
		}
	})
	t.Run("ids and times as number or string", func(t *testing.T) {
		for _, v := range []string{`7382159487131697202`, `"7382159487131697202"`} {
			for at, want := range map[string]coze.UnixSeconds{`1718792949`: 1718792949, `"1718792949"`: 1718792949, `1718792949123`: 1718792949, `253402300799`: 253402300799, `null`: 0, `""`: 0} {
				send(t, `{"code":"0","data":{"id":`+v+`,"conversation_id":`+v+`,"created_at":`+at+`,"role":"user"}}`, func(c *coze.Client) error {
					m, err := c.Conversations.Messages.Get(t.Context(), coze.RetrieveMessageRequest{ConversationID: "1", MessageID: "2"})
					if err == nil && (m.ID != "7382159487131697202" || m.CreatedAt != want) {
						t.Errorf("id %s, time %s: got %s, %d", v, at, m.ID, m.CreatedAt)
					}
					return err
				})
			}
		}
	})
	t.Run("PascalCase onboarding", func(t *testing.T) {
		send(t, `{"code":0,"data":{"bot_id":"1","onboarding_info":{"Prologue":"hi","SuggestedQuestions":["a"],"OnboardingMode":2}}}`, func(c *coze.Client) error {
			b, err := c.Bots.Get(t.Context(), "1", coze.RetrieveBotRequest{})
			if err == nil && (b.OnboardingInfo.Prologue != "hi" || len(b.OnboardingInfo.SuggestedQuestions) != 1 || b.OnboardingInfo.OnboardingMode != 2) {
				t.Errorf("got %+v", b.OnboardingInfo)
			}
			return err
		})
	})
	t.Run("message under message", func(t *testing.T) {
		send(t, `{"code":0,"message":{"id":"5","content":"x"}}`, func(c *coze.Client) error {
			m, err := c.Conversations.Messages.Update(t.Context(), coze.UpdateMessageRequest{ConversationID: "1", MessageID: "5", Content: "x"})
			if err == nil && m.Message.ID != "5" {
				t.Errorf("got %+v", m)
			}
			return err
		})
	})
	t.Run("run history is an array of one", func(t *testing.T) {
		send(t, `{"code":0,"data":[{"execute_id":"7","execute_status":"Success"}]}`, func(c *coze.Client) error {
			h, err := c.Workflows.Runs.GetHistory(t.Context(), "1", "7")
			if err == nil && (len(h) != 1 || h[0].ExecuteID != "7") {
				t.Errorf("got %+v", h)
			}
			return err
		})
	})
	t.Run("double-nested data", func(t *testing.T) {
		send(t, `{"code":0,"data":{"data":[{"document_id":"3","progress":50}]}}`, func(c *coze.Client) error {
			d, err := c.Datasets.Documents.Progress(t.Context(), "1", coze.GetDocumentProgressRequest{DocumentIDs: []string{"3"}})
			if raw, _ := json.Marshal(d); err == nil && !strings.Contains(string(raw), `"document_id":"3"`) {
				t.Errorf("got %s", raw)
			}
			return err
		})
	})
	t.Run("empty text for a list", func(t *testing.T) {
		send(t, `{"code":0,"data":{"task_infos":[{"task_id":"1","file_urls":""}],"total":1}}`, func(c *coze.Client) error {
			p, err := c.Bills.Tasks.List(t.Context(), coze.ListBillTasksRequest{})
			if err == nil && (len(p.Items) != 1 || len(p.Items[0].FileURLs) != 0) {
				t.Errorf("got %+v", p)
			}
			return err
		})
	})
}
