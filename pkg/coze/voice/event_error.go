package voice

import "github.com/cozekit/cozekit/pkg/coze"

// Err returns the error that an event of type error or conversation.chat.failed reports, and nil for every other event. The
// session is still open after it.
func (e Event) Err() error {
	switch e.Type {
	case coze.SocketEventError, coze.SocketEventConversationChatFailed:
		err := &coze.Error{}
		if e.from != nil {
			err.Op = e.from.socket.op.ID
		}
		e.describe(err)
		return err
	}
	return nil
}

// describe fills in what the event says of an error.
func (e Event) describe(err *coze.Error) {
	err.Event, err.LogID, err.Detail = string(e.Type), e.LogID, e.Raw
	switch d := e.Data.(type) {
	case *coze.SocketError:
		err.Code, err.Message = int(d.Code), d.Msg
	case *coze.RTCError:
		err.Code, err.Message = int(d.Code), d.Msg
	case *coze.Chat:
		if d.LastError != nil {
			err.Code, err.Message = int(d.LastError.Code), d.LastError.Msg
		}
	}
	if e.from != nil {
		err.Message = e.from.redact(err.Message)
		if len(err.Detail) > 0 {
			err.Detail = []byte(e.from.redact(string(err.Detail)))
		}
	}
}
