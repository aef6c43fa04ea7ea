// Command ws-speech speaks text while it is still being written: each word is sent as it comes, as from a model, and the
// audio is written as it comes back. Then it speaks a long text in one call.
//
//	go run ./examples/ws-speech [-opus] [-o FILE] [TEXT...]
//
// Without a token it talks to a fake Coze server inside the program. With COZE_API_TOKEN it talks to the platform
// (COZE_API_BASE, default https://api.coze.cn), with the voice COZE_VOICE_ID or one that the platform chooses.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"

	"github.com/cozekit/cozekit/examples/internal/connect"
	"github.com/cozekit/cozekit/examples/internal/recording"
	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/cozekit/cozekit/pkg/coze/voice"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	opus := flag.Bool("opus", false, "write an Ogg file of Opus in place of a WAV file")
	out := flag.String("o", "", "file to write; by default one that is removed at the end")
	flag.Parse()
	text := "Good morning. It is a fine day, and there is a lot to do."
	if flag.NArg() > 0 {
		text = strings.Join(flag.Args(), " ")
	}
	audio := coze.OutputAudio{VoiceID: os.Getenv("COZE_VOICE_ID")}
	if *opus {
		audio.Codec = coze.OutputAudioCodecOpus
		audio.OpusConfig = &coze.OpusConfig{FrameSizeMs: coze.Ptr(20.0)}
	}
	if err := run(ctx, text, audio, *out); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, text string, audio coze.OutputAudio, out string) error {
	client, closeServer, err := connect.Open()
	if err != nil {
		return err
	}
	defer closeServer()
	f, closeFile, err := recording.Create(out, "speech-*")
	if err != nil {
		return err
	}
	defer func() { _ = closeFile() }()
	file := writerFor(f, audio)
	if err := wordByWord(ctx, client, text, audio, file); err != nil {
		return err
	}
	// A text of any length: it is cut at the ends of sentences.
	story := strings.Repeat("And then they went on. ", 60)
	if err := voice.Speak(ctx, client, story, file, voice.WithOutputAudio(audio)); err != nil {
		return err
	}
	if err := file.Close(); err != nil {
		return err
	}
	size, err := f.Seek(0, io.SeekEnd)
	fmt.Printf("spoken %d and then %d characters: %d bytes in %s\n", len(text), len(story), size, f.Name())
	return err
}

// writerFor returns a writer of the file that fits the audio.
func writerFor(f *os.File, audio coze.OutputAudio) io.WriteCloser {
	if audio.Codec == coze.OutputAudioCodecOpus {
		return voice.NewOggOpusWriter(f, voice.OggOpusFormat{})
	}
	return voice.NewWAVWriter(f, voice.WAVFormat{})
}

// wordByWord speaks a text that comes piece by piece.
func wordByWord(ctx context.Context, client *coze.Client, text string, audio coze.OutputAudio, out io.Writer) error {
	s, err := voice.Speech(ctx, client, voice.SpeechRequest{Update: &coze.SpeechUpdate{OutputAudio: &audio}})
	if err != nil {
		return err
	}
	for word := range strings.FieldsSeq(text) {
		if err := s.AppendText(ctx, word+" "); err != nil {
			return err
		}
	}
	if err := s.CompleteText(ctx); err != nil {
		return err
	}
	for ev, err := range s.Events() {
		if err == nil {
			err = ev.Err()
		}
		if err != nil {
			return err
		}
		switch d := ev.Data.(type) {
		case *coze.ConversationAudioSentenceStart:
			fmt.Println("speaking: ", d.Text)
		case *voice.Audio:
			if _, err := out.Write(d.Bytes); err != nil {
				return err
			}
		}
		if ev.Type == coze.SocketEventSpeechAudioCompleted {
			break
		}
	}
	return s.Close(ctx)
}
