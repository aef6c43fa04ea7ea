package voice

import (
	"context"
)

// maxAppendBytes bounds the audio of one event. It is a multiple of all sizes of a sample, and of 3, so that base64 needs no
// padding in between.
const maxAppendBytes = 96 << 10

// appendAudio sends audio in as many events as it takes.
func (s *Session) appendAudio(ctx context.Context, audio []byte) error {
	for len(audio) > 0 {
		piece := audio[:min(len(audio), maxAppendBytes)]
		audio = audio[len(piece):]
		f := newFrame()
		f.json = appendAudio(f.json, s.nextID(), piece)
		f.audio = len(piece)
		if err := s.push(ctx, f); err != nil {
			return err
		}
	}
	return nil
}

// audioInput is what sessions have in common that hear.
type audioInput struct{ session *Session }

// AppendAudio sends audio in the format that the last update named: by default WAV, or PCM of 24,000 Hz. Give it the bytes as
// they are; frames of 20 ms (960 bytes of PCM at 24,000 Hz) suit a microphone. It copies audio and waits while the queue is
// full: that is all the pace there is, so see [Pace] for a server that listens in real time. Audio of more than 96 KiB
// becomes several events, some of which may have been accepted when it fails.
func (a audioInput) AppendAudio(ctx context.Context, audio []byte) error {
	return a.session.appendAudio(ctx, audio)
}

// CompleteAudio says that the audio is complete. A dialogue with server_vad or semantic_vad does not need it: there the server
// finds the end of an utterance itself.
func (a audioInput) CompleteAudio(ctx context.Context) error {
	return a.session.Send(ctx, NewInputAudioBufferComplete())
}
