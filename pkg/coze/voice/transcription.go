package voice

import (
	"context"

	"github.com/cozekit/cozekit/pkg/coze"
)

var transcriptionSocket = newSocket("ConnectTranscriptionsSocket", string(coze.SocketPathTranscriptions), "createTranscription",
	coze.SocketEventTranscriptionsUpdate)

// TranscriptionRequest says what will be heard. The zero value means WAV, or PCM of 24,000 Hz.
type TranscriptionRequest struct {
	Update     *coze.TranscriptionsUpdate // sent first; optional, see [TranscriptionSession.Update]
	EntityType coze.SocketEntityType      // undocumented
	EntityID   string                     // undocumented
}

// Transcription opens a session that turns audio into text. [Transcribe] does it for a whole recording. It returns when the
// server has greeted. It needs the permission createTranscription.
func Transcription(ctx context.Context, client *coze.Client, req TranscriptionRequest, opts ...Option) (*TranscriptionSession, error) {
	o := collect(opts)
	update := req.Update
	if update == nil && o.inputAudio != nil {
		update = &coze.TranscriptionsUpdate{InputAudio: o.inputAudio}
	}
	s, err := open(ctx, client, transcriptionSocket, entity(req.EntityType, req.EntityID), value(update), o)
	if err != nil {
		return nil, err
	}
	return &TranscriptionSession{Session: s, audioInput: audioInput{s}}, nil
}

// TranscriptionSession turns audio into text. It is safe for concurrent use; see [Session] for what it has beside its own
// methods.
type TranscriptionSession struct {
	*Session
	audioInput
}

// Update sets the options; the server answers transcriptions.updated or an error.
func (s *TranscriptionSession) Update(ctx context.Context, u coze.TranscriptionsUpdate) error {
	return s.Send(ctx, NewTranscriptionsUpdate(u))
}

// ClearAudio throws away the audio that the server holds.
func (s *TranscriptionSession) ClearAudio(ctx context.Context) error {
	return s.Send(ctx, NewInputAudioBufferClear())
}

// Turn waits for the end of the recognition, after CompleteAudio, and returns the text in Heard. Otherwise it is as
// [ChatSession.Turn].
func (s *TranscriptionSession) Turn(ctx context.Context) (*Turn, error) {
	return s.collectTurn(ctx, nil)
}
