package voice

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/cozekit/cozekit/pkg/coze"
)

// Speak speaks a text of any length and writes the audio to out as it comes: by default PCM of 16 bits, mono, 24,000 Hz, else as
// [WithOutputAudio] says. Longer texts than [MaxTextBytes] are split between sentences, and spoken one after the other. It
// returns when all was written. For a WAV file use a [WAVWriter], for packets of Opus an [OggOpusWriter].
//
// If a limit_config is set, at most max_frame_num frames are written in any period seconds, also when the server sends faster.
// A frame is frame_size_ms of PCM or G.711 if that is set, else what one event of the server holds: for Opus, one packet. Let
// max_frame_num times frame_size_ms be more than the period, or the player runs dry.
func Speak(ctx context.Context, client *coze.Client, text string, out io.Writer, opts ...Option) error {
	pieces := splitText(text, MaxTextBytes)
	if len(pieces) == 0 {
		return speechSocket.wrap(errors.New("there is no text"))
	}
	limited := newFrameLimit(collect(opts).outputAudio, out)
	for i, piece := range pieces {
		if err := speakPiece(ctx, client, piece, limited, opts); err != nil {
			if len(pieces) > 1 {
				err = fmt.Errorf("part %d of %d: %w", i+1, len(pieces), err)
			}
			return err
		}
	}
	return nil
}

func speakPiece(ctx context.Context, client *coze.Client, text string, out *frameLimit, opts []Option) error {
	s, err := Speech(ctx, client, SpeechRequest{}, opts...)
	if err != nil {
		return err
	}
	defer s.hangUp(ctx)
	if err := s.AppendText(ctx, text); err != nil {
		return err
	}
	if err := s.CompleteText(ctx); err != nil {
		return err
	}
	for {
		ev, err := s.next(ctx)
		if err == nil {
			err = ev.Err()
		}
		if err != nil {
			return err
		}
		switch d := ev.Data.(type) {
		case *Audio:
			if err := out.write(ctx, d.Bytes); err != nil {
				return err
			}
		case *Reconnected:
			return fmt.Errorf("%w: %w", ErrReconnected, d.Cause)
		}
		if ev.Type == coze.SocketEventSpeechAudioCompleted {
			return nil
		}
	}
}

const hangUpTimeout = time.Second

// hangUp ends a session that has done its work.
func (s *Session) hangUp(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), hangUpTimeout)
	defer cancel()
	_ = s.Close(ctx)
}
