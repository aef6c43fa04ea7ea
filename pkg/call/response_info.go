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
}
