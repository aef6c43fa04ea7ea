package voice

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// audioFrame is a delta of n bytes of audio as the platform sends it.
func audioFrame(n int) []byte {
	return fmt.Appendf(nil, `{"id":"7446668538246561%04d","event_type":"conversation.audio.delta","data":{"id":"7446668538246561827",`+
		`"role":"assistant","type":"answer","content":%q,"content_type":"audio","conversation_id":"7446668538246561828",`+
		`"chat_id":"7446668538246561829","section_id":"7446668538246561828","bot_id":"7446668538246561830"},`+
		`"detail":{"logid":"20241210152726467C48D89D6DB2F3C7A2","respond_at":"1733815646123"}}`, n, base64.StdEncoding.EncodeToString(make([]byte, n)))
}

var seeds = []string{
	string(audioFrame(8)),
	`{"id":"1","event_type":"speech.audio.update","data":{"delta":"AQID"},"detail":{"logid":"l","respond_at":"1733815646123"}}`,
	`{"id":"1","event_type":"simult_interpretation.audio.delta","data":{"delta":"AQI="}}`,
	`{"data":{"content":"AQ=="},"event_type":"conversation.audio.delta"}`,
	`{"id":"1","event_type":"conversation.audio.delta","data":{"content":"A\/QI","content":"AQID"}}`,
	`{"id":"1","event_type":"speech.audio.update","data":{"delta":"AQID","content":"\u0001"}}`,
	`{"id":"1","event_type":"speech.audio.update","data":{"delta":"AQ\nID"}}`,
	`{"id":"1","event_type":"speech.audio.update","data":{}}`,
	`{"id":"1","event_type":"conversation.chat.completed","data":{"id":"1","status":"completed","usage":{"token_count":3}}}`,
	`{"id":"1","event_type":"error","data":{"code":4100,"msg":"bad token"},"detail":{"logid":"l","origin_message":"{}"}}`,
	`{"id":1,"event_type":"input_audio_buffer.completed","detail":null}`,
	`{"event_type":"who.knows","data":{"a":1}}`, `[]`, `{`, ``, `null`, `{"event_type":""}`,
}

func FuzzDecode(f *testing.F) {
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, frame []byte) {
		kept := bytes.Clone(frame)
		var d Decoder
		want := d.anyEvent(frame)
		for range 2 { // with and without strings from last time
			got, ok := d.audioEvent(frame)
			if ok {
				if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(Event{})); diff != "" {
					t.Errorf("%q: (-general +fast):\n%s", frame, diff)
				}
			}
		}
		_ = DecodeRTC(frame)
		_ = want.Err()
		if !bytes.Equal(kept, frame) {
			t.Error("the frame was changed")
		}
		clear(frame)
		if want.Data == nil && want.Raw != nil && len(kept) > 0 && bytes.Equal(want.Raw, frame) && !bytes.Equal(kept, frame) {
			t.Error("the event shares memory with the frame")
		}
	})
}

func TestFastPathIsTaken(t *testing.T) {
	for _, s := range seeds[:4] {
		var d Decoder
		if _, ok := d.audioEvent([]byte(s)); !ok {
			t.Errorf("not for %s", s)
		}
	}
}

func FuzzAppendAudio(f *testing.F) {
	f.Add([]byte("some audio"), uint64(7))
	f.Fuzz(func(t *testing.T, audio []byte, n uint64) {
		id := eventID{"ABC-", n}
		want, err := ClientEvent{
			ID: id.String(), Type: coze.SocketEventInputAudioBufferAppend, Data: coze.InputAudioBufferAppend{Delta: audio},
		}.Encode()
		if err != nil {
			t.Fatal(err)
		}
		fast, err := ClientEvent{
			ID: id.String(), Type: coze.SocketEventInputAudioBufferAppend, Data: &coze.InputAudioBufferAppend{Delta: audio},
		}.Append(nil)
		if err != nil || string(fast) != string(want) {
			t.Errorf("got %s, want %s", fast, want)
		}
		if got := appendAudio(nil, id, audio); string(got) != string(want) {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}

func TestCodecAllocations(t *testing.T) {
	var d Decoder
	frame := audioFrame(8 << 10)
	if n := testing.AllocsPerRun(100, func() { d.Decode(frame) }); n > 4 {
		t.Errorf("decode: %v allocations", n)
	}
	pcm, buf := make([]byte, 960), make([]byte, 0, 2<<10)
	if n := testing.AllocsPerRun(100, func() { buf = appendAudio(buf[:0], eventID{"ABC-", 7}, pcm) }); n > 0 {
		t.Errorf("append: %v allocations", n)
	}
}

func TestEncodeKeepsEmptyData(t *testing.T) {
	b, err := ClientEvent{ID: "1", Type: coze.SocketEventConversationChatCancel, Data: struct{}{}}.Encode()
	if err != nil || string(b) != `{"id":"1","event_type":"conversation.chat.cancel","data":{}}` {
		t.Errorf("%s %v", b, err)
	}
}

type stdEvent struct {
	ID     string               `json:"id"`
	Type   coze.SocketEventType `json:"event_type"`
	Data   audioMessage         `json:"data"`
	Detail detail               `json:"detail"`
}

func BenchmarkDecodeAudio(b *testing.B) {
	frame := audioFrame(8 << 10)
	b.Run("ours", func(b *testing.B) {
		var d Decoder
		b.ReportAllocs()
		for b.Loop() {
			d.Decode(frame)
		}
	})
	b.Run("encoding/json", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var e stdEvent
			_ = json.Unmarshal(frame, &e)
		}
	})
	b.Run("general", func(b *testing.B) {
		var d Decoder
		b.ReportAllocs()
		for b.Loop() {
			d.anyEvent(frame)
		}
	})
}

func BenchmarkAppendAudio(b *testing.B) {
	pcm := slices.Repeat([]byte{1, 2, 3}, 320)
	b.Run("ours", func(b *testing.B) {
		var buf []byte
		b.ReportAllocs()
		for b.Loop() {
			buf = appendAudio(buf[:0], eventID{"ABC-", 7}, pcm)
		}
	})
	b.Run("encoding/json", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _ = json.Marshal(struct {
				ID   string                      `json:"id"`
				Type string                      `json:"event_type"`
				Data coze.InputAudioBufferAppend `json:"data"`
			}{"ABC-7", "input_audio_buffer.append", coze.InputAudioBufferAppend{Delta: pcm}})
		}
	})
}
