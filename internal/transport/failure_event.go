package transport

import (
	"encoding/json"
	"strings"

	"github.com/cozekit/cozekit/pkg/call"
)

// ReadFailure fills e with what an event of a stream reports. Chats say {code,msg}, the code sometimes as text, or last_error
// inside a chat; workflows say {error_code,error_message,debug_url}; Coze Studio may say plain text.
func ReadFailure(e *call.Error, event string, raw []byte) {
	type failure struct {
		Code int    `json:"code"`
		Msg  string `json:"msg"`
	}
	var said struct {
		failure
		ErrorCode    int      `json:"error_code"`
		ErrorMessage string   `json:"error_message"`
		DebugURL     string   `json:"debug_url"`
		LastError    *failure `json:"last_error"`
	}
	e.Event = event
	if Unmarshal(raw, &said) != nil {
		e.Message = strings.TrimSpace(string(raw))
		var text string
		if json.Unmarshal(raw, &text) == nil {
			e.Message = text
		}
	}
	e.DebugURL = said.DebugURL
	if said.LastError != nil && said.LastError.Code != 0 {
		said.ErrorCode, said.ErrorMessage = said.LastError.Code, said.LastError.Msg
	}
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
}
