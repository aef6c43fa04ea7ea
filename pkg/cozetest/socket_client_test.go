package cozetest_test

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/cozekit/cozekit/pkg/cozetest"
)

const (
	chatPath          = "/v1/chat?bot_id="
	speechPath        = "/v1/audio/speech"
	transcriptionPath = "/v1/audio/transcriptions"
	simultPath        = "/v1/audio/simult_interpretation"
)

// socket is a websocket client without anything of ours.
type socket struct {
	t    testing.TB
	conn *websocket.Conn
}

// wireEvent is an event of the server.
type wireEvent struct {
	ID     string          `json:"id"`
	Type   string          `json:"event_type"`
	Data   json.RawMessage `json:"data"`
	Detail struct {
		LogID         string `json:"logid"`
		RespondAt     string `json:"respond_at"`
		OriginMessage string `json:"origin_message"`
	} `json:"detail"`
}

func (e wireEvent) text(field string) string {
	var m map[string]any
	_ = json.Unmarshal(e.Data, &m)
	s, _ := m[field].(string)
	return s
}

func (e wireEvent) code() int {
	var d struct{ Code int }
	_ = json.Unmarshal(e.Data, &d)
	return d.Code
}

// audio is what an event brings of sound.
func (e wireEvent) audio(t testing.TB) []byte {
	t.Helper()
	field := "delta"
	if e.Type == "conversation.audio.delta" {
		field = "content"
	}
	b, err := base64.StdEncoding.DecodeString(e.text(field))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// dialSocket connects with what the caller sets in header, and the token of the server.
func dialSocket(t testing.TB, c *client, path string, header http.Header) (*websocket.Conn, *http.Response, error) {
	t.Helper()
	h := http.Header{}
	if c.auth != "" {
		h.Set("Authorization", c.auth)
	}
	for name := range header {
		h.Set(name, header.Get(name))
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	return websocket.Dial(ctx, c.url+path, &websocket.DialOptions{HTTPClient: c.http, HTTPHeader: h})
}

// connect opens a websocket through memory, and takes the greeting.
func connect(t testing.TB, srv *cozetest.Server, path string) *socket {
	t.Helper()
	s := connectQuietly(t, srv, path)
	if e := s.next(); !strings.HasSuffix(e.Type, ".created") || e.Data != nil || e.ID == "" || e.Detail.LogID == "" || e.Detail.RespondAt == "" {
		t.Fatalf("got greeting %+v", e)
	}
	return s
}

func connectQuietly(t testing.TB, srv *cozetest.Server, path string) *socket {
	t.Helper()
	conn, _, err := dialSocket(t, memoryClient(t, srv), path, nil)
	if err != nil {
		t.Fatal(err)
	}
	conn.SetReadLimit(-1)
	t.Cleanup(func() { conn.CloseNow() })
	return &socket{t: t, conn: conn}
}

// send sends an event; data is left out if it is nil.
func (s *socket) send(name string, data any) {
	s.t.Helper()
	e := obj{"event_type": name, "id": "client-" + name}
	if data != nil {
		e["data"] = data
	}
	s.raw(mustJSON(e))
}

func (s *socket) raw(text string) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), time.Minute)
	defer cancel()
	if err := s.conn.Write(ctx, websocket.MessageText, []byte(text)); err != nil {
		s.t.Fatal(err)
	}
}

// play sends audio in pieces of n bytes.
func (s *socket) play(audio []byte, n int) {
	s.t.Helper()
	for len(audio) > 0 {
		n = min(n, len(audio))
		s.send("input_audio_buffer.append", obj{"delta": base64.StdEncoding.EncodeToString(audio[:n])})
		audio = audio[n:]
	}
}

func (s *socket) next() wireEvent {
	s.t.Helper()
	e, err := s.read()
	if err != nil {
		s.t.Fatal(err)
	}
	return e
}

func (s *socket) read() (e wireEvent, err error) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), time.Minute)
	defer cancel()
	_, text, err := s.conn.Read(ctx)
	if err != nil {
		return e, err
	}
	if err := json.Unmarshal(text, &e); err != nil {
		s.t.Fatalf("%v in %s", err, text)
	}
	return e, nil
}

// until takes events up to the first one of a type.
func (s *socket) until(last string) []wireEvent {
	s.t.Helper()
	var all []wireEvent
	for {
		e := s.next()
		all = append(all, e)
		if e.Type == last {
			return all
		}
		if e.Type == "error" {
			s.t.Fatalf("got error %s after %s", e.Data, order(all))
		}
	}
}

// closed waits for the end of the connection, and returns its close code, -1 for none.
func (s *socket) closed() (websocket.StatusCode, string) {
	s.t.Helper()
	for {
		if _, err := s.read(); err != nil {
			var ce websocket.CloseError
			if errors.As(err, &ce) {
				return ce.Code, ce.Reason
			}
			return -1, err.Error()
		}
	}
}

// order is the types of events without what repeats itself.
func order(events []wireEvent) string {
	var names []string
	for _, e := range events {
		name := strings.TrimPrefix(e.Type, "conversation.")
		if len(names) == 0 || names[len(names)-1] != name {
			names = append(names, name)
		}
	}
	return strings.Join(names, " ")
}

func ofType(events []wireEvent, name string) []wireEvent {
	var found []wireEvent
	for _, e := range events {
		if e.Type == name {
			found = append(found, e)
		}
	}
	return found
}

// sound is a tone, or silence for an amplitude of 0: samples of 16 bits at 24,000 Hz.
func sound(d time.Duration, amplitude float64) []byte {
	var b []byte
	for i := range int(d.Seconds() * 24000) {
		b = binary.LittleEndian.AppendUint16(b, uint16(int16(amplitude*math.Sin(float64(i)/10))))
	}
	return b
}

// utterance is half a second of speech between silences that end it.
func utterance() []byte {
	return append(append(sound(700*time.Millisecond, 0), sound(500*time.Millisecond, 9000)...), sound(600*time.Millisecond, 0)...)
}

func userMessage(text string) obj {
	return obj{"role": "user", "content_type": "text", "content": text}
}
