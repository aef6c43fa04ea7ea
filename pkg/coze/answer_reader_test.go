package coze_test

import (
	"bufio"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/cozekit/cozekit/internal/leaks"
	"github.com/cozekit/cozekit/pkg/coze"
)

func say(id, kind, name, text string) string {
	return "event:conversation.message." + name + "\ndata:{\"id\":\"" + id + "\",\"type\":\"" + kind + "\",\"content\":\"" + text + "\"}\n\n"
}

var answers = created + say("1", "verbose", "completed", "{}") + say("2", "answer", "delta", "") + say("2", "answer", "delta", "hel") + say("2", "answer", "delta", "lo 好") +
	say("2", "answer", "completed", "hello 好") + say("3", "answer", "completed", "whole") + say("4", "follow_up", "completed", "and?") + completed + done

const answerText = "hello 好\nwhole"

// TestAnswerReader: the text that is read is that of ChatResult.Answer, in whatever pieces it is taken.
func TestAnswerReader(t *testing.T) {
	leaks.Check(t)
	if err := iotest.TestReader(openStream(t, answers).Answer(), []byte(answerText)); err != nil {
		t.Error(err)
	}
	whole, err := io.ReadAll(iotest.OneByteReader(openStream(t, answers).Answer()))
	if string(whole) != answerText || err != nil {
		t.Errorf("%q, %v", whole, err)
	}
	var acc coze.ChatAccumulator
	for ev, err := range openStream(t, answers).All() {
		if err != nil {
			t.Fatal(err)
		}
		_ = acc.Add(ev)
	}
	if got := acc.Result().Answer(); got != answerText {
		t.Errorf("Answer is %q", got)
	}
	r := openStream(t, answers).Answer() // both ways
	var b strings.Builder
	p := make([]byte, 2)
	n, err := r.Read(p)
	if err != nil {
		t.Fatal(err)
	}
	if m, err := r.WriteTo(&b); string(p[:n])+b.String() != answerText || err != nil || int(m) != b.Len() {
		t.Errorf("%q, %v", b.String(), err)
	}
	if n, err := r.WriteTo(&b); n != 0 || err != nil {
		t.Errorf("at the end: %d, %v", n, err)
	}
	if n, err := r.Read(p); n != 0 || err != io.EOF {
		t.Errorf("at the end: %d, %v", n, err)
	}
	if n, err := r.Read(nil); n != 0 || err != nil {
		t.Errorf("nothing wanted: %d, %v", n, err)
	}
}

// TestAnswerReaderEnds: what goes wrong in the chat is the error of Read and of WriteTo, after the text that came before.
func TestAnswerReaderEnds(t *testing.T) {
	leaks.Check(t)
	begin := created + say("2", "answer", "delta", "hello")
	for _, tt := range []struct {
		name, body string
		is         error
	}{
		{"failed", begin + chatFailed + "data:{\"code\":4010,\"msg\":\"m\"}\n\n", coze.ErrTooLarge},
		{"canceled elsewhere", begin + "event:conversation.chat.canceled\ndata:{\"id\":\"7\",\"status\":\"canceled\"}\n\n", coze.ErrCanceled},
		{"broken off", begin, io.ErrUnexpectedEOF},
		{"never ends", begin + "...", coze.ErrTimeout},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				for _, read := range []func(r *coze.AnswerReader) (string, error){
					func(r *coze.AnswerReader) (string, error) {
						b, err := io.ReadAll(struct{ io.Reader }{r})
						return string(b), err
					},
					func(r *coze.AnswerReader) (string, error) {
						var b strings.Builder
						_, err := io.Copy(&b, r)
						return b.String(), err
					},
				} {
					s, err := stubClient(t, &replies{byPath: map[string][]string{chatPath: {tt.body}}}).Chat.Stream(t.Context(), question)
					if err != nil {
						t.Fatal(err)
					}
					if text, err := read(s.Answer()); text != "hello" || !errors.Is(err, tt.is) {
						t.Errorf("%q, %v", text, err)
					}
				}
			})
		})
	}
}

// TestAnswerReaderClose: before, between and during reads, from any goroutine; a closed answer never looks like a whole one.
func TestAnswerReaderClose(t *testing.T) {
	leaks.Check(t)
	synctest.Test(t, func(t *testing.T) {
		f := &replies{byPath: map[string][]string{chatPath: {created + say("2", "answer", "delta", "hello") + "..."}, "/v3/chat/cancel": {canceledChat}}}
		open := func(opts ...coze.CallOption) *coze.AnswerReader {
			s, err := stubClient(t, f).Chat.Stream(t.Context(), question, opts...)
			if err != nil {
				t.Fatal(err)
			}
			return s.Answer()
		}
		p := make([]byte, 100)
		for name, prepare := range map[string]func(*coze.AnswerReader){
			"before":  func(*coze.AnswerReader) {},
			"between": func(r *coze.AnswerReader) { _, _ = r.Read(p) },
		} {
			r := open()
			prepare(r)
			if err := errors.Join(r.Close(), r.Close()); err != nil {
				t.Error(err)
			}
			if n, err := r.Read(p); n != 0 || err == nil || err == io.EOF {
				t.Errorf("%s: %d, %v", name, n, err)
			}
		}
		r := open()
		time.AfterFunc(time.Second, func() { _ = r.Close() })
		if b, err := io.ReadAll(r); string(b) != "hello" || err == nil {
			t.Errorf("during: %q, %v", b, err)
		}
		events, err := stubClient(t, f).Chat.Stream(t.Context(), question) // the stream is closed, between two pieces
		if err != nil {
			t.Fatal(err)
		}
		r = events.Answer()
		if n, err := r.Read(p[:1]); n != 1 || err != nil {
			t.Errorf("%d, %v", n, err)
		}
		_ = events.Close()
		if b, err := io.ReadAll(r); string(b) != "ello" || err == nil {
			t.Errorf("%q, %v", b, err)
		}
		sent := len(f.sent)
		r = open(coze.WithCancelOnClose()) // the client of a web server went away
		if _, err := io.Copy(brokenWriter{}, r); !errors.Is(err, io.ErrClosedPipe) || len(f.sent) != sent+2 {
			t.Errorf("%v, sent %v", err, f.sent[sent:])
		}
	})
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

// TestAnswerToResponse: a browser sees each piece as it comes, also through middleware that wraps the writer.
func TestAnswerToResponse(t *testing.T) {
	leaks.Check(t)
	proceed := make(chan struct{})
	c := stubClient(t, roundTrip(func(r *http.Request) (*http.Response, error) {
		pr, pw := io.Pipe()
		go func() {
			_, _ = io.WriteString(pw, created+say("2", "answer", "delta", "one "))
			<-proceed
			_, _ = io.WriteString(pw, say("2", "answer", "delta", "two")+completed+done)
			_ = pw.Close()
		}()
		rsp := response(r, 200, "text/event-stream", "")
		rsp.Body = pr
		return rsp, nil
	}))
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s, err := c.Chat.Stream(r.Context(), question)
		if err != nil {
			t.Error(err)
			return
		}
		answer := s.Answer()
		defer answer.Close()
		if _, err := io.Copy(wrapped{w}, answer); err != nil {
			t.Error(err)
		}
	}))
	defer web.Close()
	req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, web.URL, nil)
	rsp, err := web.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer rsp.Body.Close()
	in := bufio.NewReader(rsp.Body)
	if first, err := in.ReadString(' '); first != "one " || err != nil {
		t.Fatalf("%q, %v", first, err)
	}
	close(proceed)
	if rest, err := io.ReadAll(in); string(rest) != "two" || err != nil {
		t.Errorf("%q, %v", rest, err)
	}
	flushes := &flusher{}
	if _, err := openStream(t, answers).Answer().WriteTo(flushes); err != nil || flushes.n != 3 || flushes.String() != answerText {
		t.Errorf("%d flushes, %q, %v", flushes.n, flushes, err)
	}
	if _, err := openStream(t, answers).Answer().WriteTo(bare{httptest.NewRecorder()}); err != nil {
		t.Errorf("a writer that cannot flush: %v", err)
	}
}

// wrapped is what middleware makes of a writer.
type wrapped struct{ http.ResponseWriter }

func (w wrapped) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// bare hides what the writer can do.
type bare struct{ http.ResponseWriter }

type flusher struct {
	strings.Builder
	n int
}

func (f *flusher) Flush() { f.n++ }
