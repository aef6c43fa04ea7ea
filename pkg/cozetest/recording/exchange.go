package recording

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The format of files. A reader takes its own version and older ones.
const (
	formatName    = "cozekit-recording"
	formatVersion = 1
)

// exchange is one request and its answer, as a file holds them.
type exchange struct {
	Format     string    `json:"format"` // cozekit-recording/1
	RecordedAt time.Time `json:"recorded_at"`
	Request    request   `json:"request"`
	Response   *response `json:"response,omitempty"` // nil = there was none, for the reason that Error tells
	Error      string    `json:"error,omitempty"`

	name string // of the file
	dir  string // that it is in
}

type request struct {
	Method string      `json:"method"`
	URL    string      `json:"url"`
	Header http.Header `json:"header,omitempty"`
	Body   *body       `json:"body,omitempty"`
}

type response struct {
	Status   int         `json:"status"`
	HeaderMS int64       `json:"header_ms"` // from the request to the header
	Header   http.Header `json:"header,omitempty"`
	Body     *body       `json:"body,omitempty"`
	Events   []event     `json:"events,omitempty"` // of a text/event-stream, in place of a body
	End      ending      `json:"end"`
	EndError string      `json:"end_error,omitempty"` // of a broken answer
}

// ending tells how an answer ended.
type ending string

const (
	endComplete ending = "complete" // it was read to its end
	endClosed   ending = "closed"   // the client had enough
	endBroken   ending = "broken"   // reading failed
	endUpgraded ending = "upgraded" // to a websocket, which is not recorded
)

// event is a piece of a stream that ends with an empty line, or what is behind the last of them.
type event struct {
	AtMS   int64    `json:"at_ms"`            // from the header to its last byte
	Lines  []string `json:"lines,omitempty"`  // its text, split at line feeds
	Base64 []byte   `json:"base64,omitempty"` // its bytes if they are no UTF-8
}

func newEvent(at time.Duration, text []byte) event {
	e := event{AtMS: at.Milliseconds()}
	if printable(text) {
		e.Lines = strings.Split(string(text), "\n")
	} else {
		e.Base64 = text
	}
	return e
}

func (e *event) bytes() []byte {
	if e.Lines == nil {
		return e.Base64
	}
	return []byte(strings.Join(e.Lines, "\n"))
}

// encode is the text of the file.
func (x *exchange) encode() ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	x.Format = formatName + "/" + strconv.Itoa(formatVersion)
	err := enc.Encode(x)
	return b.Bytes(), err
}

// decode reads the text of a file.
func decode(text []byte) (*exchange, error) {
	var head struct {
		Format string `json:"format"`
	}
	if err := json.Unmarshal(text, &head); err != nil {
		return nil, fmt.Errorf("not a recorded exchange: %w", err)
	}
	version, ok := strings.CutPrefix(head.Format, formatName+"/")
	n, err := strconv.Atoi(version)
	switch {
	case !ok || err != nil || n < 1:
		return nil, fmt.Errorf("not a recorded exchange: the format is %.40q", head.Format)
	case n > formatVersion:
		return nil, fmt.Errorf("version %d of the format is newer than %d, the newest that this release reads: update cozekit",
			n, formatVersion)
	}
	var x exchange
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields() // a slip of the pen in an edited file must not go unnoticed
	if err := dec.Decode(&x); err != nil {
		return nil, err
	}
	return &x, x.check()
}

// check tells what a replay could not work with.
func (x *exchange) check() error {
	switch rsp := x.Response; {
	case x.Request.Method == "" || x.Request.URL == "":
		return errors.New("the request has no method or no URL")
	case rsp == nil && x.Error == "":
		return errors.New("there is neither a response nor an error")
	case rsp == nil:
	case rsp.Status < 100 || rsp.Status > 999:
		return fmt.Errorf("the status is %d", rsp.Status)
	case !slices.Contains([]ending{endComplete, endClosed, endBroken, endUpgraded}, rsp.End):
		return fmt.Errorf("the answer ends with %.40q", rsp.End)
	case rsp.Body != nil && rsp.Events != nil:
		return errors.New("the answer has a body and events")
	case rsp.Body != nil && rsp.Body.File != "" && !localName(rsp.Body.File):
		return fmt.Errorf("the body is in %.40q, which is no file of the directory", rsp.Body.File)
	case !inOrder(rsp.Events):
		return errors.New("the events are not in the order of their times")
	}
	return nil
}

func inOrder(events []event) bool {
	return slices.IsSortedFunc(events, func(a, b event) int { return cmp.Compare(a.AtMS, b.AtMS) }) &&
		(len(events) == 0 || events[0].AtMS >= 0)
}

func localName(name string) bool {
	return name == filepath.Base(name) && filepath.IsLocal(name) && !strings.ContainsAny(name, `/\`)
}

// load reads the exchanges of a directory, in the order in which their requests were sent.
func load(dir string) ([]*exchange, error) {
	files, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var out []*exchange
	for _, f := range files { // sorted by name, which begins with a number
		if f.IsDir() || filepath.Ext(f.Name()) != fileEnd {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			return nil, err
		}
		x, err := decode(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.Name(), err)
		}
		x.name, x.dir = f.Name(), dir
		out = append(out, x)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("there are no recorded exchanges in %s", dir)
	}
	return out, nil
}

const fileEnd = ".json"
