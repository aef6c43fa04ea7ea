package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"

	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/cozekit/cozekit/pkg/coze/voice"
)

const perRun = 100 // events that a contestant encodes or decodes in one operation

const appendID = "4XWQZ7TGPN-1024"

// audioEncoding makes append events of frames of 20 ms: 960 bytes of PCM at 24,000 Hz.
func audioEncoding() comparison {
	const ours, std, floor = "cozekit voice.ClientEvent.Append", "encoding/json", "base64 alone"
	pcm := make([]byte, 960)
	for i := range pcm {
		pcm[i] = byte(i * 7)
	}
	var buf []byte
	payload := &coze.InputAudioBufferAppend{Delta: pcm}
	return comparison{
		title: "An input_audio_buffer.append event of 20 ms, 960 bytes", per: perRun, unit: "event",
		contestants: []contestant{
			{ours, func() {
				e := voice.ClientEvent{ID: appendID, Type: coze.SocketEventInputAudioBufferAppend, Data: payload}
				for range perRun {
					var err error
					buf, err = e.Append(buf[:0])
					must(err)
				}
			}},
			{std, func() {
				e := struct {
					ID   string                       `json:"id"`
					Type coze.SocketEventType         `json:"event_type"`
					Data *coze.InputAudioBufferAppend `json:"data"`
				}{appendID, coze.SocketEventInputAudioBufferAppend, payload}
				for range perRun {
					_, err := json.Marshal(e)
					must(err)
				}
			}},
			{floor, func() {
				for range perRun {
					buf = base64.StdEncoding.AppendEncode(buf[:0], pcm)
				}
			}},
		},
		bounds: []bound{
			{"at least 1.4x encoding/json", func(r results) bool { return r[std].ns >= 1.4*r[ours].ns }},
			{"no allocation", func(r results) bool { return r[ours].allocs < 0.05 }},
		},
	}
}

// audioDecoding reads pieces of 8 KiB of a spoken answer.
func audioDecoding() comparison {
	const ours, std, floor = "cozekit voice.Decoder", "encoding/json", "base64 alone"
	const size = 8 << 10
	pcm := make([]byte, size)
	for i := range pcm {
		pcm[i] = byte(i * 7)
	}
	content := base64.StdEncoding.EncodeToString(pcm)
	frame := fmt.Appendf(nil, `{"id":"74466685382465618270","event_type":"conversation.audio.delta","data":{"id":"7446668538246561827",`+
		`"conversation_id":"7446668538246561828","bot_id":"7446668538246561830","role":"assistant","type":"answer","content":%q,`+
		`"content_type":"audio","chat_id":"7446668538246561829"},`+
		`"detail":{"logid":"20241210152726467C48D89D6DB2F3C7A2","respond_at":"1733815646123"}}`, content)
	var d voice.Decoder
	return comparison{
		title: "A conversation.audio.delta event of 8 KiB of audio", per: perRun, unit: "event",
		contestants: []contestant{
			{ours, func() {
				for range perRun {
					wantAudio(d.Decode(frame).Data.(*voice.Audio).Bytes, size)
				}
			}},
			{std, func() {
				for range perRun {
					var e audioEvent
					must(json.Unmarshal(frame, &e))
					wantAudio(e.Data.Content, size)
				}
			}},
			{floor, func() {
				for range perRun {
					b, err := base64.StdEncoding.DecodeString(content)
					must(err)
					wantAudio(b, size)
				}
			}},
		},
		bounds: []bound{
			{"at least 4x encoding/json", func(r results) bool { return r[std].ns >= 4*r[ours].ns }},
			{"at most 4 allocations", func(r results) bool { return r[ours].allocs <= 4.05 }},
		},
	}
}

// audioEvent has what voice.Event has.
type audioEvent struct {
	ID   string               `json:"id"`
	Type coze.SocketEventType `json:"event_type"`
	Data struct {
		ID             string `json:"id"`
		ConversationID string `json:"conversation_id"`
		BotID          string `json:"bot_id"`
		ChatID         string `json:"chat_id"`
		SectionID      string `json:"section_id"`
		Content        []byte `json:"content"`
	} `json:"data"`
	Detail struct {
		LogID     string `json:"logid"`
		RespondAt string `json:"respond_at"`
	} `json:"detail"`
}

func wantAudio(b []byte, size int) {
	if len(b) != size {
		panic(fmt.Sprintf("%d bytes of audio", len(b)))
	}
}
