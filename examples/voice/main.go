// Command voice lists voices, clones one, has it speak into a file, and has the file written down again.
//
//	go run ./examples/voice [-text TEXT] [-format wav|mp3|ogg_opus|pcm] [-o FILE] [RECORDING.wav]
//
// Without a token it talks to a fake Coze server inside the program. With COZE_API_TOKEN it talks to the platform
// (COZE_API_BASE, default https://api.coze.cn). There it clones the voice of RECORDING if one is named, 10 to 30 seconds of
// one speaker (clones are limited in number), and else speaks with COZE_VOICE_ID or the first voice of the list.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/cozekit/cozekit/examples/internal/connect"
	"github.com/cozekit/cozekit/examples/internal/recording"
	"github.com/cozekit/cozekit/pkg/coze"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	text := flag.String("text", "Good morning. This is my voice.", "what to say, at most 1,024 bytes")
	format := flag.String("format", "wav", "of the file: wav, mp3, ogg_opus or pcm")
	out := flag.String("o", "", "file to write; by default one that is removed at the end")
	flag.Parse()
	if err := run(ctx, *text, coze.SpeechFormat(*format), *out, flag.Arg(0)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, text string, format coze.SpeechFormat, out, sample string) error {
	client, srv, err := connect.OpenWithServer()
	if err != nil {
		return err
	}
	if srv != nil {
		defer srv.Close()
	}
	id, err := list(ctx, client)
	if err != nil {
		return err
	}
	if sample != "" || srv != nil {
		if id, err = clone(ctx, client, sample); err != nil {
			return err
		}
	}
	f, closeFile, err := recording.Create(out, "speech-*."+extension(format))
	if err != nil {
		return err
	}
	defer func() { _ = closeFile() }()
	if err := speak(ctx, client, coze.CreateSpeechRequest{Input: text, VoiceID: id, ResponseFormat: format}, f); err != nil {
		return err
	}
	if format == coze.SpeechFormatPCM {
		return nil // bare samples cannot be transcribed over HTTP
	}
	return transcribe(ctx, client, f.Name())
}

// list shows the voices, and returns the first one or COZE_VOICE_ID.
func list(ctx context.Context, client *coze.Client) (first string, err error) {
	first = os.Getenv("COZE_VOICE_ID")
	n := 0
	for v, err := range client.Audio.Voices.All(ctx, coze.ListVoicesRequest{}) {
		if err != nil {
			return "", err
		}
		if first == "" {
			first = v.VoiceID
		}
		if n++; n <= 5 {
			fmt.Printf("voice:    %s %s (%s, built in: %t)\n", v.VoiceID, v.Name, v.LanguageName, v.IsSystemVoice)
		}
	}
	fmt.Println("voices:  ", n)
	return first, nil
}

// clone makes a voice of a recording.
func clone(ctx context.Context, client *coze.Client, sample string) (id string, err error) {
	r, err := recording.Open(sample)
	if err != nil {
		return "", err
	}
	defer r.Close()
	made, err := client.Audio.Voices.Clone(ctx, coze.CloneVoiceRequest{
		VoiceName: "cozekit example", File: coze.Upload{Name: "sample.wav", Reader: r}, AudioFormat: coze.VoiceAudioFormatWav,
		Language: coze.VoiceLanguageEn,
	})
	if err != nil {
		return "", err
	}
	fmt.Println("cloned:  ", made.VoiceID)
	return made.VoiceID, nil
}

// speak writes speech to a file as it comes.
func speak(ctx context.Context, client *coze.Client, req coze.CreateSpeechRequest, f io.Writer) error {
	speech, err := client.Audio.Speech.Create(ctx, req)
	if err != nil {
		return err
	}
	defer speech.Close()
	n, err := io.Copy(f, speech)
	fmt.Printf("spoken:   %q, %d bytes of %s\n", req.Input, n, speech.ContentType)
	return err
}

func transcribe(ctx context.Context, client *coze.Client, path string) error {
	up, f, err := coze.OpenUpload(path)
	if err != nil {
		return err
	}
	defer f.Close()
	heard, err := client.Audio.Transcriptions.Create(ctx, coze.CreateTranscriptionRequest{File: up})
	if err != nil {
		return err
	}
	fmt.Printf("heard:    %q\n", heard.Text)
	return nil
}

func extension(f coze.SpeechFormat) string {
	if f == coze.SpeechFormatOggOpus {
		return "ogg"
	}
	return string(f)
}
