package webhook

import (
	"container/list"
	"context"
	"sync"
	"time"
)

// EventStore remembers which events were handled. It is called by many goroutines at a time. An implementation over a data base needs
// one row an event with a unique id, a state, a time and the answer, kept for at least as long as the platform sends events
// again; a day is plenty.
type EventStore interface {
	// Claim takes an event to handle it, unless it was handled before or somebody else has a claim that is not older than
	// lease: the claim of a process that died is free after that time.
	Claim(ctx context.Context, eventID string, lease time.Duration) (Claim, error)

	// Finish says that the event of a claim was handled and how the delivery was answered.
	Finish(ctx context.Context, eventID string, reply []byte) error

	// Release gives up a claim, because the event could not be handled.
	Release(ctx context.Context, eventID string) error
}

// Claim is the answer of [EventStore.Claim].
type Claim struct {
	State ClaimState
	Reply []byte // of a handled event
}

// ClaimState is what an [EventStore] knows of an event.
type ClaimState int

// What an [EventStore] knows of an event.
const (
	ClaimGranted ClaimState = iota // it is the caller's to handle
	ClaimTaken                     // somebody else is at it
	ClaimHandled                   // it was handled
)

const (
	memoryEvents = 100_000
	memoryTime   = 24 * time.Hour
)

// MemoryEventStore is an [EventStore] for one process. It remembers the last 100,000 events for 24 hours. Make one with
// [NewMemoryEventStore].
type MemoryEventStore struct {
	mu     sync.Mutex
	events map[string]*list.Element // of order
	order  *list.List               // of *storedEvent, the oldest first
}

type storedEvent struct {
	id    string
	state ClaimState
	at    time.Time
	reply []byte
}

// NewMemoryEventStore makes an empty store.
func NewMemoryEventStore() *MemoryEventStore {
	return &MemoryEventStore{events: map[string]*list.Element{}, order: list.New()}
}

// Claim implements [EventStore].
func (m *MemoryEventStore) Claim(_ context.Context, eventID string, lease time.Duration) (Claim, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now()
	m.forget(now)
	if e := m.events[eventID]; e != nil {
		ev := e.Value.(*storedEvent)
		if ev.state == ClaimHandled || now.Sub(ev.at) < lease {
			return Claim{State: ev.state, Reply: ev.reply}, nil
		}
		m.drop(e)
	}
	m.events[eventID] = m.order.PushBack(&storedEvent{id: eventID, state: ClaimTaken, at: now})
	return Claim{State: ClaimGranted}, nil
}

// Finish implements [EventStore].
func (m *MemoryEventStore) Finish(_ context.Context, eventID string, reply []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if e := m.events[eventID]; e != nil {
		m.drop(e)
	}
	m.events[eventID] = m.order.PushBack(&storedEvent{id: eventID, state: ClaimHandled, at: time.Now(), reply: reply})
	return nil
}

// Release implements [EventStore].
func (m *MemoryEventStore) Release(_ context.Context, eventID string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if e := m.events[eventID]; e != nil && e.Value.(*storedEvent).state == ClaimTaken {
		m.drop(e)
	}
	return nil
}

// forget drops what is too old or too much. The caller holds mu.
func (m *MemoryEventStore) forget(now time.Time) {
	for e := m.order.Front(); e != nil; e = m.order.Front() {
		if m.order.Len() < memoryEvents && now.Sub(e.Value.(*storedEvent).at) < memoryTime {
			return
		}
		m.drop(e)
	}
}

func (m *MemoryEventStore) drop(e *list.Element) {
	delete(m.events, m.order.Remove(e).(*storedEvent).id)
}
