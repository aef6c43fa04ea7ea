package coze

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/cozekit/cozekit/internal/transport"
	"github.com/cozekit/cozekit/pkg/stream"
)

// endpoint is an operation as errors name it.
type endpoint struct{ op, method, url string }

// failure starts the error of something that did not come as an answer of its own: inside a stream, or as the state of some
// work.
func (at endpoint) failure(info *ResponseInfo) *Error {
	return &Error{
		Op: at.op, Method: at.method, URL: at.url,
		HTTPStatus: info.HTTPStatus, LogID: info.LogID, Attempts: max(info.Attempts, 1),
	}
}

// wrap gives an error of a stream the name of its operation and the log id, unless it has them.
func (at endpoint) wrap(info *ResponseInfo, err error) error {
	if errors.Is(err, stream.ErrUsed) || errors.Is(err, stream.ErrClosed) || errors.Is(err, errTruncated) {
		return fmt.Errorf("coze: %s: logid %s: %w", at.op, info.LogID, err)
	}
	return err
}

// reported is the error that an event of a stream reports. Chats say {code,msg}, the code sometimes as text; workflows say
// {error_code,error_message,debug_url}; Coze Studio may say plain text.
func (at endpoint) reported(info *ResponseInfo, event string, raw json.RawMessage) *Error {
	var said struct {
		Code         int    `json:"code"`
		Msg          string `json:"msg"`
		ErrorCode    int    `json:"error_code"`
		ErrorMessage string `json:"error_message"`
		DebugURL     string `json:"debug_url"`
	}
	e := at.failure(info)
	e.Event = event
	if transport.Unmarshal(raw, &said) != nil {
		e.Message = strings.TrimSpace(string(raw))
		var text string
		if json.Unmarshal(raw, &text) == nil {
			e.Message = text
		}
	}
	e.DebugURL = said.DebugURL
	if e.Code = said.ErrorCode; e.Code == 0 {
		e.Code = said.Code
	}
	for _, text := range []string{said.ErrorMessage, said.Msg} {
		if e.Message == "" {
			e.Message = text
		}
	}
	if e.Message == "" && e.Code == 0 {
		e.Message = "the stream reported a failure without saying which"
	}
	return e
}
