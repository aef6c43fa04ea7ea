package contract_test

import (
	"strings"
	"testing"
	"time"

	"github.com/cozekit/cozekit/internal/contract"
	"github.com/cozekit/cozekit/internal/transport"
	"github.com/cozekit/cozekit/pkg/call"
)

// FuzzCheck: no message makes the check panic, and no text of a message gets into a report.
func FuzzCheck(f *testing.F) {
	for _, seed := range []string{
		`{"code":0,"msg":"","data":{"id":"1","created_at":1}}`, `{"code":4000}`, `[[[[`, `"[DONE]"`, `{"a":{"b":[1,2.5e9,null,true]}}`, "\xff{",
		`{"event_type":"speech.created","data":{}}`, `{"role":"user","content":"x","meta_data":{"k":1}}`, strings.Repeat(`{"data":`, 100),
	} {
		f.Add("CreateChat", "conversation.message.delta", []byte(seed))
		f.Add("ListConversations", "", []byte(seed))
		f.Add("ConnectSpeechSocket", "", []byte(seed))
	}
	f.Fuzz(func(t *testing.T, op, event string, text []byte) {
		c := contract.New(contract.Config{Rate: 1, Window: time.Hour, Report: func(d call.Drift) {
			if d.Rule == call.DriftCheckFailed {
				t.Errorf("%+v", d)
			}
			for _, s := range []string{d.Got, d.Value, d.Field, d.Event} {
				if len(s) > 2000 || strings.ContainsAny(s, "\"\n") {
					t.Errorf("%q in %+v", s, d)
				}
			}
		}})
		o := &transport.Op{ID: op}
		if c.Picks(o) {
			c.Answer(o, "", 200, text)
			c.Answer(o, "", 500, text)
			c.Event(o, "", event, text)
			c.Frame(o, text)
		}
	})
}
