package voice

import "github.com/cozekit/cozekit/pkg/coze"

// Err returns the error that an event of type error or conversation.chat.failed reports, and nil for every other event. The
// session is still open after it.
func (e Event) Err() error {
	switch e.Type {
	case coze.SocketEventError, coze.SocketEventConversationChatFailed:
		err := &coze.Error{Op: e.op}
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
}
