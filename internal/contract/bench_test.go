package contract_test

import (
	"testing"
	"time"

	"github.com/cozekit/cozekit/internal/contract"
	"github.com/cozekit/cozekit/internal/transport"
	"github.com/cozekit/cozekit/pkg/call"
)

func quiet() *contract.Check {
	return contract.New(contract.Config{Rate: 1, Window: time.Hour, Report: func(call.Drift) {}})
}

func BenchmarkPicks(b *testing.B) {
	c := contract.New(contract.Config{Rate: 0.01, Window: time.Hour, Report: func(call.Drift) {}})
	for b.Loop() {
		c.Picks(retrieve)
	}
}

func BenchmarkAnswer(b *testing.B) {
	c, body := quiet(), []byte(`{"code":0,"msg":"","data":{"id":"1","created_at":1,"last_section_id":"1","meta_data":{"a":"b"}}}`)
	b.ReportAllocs()
	for b.Loop() {
		c.Answer(retrieve, "", 200, body)
	}
}

func BenchmarkDelta(b *testing.B) {
	c, op := quiet(), &transport.Op{ID: "CreateChat"}
	data := []byte(`{"id":"1","conversation_id":"2","bot_id":"3","role":"assistant","type":"answer","content":"some words","content_type":"text"}`)
	b.ReportAllocs()
	for b.Loop() {
		c.Event(op, "", "conversation.message.delta", data)
	}
}

// BenchmarkParse is what the first answer of a process costs.
func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if err := contract.Parse(); err != nil {
			b.Fatal(err)
		}
	}
}
