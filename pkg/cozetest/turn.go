package cozetest

import (
	"context"
	"iter"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/cozekit/cozekit/gen/cozeapi"
)

// Turn is what a [Script] sees of one chat, and what it acts with. Its methods are for the goroutine of the script alone. When the
// chat is canceled or the server closes, the method that runs then, or the next one, ends that goroutine as [runtime.Goexit] does;
// deferred calls run.
type Turn struct {
	// Request is the body of the CreateChat call, with its conversation_id, which is never empty here.
	Request cozeapi.CreateChatRequest

	srv    *Server
	op     *operation // of the request that the segment answers
	script Script
	conv   *conversation
	chat   *chat
	ctx    context.Context // ends when the chat is canceled and when the server closes
	cancel context.CancelFunc

	manner
	segment   *segment // where events go; nil for nowhere
	ended     bool     // the segment has had its last event
	announced bool     // the chat has had its first event
	resume    chan continuation
	over      chan struct{} // closed when the goroutine ends

	open      *message // answer that has begun; nil between answers
	answered  bool
	followUps []string
	pending   []toolCall
	outputs   []cozeapi.ToolOutput
	output    int        // characters said
	usage     *wireUsage // set by the script
	outcome   outcome
}

// manner is how a turn gives its events.
type manner struct {
	form     func(n int, name string, data []byte) []byte // of events
	doneData []byte                                       // of the event done; nil for no such event
	speaker  *speaker                                     // of a dialogue by voice; nil otherwise
}

// chatManner is that of the chat endpoints.
func chatManner() manner { return manner{form: chatForm, doneData: []byte(doneText)} }

// outcome is how a script ended.
type outcome int

const (
	outcomeStopped outcome = iota // its goroutine was ended from outside
	outcomeReturned
	outcomeFailed // by Fail or an error
	outcomeError  // by Error
	outcomeEnded  // by End
)

func newTurn(s *Server, op *operation, script Script, req cozeapi.CreateChatRequest, c *conversation, ch *chat) *Turn {
	t := &Turn{
		Request: req, srv: s, op: op, script: script, conv: c, chat: ch,
		manner: chatManner(), resume: make(chan continuation, 1), over: make(chan struct{}),
	}
	t.ctx, t.cancel = context.WithCancel(s.ctx)
	return t
}

// Context returns the context of the chat: it ends when the chat is canceled and when the server closes.
func (t *Turn) Context() context.Context { return t.ctx }

// ChatID returns the id of the chat.
func (t *Turn) ChatID() string { return t.chat.wire.ID }

// Messages returns the messages of the request.
func (t *Turn) Messages() []cozeapi.EnterMessage { return t.Request.AdditionalMessages }

// Question returns the text of the last message of the user; of a message of several parts, the text among them. It is empty if
// there is none.
func (t *Turn) Question() string {
	for i := len(t.Request.AdditionalMessages) - 1; i >= 0; i-- {
		m := t.Request.AdditionalMessages[i]
		if m.Role != roleUser || m.Type != "" && m.Type != typeQuestion {
			continue
		}
		if m.ContentType != contentObjectString {
			return m.Content
		}
		if items, err := objectString(m.Content); err == nil {
			for _, item := range items {
				if item.Type == "text" {
					return item.Text
				}
			}
		}
	}
	return ""
}

// Say answers with a text: several deltas, then the message in full. Each Say is a message of its own.
func (t *Turn) Say(text string) { t.Stream(pieces(text)...) }

// Stream answers with one message that comes in these pieces, a delta each, then in full.
func (t *Turn) Stream(pieces ...string) { t.StreamSeq(slices.Values(pieces)) }

// StreamSeq is [Turn.Stream] for pieces of a function, which can call [Turn.Pause] between them.
func (t *Turn) StreamSeq(pieces iter.Seq[string]) {
	m, i := t.begin(), 0
	for p := range pieces {
		t.pauseBetween(i)
		i++
		m.Content += p
		t.output += len([]rune(p))
		t.delta("conversation.message.delta", contentText, p, "")
		t.speak(p)
	}
	t.completeOpen()
}

// Think streams reasoning, several deltas with reasoning_content and no content, which belongs to the answer that follows.
func (t *Turn) Think(text string) {
	m := t.begin()
	for i, p := range pieces(text) {
		t.pauseBetween(i)
		m.ReasoningContent += p
		t.output += len([]rune(p))
		t.delta("conversation.message.delta", contentText, "", p)
	}
}

// Audio streams sound as the bot's voice: events conversation.audio.delta of 100 ms each. It takes samples of 16 bits, mono, 24 kHz,
// little-endian, but sends whatever it is given. Sound is not kept with the messages.
func (t *Turn) Audio(pcm []byte) {
	t.begin()
	for i := 0; len(pcm) > 0; i++ {
		t.pauseBetween(i)
		n := min(len(pcm), audioChunk)
		t.delta("conversation.audio.delta", contentAudio, base64Text(pcm[:n]), "")
		pcm = pcm[n:]
	}
}

// Pause waits. It ends early, and the script with it, when the chat is canceled.
func (t *Turn) Pause(d time.Duration) {
	t.speakBacklog()
	t.wait(d)
}

func (t *Turn) wait(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-t.ctx.Done():
		runtime.Goexit()
	}
}

// FollowUp suggests questions. They are sent at the end of the chat, after the notice that all answers are complete.
func (t *Turn) FollowUp(questions ...string) { t.followUps = append(t.followUps, questions...) }

// Usage sets the tokens that the chat reports when it is completed. By default they are estimated from the texts.
func (t *Turn) Usage(in, out int) {
	t.usage = &wireUsage{TokenCount: in + out, InputCount: in, OutputCount: out}
}

// pieces cuts a text as a model would: after words, and every four characters where there are no spaces.
func pieces(text string) []string {
	var out []string
	var b strings.Builder
	n := 0
	for _, r := range text {
		b.WriteRune(r)
		n++
		if r == ' ' || r == '\n' || n >= 4 && r >= 0x2e80 || n >= 12 {
			out, n = append(out, b.String()), 0
			b.Reset()
		}
	}
	if b.Len() > 0 {
		out = append(out, b.String())
	}
	return out
}
