package voice

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/coder/websocket"
	"github.com/cozekit/cozekit/pkg/coze"
)

// EventReconnected is an event that the session makes itself, with Data of type [*Reconnected], when its connection was lost
// and made again.
const EventReconnected coze.SocketEventType = "cozekit.reconnected"

// Reconnect says how to make a lost connection again. The zero value is a good one.
type Reconnect struct {
	Tries    int           // in a row, before the session ends; default 5
	Delay    time.Duration // before the first try; default 500 ms. It doubles with each, and is drawn from its upper half
	MaxDelay time.Duration // default 10 s
}

// WithReconnect makes a connection again that breaks or that the server hangs up, except with close code 1000. To the server
// that is a new session: the last update is sent again, for a dialogue with the id of the conversation, so that it goes on;
// events that wait in the queue are sent then. Lost is what the server had not finished: Turn reports [ErrReconnected], and
// [EventReconnected] says which audio was perhaps not heard. A new token is asked for. Refusals that no repetition
// can help, such as a missing permission, end the session.
func WithReconnect(r Reconnect) Option {
	if r.Tries <= 0 {
		r.Tries = 5
	}
	if r.Delay <= 0 {
		r.Delay = 500 * time.Millisecond
	}
	if r.MaxDelay <= 0 {
		r.MaxDelay = 10 * time.Second
	}
	return option(func(o *options) { o.reconnect = &r })
}

// Reconnected says what a new connection follows on.
type Reconnected struct {
	Cause error // how the old connection ended
	Tries int   // that it took

	// The server has not confirmed that it heard this part of all audio that was appended in the session, in bytes: from
	// From to before To. Append it again if it is to count. What a server confirms: by input_audio_buffer.completed and
	// cleared, the audio before the event that it answers; by speech_stopped, all that was sent so far, which is right for
	// audio that is sent at the pace it was spoken; by what was said in full, the same where the update subscribed to none
	// of these.
	From, To int64
}

// memory is what a new connection needs to know of the ones before.
type memory struct {
	update       any    // the last one
	conversation string // id
	sent         int64  // bytes of audio
	confirmed    int64  // of these

	// Of the present connection:

	ends     []int64 // where audio ended that the server was told is complete, or is to be thrown away, in bytes of all
	lastEnd  int64   // of these
	tellsEnd bool    // the server says where audio ends, before it says what was said
}

// reconnected begins anew: what was sent and not confirmed is told once.
func (m *memory) reconnected() {
	m.confirmed, m.lastEnd = m.sent, m.sent
	m.ends, m.tellsEnd = nil, false
}

// end notes that the client says that the audio so far is complete, or is to be thrown away. Without audio since the last time
// the server has nothing to confirm, and may refuse it.
func (m *memory) end() {
	if m.sent > m.lastEnd {
		m.ends, m.lastEnd = append(m.ends, m.sent), m.sent
	}
}

// confirm notes that the server has what came before the first end that it has not confirmed.
func (m *memory) confirm() {
	if len(m.ends) > 0 {
		m.confirmed, m.ends = m.ends[0], m.ends[1:]
	}
}

func (m *memory) observe(ev Event) {
	switch ev.Type {
	case coze.SocketEventInputAudioBufferCompleted, coze.SocketEventInputAudioBufferCleared:
		m.tellsEnd = true
		m.confirm()
	case coze.SocketEventInputAudioBufferSpeechStopped:
		m.tellsEnd = true
		m.confirmed, m.lastEnd, m.ends = m.sent, m.sent, nil
	case coze.SocketEventConversationAudioTranscriptCompleted, coze.SocketEventTranscriptionsMessageCompleted,
		coze.SocketEventSimultInterpretationMessageCompleted:
		switch {
		case m.tellsEnd: // this is about audio that it has told the end of; more may have been sent since
		case len(m.ends) > 0:
			m.confirm()
		default:
			m.confirmed = m.sent
		}
	case coze.SocketEventConversationChatCreated:
		if chat, ok := ev.Data.(*coze.Chat); ok && chat.ConversationID != "" {
			m.conversation = chat.ConversationID
		}
	}
}

// again is the update for a new connection; nil if none is needed.
func (m *memory) again() any {
	u, ok := m.update.(coze.ChatUpdate)
	if p, pointer := m.update.(*coze.ChatUpdate); pointer && p != nil {
		u, ok = *p, true
	}
	if m.conversation == "" || m.update != nil && !ok {
		return m.update
	}
	config := coze.SocketChatConfig{}
	if u.ChatConfig != nil {
		config = *u.ChatConfig
	}
	config.ConversationID = m.conversation
	u.ChatConfig = &config
	return u
}

func (s *Session) mayReconnect(err error) bool {
	if s.dialer.opts.reconnect == nil || s.life.Err() != nil || s.nothingLeft() {
		return false
	}
	var refused *coze.Error
	if errors.As(err, &refused) && !refused.Retryable() {
		return false
	}
	var closed *CloseError
	return !errors.As(err, &closed) ||
		closed.Code != int(websocket.StatusNormalClosure) && closed.Code != int(websocket.StatusMessageTooBig)
}

// nothingLeft reports whether the session was closed and has nothing to send.
func (s *Session) nothingLeft() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closing && !s.sending && s.out.length() == 0
}

// reconnect makes a new connection in place of the one that ended by cause.
func (s *Session) reconnect(cause error) error {
	policy := *s.dialer.opts.reconnect
	delay := policy.Delay
	for try := 1; ; try++ {
		timer := time.NewTimer(delay/2 + rand.N(delay/2+1))
		select {
		case <-timer.C:
		case <-s.life.Done():
			timer.Stop()
			return context.Cause(s.life)
		}
		err := s.tryAgain(Reconnected{Cause: cause, Tries: try})
		if err == nil {
			return nil
		}
		if try >= policy.Tries || !s.mayReconnect(err) {
			return errors.Join(cause, err)
		}
		delay = min(2*delay, policy.MaxDelay)
	}
}

func (s *Session) tryAgain(r Reconnected) error {
	l, err := s.dialer.connect(s.life, s)
	if err != nil {
		return err
	}
	s.mu.Lock()
	update := s.memory.again()
	r.From, r.To = s.memory.confirmed, s.memory.sent
	s.memory.reconnected()
	s.mu.Unlock()
	if update != nil {
		b, err := ClientEvent{ID: s.nextID().String(), Type: s.dialer.socket.update, Data: update}.Encode()
		if err == nil {
			err = l.conn.Write(l.life, websocket.MessageText, b)
		}
		if err != nil {
			l.cut(err)
			<-l.gone
			return err
		}
	}
	err = l.accept(func() {
		s.mu.Lock()
		s.link = l
		s.mu.Unlock()
		s.in.push(Event{Type: EventReconnected, Data: &r, from: s.dialer}, 0)
	})
	if err != nil {
		<-l.gone
		return err
	}
	signal(s.relinked)
	return nil
}
