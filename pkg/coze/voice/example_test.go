package voice_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/cozekit/cozekit/pkg/coze/voice"
	"github.com/cozekit/cozekit/pkg/cozetest"
)

// The README takes its blocks about voice from this file: TestReadmeBlocks of package coze compares them.

const botID = cozetest.DefaultBotID

// newClient returns a client of a fake server, so that the examples run without an account.
func newClient() (*coze.Client, func()) {
	srv, err := cozetest.Start("127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	client, err := coze.NewClient(coze.WithBaseURL(srv.URL()), coze.WithToken(srv.Token()))
	if err != nil {
		panic(err)
	}
	return client, func() { _ = srv.Close() }
}

// recording is 100 ms of silence in a WAV file.
func recording() io.Reader {
	var file bytes.Buffer
	w := voice.NewWAVWriter(&file, voice.WAVFormat{})
	_, _ = w.Write(make([]byte, 4800))
	_ = w.Close()
	return &file
}

func ExampleChat() {
	client, closeServer := newClient()
	defer closeServer()
	ctx := context.Background()
	speaker := io.Discard

	s, err := voice.Chat(ctx, client, voice.ChatRequest{BotID: botID}, voice.WithHandlers(voice.Handlers{
		Audio: func(a *voice.Audio) { _, _ = speaker.Write(a.Bytes) }, // PCM, 24,000 Hz, as it comes
	}))
	if err != nil {
		panic(err)
	}
	defer s.Close(ctx)
	if err := s.SendText(ctx, "Tell me a story."); err != nil { // or AppendAudio and CompleteAudio
		panic(err)
	}
	turn, err := s.Turn(ctx) // call it again for the next turn
	if err != nil {
		panic(err)
	}
	fmt.Println(turn.Text)
	// Output: You said: Tell me a story.
}

func ExampleSpeak() {
	client, closeServer := newClient()
	defer closeServer()
	ctx := context.Background()
	text := strings.Repeat("All work and no play. ", 100)
	var f bytes.Buffer

	w := voice.NewWAVWriter(&f, voice.WAVFormat{})
	if err := voice.Speak(ctx, client, text, w); err != nil { // of any length
		panic(err)
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	fmt.Println(f.Len() > 1<<20)
	// Output: true
}

func ExampleTranscribe() {
	client, closeServer := newClient()
	defer closeServer()
	ctx := context.Background()
	wav := recording()

	heard, err := voice.Transcribe(ctx, client, wav)
	if err != nil {
		panic(err)
	}
	fmt.Println(heard)
	// Output: This is what the recording says.
}

func ExampleOggOpusWriter() {
	client, closeServer := newClient()
	defer closeServer()
	ctx := context.Background()
	var f bytes.Buffer

	w := voice.NewOggOpusWriter(&f, voice.OggOpusFormat{})
	err := voice.Speak(ctx, client, "Hello.", w, voice.WithOutputAudio(coze.OutputAudio{Codec: coze.OutputAudioCodecOpus}))
	if err != nil {
		panic(err)
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	fmt.Println(w.Duration())
	// Output: 900ms
}

func ExampleChatSession_Events() {
	client, closeServer := newClient()
	defer closeServer()
	ctx := context.Background()
	s, err := voice.Chat(ctx, client, voice.ChatRequest{BotID: botID})
	if err != nil {
		panic(err)
	}
	defer s.Close(ctx)
	if err := s.Send(ctx, voice.NewConversationMessageCreate(coze.ConversationMessageCreate{
		Role: coze.MessageRoleUser, ContentType: coze.EnterContentTypeText, Content: "Hello.",
	})); err != nil {
		panic(err)
	}
	for ev, err := range s.Events() {
		if err != nil {
			panic(err)
		}
		switch d := ev.Data.(type) {
		case *coze.ConversationAudioSentenceStart:
			fmt.Println("subtitle:", d.Text)
		case *coze.Chat:
			fmt.Println(ev.Type)
		}
		if ev.Type == coze.SocketEventConversationChatCompleted {
			break
		}
	}
	// Output:
	// conversation.chat.created
	// conversation.chat.in_progress
	// subtitle: You said: Hello.
	// conversation.chat.completed
}

func ExamplePace() {
	client, closeServer := newClient()
	defer closeServer()
	ctx := context.Background()
	s, err := voice.Transcription(ctx, client, voice.TranscriptionRequest{})
	if err != nil {
		panic(err)
	}
	defer s.Close(ctx)
	samples, err := voice.NewWAVReader(recording())
	if err != nil {
		panic(err)
	}
	const frame = 20 * time.Millisecond
	frames := voice.PCMFrames(samples, samples.SampleRate, samples.Channels, frame)
	for pcm, err := range voice.Pace(ctx, frames, frame) {
		if err == nil {
			err = s.AppendAudio(ctx, pcm)
		}
		if err != nil {
			panic(err)
		}
	}
	if err := s.CompleteAudio(ctx); err != nil {
		panic(err)
	}
	turn, err := s.Turn(ctx)
	if err != nil {
		panic(err)
	}
	fmt.Println(turn.Heard)
	// Output: This is what the recording says.
}

func ExampleDecodeRTC() {
	// What the data channel of your RTC library delivers.
	message := []byte(`{"id":"1","event_type":"error","data":{"code":4029,"msg":"nobody speaks","detail":{"logid":"20241210"}}}`)
	ev := voice.DecodeRTC(message)
	if err := ev.Err(); err != nil {
		why, _ := coze.Explain(err)
		fmt.Println(why.Meaning, ev.LogID)
	}
	// Output: The realtime session was closed because nobody spoke. 20241210
}

func ExampleEncodeRTC() {
	e := voice.NewConversationChatCancel()
	e.ID = "event-1"
	message, err := voice.EncodeRTC(e)
	if err != nil {
		panic(err)
	}
	_, _ = os.Stdout.Write(message) // by the data channel of your RTC library
	// Output: {"id":"event-1","event_type":"conversation.chat.cancel","data":{}}
}
