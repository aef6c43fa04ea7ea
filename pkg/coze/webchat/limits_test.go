package webchat_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/cozekit/cozekit/pkg/coze/webchat"
	"github.com/cozekit/cozekit/pkg/cozetest"
)

const pdf = "%PDF-1.7\n"

// post uploads a body and returns the status and the text of the answer.
func (s *site) post(visitor, path, kind string, body io.Reader) (int, string) {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.url+path, body)
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Content-Type", kind)
	req.Header.Set("X-Visitor", visitor)
	rsp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer rsp.Body.Close()
	raw, _ := io.ReadAll(rsp.Body)
	return rsp.StatusCode, string(raw)
}

// TestUploads: one file of a type that is taken, of a size that is taken, whose content is what its name says.
func TestUploads(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t, cozetest.ExpectViolations()) // uploads that are cut off
	s := newSite(t, srv, func(c *webchat.ProxyConfig) { c.MaxUpload = 100_000 })
	tests := []struct {
		name, file, content string
		more                []string
		status              int
		text                string
	}{
		{"document", "a b.pdf", pdf + strings.Repeat("x", 50_000), nil, 200, `"code":0`},
		{"path", `C:\x\..\a.PDF`, pdf, nil, 200, `"file_name":"a.PDF"`},
		{"too long", "a.pdf", pdf + strings.Repeat("x", 100_000), nil, 413, `"code":4302`},
		{"program", "a.exe", "MZ", nil, 400, `"code":4303`},
		{"no extension", "a", pdf, nil, 400, `"code":4303`},
		{"page with another name", "a.png", "<html><script>", nil, 400, `"code":4303`},
		{"picture with another name", "a.pdf", "\x89PNG\r\n\x1a\n", nil, 400, `"code":4303`},
		{"nothing", "a.pdf", "", nil, 400, `"code":4303`},
		{"two parts", "a.pdf", pdf, []string{"purpose"}, 400, `"code":4301`},
	}
	for _, tt := range tests {
		kind, body := form(t, tt.file, tt.content, tt.more...)
		for _, announced := range []bool{true, false} {
			reader := io.Reader(bytes.NewReader(body.Bytes()))
			if !announced {
				reader = struct{ io.Reader }{reader}
			}
			if status, text := s.post("anna", "/v1/files/upload", kind, reader); status != tt.status || !strings.Contains(text, tt.text) {
				t.Errorf("%s, announced %v: %d %s", tt.name, announced, status, text)
			}
		}
	}
	for _, bad := range []struct{ kind, body string }{
		{"multipart/form-data", "x"}, {"multipart/form-data; boundary=x", "x"}, {"multipart/form-data; boundary=x", "--x--\r\n"}, {"application/json", "{}"},
		{"multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"other\"; filename=\"a.pdf\"\r\n\r\n%PDF-\r\n--x--\r\n"},
		{"multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.pdf\"\r\n\r\n%PDF- and no end"},
	} {
		if status, text := s.post("anna", "/v1/files/upload", bad.kind, strings.NewReader(bad.body)); status < 400 {
			t.Errorf("%s %q: %d %s", bad.kind, bad.body, status, text)
		}
	}
	kind, body := form(t, "a.pdf", pdf)
	if status, text := s.post("anna", "/v1/audio/transcriptions", kind, body); status != http.StatusBadRequest {
		t.Errorf("a document to transcribe: %d %s", status, text)
	}
}

// TestFilesOfOthers: a visitor can show a bot only files of the visitor's own.
func TestFilesOfOthers(t *testing.T) {
	t.Parallel()
	s := newSite(t, cozetest.NewServer(t), nil)
	ctx := t.Context()
	file, err := s.as("anna").Files.Upload(ctx, coze.UploadFileRequest{File: coze.Upload{Name: "a.pdf", Reader: strings.NewReader(pdf)}})
	if err != nil {
		t.Fatal(err)
	}
	show := func(visitor, id string) error {
		_, err := s.as(visitor).Chat.Create(ctx, coze.CreateChatRequest{BotID: botID, UserID: "u", AdditionalMessages: []coze.EnterMessage{
			coze.UserMessageOf(coze.TextPart("What is this?"), coze.FileIDPart(id)),
		}})
		return err
	}
	if err := show("anna", file.ID); err != nil {
		t.Error(err)
	}
	wantNotFound(t, "another's file", show("bob", file.ID))
	wantNotFound(t, "a file that nobody has uploaded", show("bob", "7400000000000000777"))
	if status, _, text := s.call("bob", "POST", "/v3/chat", `{"bot_id":"`+botID+`","additional_messages":[{"role":"user","content_type":"object_string","content":"no list"}]}`); status != http.StatusBadRequest {
		t.Error(status, text)
	}
	// A message that does not say what it is cannot smuggle one in.
	body := `{"bot_id":"` + botID + `","additional_messages":[{"role":"user","content":"[{\"type\":\"file\",\"file_id\":\"` + file.ID + `\"}]"}]}`
	if status, _, text := s.call("bob", "POST", "/v3/chat", body); status != http.StatusNotFound {
		t.Error(status, text)
	}
}

// TestStrangers: nobody is served without being somebody.
func TestStrangers(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t)
	s := newSite(t, srv, nil)
	if status, code, text := s.call("", "GET", "/v1/bots/"+botID, ""); status != http.StatusUnauthorized || code != coze.CodeInvalidToken {
		t.Error(status, text)
	}
	if len(srv.Calls()) > 0 {
		t.Error("a call of a stranger reached the server")
	}
}

// TestRates: what is too much is refused with the code of the platform, for each visitor and each address.
func TestRates(t *testing.T) {
	t.Parallel()
	once := webchat.Rate{PerSecond: 1e-9, Burst: 1}
	srv := cozetest.NewServer(t)
	get := func(s *site, visitor string) int {
		status, code, text := s.call(visitor, "GET", "/v1/bots/"+botID, "")
		if status == http.StatusTooManyRequests && code != coze.CodeRateLimited {
			t.Error(text)
		}
		return status
	}
	byVisitor := newSite(t, srv, func(c *webchat.ProxyConfig) { c.VisitorRate = once })
	if a, b, c := get(byVisitor, "anna"), get(byVisitor, "anna"), get(byVisitor, "bob"); a != 200 || b != 429 || c != 200 {
		t.Error("by visitor:", a, b, c)
	}
	byIP := newSite(t, srv, func(c *webchat.ProxyConfig) { c.IPRate = once })
	if a, b := get(byIP, "anna"), get(byIP, "bob"); a != 200 || b != 429 {
		t.Error("by address:", a, b)
	}
	byClient := newSite(t, srv, func(c *webchat.ProxyConfig) {
		c.IPRate, c.ClientIP = once, func(r *http.Request) string { return r.Header.Get("X-Visitor") } // as a balancer would say it
	})
	if a, b, c := get(byClient, "1.1.1.1"), get(byClient, "2.2.2.2"), get(byClient, "1.1.1.1"); a != 200 || b != 200 || c != 429 {
		t.Error("by the address that ClientIP says:", a, b, c)
	}
	byChat := newSite(t, srv, func(c *webchat.ProxyConfig) { c.ChatRate = once })
	chat := func() int {
		status, _, _ := byChat.call("anna", "POST", "/v3/chat", `{"bot_id":"`+botID+`","additional_messages":[{"role":"user","content":"x","content_type":"text"}]}`)
		return status
	}
	if a, b, c := chat(), chat(), get(byChat, "anna"); a != 200 || b != 429 || c != 200 {
		t.Error("by chat:", a, b, c)
	}
}

// TestBodies: what is too long or no JSON is refused before it reaches the server.
func TestBodies(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t)
	s := newSite(t, srv, func(c *webchat.ProxyConfig) { c.MaxBody = 1000 })
	for body, want := range map[string]int{
		`{"bot_id":"` + strings.Repeat("1", 1000) + `"}`: 413,
		`{"bot_id":`:       400,
		`[]`:               400,
		`{"bot_id":1}`:     400,
		`null`:             403,
		`{"bot_id":"../"}`: 403,
	} {
		if status, _, text := s.call("anna", "POST", "/v3/chat", body); status != want {
			t.Errorf("%.30s: %d %s", body, status, text)
		}
	}
	if len(srv.Calls()) > 0 {
		t.Error("a call reached the server")
	}
}

// TestConfig: what would let visitors see each other, or everybody in, is refused at once.
func TestConfig(t *testing.T) {
	t.Parallel()
	client := clientOf(t, cozetest.NewServer(t))
	ok := webchat.ProxyConfig{Bots: []string{botID}, Visitor: byHeader}
	for want, change := range map[string]func(*webchat.ProxyConfig){
		"no visitor":             func(c *webchat.ProxyConfig) { c.Visitor = nil },
		"neither Bots nor Apps":  func(c *webchat.ProxyConfig) { c.Bots = nil },
		"is no id of a bot":      func(c *webchat.ProxyConfig) { c.Bots = []string{"*"} },
		"is not of the form":     func(c *webchat.ProxyConfig) { c.Origins = []string{"*"} },
		"a limit is negative":    func(c *webchat.ProxyConfig) { c.MaxUpload = -1 },
		"webchat: NewProxy: the": nil,
	} {
		cfg, c := ok, client
		if change == nil {
			c = nil
		} else {
			change(&cfg)
		}
		if _, err := webchat.NewProxy(c, cfg); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
