package voice

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cozekit/cozekit/api"
	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"
)

// sockets returns x-coze-sockets of the document: for each socket the events of a side with the schemas of their payloads.
func sockets(t *testing.T, side string) map[string]map[string]string {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData(api.OpenAPI)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]map[string]string{}
	for name, socket := range doc.Extensions["x-coze-sockets"].(map[string]any) {
		out[name] = map[string]string{}
		events, _ := socket.(map[string]any)[side].(map[string]any)
		for kind, ev := range events {
			ref, _ := ev.(map[string]any)["$ref"].(string)
			out[name][kind] = strings.TrimPrefix(ref, "#/components/schemas/")
		}
	}
	return out
}

// schema names the schema of a payload in the document, which writes Rtc for RTC and Vad for VAD.
func schema(v any) string {
	switch v.(type) {
	case nil:
		return ""
	case *Audio:
		return "audio"
	}
	name := reflect.Indirect(reflect.ValueOf(v)).Type().Name()
	if rest, ok := strings.CutPrefix(name, "RTC"); ok {
		name = "Rtc" + strings.ReplaceAll(rest, "VAD", "Vad")
	}
	return name
}

// carriesAudio are the events whose payload is decoded into an Audio.
var carriesAudio = []coze.SocketEventType{
	coze.SocketEventConversationAudioDelta, coze.SocketEventSpeechAudioUpdate, coze.SocketEventSimultInterpretationAudioDelta,
}

// TestEveryServerEvent decodes each event that a server sends, of each socket, into what the document says of it, with log id
// and time.
func TestEveryServerEvent(t *testing.T) {
	for name, events := range sockets(t, "server") {
		for kind, want := range events {
			if slices.Contains(carriesAudio, coze.SocketEventType(kind)) {
				want = "audio"
			}
			data := `{}`
			if want == "audio" {
				data = `{"content":"AQID","delta":"AQID"}`
			}
			frame := fmt.Appendf(nil, `{"id":"7","event_type":%q,"data":%s,"detail":{"logid":"log-1","respond_at":"1733815646123"}}`, kind, data)
			var d Decoder
			ev := d.Decode(frame)
			if name == "rtc" {
				ev = DecodeRTC(frame)
				ev.LogID = "log-1" // rooms have it elsewhere
			}
			if string(ev.Type) != kind || ev.ID != "7" || ev.LogID != "log-1" || !ev.RespondAt.Equal(time.UnixMilli(1733815646123)) {
				t.Errorf("%s %s: %+v", name, kind, ev)
			}
			if got := schema(ev.Data); got != want {
				t.Errorf("%s %s: decoded into %q, want %q", name, kind, got, want)
			}
			if a, ok := ev.Data.(*Audio); ok && string(a.Bytes) != "\x01\x02\x03" {
				t.Errorf("%s %s: audio %x", name, kind, a.Bytes)
			}
			if ev.Data == nil && string(ev.Raw) != data {
				t.Errorf("%s %s: an undocumented payload was lost: %q", name, kind, ev.Raw)
			}
		}
	}
}

// made are the events of all constructors.
var made = []ClientEvent{
	NewChatUpdate(coze.ChatUpdate{PrologueContent: "hello"}),
	NewClientVad(coze.RTCClientVAD{VAD: true}),
	NewConversationChatCancel(),
	NewConversationChatSubmitToolOutputs(coze.ConversationChatSubmitToolOutputs{
		ChatID: "1", ToolOutputs: []coze.ToolOutput{{ToolCallID: "2", Output: "3"}},
	}),
	NewConversationClear(),
	NewConversationMessageCreate(coze.ConversationMessageCreate{Content: "hi"}),
	NewInputAudioBufferAppend(coze.InputAudioBufferAppend{Delta: []byte("abc")}),
	NewInputAudioBufferClear(),
	NewInputAudioBufferComplete(),
	NewInputAudioBufferStart(),
	NewInputTextBufferAppend(coze.InputTextBufferAppend{Delta: "hi"}),
	NewInputTextBufferComplete(),
	NewInputTextGenerateAudio(coze.InputTextGenerateAudio{Mode: coze.GenerateAudioModeText, Text: "hi"}),
	NewModeUpdate(coze.RTCModeUpdate{Mode: coze.RTCModeChat}),
	NewSessionPreAnswerUpdate(coze.RTCPreAnswerUpdate{}),
	NewSessionUpdate(coze.RTCSessionUpdate{VoiceID: "7"}),
	NewSimultInterpretationUpdate(coze.SimultUpdate{}),
	NewSpeechUpdate(coze.SpeechUpdate{}),
	NewTranscriptionsUpdate(coze.TranscriptionsUpdate{}),
}

// TestEveryClientEvent compares the constructors with the document, and reads back what they encode, on sockets and in rooms.
func TestEveryClientEvent(t *testing.T) {
	want, got := map[string]string{}, map[string]string{}
	for _, events := range sockets(t, "client") {
		maps.Copy(want, events)
	}
	for _, e := range made {
		got[string(e.Type)] = schema(e.Data)
		e.ID = "id-1"
		plain, err := e.Encode()
		if err != nil {
			t.Errorf("%s: %v", e.Type, err)
		}
		room, err := EncodeRTC(e)
		if err != nil {
			t.Errorf("%s: %v", e.Type, err)
		}
		for _, b := range [][]byte{plain, room} {
			var back struct {
				ID   string          `json:"id"`
				Type string          `json:"event_type"`
				Data json.RawMessage `json:"data"`
			}
			if err := json.Unmarshal(b, &back); err != nil || back.ID != "id-1" || back.Type != string(e.Type) {
				t.Errorf("%s: %s %v", e.Type, b, err)
			}
			if e.Data != nil {
				again := reflect.New(reflect.TypeOf(e.Data))
				if err := json.Unmarshal(back.Data, again.Interface()); err != nil {
					t.Errorf("%s: %v", e.Type, err)
				}
				if diff := cmp.Diff(e.Data, again.Elem().Interface()); diff != "" {
					t.Errorf("%s (-sent +read):\n%s", e.Type, diff)
				}
			}
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-document +constructors):\n%s", diff)
	}
	if n := constructors(t); n != len(made) {
		t.Errorf("%d constructors, %d in the test", n, len(made))
	}
}

// constructors counts those that are generated.
func constructors(t *testing.T) (n int) {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), "socket_events.gen.go", nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range f.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok && strings.HasPrefix(fn.Name.Name, "New") {
			n++
		}
	}
	return n
}

func TestRoomsDiffer(t *testing.T) {
	b, err := EncodeRTC(ClientEvent{ID: "1", Type: coze.SocketEventConversationChatCancel})
	if err != nil || string(b) != `{"id":"1","event_type":"conversation.chat.cancel","data":{}}` {
		t.Errorf("%s %v", b, err)
	}
	for code, want := range map[int]error{
		coze.CodeAccountOverdue2: coze.ErrQuota, coze.CodeFreeQuotaUsedUp: coze.ErrQuota, coze.CodeRealtimeSessionInactive: coze.ErrTimeout,
	} {
		ev := DecodeRTC([]byte(`{"id":"1","event_type":"error","data":{"code":` + strconv.Itoa(code) + `,"msg":"no","detail":{"logid":"l"}}}`))
		e, ok := ev.Data.(*coze.RTCError)
		if !ok || int(e.Code) != code || ev.LogID != "l" {
			t.Fatalf("%+v", ev)
		}
		x, ok := coze.Explain(ev.Err())
		if !ok || x.Remedy == "" || !errors.Is(ev.Err(), want) {
			t.Errorf("%d: %v, %+v", code, ev.Err(), x)
		}
	}
	for frame, want := range map[string]coze.SocketEventType{
		`{"id":"1","event_type":"conversation.chat.camplete","data":{"id":"7"}}`: coze.SocketEventConversationChatCompleted,
		`{"id":"1","event_type":"session.update","data":{"voice_id":"7"}}`:       coze.SocketEventSessionUpdated,
		`{"id":"1","event_type":"input_audio_buffer.start"}`:                     coze.SocketEventInputAudioBufferStarted,
	} {
		if ev := DecodeRTC([]byte(frame)); ev.Type != want || ev.Raw != nil {
			t.Errorf("%s became %+v", frame, ev)
		}
	}
	if ev := DecodeRTC([]byte(`{"id":"1","event_type":"session.created","data":{"log_id":"l9"}}`)); ev.LogID != "l9" {
		t.Errorf("%+v", ev)
	}
}
