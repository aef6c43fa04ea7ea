package cozetest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/cozekit/cozekit/pkg/cozetest"
)

// refusedHandshake is the answer to a handshake that must fail.
func refusedHandshake(t *testing.T, c *client, path string) (status int, code int, logID string) {
	t.Helper()
	conn, resp, err := dialSocket(t, c, path, nil)
	if err == nil {
		conn.CloseNow()
		t.Fatalf("%s: the handshake succeeded", path)
	}
	if resp == nil {
		t.Fatalf("%s: got %v", path, err)
	}
	text, _ := io.ReadAll(resp.Body)
	var body struct{ Code int }
	if err := json.Unmarshal(text, &body); err != nil {
		t.Errorf("%s: got %s", path, text)
	}
	return resp.StatusCode, body.Code, resp.Header.Get("X-Tt-Logid")
}

func TestSocketHandshakeRefusals(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t)
	srv.DraftBot("9", cozetest.Echo)
	const weak = "weak"
	srv.AddToken(weak, "listMessage")
	for _, tc := range []struct {
		auth, path   string
		status, code int
	}{
		{"", chatPath + bot, 401, 4100},
		{"Bearer nobody", speechPath, 401, 4100},
		{"Bearer " + weak, chatPath + bot, 403, 4101},
		{"Bearer " + weak, speechPath, 403, 4101},
		{"Bearer " + srv.Token(), chatPath + "99", 400, 4200},
		{"Bearer " + srv.Token(), chatPath + "9", 400, 4015},
		{"Bearer " + srv.Token(), chatPath + bot + "&workflow_id=99", 400, 4200},
		{"Bearer " + srv.Token(), chatPath + bot + "&device_id=x", 400, 4000},
	} {
		c := memoryClient(t, srv)
		c.auth = tc.auth
		status, code, logID := refusedHandshake(t, c, tc.path)
		if status != tc.status || code != tc.code || logID == "" {
			t.Errorf("%s with %q: got status %d, code %d, log id %q", tc.path, tc.auth, status, code, logID)
		}
	}
}

func TestSocketHandshakeViolations(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t, cozetest.ExpectViolations())
	c := memoryClient(t, srv)
	for _, path := range []string{"/v1/chat", chatPath, chatPath + bot + "&conversation_id=1", speechPath + "?entity_type=house"} {
		if status, code, _ := refusedHandshake(t, c, path); status != 400 || code != 4000 {
			t.Errorf("%s: got status %d, code %d", path, status, code)
		}
	}
	if r := c.do(http.MethodGet, speechPath, nil); r.status != http.StatusUpgradeRequired || r.Code != 4000 {
		t.Errorf("got %d %s for a plain request", r.status, r.text)
	}
	want := []string{"/query/bot_id required", "/query/bot_id empty", "/query/conversation_id unknown", "/query/entity_type enum", "/header/Upgrade required"}
	if got := brokenRules(srv); !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

func brokenRules(srv *cozetest.Server) []string {
	var all []string
	for _, v := range srv.Violations() {
		all = append(all, v.Pointer+" "+v.Rule)
	}
	return all
}

// TestSocketTokenInQuery connects as browsers do, and as the vendor's Node SDK does. The token is recorded nowhere.
func TestSocketTokenInQuery(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t)
	c := memoryClient(t, srv)
	query := "?authorization=Bearer%20" + srv.Token()
	for _, auth := range []string{"", c.auth} {
		c.auth = auth
		conn, _, err := dialSocket(t, c, speechPath+query, http.Header{"Origin": {"https://example.com"}})
		if err != nil {
			t.Fatal(err)
		}
		conn.CloseNow()
	}
	if d := srv.Deviations(); len(d) != 1 || d[0].Pointer != "/query/authorization" || d[0].Count != 1 {
		t.Errorf("got deviations %v", d)
	}
	calls := srv.Calls()
	if text := mustJSON(calls); len(calls) != 2 || strings.Contains(text, srv.Token()) {
		t.Errorf("got calls %s", text)
	}
	if c := calls[0]; c.Operation != "ConnectSpeechSocket" || c.Status != 101 || c.Query.Get("authorization") != "REDACTED" {
		t.Errorf("got call %+v", c)
	}
}

func TestSocketViolations(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t, cozetest.ExpectViolations())
	s := connect(t, srv, chatPath+bot)
	for _, tc := range []struct{ frame, want string }{
		{`not JSON`, "/client json"},
		{`[1]`, "/client json"},
		{`{"event_type":7}`, "/client type"},
		{`{"id":"a"}`, "/client/event_type required"},
		{`{"event_type":"speech.update"}`, "/client/speech.update unknown"},
		{`{"event_type":"chat.update","data":{},"more":1}`, "/client/chat.update/more unknown"},
		{`{"event_type":"chat.update","data":{"input_audio":{"sample_rate":1}}}`, "/client/chat.update/input_audio/sample_rate enum"},
		{`{"event_type":"chat.update","data":{"output_audio":{"voice_id":""}}}`, "/client/chat.update/output_audio/voice_id empty"},
		{`{"event_type":"chat.update","data":{"chat_config":{"name":"x"}}}`, "/client/chat.update/chat_config/name unknown"},
		{`{"event_type":"chat.update","data":{"chat_config":null}}`, "/client/chat.update/chat_config nullable"},
		{`{"event_type":"input_audio_buffer.append"}`, "/client/input_audio_buffer.append/delta required"},
		{`{"event_type":"input_audio_buffer.append","data":{"delta":"%%%"}}`, "/client/input_audio_buffer.append/delta contentEncoding"},
		{`{"event_type":"input_audio_buffer.complete","data":{"x":1}}`, "/client/input_audio_buffer.complete unknown"},
	} {
		s.raw(tc.frame)
		e := s.next()
		if e.Type != "error" || e.code() != 4000 || e.Detail.OriginMessage != tc.frame {
			t.Errorf("%s: got %s %s", tc.frame, e.Type, e.Data)
		}
		got := brokenRules(srv)
		if last := got[len(got)-1]; last != tc.want || !strings.Contains(e.text("msg"), strings.Fields(tc.want)[1]) {
			t.Errorf("%s: got %q, %s", tc.frame, last, e.Data)
		}
	}
	if err := s.conn.Write(t.Context(), websocket.MessageBinary, []byte(`{"event_type":"chat.update"}`)); err != nil {
		t.Fatal(err)
	}
	if e := s.next(); e.Type != "error" || e.code() != 4000 {
		t.Errorf("got %+v for a binary frame", e)
	}
	s.send("conversation.clear", obj{}) // an empty object is as good as none
	s.until("conversation.cleared")
	if n := len(srv.Violations()); n != 14 {
		t.Errorf("got %d violations", n)
	}
}

// TestSocketLeniency sends what options of the server allow.
func TestSocketLeniency(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t, cozetest.AllowNullFields(), cozetest.AllowUnknownFields())
	s := connect(t, srv, chatPath+bot)
	s.raw(`{"event_type":"chat.update","data":{"chat_config":null,"new":1},"more":1}`)
	s.until("chat.updated")
	s.raw(`{"event_type":"conversation.clear","data":null}`)
	s.until("conversation.cleared")
	if d := srv.Deviations(); len(d) != 1 || d[0].Rule != "null" {
		t.Errorf("got deviations %v", d)
	}
}

// TestSocketEventsAreRecorded has two sessions that do not see each other's conversations.
func TestSocketEventsAreRecorded(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t)
	first, second := connect(t, srv, chatPath+bot), connect(t, srv, chatPath+bot)
	chats := map[string]bool{}
	for text, s := range map[string]*socket{"one": first, "two": second} {
		s.send("conversation.message.create", userMessage(text))
		events := s.until("conversation.chat.completed")
		for _, e := range ofType(events, "conversation.message.completed") {
			if e.text("type") == "answer" && e.text("content") != "You said: "+text {
				t.Errorf("%s: got %s", text, e.Data)
			}
		}
		chats[events[len(events)-1].text("conversation_id")] = true
	}
	if len(chats) != 2 {
		t.Errorf("got conversations %v", chats)
	}
	for _, e := range srv.SocketEvents() {
		if e.Operation != "ConnectChatSocket" || e.LogID == "" || e.ID != "client-conversation.message.create" || e.Session < 1 || e.Session > 2 ||
			!strings.Contains(string(e.Data), `"role":"user"`) {
			t.Errorf("got %+v", e)
		}
	}
	if n := len(srv.SocketEvents()); n != 2 {
		t.Errorf("got %d events", n)
	}
}

// TestUnknownSocket is about a socket of which only the path is known.
func TestUnknownSocket(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t)
	s := connectQuietly(t, srv, "/v1/audio/s2s_chat")
	s.send("anything", obj{"a": 1})
	if err := s.conn.Ping(s.conn.CloseRead(t.Context())); err != nil {
		t.Error(err)
	}
	if e := srv.SocketEvents(); len(e) != 1 || e[0].Type != "anything" {
		t.Errorf("got %+v", e)
	}
}

// TestSocketOverTCP does without the memory of the server.
func TestSocketOverTCP(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t)
	conn, _, err := dialSocket(t, newClient(t, srv), chatPath+bot, nil)
	if err != nil {
		t.Fatal(err)
	}
	conn.SetReadLimit(-1)
	s := &socket{t: t, conn: conn}
	s.send("conversation.message.create", userMessage("hello"))
	if got := order(s.until("conversation.chat.completed")); !strings.HasPrefix(got, "chat.created message.completed chat.created") {
		t.Errorf("got order %s", got)
	}
	if err := conn.Close(websocket.StatusNormalClosure, ""); err != nil {
		t.Error(err)
	}
}

// TestCloseEndsSockets closes a server whose sessions are idle, stalled, waiting for tools, slow, silent, and gone.
func TestCloseEndsSockets(t *testing.T) { //nolint:paralleltest // counts goroutines
	srv, err := cozetest.Start("127.0.0.1:0", cozetest.WithDeltaPause(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	srv.Bot("stall", func(turn *cozetest.Turn) error { turn.Stall(); return nil })
	srv.Bot("tool", func(turn *cozetest.Turn) error { turn.UseTool("x", nil); return nil })
	srv.Bot("drop", func(turn *cozetest.Turn) error { turn.Drop(); turn.Pause(time.Hour); return nil })
	srv.Bot("say", func(turn *cozetest.Turn) error { turn.Say("A long story."); return nil })
	for _, b := range []string{"stall", "tool", "drop", "say"} {
		connect(t, srv, chatPath+b).send("conversation.message.create", userMessage("x"))
	}
	gone := connect(t, srv, chatPath+"stall")
	gone.send("conversation.message.create", userMessage("x"))
	gone.until("conversation.chat.in_progress")
	gone.conn.CloseNow()
	breakInTurn(t, srv, cozetest.Fault{Kind: cozetest.FaultSilentSocket}, cozetest.Fault{Kind: cozetest.FaultSlowSocket, Duration: time.Hour})
	left := []*socket{connectQuietly(t, srv, speechPath), connectQuietly(t, srv, speechPath), connect(t, srv, speechPath)}
	if err := srv.Close(); err != nil {
		t.Error(err)
	}
	for _, s := range left {
		if code, _ := s.closed(); code != -1 {
			t.Errorf("got close code %d", code)
		}
		s.conn.CloseNow()
	}
	noneLeft(t)
}
