package recording_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cozekit/cozekit/api"
	"github.com/cozekit/cozekit/pkg/cozetest/recording"
)

// echo answers with what it is asked.
func echo(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	w.Header().Set("Content-Type", r.URL.Query().Get("type"))
	_, _ = w.Write(body)
}

// record makes requests through a recorder to h, and returns the directory.
func record(t *testing.T, h http.HandlerFunc, requests ...*http.Request) string {
	t.Helper()
	srv := httptest.NewServer(h)
	defer srv.Close()
	dir := t.TempDir()
	recorder, err := recording.NewRecorder(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range requests {
		r.URL.Scheme, r.URL.Host = "http", strings.TrimPrefix(srv.URL, "http://")
		rsp, err := recorder.RoundTrip(r.WithContext(t.Context()))
		if err == nil {
			_, _ = io.Copy(io.Discard, rsp.Body)
			_ = rsp.Body.Close()
		}
	}
	if err := recorder.Close(); err != nil {
		t.Error(err)
	}
	return dir
}

func replayer(t *testing.T, dir string, opts recording.ReplayOptions) *recording.Replayer {
	t.Helper()
	r, err := recording.NewReplayer(dir, opts)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func post(t *testing.T, path, contentType, body string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://x"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", contentType)
	return r
}

func send(t *testing.T, rt http.RoundTripper, r *http.Request) (string, error) {
	t.Helper()
	rsp, err := rt.RoundTrip(r)
	if err != nil {
		return "", err
	}
	defer rsp.Body.Close()
	b, err := io.ReadAll(rsp.Body)
	return string(b), err
}

// TestBodies: every kind of body comes back as it was.
func TestBodies(t *testing.T) {
	t.Parallel()
	binary := string([]byte{0, 1, 0xff, 0xfe})
	for name, c := range map[string]struct{ kind, body string }{
		"JSON":            {"application/json", `{"b":1.50,"a":["<&>",null,true]}`},
		"broken JSON":     {"application/json", `{"b":`},
		"two JSON values": {"application/json", `{} {}`},
		"text":            {"text/plain; charset=utf-8", "a\r\nb\n"},
		"binary":          {"audio/mpeg", binary},
		"large binary":    {"audio/mpeg", strings.Repeat(binary, 50_000)},
		"empty":           {"application/json", ""},
		"events":          {"text/event-stream", "event:a\ndata:1\n\ndata: 2\r\n\r\n: c\n\nrest"},
		"binary events":   {"text/event-stream", "data:" + binary + "\n\n"},
		"form":            {"application/x-www-form-urlencoded", "a=1&b=%2F"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			request := func() *http.Request { return post(t, "/x?type="+url.QueryEscape(c.kind), c.kind, c.body) }
			dir := record(t, echo, request())
			if got, err := send(t, replayer(t, dir, recording.ReplayOptions{}), request()); err != nil || got != c.body {
				t.Errorf("got %.100q, %v", got, err)
			}
			files, _ := filepath.Glob(filepath.Join(dir, "*.bin"))
			if (len(files) == 1) != (name == "large binary") {
				t.Errorf("files beside: %q", files)
			}
		})
	}
}

// TestMatching: the order of fields does not count, the values do; the same requests get their answers in order.
func TestMatching(t *testing.T) {
	t.Parallel()
	n := 0
	dir := record(t, func(w http.ResponseWriter, r *http.Request) {
		n++
		fmt.Fprint(w, n)
	},
		post(t, "/a?x=1&y=2", "application/json", `{"a":1,"b":{"c":[1,2]},"at":7}`), post(t, "/b", "application/json", `{}`),
		post(t, "/a?x=1&y=2", "application/json", `{"a":1,"b":{"c":[1,2]},"at":8}`), post(t, "/b", "application/json", `{}`))
	r := replayer(t, dir, recording.ReplayOptions{IgnoreFields: []string{"at"}})
	if got, err := send(t, r, post(t, "/b", "application/json", ` {} `)); got != "2" {
		t.Errorf("got %q, %v", got, err)
	}
	for _, want := range []string{"1", "3"} {
		if got, err := send(t, r, post(t, "/a?y=2&x=1", "application/json", `{"at":9,"b":{"c":[1,2]},"a":1}`)); got != want {
			t.Errorf("got %q, %v, want %s", got, err, want)
		}
	}
	if u := r.Unused(); !slices.Equal(u, []string{"0004-POST-b.json"}) {
		t.Errorf("unused: %q", u)
	}
	for _, c := range []struct {
		request *http.Request
		want    string
	}{
		{post(t, "/a?x=1&y=2", "application/json", `{"a":1,"b":{"c":[1,2]}}`), "0001-POST-a.json: it was replayed already"},
		{post(t, "/a?x=1&y=2", "application/json", `{"a":1,"b":{"c":[1,3]}}`), "0001-POST-a.json: its body differs at /b/c/1"},
		{post(t, "/a?x=1&y=2", "application/json", `{"a":1}`), "0001-POST-a.json: its body differs at /b, which only the recording has"},
		{post(t, "/a?x=1&y=2", "application/json", `{"a":1,"b":{"c":[1,2]},"d":1}`), "0001-POST-a.json: its body differs at /d, which the recording does not have"},
		{post(t, "/a?x=1&y=2", "application/json", `{"a":1,"b":{"c":[1]}}`), "differs at /b/c, a list of 2 in the recording and of 1 now"},
		{post(t, "/a?x=2", "application/json", `{}`), `its query is "x=1&y=2", not "x=2"`},
		{post(t, "/a?x=1&y=2", "text/plain", `text`), "its body is another"},
		{post(t, "/bb", "application/json", `{}`), "0002-POST-b.json: POST /b"},
	} {
		_, err := send(t, r, c.request)
		var unmatched *recording.UnmatchedError
		if !errors.As(err, &unmatched) || !strings.Contains(err.Error(), c.want) || len(unmatched.Nearest) != 3 {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
}

// TestUploads: an upload is found by its parts, whatever the boundary; one of any size is neither held up nor kept whole.
func TestUploads(t *testing.T) {
	t.Parallel()
	const size = 5 << 20
	request := func(boundary, fill string) *http.Request {
		var b bytes.Buffer
		w := multipart.NewWriter(&b)
		if err := w.SetBoundary(boundary); err != nil {
			t.Fatal(err)
		}
		_ = w.WriteField("purpose", "test")
		_ = w.WriteField("token", "room-secret")
		part, _ := w.CreateFormFile("file", "a.bin")
		_, _ = io.WriteString(part, strings.Repeat(fill, size))
		_ = w.Close()
		return post(t, "/upload", w.FormDataContentType(), b.String())
	}
	dir := record(t, func(w http.ResponseWriter, r *http.Request) {
		n, _ := io.Copy(io.Discard, r.Body)
		fmt.Fprint(w, n > size)
	}, request("one", "a"))
	file, _ := os.ReadFile(filepath.Join(dir, "0001-POST-upload.json"))
	if len(file) > 200_000 || !bytes.Contains(file, []byte(`"size": 5242880`)) {
		t.Errorf("%d bytes: %.1500s", len(file), file)
	}
	noSecrets(t, dir, "room-secret")
	r := replayer(t, dir, recording.ReplayOptions{})
	if _, err := send(t, r, request("two", "b")); err == nil {
		t.Error("another file was taken for the recorded one")
	}
	if got, err := send(t, r, request("two", "a")); err != nil || got != "true" {
		t.Errorf("got %q, %v", got, err)
	}
}

// TestBrokenAnswers: what broke off in the recording breaks off at replay, and so do requests that failed.
func TestBrokenAnswers(t *testing.T) {
	t.Parallel()
	get := func(path string) *http.Request { return post(t, path, "text/plain", "x") }
	dir := record(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if r.URL.Path == "/cut" {
			w.Header().Set("Content-Type", "text/event-stream")
			_, _ = io.WriteString(w, "data:1\n\ndata:")
			_ = http.NewResponseController(w).Flush()
		}
		panic(http.ErrAbortHandler)
	}, get("/cut"), get("/none"))
	r := replayer(t, dir, recording.ReplayOptions{})
	if got, err := send(t, r, get("/cut")); got != "data:1\n\ndata:" || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err := send(t, r, get("/none")); err == nil || !strings.HasPrefix(err.Error(), "recorded: ") {
		t.Errorf("got %v", err)
	}
}

// TestStreamEndsWithItsCaller: a replayed stream ends with its context and with Close, while it waits.
func TestStreamEndsWithItsCaller(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, "1.json", `{"format":"cozekit-recording/1","recorded_at":"2026-11-21T00:00:00Z","request":{"method":"GET","url":"http://x/s"},
		"response":{"status":200,"header_ms":1000,"end":"complete","events":[{"at_ms":5,"lines":["data:1","",""]},{"at_ms":3600000,"lines":["data:2"]}]}}`)
	synctest.Test(t, func(t *testing.T) {
		for _, how := range []string{"context", "close", "context before the header"} {
			r := replayer(t, dir, recording.ReplayOptions{TimeScale: 1})
			ctx, cancel := context.WithCancel(t.Context())
			req, _ := http.NewRequestWithContext(ctx, http.MethodGet, "http://y/s", nil)
			if how == "context before the header" {
				time.AfterFunc(time.Millisecond, cancel)
				if _, err := r.RoundTrip(req); !errors.Is(err, context.Canceled) {
					t.Errorf("%s: got %v", how, err)
				}
				continue
			}
			rsp, err := r.RoundTrip(req)
			if err != nil {
				t.Fatal(err)
			}
			time.AfterFunc(time.Second, func() {
				if how == "context" {
					cancel()
				} else {
					rsp.Body.Close()
				}
			})
			began := time.Now()
			got, err := io.ReadAll(rsp.Body)
			if string(got) != "data:1\n\n" || err == nil || time.Since(began) != time.Second {
				t.Errorf("%s: got %q, %v after %v", how, got, err, time.Since(began))
			}
			cancel()
		}
	})
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestBadRecordings(t *testing.T) {
	t.Parallel()
	const good = `{"format":"cozekit-recording/1","recorded_at":"2026-11-21T00:00:00Z","request":{"method":"GET","url":"http://x/"},"error":"x"}`
	for name, c := range map[string]struct{ file, want string }{
		"newer":          {strings.Replace(good, "/1", "/2", 1), "1.json: version 2 of the format is newer than 1, the newest that this release reads: update cozekit"},
		"another format": {`{"log":{"version":"1.2"}}`, "not a recorded exchange"},
		"no JSON":        {"oops", "not a recorded exchange"},
		"slip of pen":    {strings.Replace(good, `"error"`, `"eror"`, 1), `unknown field "eror"`},
		"no answer":      {strings.Replace(good, `,"error":"x"`, ``, 1), "neither a response nor an error"},
		"path":           {strings.Replace(good, `"error":"x"`, `"response":{"status":200,"header_ms":0,"end":"complete","body":{"file":"../../etc/passwd"}}`, 1), "no file of the directory"},
	} {
		dir := t.TempDir()
		write(t, dir, "1.json", c.file)
		if _, err := recording.NewReplayer(dir, recording.ReplayOptions{}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %s", name, err, c.want)
		}
	}
	if _, err := recording.NewReplayer(t.TempDir(), recording.ReplayOptions{}); err == nil {
		t.Error("an empty directory: got no error")
	}
	dir := t.TempDir()
	write(t, dir, "1.json", good)
	if _, err := recording.NewReplayer(dir, recording.ReplayOptions{TimeScale: -1}); err == nil {
		t.Error("a negative scale: got no error")
	}
	if _, err := recording.NewRecorder(dir, nil); err == nil || !strings.Contains(err.Error(), "a recording in") {
		t.Errorf("recording over a recording: got %v", err)
	}
}

// TestCloseTellsWhatIsOpen: an answer that nobody read is not in the recording, and Close says so.
func TestCloseTellsWhatIsOpen(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.HandlerFunc(echo))
	defer srv.Close()
	recorder, err := recording.NewRecorder(t.TempDir(), nil)
	if err != nil {
		t.Fatal(err)
	}
	req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, srv.URL, nil)
	rsp, err := recorder.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	if err := recorder.Close(); err == nil || !strings.Contains(err.Error(), "1 exchanges are not over") {
		t.Errorf("got %v", err)
	}
	rsp.Body.Close()
	if err := recorder.Close(); err != nil {
		t.Error(err)
	}
}

// TestHandler: the same files come from the side of a server, with everything that was sent.
func TestHandler(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	h, err := recording.NewHandler(dir, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/cut":
			panic(http.ErrAbortHandler)
		case "/events":
			w.Header().Set("Content-Type", "text/event-stream")
			for i := range 3 {
				fmt.Fprintf(w, "data:%d\n\n", i)
				w.(http.Flusher).Flush()
			}
		case "/socket":
			conn, _, err := http.NewResponseController(w).Hijack()
			if err == nil {
				_, _ = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
				_ = conn.Close()
			}
		default:
			echo(w, r)
		}
	}))
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(h)
	defer srv.Close()
	var all sync.WaitGroup
	for i := range 20 { // requests at the same time
		all.Go(func() {
			req := post(t, fmt.Sprintf("/echo?type=application/json&n=%d", i), "application/json", `{"a":1}`)
			req.URL.Host = strings.TrimPrefix(srv.URL, "http://")
			req.Header.Set("Authorization", "Bearer server-side-secret")
			if got, err := send(t, http.DefaultTransport, req); err != nil || got != `{"a":1}` {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
	all.Wait()
	for _, path := range []string{"/events", "/cut", "/socket"} {
		req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, srv.URL+path, nil)
		if path == "/socket" {
			req.Header.Set("Connection", "Upgrade")
			req.Header.Set("Upgrade", "websocket")
		}
		_, _ = send(t, http.DefaultTransport, req)
	}
	srv.Close()
	if err := h.Close(); err != nil {
		t.Error(err)
	}
	noSecrets(t, dir, "server-side-secret")
	r := replayer(t, dir, recording.ReplayOptions{})
	for path, want := range map[string]string{"/events": "data:0\n\ndata:1\n\ndata:2\n\n", "/cut": "the server cut the connection", "/socket": "a websocket cannot be replayed"} {
		req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://x"+path, nil)
		got, err := send(t, r, req)
		if got != want && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: got %q, %v", path, got, err)
		}
	}
	u := slices.DeleteFunc(r.Unused(), func(name string) bool { return strings.HasSuffix(name, "-GET-cut.json") }) // repeated by net/http
	if len(u) != 20 {
		t.Errorf("unused: %q", u)
	}
}

// TestNamesOfTheDocument: whatever the document marks as sensitive is a secret here, in the direction where it comes.
func TestNamesOfTheDocument(t *testing.T) {
	t.Parallel()
	var doc struct {
		Components struct {
			Schemas map[string]struct {
				Properties map[string]struct {
					Sensitive bool `json:"x-coze-sensitive"`
				} `json:"properties"`
			} `json:"schemas"`
		} `json:"components"`
	}
	if err := json.Unmarshal(api.Compact, &doc); err != nil {
		t.Fatal(err)
	}
	n := 0
	for schema, s := range doc.Components.Schemas {
		for name, p := range s.Properties {
			if !p.Sensitive {
				continue
			}
			n++
			if request := strings.HasSuffix(schema, "Request"); !recording.Secret(name, request) {
				t.Errorf("%s.%s is recorded", schema, name)
			}
		}
	}
	if n < 8 {
		t.Errorf("the document marks %d properties: does this test still see them?", n)
	}
}

func TestEventsStayAsTheyAre(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"event: a\r\ndata: {\"b\": 1}\r\n\r\n":      "event: a\r\ndata: {\"b\": 1}\r\n\r\n",
		"data:{\"token\":\"x\",\n":                  "data:{\"token\":\"x\",\n",
		"data: {\"token\":\"x\"}\n\n":               "data:{\"token\":\"[redacted]\"}\n\n",
		"data:{\"a\":1,\ndata:\"token\":\"x\"}\n\n": "data:{\"a\":1,\"token\":\"[redacted]\"}\n\n",
		"id: pat_0123456789\n\n":                    "id: [redacted]\n\n",
	} {
		if got := recording.CleanEvent([]byte(in)); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}
