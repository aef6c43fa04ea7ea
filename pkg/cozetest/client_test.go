package cozetest_test

import (
	"bytes"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"github.com/cozekit/cozekit/pkg/cozetest"
)

// client is plain net/http, so that nothing of ours stands between a test and the wire.
type client struct {
	t    testing.TB
	http *http.Client
	url  string
	auth string
}

func newClient(t testing.TB, s *cozetest.Server) *client {
	return &client{t: t, http: http.DefaultClient, url: s.URL(), auth: "Bearer " + s.Token()}
}

func memoryClient(t testing.TB, s *cozetest.Server) *client {
	return &client{t: t, http: s.HTTPClient(), url: s.URL(), auth: "Bearer " + s.Token()}
}

// send sends a request; a body that is no reader is sent as JSON.
func (c *client) send(method, path string, body any) *http.Response {
	c.t.Helper()
	var r io.Reader
	media := "application/json"
	switch b := body.(type) {
	case nil:
		media = ""
	case string:
		r = strings.NewReader(b)
	case *upload:
		r, media = &b.body, b.media
	default:
		text, err := json.Marshal(b)
		if err != nil {
			c.t.Fatal(err)
		}
		r = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(c.t.Context(), method, c.url+path, r)
	if err != nil {
		c.t.Fatal(err)
	}
	if media != "" {
		req.Header.Set("Content-Type", media)
	}
	if c.auth != "" {
		req.Header.Set("Authorization", c.auth)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	return resp
}

// reply is an answer in the envelope.
type reply struct {
	status int
	header http.Header
	Code   int
	Msg    string
	Data   map[string]any
	Detail struct{ LogID string }
	text   string
	all    map[string]any
}

func (c *client) do(method, path string, body any) reply {
	c.t.Helper()
	resp := c.send(method, path, body)
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	r := reply{status: resp.StatusCode, header: resp.Header, text: string(text)}
	_ = json.Unmarshal(text, &r) // data can be a list
	if err := json.Unmarshal(text, &r.all); err != nil {
		c.t.Fatalf("%s %s: %v in %s", method, path, err, text)
	}
	return r
}

// ok is do for a call that must succeed.
func (c *client) ok(method, path string, body any) reply {
	c.t.Helper()
	r := c.do(method, path, body)
	if r.status != http.StatusOK || r.Code != 0 {
		c.t.Fatalf("%s %s: got status %d: %s", method, path, r.status, r.text)
	}
	return r
}

// stream reads an answer of events whole.
func (c *client) stream(path string, body any) string {
	c.t.Helper()
	resp := c.send(http.MethodPost, path, body)
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	if got := resp.Header.Get("Content-Type"); got != "text/event-stream" {
		c.t.Fatalf("got content type %q: %s", got, text)
	}
	return string(text)
}

func (r reply) str(name string) string {
	s, _ := r.Data[name].(string)
	return s
}

type obj = map[string]any

// chatBody is a CreateChat body with one question.
func chatBody(bot, question string, stream bool) obj {
	return obj{"bot_id": bot, "user_id": "u", "stream": stream, "additional_messages": []obj{
		{"role": "user", "content": question, "content_type": "text"},
	}}
}

// event is one event of a stream.
type event struct{ name, data string }

func parseEvents(t testing.TB, text string) []event {
	t.Helper()
	var events []event
	for block := range strings.SplitSeq(strings.TrimSuffix(text, "\n\n"), "\n\n") {
		name, data, ok := strings.Cut(block, "\n")
		if !ok || !strings.HasPrefix(name, "event:") || !strings.HasPrefix(data, "data:") {
			t.Fatalf("got %q, want an event", block)
		}
		events = append(events, event{name[6:], data[5:]})
	}
	return events
}

func names(events []event) string {
	var s []string
	for _, e := range events {
		s = append(s, strings.TrimPrefix(e.name, "conversation."))
	}
	return strings.Join(s, " ")
}

func decode(t testing.TB, text string) obj {
	t.Helper()
	var m obj
	if err := json.Unmarshal([]byte(text), &m); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return m
}

type upload struct {
	body  bytes.Buffer
	media string
}

// newUpload makes a multipart body of parts of the form name, file name, content.
func newUpload(parts ...[3]string) *upload {
	u := &upload{}
	w := multipart.NewWriter(&u.body)
	for _, p := range parts {
		var part io.Writer
		if p[1] == "" {
			part, _ = w.CreateFormField(p[0])
		} else {
			part, _ = w.CreateFormFile(p[0], p[1])
		}
		_, _ = io.WriteString(part, p[2])
	}
	_ = w.Close()
	u.media = w.FormDataContentType()
	return u
}

func mustJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}
