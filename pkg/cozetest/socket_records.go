package cozetest

import (
	"bytes"
	"encoding/json"
	"slices"
	"sync"
)

// SocketEvent is an event that a client sent on a websocket.
type SocketEvent struct {
	Session   int             // number of the session, from 1; handshakes count that got past the token and the contract
	Operation string          // operationId of the socket, such as ConnectChatSocket
	LogID     string          // of the session, as its events have it
	ID        string          // that the client gave it; may be empty
	Type      string          // event_type; empty for what is no event
	Data      json.RawMessage // payload; the whole frame for what is no event; nil beyond the first 8 MiB of a session
}

// maxRecordedEvents is how much of the events of a session is kept, in bytes.
const maxRecordedEvents = 8 << 20

// socketState is what the server knows of its websockets.
type socketState struct {
	mu        sync.Mutex
	sessions  int // so far
	events    []SocketEvent
	hear      func(pcm []byte) string
	translate func(text, from, to string) string
}

// SocketEvents returns a copy of the events that clients sent so far, in the order in which they came. The token of a session is not
// among them: it is in the handshake, which is one of [Server.Calls], without it.
func (s *Server) SocketEvents() []SocketEvent {
	s.sockets.mu.Lock()
	defer s.sockets.mu.Unlock()
	return slices.Clone(s.sockets.events)
}

// record keeps an event. text is the frame.
func (s *session) record(e clientEvent, text []byte) {
	data := []byte(e.Data)
	if e.Type == "" {
		data = text
	}
	s.recorded += len(data)
	if s.recorded > maxRecordedEvents {
		data = nil
	}
	st := &s.srv.sockets
	st.mu.Lock()
	defer st.mu.Unlock()
	st.events = append(st.events, SocketEvent{
		Session: s.number, Operation: s.x.op.id, LogID: s.x.logID, ID: e.ID, Type: e.Type, Data: bytes.Clone(data),
	})
}

// open counts a session.
func (st *socketState) open() (number int) {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.sessions++
	return st.sessions
}
