package voice_test

import (
	"iter"
	"testing"

	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/cozekit/cozekit/pkg/coze/voice"
	"github.com/cozekit/cozekit/pkg/cozetest"
)

// TestUpdateAndClear: the server takes the options of each kind of session, and says so.
func TestUpdateAndClear(t *testing.T) {
	t.Parallel()
	client := fakeClient(t, cozetest.NewServer(t))
	ctx := t.Context()
	in := &coze.InputAudio{Format: coze.InputAudioFormatPCM, Codec: coze.InputAudioCodecPCM, SampleRate: coze.Ptr[coze.AudioSampleRate](16000)}
	chat, err := voice.Chat(ctx, client, voice.ChatRequest{BotID: botID})
	answers(t, chat, err, func() error { return chat.Update(ctx, coze.ChatUpdate{InputAudio: in}) }, coze.SocketEventChatUpdated)
	answers(t, chat, err, func() error { return chat.ClearAudio(ctx) }, coze.SocketEventInputAudioBufferCleared)
	speech, err := voice.Speech(ctx, client, voice.SpeechRequest{})
	answers(t, speech, err, func() error {
		return speech.Update(ctx, coze.SpeechUpdate{OutputAudio: &coze.OutputAudio{SpeechRate: coze.Ptr[int32](20)}})
	}, coze.SocketEventSpeechUpdated)
	dictation, err := voice.Transcription(ctx, client, voice.TranscriptionRequest{})
	answers(t, dictation, err, func() error {
		return dictation.Update(ctx, coze.TranscriptionsUpdate{InputAudio: in})
	}, coze.SocketEventTranscriptionsUpdated)
	answers(t, dictation, err, func() error { return dictation.ClearAudio(ctx) }, coze.SocketEventInputAudioBufferCleared)
	interpreter, err := voice.Simultaneous(ctx, client, voice.SimultaneousRequest{})
	answers(t, interpreter, err, func() error {
		return interpreter.Update(ctx, coze.SimultUpdate{InputAudio: in})
	}, coze.SocketEventSimultInterpretationUpdated)
}

// answers sends something, and waits for the event that answers it.
func answers(t *testing.T, s interface {
	Events() iter.Seq2[voice.Event, error]
}, err error, send func() error, want coze.SocketEventType) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	if err := send(); err != nil {
		t.Fatal(err)
	}
	for ev, err := range s.Events() {
		if err != nil || ev.Type == coze.SocketEventError {
			t.Fatalf("%+v %v in place of %s", ev, err, want)
		}
		if ev.Type == want {
			return
		}
	}
	t.Errorf("the session ended without %s", want)
}
