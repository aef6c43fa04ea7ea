package voice

import (
	"context"
	"net/url"

	"github.com/cozekit/cozekit/pkg/coze"
)

var speechSocket = newSocket("ConnectSpeechSocket", string(coze.SocketPathSpeech), "createSpeech", coze.SocketEventSpeechUpdate)

// SpeechRequest says how to speak. The zero value will do.
type SpeechRequest struct {
	Update     *coze.SpeechUpdate    // sent first; optional, see [SpeechSession.Update]
	EntityType coze.SocketEntityType // undocumented
	EntityID   string                // undocumented
}

// Speech opens a session that speaks text which comes piece by piece. Use one session for one run of at most 1,024 bytes of
// text; [Speak] does longer ones. It returns when the server has greeted. It needs the permission createSpeech.
func Speech(ctx context.Context, client *coze.Client, req SpeechRequest, opts ...Option) (*SpeechSession, error) {
	o := collect(opts)
	update := req.Update
	if update == nil && o.outputAudio != nil {
		update = &coze.SpeechUpdate{OutputAudio: o.outputAudio}
	}
	s, err := open(ctx, client, speechSocket, entity(req.EntityType, req.EntityID), value(update), o)
	if err != nil {
		return nil, err
	}
	return &SpeechSession{Session: s}, nil
}

func entity(kind coze.SocketEntityType, id string) url.Values {
	return url.Values{"entity_type": {string(kind)}, "entity_id": {id}}
}

// SpeechSession speaks text. It is safe for concurrent use; see [Session] for what it has beside its own methods.
type SpeechSession struct{ *Session }

// Update sets the options, before the first text; the server answers speech.updated or an error.
func (s *SpeechSession) Update(ctx context.Context, u coze.SpeechUpdate) error {
	return s.Send(ctx, NewSpeechUpdate(u))
}

// AppendText sends the next piece of the text. All pieces together have at most 1,024 bytes of UTF-8; more is refused with
// code 3010.
func (s *SpeechSession) AppendText(ctx context.Context, text string) error {
	return s.Send(ctx, NewInputTextBufferAppend(coze.InputTextBufferAppend{Delta: text}))
}

// CompleteText says that the text is complete.
func (s *SpeechSession) CompleteText(ctx context.Context) error {
	return s.Send(ctx, NewInputTextBufferComplete())
}

// Turn waits until all is spoken and returns it: Audio and Sentences are set. Otherwise it is as [ChatSession.Turn].
func (s *SpeechSession) Turn(ctx context.Context) (*Turn, error) { return s.collectTurn(ctx, nil) }
