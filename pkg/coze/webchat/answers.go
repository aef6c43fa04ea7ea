package webchat

import (
	"bytes"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"strconv"
)

// answer is what an answer of the platform says of the object that it is about.
type answer struct {
	ID             string `json:"id"`
	ConversationID string `json:"conversation_id"`
}

type envelope[T any] struct {
	Code int    `json:"code"`
	Msg  string `json:"msg"`
	Data T      `json:"data"`
}

const maxAnswer = 8 << 20 // of JSON that is looked into; what is longer is passed on

// readJSON reads a JSON answer, and puts it back.
func readJSON(rsp *http.Response) ([]byte, error) {
	raw, err := io.ReadAll(io.LimitReader(rsp.Body, maxAnswer+1))
	if err != nil {
		return nil, err
	}
	if len(raw) > maxAnswer {
		rsp.Body = &joined{io.MultiReader(bytes.NewReader(raw), rsp.Body), rsp.Body}
		return nil, nil
	}
	_ = rsp.Body.Close()
	replaceBody(rsp, raw)
	return raw, nil
}

func replaceBody(rsp *http.Response, raw []byte) {
	rsp.Body, rsp.ContentLength = io.NopCloser(bytes.NewReader(raw)), int64(len(raw))
	rsp.Header.Set("Content-Length", strconv.Itoa(len(raw)))
}

// isConversation tells whether an operation is answered with a conversation.
func isConversation(operation string) bool {
	switch operation {
	case "CreateConversation", "CreateWorkflowConversation", "UpdateConversation":
		return true
	}
	return false
}

// answerConversation takes what the proxy has added out of a conversation: the stamp, in meta_data and before the name.
func answerConversation(visitor string, rsp *http.Response, raw []byte) {
	var whole, data map[string]json.RawMessage
	var c struct {
		Name     string            `json:"name"`
		MetaData map[string]string `json:"meta_data"`
	}
	if json.Unmarshal(raw, &whole) != nil || json.Unmarshal(whole["data"], &data) != nil || json.Unmarshal(whole["data"], &c) != nil {
		return
	}
	if c.Name != "" {
		data["name"], _ = json.Marshal(pageName(visitor, c.Name))
	}
	if c.MetaData != nil {
		delete(c.MetaData, stampKey)
		data["meta_data"], _ = json.Marshal(c.MetaData)
	}
	whole["data"], _ = json.Marshal(data)
	out, _ := json.Marshal(whole) // as the rest: of values that were decoded from JSON
	replaceBody(rsp, out)
}

type joined struct {
	io.Reader
	io.Closer
}

func isEventStream(rsp *http.Response) bool {
	kind, _, _ := mime.ParseMediaType(rsp.Header.Get("Content-Type"))
	return kind == "text/event-stream"
}

// watcher looks at the beginning of an event stream while it passes, for the ids of conversation and chat.
type watcher struct {
	io.ReadCloser
	found func(answer) error
	line  []byte
	seen  int
}

// watchBytes is more than the events take that come before the first words of an answer.
const watchBytes = 256 << 10

func (w *watcher) Read(p []byte) (int, error) {
	n, err := w.ReadCloser.Read(p)
	if w.found == nil {
		return n, err
	}
	w.seen += n
	for rest := p[:n]; len(rest) > 0 && w.found != nil; {
		line, after, whole := bytes.Cut(rest, []byte("\n"))
		w.line, rest = append(w.line, line...), after
		if whole {
			if problem := w.look(); problem != nil {
				return 0, problem
			}
			w.line = w.line[:0]
		}
	}
	if w.seen > watchBytes {
		w.found, w.line = nil, nil
	}
	return n, err
}

// look reads a line. The first event that names a conversation is enough.
func (w *watcher) look() error {
	data, ok := bytes.CutPrefix(w.line, []byte("data:"))
	var a answer
	if ok {
		_ = json.Unmarshal(data, &a) // other events have other data
	}
	if a.ConversationID == "" {
		return nil
	}
	found := w.found
	w.found = nil
	return found(a)
}
