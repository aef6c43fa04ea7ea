// Command ws-simult interprets a WAV file: what is said in one language appears and is spoken in another.
//
//	go run ./examples/ws-simult [-from zh] [-to en] [-o TRANSLATED.wav] [FILE.wav]
//
// Without a token it talks to a fake Coze server inside the program. With COZE_API_TOKEN it talks to the platform
// (COZE_API_BASE, default https://api.coze.cn), which does not document this socket. Recordings are PCM of 16 bits.
package main

import (
	"context"
	"flag"
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
	from := flag.String("from", "zh", "language that is spoken: zh or en")
	to := flag.String("to", "en", "language to translate into")
	out := flag.String("o", "", "WAV file for the translation; by default one that is removed at the end")
	flag.Parse()
	languages := coze.SimultTranslateConfig{From: coze.SimultLanguage(*from), To: coze.SimultLanguage(*to)}
	if err := run(ctx, languages, flag.Arg(0), *out); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, languages coze.SimultTranslateConfig, path, out string) error {
	client, closeServer, err := connect.Open()
	if err != nil {
		return err
	}
	defer closeServer()
	samples, input, closeFile, err := recording.OpenPCM(path)
	if err != nil {
		return err
	}
	defer closeFile()
	f, closeOut, err := recording.Create(out, "translated-*.wav")
	if err != nil {
		return err
	}
	defer func() { _ = closeOut() }()
	s, err := voice.Simultaneous(ctx, client, voice.SimultaneousRequest{
		Update: &coze.SimultUpdate{InputAudio: input, TranslateConfig: &languages},
	})
	if err != nil {
		return err
	}
	// Here everything goes as fast as the server takes it; see ws-transcription for the pace of a microphone.
	for pcm, err := range voice.PCMFrames(samples, samples.SampleRate, samples.Channels, 100*time.Millisecond) {
		if err == nil {
			err = s.AppendAudio(ctx, pcm)
		}
		if err != nil {
			return err
		}
	}
	if err := s.CompleteAudio(ctx); err != nil {
		return err
	}
	turn, err := s.Turn(ctx)
	if err != nil {
		return err
	}
	fmt.Printf("%s: %s\n%s: %s\n", languages.From, turn.Heard, languages.To, turn.Text)
	if err := s.Close(ctx); err != nil {
		return err
	}
	return save(f, turn.Audio)
}

func save(f *os.File, pcm []byte) error {
	w := voice.NewWAVWriter(f, voice.WAVFormat{})
	if _, err := w.Write(pcm); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	fmt.Printf("the translation is in %s: %d bytes of audio\n", f.Name(), len(pcm))
	return nil
}
