package coze_test

import (
	"bytes"
	"testing"

	"github.com/cozekit/cozekit/internal/transport"
	"github.com/cozekit/cozekit/pkg/coze"
	"github.com/google/go-cmp/cmp"
)

// FuzzMessageDelta: the fast decoder of deltas may be faster than the general one, never different, and no input makes
// either panic. The event comes twice, so that the second can share memory with the first.
func FuzzMessageDelta(f *testing.F) {
	for _, seed := range []string{
		`{"id":"9","conversation_id":"8","role":"assistant","type":"answer","content":"hi","content_type":"text"}`,
		`{}`, ` { "id" : "1" , "content" : "a\nb\u597d\ud83d\ude00" } `, `{"id":1,"content":true}`, `{"id":null}`, `{"ID":"x","Content":"y"}`,
		`{"created_at":1718792949,"updated_at":"1718792949123"}`, `{"created_at":1718792949123}`, `{"created_at":01}`, `{"created_at":-1}`, `{"created_at":1e3}`,
		`{"meta_data":null}`, `{"meta_data":{"a":"b"}}`, `{"new":{"deep":[1]}}`, `{"id":"a","id":"b"}`, `{"id":"a",}`, `{"id":"a"}x`, "{\"id\":\"a\x00\"}", `{"id":"\x"}`,
		"{\"content\":\"\xff\"}", `{"content":"\ud800"}`, `[1]`, `"[DONE]"`, `null`, ``, `{"content":"\`, `{"content":"\"`, `{"id":"1""content":"2"}`, `{,}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if bytes.ContainsAny(data, "\r\n") {
			return // would be several lines of the stream
		}
		event := "event:conversation.message.delta\ndata:" + string(data) + "\n\n"
		var want coze.Message
		wantErr := transport.Unmarshal(bytes.TrimPrefix(data, []byte(" ")), &want)
		c := stubClient(&testing.T{}, answer(200, "text/event-stream", event+event+completed))
		s, err := c.Chat.Stream(t.Context(), question)
		if err != nil {
			t.Fatal(err)
		}
		for ev, err := range s.All() {
			if (err != nil) != (wantErr != nil) {
				t.Fatalf("%q: error %v, want %v", data, err, wantErr)
			}
			if err != nil || ev.Message == nil {
				continue
			}
			if d := cmp.Diff(want, *ev.Message); d != "" {
				t.Fatalf("%q (-general +fast):\n%s", data, d)
			}
		}
	})
}

// FuzzErrorBody: whatever a server answers, there is an error or a result, and no panic.
func FuzzErrorBody(f *testing.F) {
	for _, seed := range []string{`{"code":1,"msg":"x","detail":{"logid":"l"}}`, `{"error":"slow_down"}`, `{"code":"x","error":{"logid":1}}`, `{"code":1e99}`, `[]`, `{`, ``} {
		f.Add(200, []byte(seed))
		f.Add(500, []byte(seed))
	}
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		if status < 200 || status > 599 {
			return
		}
		c := stubClient(&testing.T{}, answer(status, "application/json", string(body)))
		user, err := c.Users.Me(t.Context())
		if (user == nil) == (err == nil) {
			t.Fatalf("user %v, error %v", user, err)
		}
		if err != nil {
			_ = err.Error()
			_, _ = coze.Explain(err)
		}
		if status >= 400 && err == nil {
			t.Fatalf("status %d is no error: %s", status, body)
		}
	})
}
