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
		HTTPStatus: info.HTTPStatus, LogID: info.LogID, Attempts: max(info.Attempts, 1), Request: info.Request(),
	}
}

// wrap gives an error of a stream the name of its operation and the log id, unless it has them.
func (at endpoint) wrap(info *ResponseInfo, err error) error {
	if !errors.Is(err, stream.ErrUsed) && !errors.Is(err, stream.ErrClosed) && !errors.Is(err, errTruncated) {
		return err
	}
	if strings.HasPrefix(err.Error(), "coze: "+at.op+": ") { // the connection says so, which has no log id
		return fmt.Errorf("%w (logid %s)", err, info.LogID)
	}
	return fmt.Errorf("coze: %s: logid %s: %w", at.op, info.LogID, err)
}

// reported is the error that an event of a stream reports.
func (at endpoint) reported(info *ResponseInfo, event string, raw json.RawMessage) *Error {
	e := at.failure(info)
	transport.ReadFailure(e, event, raw)
	return e
}
