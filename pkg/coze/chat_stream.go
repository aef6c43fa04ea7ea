package coze

import (
	"context"
	"errors"
	"iter"
	"net/http"
	"sync"

	"github.com/cozekit/cozekit/gen/cozeapi"
	"github.com/cozekit/cozekit/pkg/call"
	"github.com/cozekit/cozekit/pkg/stream"
)

// ChatStream is the events of one chat as they come. Range over [ChatStream.All], which closes it, or call
// [ChatStream.Close]. The context of the call that opened it governs its life; there is no limit of the whole time, only
// one of the time between two pieces (see [Timeouts]).
//
// With [WithCancelOnClose], a stream that is left before the chat has ended also stops the chat on the server, provided
// that its first event has come, which tells the id of the chat. Without it the chat goes on and can be fetched later.
type ChatStream struct {
	events *stream.Stream[ChatEvent]
	chat   *ChatService
	ctx    context.Context // of the opening call, for the cancel call that outlives it
	at     endpoint
	info   *ResponseInfo
	stop   bool // cancel the chat when left early
	opts   []CallOption
	learn  func(conversationID string) // called for each event that tells it; may be nil

	mu             sync.Mutex
	conversationID string
	chatID         string
	debugURL       string
	over           bool // the chat has ended, or waits for tool outputs

	close sync.Once
	err   error
}

// Stream starts a chat and returns its events. A refusal is returned at once; what goes wrong later is the error of the
// last pair of [ChatStream.All].
//
// The caller's request is not changed. Permission, refusals and fields are those of [cozeapi.ChatService.Create].
//
// API: POST /v3/chat
func (s *ChatService) Stream(ctx context.Context, req CreateChatRequest, opts ...CallOption) (*ChatStream, error) {
	cs := newChatStream(ctx, s, endpoint{"CreateChat", http.MethodPost, s.baseURL + "/v3/chat"}, opts)
	var err error
	cs.events, err = s.ChatService.Stream(ctx, req, append(opts[:len(opts):len(opts)], WithResponse(cs.info))...)
	if err != nil {
		return nil, err
	}
	return cs, nil
}

// SubmitToolOutputsStream hands back the results of the tools that a chat asked for, and returns the events of its
// continuation, which begin with conversation.chat.created again.
//
// API: POST /v3/chat/submit_tool_outputs
func (s *ChatService) SubmitToolOutputsStream(ctx context.Context, req SubmitToolOutputsRequest, opts ...CallOption) (*ChatStream, error) {
	cs := newChatStream(ctx, s, endpoint{"SubmitToolOutputs", http.MethodPost, s.baseURL + "/v3/chat/submit_tool_outputs"}, opts)
	cs.conversationID, cs.chatID = req.ConversationID, req.ChatID
	var err error
	cs.events, err = s.ChatService.SubmitToolOutputsStream(ctx, req, append(opts[:len(opts):len(opts)], WithResponse(cs.info))...)
	if err != nil {
		return nil, err
	}
	return cs, nil
}

func newChatStream(ctx context.Context, s *ChatService, at endpoint, opts []CallOption) *ChatStream {
	settings := call.Collect(opts)
	return &ChatStream{chat: s, ctx: ctx, at: at, info: &ResponseInfo{}, stop: settings.CancelOnClose, opts: settings.Followups()}
}

// All returns the events. It blocks while the server has nothing to say. The last pair carries the error, if there is one:
// an [*Error] for the events error and conversation.chat.failed, together with that event; an error that wraps
// [io.ErrUnexpectedEOF] if the stream broke off; the error of the context; [ErrTimeout] for the idle limit. Events that
// this SDK does not know are delivered with Type and Raw. All is for one loop only.
func (s *ChatStream) All() iter.Seq2[ChatEvent, error] {
	return func(yield func(ChatEvent, error) bool) {
		defer s.Close()
		for ev, err := range s.events.All() {
			if err == nil {
				err = s.note(&ev)
			} else {
				err = s.wrap(err)
			}
			if !yield(ev, err) || err != nil {
				return
			}
		}
	}
}

// note remembers what Close must know, and returns the failure that an event reports.
func (s *ChatStream) note(ev *ChatEvent) error {
	switch ev.Type {
	case cozeapi.ChatEventMessageDelta:
		return nil
	case cozeapi.ChatEventError, cozeapi.ChatEventChatFailed:
		s.setOver()
		return s.failure(ev)
	case cozeapi.ChatEventChatCompleted, cozeapi.ChatEventChatRequiresAction, cozeapi.ChatEventDone, cozeapi.ChatEventChatCanceled:
		s.setOver()
	}
	if ev.Chat != nil && ev.Chat.ID != "" {
		s.mu.Lock()
		s.conversationID, s.chatID = ev.Chat.ConversationID, ev.Chat.ID
		s.mu.Unlock()
		if s.learn != nil && ev.Chat.ConversationID != "" {
			s.learn(ev.Chat.ConversationID)
		}
	}
	if ev.Done != nil && ev.Done.DebugURL != "" {
		s.setDebugURL(ev.Done.DebugURL)
	}
	return nil
}

func (s *ChatStream) setDebugURL(url string) {
	s.mu.Lock()
	s.debugURL = url
	s.mu.Unlock()
}

func (s *ChatStream) setOver() {
	s.mu.Lock()
	s.over = true
	s.mu.Unlock()
}

// ended tells whether the server said how the chat ended.
func (s *ChatStream) ended() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.over
}

// ConversationID is the conversation of the chat; "" until the first event has come.
func (s *ChatStream) ConversationID() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.conversationID
}

// ChatID is the id of the chat; "" until the first event has come.
func (s *ChatStream) ChatID() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.chatID
}

// DebugURL is the page that shows the run of a chatflow; "" until the last event has come, and for chats with bots.
func (s *ChatStream) DebugURL() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.debugURL
}

// LogID is the log id of the request, to quote to Coze support.
func (s *ChatStream) LogID() string { return s.info.LogID }

// Close ends the stream and, with [WithCancelOnClose], the chat on the server, for which it waits up to 5 s. It may be
// called at any time, from any goroutine, and again; every call returns the error of the first.
func (s *ChatStream) Close() error {
	s.close.Do(func() {
		s.err = s.events.Close()
		s.mu.Lock()
		cancel := s.stop && !s.over && s.chatID != ""
		s.mu.Unlock()
		if cancel {
			ctx, done := detached(s.ctx)
			defer done()
			_, err := s.chat.cancel(ctx, s.ConversationID(), s.ChatID(), s.opts)
			s.err = errors.Join(s.err, err)
		}
	})
	return s.err
}

func (s *ChatStream) wrap(err error) error { return s.at.wrap(s.info, err) }

// failure is the error that an event inside the stream reports: {code,msg}, or a chat with last_error.
func (s *ChatStream) failure(ev *ChatEvent) error {
	e := s.at.reported(s.info, string(ev.Type), ev.Raw)
	s.setDebugURL(e.DebugURL)
	return e
}
