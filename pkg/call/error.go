package call

import (
	"encoding/json"
	"strconv"
	"strings"
)

// Error is a refusal by the server: an HTTP status of 400 and above, an HTTP 200 whose envelope carries a code other than
// 0, an answer that is not what the operation promises (an HTML page of a gateway, say), or a failure reported inside an
// event stream. Match its category with [errors.Is] and one of the Err values of this package; get causes and remedy
// with [Explain].
type Error struct {
	Op         string          // operation as the OpenAPI document names it, e.g. RetrieveBot
	Method     string          // HTTP method
	URL        string          // scheme, host and path, without the query
	HTTPStatus int             // HTTP status; business refusals usually come with 200
	Code       int             // Coze code; 0 when the answer had none
	CodeText   string          // code as text where the server answers with a word (OAuth: "access_denied")
	Message    string          // the server's message, or what is wrong with its answer
	LogID      string          // log id to quote to Coze support; from X-Tt-Logid, detail.logid or error.logid
	Detail     json.RawMessage // the envelope's detail, details or error object as it came, if any
	Event      string          // name of the stream event that carried the error, if it came inside a stream
	DebugURL   string          // page that shows the failed workflow run, where the server gives one
	Permission string          // permission that the operation needs, from the document
	Attempts   int             // how often the request was sent

	Request *SentRequest `json:"-"` // what was sent, without its secrets, for [CurlOf]; nil if it is not known
}

// SentRequest returns e.Request, for [CurlOf].
func (e *Error) SentRequest() *SentRequest { return e.Request }

// Error says on one line: operation, message, code, HTTP status, host, log id, and what to do.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("coze: ")
	if e.Op != "" {
		b.WriteString(e.Op)
		b.WriteString(": ")
	}
	b.WriteString(e.text())
	b.WriteString(" (")
	b.WriteString(e.facts())
	b.WriteByte(')')
	if x := e.explain(); x.Remedy != "" {
		b.WriteString(": ")
		b.WriteString(x.Remedy)
	}
	return b.String()
}

const maxMessage = 400 // bytes of a server's message that Error shows

func (e *Error) text() string {
	m := strings.Join(strings.Fields(e.Message), " ")
	if len(m) > maxMessage {
		m = strings.ToValidUTF8(m[:maxMessage], "") + "..."
	}
	if m != "" {
		return m
	}
	if x := e.explain(); x.Meaning != "" {
		return strings.ToLower(x.Meaning[:1]) + strings.TrimSuffix(x.Meaning[1:], ".")
	}
	return "refused"
}

func (e *Error) facts() string {
	var f []string
	switch {
	case e.CodeText != "":
		f = append(f, "code "+e.CodeText)
	case e.Code != 0:
		f = append(f, "code "+strconv.Itoa(e.Code))
	}
	if e.Event != "" {
		f = append(f, "event "+e.Event)
	}
	f = append(f, "http "+strconv.Itoa(e.HTTPStatus))
	if h := e.Host(); h != "" {
		f = append(f, "host "+h)
	}
	if e.LogID != "" {
		f = append(f, "logid "+e.LogID)
	}
	if e.Attempts > 1 {
		f = append(f, strconv.Itoa(e.Attempts)+" attempts")
	}
	return strings.Join(f, ", ")
}

// Host returns the host, with a port if there is one, that refused the call.
func (e *Error) Host() string {
	_, rest, ok := strings.Cut(e.URL, "://")
	if !ok {
		return ""
	}
	host, _, _ := strings.Cut(rest, "/")
	return host
}

// Is reports whether target is the category of e, for [errors.Is]. The code decides; only a refusal without a known code
// is put into a category by its HTTP status.
func (e *Error) Is(target error) bool {
	c, ok := target.(Category)
	return ok && c == e.Category()
}

// Category returns the category of the refusal, "" if neither code nor HTTP status tell one.
func (e *Error) Category() Category {
	if x, ok := lookup(e.Code, e.CodeText); ok {
		return x.Category
	}
	return categoryOfStatus(e.HTTPStatus)
}

// Retryable reports whether repeating the same request later can work. It does not say that a repetition is harmless: the
// server may have done its work and lost only the answer.
func (e *Error) Retryable() bool {
	if x, ok := lookup(e.Code, e.CodeText); ok {
		return x.Retryable
	}
	switch e.Category() {
	case ErrRateLimited, ErrServer, ErrTimeout:
		return true
	}
	return false
}
