package voice

import (
	"context"
	"net/url"

	"github.com/cozekit/cozekit/pkg/coze"
)

var simultaneousSocket = newSocket("ConnectSimultInterpretationSocket", string(coze.SocketPathSimultInterpretation), "",
	coze.SocketEventSimultInterpretationUpdate)

// SimultaneousRequest says between which languages to interpret.
type SimultaneousRequest struct {
	Update *coze.SimultUpdate // sent first; optional, see [SimultaneousSession.Update]
}

// Simultaneous opens a session that translates speech while it is spoken. It returns when the server has greeted. The platform
// does not document this socket.
func Simultaneous(ctx context.Context, client *coze.Client, req SimultaneousRequest, opts ...Option) (*SimultaneousSession, error) {
	o := collect(opts)
	update := req.Update
	if o.inputAudio != nil || o.outputAudio != nil {
		merged := coze.SimultUpdate{}
		if update != nil {
			merged = *update
		}
		merged.InputAudio, merged.OutputAudio = or(merged.InputAudio, o.inputAudio), or(merged.OutputAudio, o.outputAudio)
		update = &merged
	}
	s, err := open(ctx, client, simultaneousSocket, url.Values{}, value(update), o)
	if err != nil {
		return nil, err
	}
	return &SimultaneousSession{Session: s, audioInput: audioInput{s}}, nil
}

// SimultaneousSession interprets. It is safe for concurrent use; see [Session] for what it has beside its own methods.
type SimultaneousSession struct {
	*Session
	audioInput
}

// Update sets the languages and other options; the server answers simult_interpretation.updated or an error.
func (s *SimultaneousSession) Update(ctx context.Context, u coze.SimultUpdate) error {
	return s.Send(ctx, NewSimultInterpretationUpdate(u))
}

// Turn waits until the translation is complete, after CompleteAudio, and returns what was said in Heard, its translation in
// Text and in Audio. Otherwise it is as [ChatSession.Turn].
func (s *SimultaneousSession) Turn(ctx context.Context) (*Turn, error) {
	return s.collectTurn(ctx, nil)
}
