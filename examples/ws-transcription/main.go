// Command ws-transcription writes down what is said in a WAV file: first while it is spoken, with the text as far as it is known,
// then the whole file in one call.
//
//	go run ./examples/ws-transcription [FILE.wav]
//
// Without a token it talks to a fake Coze server inside the program. With COZE_API_TOKEN it talks to the platform
// (COZE_API_BASE, default https://api.coze.cn). Recordings are PCM of 16 bits.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"time"

	"github.com/cozekit/cozekit/examples/internal/connect"
	"github.com/cozekit/cozekit/examples/internal/recording"
	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/cozekit/cozekit/pkg/coze/voice"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	path := ""
	if len(os.Args) > 1 {
		path = os.Args[1]
	}
	if err := run(ctx, path); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, path string) error {
	client, closeServer, err := connect.Open()
	if err != nil {
		return err
	}
	defer closeServer()
	if err := live(ctx, client, path); err != nil {
		return err
	}
	file, err := recording.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	text, err := voice.Transcribe(ctx, client, file)
	if err != nil {
		return err
	}
	fmt.Println("at once:  ", text)
	return nil
}

// live shows the text while it grows.
func live(ctx context.Context, client *coze.Client, path string) error {
	samples, input, closeFile, err := recording.OpenPCM(path)
	if err != nil {
		return err
	}
	defer closeFile()
	s, err := voice.Transcription(ctx, client, voice.TranscriptionRequest{
		Update: &coze.TranscriptionsUpdate{InputAudio: input},
	}, voice.WithHandlers(voice.Handlers{Event: func(ev voice.Event) {
		if d, ok := ev.Data.(*coze.TranscriptionsMessageUpdate); ok {
			fmt.Println("so far:   ", d.Content)
		}
	}}))
	if err != nil {
		return err
	}
	sent := make(chan error, 1)
	go func() { sent <- speak(ctx, s, samples) }()
	turn, err := s.Turn(ctx) // the handler is called meanwhile
	if err != nil {
		_ = s.Close(ctx)
		return err
	}
	if err := <-sent; err != nil {
		return err
	}
	fmt.Println("complete: ", turn.Heard)
	return s.Close(ctx)
}

// speak sends samples at the pace of a microphone, and says that they are complete.
func speak(ctx context.Context, s *voice.TranscriptionSession, samples *voice.WAVReader) error {
	const frame = 20 * time.Millisecond
	frames := voice.PCMFrames(samples, samples.SampleRate, samples.Channels, frame)
	for pcm, err := range voice.Pace(ctx, frames, frame) {
		if err == nil {
			err = s.AppendAudio(ctx, pcm)
		}
		if err != nil {
			return err
		}
	}
	return s.CompleteAudio(ctx)
}
