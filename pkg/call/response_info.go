package call

import (
	"net/http"
	"time"
)

// ResponseInfo is what an answer says about itself beside its data.
type ResponseInfo struct {
	HTTPStatus int           // HTTP status of the last try
	Header     http.Header   // response headers
	LogID      string        // log id, to quote to Coze support
	Body       []byte        // raw body of a JSON answer, also of a refusal; nil for streams and binary answers
	Attempts   int           // how often the request was sent
	Duration   time.Duration // from the start of the call to the decoded answer, or to the header of a stream

	request func() *SentRequest
}

// Request returns what was sent, without its secrets; nil before the answer has come.
func (i *ResponseInfo) Request() *SentRequest {
	if i.request == nil {
		return nil
	}
	return i.request()
}

// SetRequest is for the transport: f makes what Request returns.
func (i *ResponseInfo) SetRequest(f func() *SentRequest) { i.request = f }
