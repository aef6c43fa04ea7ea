package cozetest_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cozekit/cozekit/pkg/cozetest"
)

// TestChatSocketText posts a text, as in the recording of the vendor.
func TestChatSocketText(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t)
	srv.Bot("7", func(turn *cozetest.Turn) error {
		turn.Think("Hm. ")
		turn.Say("You said " + turn.Question() + ". Is that all? I can wait.")
		turn.FollowUp("And now?")
		return nil
	})
	s := connect(t, srv, chatPath+"7")
	s.send("conversation.message.create", userMessage("hello"))
	events := s.until("conversation.chat.completed")
	const begin = "message.completed chat.created chat.in_progress message.delta audio.sentence_start audio.delta "
	const text, end = " message.completed audio.delta ", " audio.delta audio.completed chat.completed"
	if got := order(events); !strings.HasPrefix(got, begin) || !strings.Contains(got, text) || !strings.HasSuffix(got, end) {
		t.Errorf("got order %s", got)
	}
	var said string
	for _, e := range ofType(events, "conversation.message.delta") {
		said += e.text("content")
	}
	messages := ofType(events, "conversation.message.completed")
	var kinds []string
	for _, m := range messages {
		kinds = append(kinds, m.text("type"))
	}
	if want := []string{"question", "answer", "verbose", "follow_up"}; !slices.Equal(kinds, want) {
		t.Fatalf("got messages %v", kinds)
	}
	question, answer := messages[0], messages[1]
	if question.text("content") != "hello" || question.text("role") != "user" || answer.text("content") != said || answer.text("reasoning_content") != "Hm. " {
		t.Errorf("got %s and %s", question.Data, answer.Data)
	}
	chats := ofType(events, "conversation.chat.completed")
	if question.text("chat_id") != chats[0].text("id") || answer.text("section_id") != answer.text("conversation_id") {
		t.Errorf("got ids %s %s %s", question.Data, answer.Data, chats[0].Data)
	}
	for _, e := range append(ofType(events, "conversation.audio.delta"), ofType(events, "conversation.audio.completed")...) {
		if e.text("id") != answer.text("id") || e.text("content_type") != "audio" || e.text("type") != "answer" {
			t.Fatalf("got %s", e.Data)
		}
	}
	if audio, sizes := joined(t, events, "conversation.audio.delta"); len(audio) != len(said)*4800+300*48 || slices.Min(sizes) > 6 {
		t.Errorf("got %d bytes for %q in %v", len(audio), said, sizes)
	}
	sentences := ofType(events, "conversation.audio.sentence_start")
	if len(sentences) != 3 || sentences[1].text("text") != "Is that all? " {
		t.Errorf("got %v", sentences)
	}
	for _, e := range events {
		if e.Detail.LogID != events[0].Detail.LogID || e.Detail.RespondAt < events[0].Detail.RespondAt {
			t.Errorf("got detail %+v", e.Detail)
		}
	}
	// The chat is the same over HTTP.
	c := memoryClient(t, srv)
	got := c.ok(http.MethodGet, "/v3/chat/retrieve?conversation_id="+chats[0].text("conversation_id")+"&chat_id="+chats[0].text("id"), nil)
	if got.str("status") != "completed" {
		t.Errorf("got %s", got.text)
	}
}

// TestChatSocketPushToTalk has the client say when an utterance ends, and the bot answer twice in one chat.
func TestChatSocketPushToTalk(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t, cozetest.WithTranscript("tell me more"))
	srv.Bot("7", func(turn *cozetest.Turn) error {
		turn.Say("One.")
		turn.Say("Two for " + turn.Question() + ".")
		return nil
	})
	s := connect(t, srv, chatPath+"7")
	s.send("input_audio_buffer.complete", nil)
	if e := s.next(); e.Type != "error" || e.code() != 4000 {
		t.Errorf("got %+v for no audio", e)
	}
	s.play(sound(time.Second, 5000), 960)
	s.send("input_audio_buffer.clear", nil)
	s.until("input_audio_buffer.cleared")
	s.send("input_audio_buffer.complete", nil)
	if e := s.next(); e.Type != "error" {
		t.Errorf("got %+v for audio that was cleared", e)
	}
	s.play(sound(time.Second, 5000), 960)
	s.send("input_audio_buffer.complete", nil)
	events := s.until("conversation.chat.completed")
	const begin = "input_audio_buffer.completed audio_transcript.update audio_transcript.completed message.completed chat.created chat.in_progress message.delta"
	if got := order(events); !strings.HasPrefix(got, begin) {
		t.Errorf("got order %s", got)
	}
	if e := ofType(events, "conversation.audio_transcript.completed"); e[0].text("content") != "tell me more" {
		t.Errorf("got %s", e[0].Data)
	}
	ends := ofType(events, "conversation.audio.completed")
	answers := ofType(events, "conversation.message.completed")
	if len(ends) != 2 || ends[0].text("id") != answers[1].text("id") || ends[1].text("id") != answers[2].text("id") {
		t.Errorf("got the ends of audio %v of answers %v", ends, answers)
	}
	if got := answers[2].text("content"); got != "Two for tell me more." {
		t.Errorf("got %q", got)
	}
}

// TestChatSocketVAD talks freely: three utterances, of which the second one interrupts an answer.
func TestChatSocketVAD(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t)
	var heard []int
	srv.Hear(func(pcm []byte) string {
		heard = append(heard, len(pcm)/48)
		return "utterance"
	})
	var turns atomic.Int32
	srv.Bot("7", func(turn *cozetest.Turn) error {
		n := turns.Add(1)
		turn.Stream("I think ", "so.")
		if n == 1 {
			turn.Stall()
		}
		return nil
	})
	s := connect(t, srv, chatPath+"7")
	s.send("chat.update", obj{"turn_detection": obj{"type": "server_vad"}, "input_audio": obj{"format": "pcm"}})
	s.until("chat.updated")
	s.play(sound(5*time.Second, 100), 960)                                          // noise
	s.play(append(sound(40*time.Millisecond, 9000), sound(time.Second, 0)...), 960) // a click
	s.play(utterance(), 960)
	events := s.until("conversation.message.completed") // the question
	events = append(events, s.until("conversation.message.completed")...)
	const first = "input_audio_buffer.speech_started input_audio_buffer.speech_stopped audio_transcript.update " +
		"audio_transcript.completed message.completed chat.created chat.in_progress message.delta"
	if got := order(events); !strings.HasPrefix(got, first) {
		t.Errorf("got order %s", got)
	}
	chat := ofType(events, "conversation.chat.created")[0]

	s.send("input_audio_buffer.complete", nil) // is passed over
	s.send("input_audio_buffer.clear", nil)
	s.play(utterance(), 5000)
	events = s.until("conversation.chat.completed")
	barge := ofType(events, "conversation.chat.canceled")
	if len(barge) != 1 || barge[0].code() != 1 {
		t.Fatalf("got order %s", order(events))
	}
	at := slices.IndexFunc(events, func(e wireEvent) bool { return e.Type == "conversation.chat.canceled" })
	if events[at-1].Type != "input_audio_buffer.speech_started" {
		t.Errorf("got %s before the chat was canceled", events[at-1].Type)
	}
	for _, e := range events[at:] {
		if e.text("chat_id") == chat.text("id") || e.text("id") == chat.text("id") {
			t.Errorf("got %s %s after the chat was canceled", e.Type, e.Data)
		}
	}
	if got := order(events[at:]); !strings.HasPrefix(got, "chat.canceled input_audio_buffer.speech_stopped audio_transcript.update") {
		t.Errorf("got order %s", got)
	}
	s.play(utterance(), 101)
	s.until("conversation.chat.completed")
	// 600 ms before, 500 ms of speech, 500 ms of silence; frames are 20 ms long.
	for _, ms := range heard {
		if ms < 1560 || ms > 1640 {
			t.Errorf("heard %d ms", ms)
		}
	}
	if len(heard) != 3 {
		t.Errorf("heard %v", heard)
	}
	c := memoryClient(t, srv)
	got := c.ok(http.MethodGet, "/v3/chat/retrieve?conversation_id="+chat.text("conversation_id")+"&chat_id="+chat.text("id"), nil)
	if got.str("status") != "canceled" {
		t.Errorf("got %s", got.text)
	}
}

func TestChatSocketKeywords(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t)
	words := []string{"begin", "go on", "please stop now", "thanks"}
	srv.Hear(func([]byte) string {
		w := words[0]
		words = words[1:]
		return w
	})
	srv.Bot("7", func(turn *cozetest.Turn) error {
		turn.Say(turn.Question())
		if turn.Question() == "begin" {
			turn.Stall()
		}
		return nil
	})
	s := connect(t, srv, chatPath+"7")
	s.send("chat.update", obj{"input_audio": obj{"format": "pcm"}, "turn_detection": obj{
		"type": "semantic_vad", "semantic_vad_config": obj{"silence_threshold_ms": 400},
		"interrupt_config": obj{"mode": "keyword_contains", "keywords": []string{"stop now"}},
	}})
	s.play(utterance(), 9600)
	s.until("conversation.message.delta")
	s.play(utterance(), 9600) // go on
	if e := ofType(s.until("input_audio_buffer.speech_stopped"), "conversation.chat.canceled"); len(e) != 0 {
		t.Error("an utterance without the keyword interrupted")
	}
	s.play(utterance(), 9600)
	events := s.until("conversation.chat.completed")
	if got := ofType(events, "conversation.chat.canceled"); len(got) != 1 {
		t.Errorf("got order %s", order(events))
	}
	if got := ofType(events, "conversation.audio_transcript.completed"); len(got) != 1 || got[0].text("content") != "please stop now" {
		t.Errorf("got %v", got)
	}
}

func TestChatSocketInterrupts(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t)
	srv.Bot("7", func(turn *cozetest.Turn) error {
		turn.Say("Yes.")
		if turn.Question() == "wait" {
			turn.Stall()
		}
		return nil
	})
	s := connect(t, srv, chatPath+"7")
	s.send("conversation.chat.cancel", nil) // nothing goes on
	for _, tc := range []struct {
		name, end string
		data      any
		code      int
	}{
		{"conversation.chat.cancel", "conversation.chat.canceled", nil, 2},
		{"conversation.message.create", "conversation.chat.completed", userMessage("no"), 3},
		{"input_text.generate_audio", "conversation.audio.completed", obj{"mode": "text", "text": "Stop it."}, 3},
	} {
		s.send("conversation.message.create", userMessage("wait"))
		for e := s.next(); e.Type != "conversation.audio.delta" || len(e.audio(t)) < 10000; e = s.next() {
		}
		s.send(tc.name, tc.data)
		events := s.until("conversation.chat.canceled")
		if code := events[len(events)-1].code(); code != tc.code {
			t.Errorf("%s: got code %d", tc.name, code)
		}
		if tc.end != "conversation.chat.canceled" {
			s.until(tc.end)
		}
	}
	s.send("input_text.generate_audio", obj{"mode": "text", "text": "Last words. Really."})
	events := s.until("conversation.audio.completed")
	const want = "audio.sentence_start audio.delta audio.sentence_start audio.delta audio.completed"
	if got := order(events); got != want {
		t.Errorf("got order %s", got)
	}
	for _, field := range []string{"id", "chat_id", "conversation_id", "section_id", "bot_id"} {
		if got := events[len(events)-1].text(field); got != "0" {
			t.Errorf("got %s %q", field, got)
		}
	}
}

func TestChatSocketTools(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t)
	srv.Bot("7", func(turn *cozetest.Turn) error {
		turn.Say("Let me look.")
		a := turn.UseTool("look", obj{"at": "a"})
		turn.Say("It is " + a + ".")
		return nil
	})
	for _, stored := range []bool{true, false} {
		s := connect(t, srv, chatPath+"7")
		s.send("chat.update", obj{"chat_config": obj{"auto_save_history": stored}})
		s.until("chat.updated")
		useTools(t, s)
	}
}

// useTools asks a bot that needs a tool, with all that can go wrong.
func useTools(t *testing.T, s *socket) {
	t.Helper()
	ask := func() wireEvent {
		s.send("conversation.message.create", userMessage("well?"))
		events := s.until("conversation.chat.requires_action")
		if got := order(events); !strings.HasSuffix(got, "audio.completed chat.requires_action") {
			t.Errorf("got order %s", got)
		}
		return events[len(events)-1]
	}
	chat := ask()
	var action struct {
		Required struct {
			Submit struct {
				Calls []struct{ ID string } `json:"tool_calls"`
			} `json:"submit_tool_outputs"`
		} `json:"required_action"`
	}
	_ = json.Unmarshal(chat.Data, &action)
	output := obj{"tool_call_id": action.Required.Submit.Calls[0].ID, "output": "fine"}

	s.send("conversation.chat.submit_tool_outputs", obj{"chat_id": chat.text("id"), "tool_outputs": []obj{}})
	if e := s.next(); e.Type != "error" || e.code() != 4000 {
		t.Errorf("got %+v for no outputs", e)
	}
	s.send("conversation.chat.submit_tool_outputs", obj{"chat_id": "99", "tool_outputs": []obj{output}})
	if e := s.next(); e.Type != "error" || e.code() != 4200 {
		t.Errorf("got %+v for another chat", e)
	}
	s.send("input_text.generate_audio", obj{"mode": "text", "text": "One moment."}) // does not end the wait
	s.until("conversation.audio.completed")
	s.send("conversation.chat.submit_tool_outputs", obj{"chat_id": chat.text("id"), "tool_outputs": []obj{output}})
	events := s.until("conversation.chat.completed")
	if got := order(events); !strings.HasPrefix(got, "chat.in_progress message.completed message.delta") {
		t.Errorf("got order %s", got)
	}
	if events[len(events)-1].text("id") != chat.text("id") {
		t.Error("another chat went on")
	}
	messages := ofType(events, "conversation.message.completed")
	if messages[0].text("type") != "tool_response" || messages[1].text("content") != "It is fine." {
		t.Errorf("got %s and %s", messages[0].Data, messages[1].Data)
	}
	ask()
	s.send("conversation.chat.cancel", nil)
	if e := s.next(); e.Type != "conversation.chat.canceled" || e.code() != 2 {
		t.Errorf("got %+v for a chat that waited", e)
	}
}

func TestChatSocketEndings(t *testing.T) {
	t.Parallel()
	srv := cozetest.NewServer(t)
	srv.Bot("7", func(turn *cozetest.Turn) error {
		switch turn.Question() {
		case "fail":
			turn.Say("Well.")
			turn.Fail(4028, "no credits")
		case "error":
			turn.Error(5000, "oops")
		case "event":
			turn.Event("conversation.new.event", obj{"a": 1})
			turn.Raw([]byte(`{"event_type":"raw"}`))
		case "end":
			turn.Event("the.end", nil)
			turn.End()
		case "sound":
			turn.Audio([]byte("abcd"))
			turn.Say("Done.")
		case "drop":
			turn.Say("Bye.")
			turn.Drop()
		}
		return nil
	})
	s := connect(t, srv, chatPath+"7")
	for question, last := range map[string]string{
		"fail": "conversation.chat.failed", "event": "conversation.chat.completed", "end": "the.end", "sound": "conversation.chat.completed",
	} {
		s.send("conversation.message.create", userMessage(question))
		events := s.until(last)
		switch question {
		case "fail":
			if e := events[len(events)-1]; !strings.Contains(string(e.Data), `"last_error":{"code":4028,"msg":"no credits"}`) {
				t.Errorf("got %s", e.Data)
			}
		case "event":
			if e := ofType(events, "conversation.new.event"); len(e) != 1 || string(e[0].Data) != `{"a":1}` || len(ofType(events, "raw")) != 1 {
				t.Errorf("got order %s", order(events))
			}
		case "sound":
			if audio, _ := joined(t, events, "conversation.audio.delta"); string(audio[:4]) != "abcd" {
				t.Errorf("got %q", audio[:4])
			}
		}
	}
	s.send("conversation.message.create", userMessage("error"))
	for {
		if e := s.next(); e.Type == "error" {
			if e.code() != 5000 || e.text("msg") != "oops" {
				t.Errorf("got %s", e.Data)
			}
			break
		}
	}
	s.send("conversation.message.create", userMessage("drop"))
	if code, _ := s.closed(); code != -1 {
		t.Errorf("got close code %d", code)
	}
}
