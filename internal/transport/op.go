package transport

import "time"

// Op is what the document says of an operation as a whole.
type Op struct {
	ID          string // operationId
	Method      string
	Path        string // with {name} placeholders
	Permission  string
	NoAuth      bool          // sent without an access token
	Retry       RetryClass    // when a second try cannot do harm
	Timeout     time.Duration // for one try; 0 = the client's default
	Header      []string      // fixed headers: name, value, name, value ...
	Cancelable  bool          // the work behind its stream can be stopped by another call
	NotOnStudio bool          // a self-hosted Coze Studio does not serve it
}

// RetryClass says when an operation may be sent again.
type RetryClass string

// The retry classes of the document's x-coze-retry.
const (
	RetrySafe           RetryClass = "safe"            // at any time
	RetryBeforeResponse RetryClass = "before-response" // until the server answered
	RetryNever          RetryClass = "never"           // only if it surely never arrived
)
