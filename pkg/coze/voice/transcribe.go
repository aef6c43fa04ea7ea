package voice

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/cozekit/cozekit/pkg/coze"
)

// Transcribe returns the text of the speech in r: a WAV file, an Ogg file of Opus, or what [WithInputAudio] says. It sends as
// fast as the server takes it, and keeps no more than a piece in memory.
func Transcribe(ctx context.Context, client *coze.Client, r io.Reader, opts ...Option) (string, error) {
	in := bufio.NewReaderSize(r, appendBytes)
	var req TranscriptionRequest
	if collect(opts).inputAudio == nil {
		format, err := sniff(in)
		if err != nil {
			return "", transcriptionSocket.wrap(err)
		}
		req.Update = &coze.TranscriptionsUpdate{InputAudio: format}
	}
	s, err := Transcription(ctx, client, req, opts...)
	if err != nil {
		return "", err
	}
	defer s.hangUp(ctx)
	if err := s.appendAll(ctx, in); err != nil {
		return "", err
	}
	if err := s.CompleteAudio(ctx); err != nil {
		return "", err
	}
	turn, err := s.Turn(ctx)
	return turn.Heard, err
}

const appendBytes = 24 << 10 // of audio in one event

// sniff tells the format of a file by its first bytes.
func sniff(in *bufio.Reader) (*coze.InputAudio, error) {
	magic, err := in.Peek(4)
	switch {
	case string(magic) == "RIFF":
		return &coze.InputAudio{Format: coze.InputAudioFormatWav}, nil
	case string(magic) == "OggS":
		return &coze.InputAudio{Format: coze.InputAudioFormatOgg, Codec: coze.InputAudioCodecOpus}, nil
	case err == io.EOF && len(magic) == 0:
		return nil, errors.New("there is no audio")
	case err != nil && err != io.EOF:
		return nil, fmt.Errorf("read audio: %w", err)
	}
	return nil, errors.New("the audio is neither WAV nor Ogg: say what it is by WithInputAudio")
}

func (s *TranscriptionSession) appendAll(ctx context.Context, in io.Reader) error {
	buf := make([]byte, appendBytes)
	for {
		n, err := io.ReadFull(in, buf)
		if err := s.AppendAudio(ctx, buf[:n]); err != nil {
			return err
		}
		switch err {
		case nil:
		case io.EOF, io.ErrUnexpectedEOF:
			return nil
		default:
			return transcriptionSocket.wrap(fmt.Errorf("read audio: %w", err))
		}
	}
}
