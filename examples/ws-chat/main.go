// Command ws-chat talks to a bot by voice over a websocket: a WAV file is what you say, a WAV file is what the bot answers, and
// the subtitles appear on the terminal. Then it asks one more thing in writing, and hears the answer to that too.
//
//	go run ./examples/ws-chat [-o ANSWER.wav] [-then TEXT] [QUESTION.wav]
//
// Without a token it talks to a fake Coze server inside the program. With COZE_API_TOKEN it talks to the platform
// (COZE_API_BASE, default https://api.coze.cn) and the bot COZE_BOT_ID. Recordings are PCM of 16 bits.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
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
	out := flag.String("o", "", "WAV file for the answers; by default one that is removed at the end")
	then := flag.String("then", "Thank you. What else can you do?", "the second question, in writing")
	flag.Parse()
	if err := run(ctx, flag.Arg(0), *out, *then); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, question, out, then string) (err error) {
	bot, err := connect.Bot()
	if err != nil {
		return err
	}
	client, closeServer, err := connect.Open()
	if err != nil {
		return err
	}
	defer closeServer()
	samples, input, closeQuestion, err := recording.OpenPCM(question)
	if err != nil {
		return err
	}
	defer closeQuestion()
	f, closeAnswer, err := recording.Create(out, "answer-*.wav")
	if err != nil {
		return err
	}
	defer func() { _ = closeAnswer() }()
	speaker := voice.NewWAVWriter(f, voice.WAVFormat{})

	// A session survives a broken connection here: the dialogue goes on, and Turn reports what was lost.
	s, err := voice.Chat(ctx, client, voice.ChatRequest{
		BotID: bot, Update: &coze.ChatUpdate{InputAudio: input},
	}, voice.WithHandlers(subtitles(speaker)), voice.WithReconnect(voice.Reconnect{}))
	if err != nil {
		return err
	}
	if err := speak(ctx, s, samples); err != nil {
		return err
	}
	if err := listen(ctx, s); err != nil {
		return err
	}
	fmt.Println("you write:", then)
	if err := s.SendText(ctx, then); err != nil {
		return err
	}
	if err := listen(ctx, s); err != nil {
		return err
	}
	if err := s.Close(ctx); err != nil { // what was accepted is sent first
		return err
	}
	if err := speaker.Close(); err != nil {
		return err
	}
	size, err := f.Seek(0, io.SeekEnd)
	fmt.Printf("the answers are in %s: %d bytes\n", f.Name(), size)
	return err
}

// subtitles plays what comes, and shows the words with it.
func subtitles(speaker io.Writer) voice.Handlers {
	show := func(ev voice.Event) {
		switch d := ev.Data.(type) {
		case *coze.ConversationAudioTranscript:
			fmt.Println("you say:  ", d.Content)
		case *coze.ConversationAudioSentenceStart:
			fmt.Println("bot says: ", d.Text)
		}
	}
	return voice.Handlers{
		Audio: func(a *voice.Audio) {
			if _, err := speaker.Write(a.Bytes); err != nil {
				fmt.Fprintln(os.Stderr, err)
			}
		},
		On: map[coze.SocketEventType][]func(voice.Event){
			coze.SocketEventConversationAudioTranscriptCompleted: {show},
			coze.SocketEventConversationAudioSentenceStart:       {show},
		},
	}
}

// speak sends samples at the pace of a microphone, and says that they are complete.
func speak(ctx context.Context, s *voice.ChatSession, samples *voice.WAVReader) error {
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

// listen waits for the end of an answer.
func listen(ctx context.Context, s *voice.ChatSession) error {
	turn, err := s.Turn(ctx)
	if err != nil {
		return err
	}
	fmt.Printf("the bot spoke for %v", time.Duration(len(turn.Audio)/48)*time.Millisecond) // 48 bytes a millisecond
	if turn.Chat != nil && turn.Chat.Usage != nil {
		fmt.Printf(" and used %d tokens", turn.Chat.Usage.TokenCount)
	}
	fmt.Println()
	return nil
}
