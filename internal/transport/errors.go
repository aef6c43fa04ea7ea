package transport

import (
	"bytes"
	"mime"
	"net/http"
	"strings"

	"github.com/cozekit/cozekit/pkg/call"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Envelope is what every answer of the platform carries beside its data.
type Envelope struct {
	Code   int            `json:"code"`
	Msg    string         `json:"msg"`
	Detail jsontext.Value `json:"detail"`
}

// refusalBody covers the forms of error bodies that Coze and the gateways before it are known to send.
type refusalBody struct {
	Code         jsontext.Value `json:"code"`
	Msg          string         `json:"msg"`
	Message      string         `json:"message"`
	Detail       jsontext.Value `json:"detail"`
	Details      jsontext.Value `json:"details"`
	Error        jsontext.Value `json:"error"`
	ErrorCode    jsontext.Value `json:"error_code"`
	ErrorMessage string         `json:"error_message"`
	DebugURL     string         `json:"debug_url"`
}

// detailBody is the part of detail or error that this package looks into.
type detailBody struct {
	LogID  string `json:"logid"`
	Detail string `json:"detail"`
}

const excerptBytes = 200 // of an answer that is not JSON, shown in the error

// refusal makes the error of an answer that refuses the call or is not what the operation promises.
func refusal(x *exchange, status int, header http.Header, body []byte) *call.Error {
	e := x.newError(status, header)
	var b refusalBody
	if json.Unmarshal(body, &b, laxOptions) != nil {
		e.Message = notJSON(header, body)
		return e
	}
	b.fill(e)
	if e.Message == "" && e.Code == 0 && e.CodeText == "" {
		e.Message = strings.TrimSpace(http.StatusText(status) + " " + excerpt(body))
	}
	return e
}

func (b *refusalBody) fill(e *call.Error) {
	var oauthText string
	e.Message, e.DebugURL = b.Msg, b.DebugURL
	for _, code := range []jsontext.Value{b.Code, b.ErrorCode} {
		if e.Code == 0 && e.CodeText == "" {
			e.Code, e.CodeText = parseCode(code)
		}
	}
	if len(b.Error) > 0 && b.Error[0] == '"' {
		_ = json.Unmarshal(b.Error, &oauthText)
	}
	if e.Code == 0 && e.CodeText == "" {
		e.CodeText = oauthText
	}
	for _, text := range []string{b.Message, b.ErrorMessage, oauthText} {
		if e.Message == "" {
			e.Message = text
		}
	}
	for _, d := range []jsontext.Value{b.Detail, b.Details, b.Error} {
		if len(d) == 0 || d[0] != '{' {
			continue
		}
		if e.Detail == nil {
			e.Detail = bytes.Clone(d)
		}
		var in detailBody
		_ = json.Unmarshal(d, &in, laxOptions)
		if e.LogID == "" {
			e.LogID = in.LogID
		}
		if e.Message == "" {
			e.Message = in.Detail
		}
	}
}

// parseCode reads a code that is a number, a numeric string or a word.
func parseCode(v jsontext.Value) (int, string) {
	var n int
	if json.Unmarshal(v, &n) == nil {
		return n, ""
	}
	var text string
	if json.Unmarshal(v, &text) != nil {
		return 0, ""
	}
	if json.Unmarshal([]byte(text), &n) == nil {
		return n, ""
	}
	return 0, text
}

func (x *exchange) newError(status int, header http.Header) *call.Error {
	u := *x.url
	u.RawQuery, u.User = "", nil
	return &call.Error{
		Op: x.op.ID, Method: x.op.Method, URL: u.String(), HTTPStatus: status,
		LogID: header.Get(logIDHeader), Permission: x.op.Permission, Attempts: x.attempts,
	}
}

func notJSON(header http.Header, body []byte) string {
	if len(bytes.TrimSpace(body)) == 0 {
		return "the answer is empty"
	}
	kind, _, err := mime.ParseMediaType(header.Get("Content-Type"))
	if err != nil || kind == "" {
		kind = "unknown content type"
	}
	return "the answer is not JSON but " + kind + ": " + excerpt(body)
}

func excerpt(body []byte) string {
	text := strings.Join(strings.Fields(string(body[:min(len(body), 4*excerptBytes)])), " ")
	if len(text) > excerptBytes {
		text = strings.ToValidUTF8(text[:excerptBytes], "") + "..."
	}
	return text
}
